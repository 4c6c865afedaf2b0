"""The named parts of a document: each is built when it is first referred to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Schema = dict[str, Any]


class Components:
    """What a document holds under `components`, by section and name."""

    def __init__(self) -> None:
        self._sections: dict[str, dict[str, Schema]] = {}
        self._names: dict[tuple[str, str], str] = {}

    def reference(
        self, section: str, full_name: str, short: str, build: Callable[[], Schema]
    ) -> Schema:
        """A reference to a part; it is named `full_name` where another one has the short name."""
        parts = self._sections.setdefault(section, {})
        name = self._names.get((section, full_name))
        if name is None:
            name = full_name if short in parts else short
            self._names[section, full_name] = name
            parts[name] = {}  # reserved: a message may hold itself
            parts[name] = build()
        return {"$ref": f"#/components/{section}/{name}"}

    def as_dict(self) -> dict[str, Any]:
        """Sorted, so that the order of the operations does not show."""
        return {
            section: dict(sorted(parts.items()))
            for section, parts in sorted(self._sections.items())
        }
