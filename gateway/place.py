"""Where a dotted field path stands among the constructor's arguments of a message."""

from __future__ import annotations

from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from gateway.failures import Violations


class Place:
    """A field that a path or a query sets, however deep.

    Path, query and body fill the same arguments. Were two of them to set rivals of a oneof,
    protobuf would silently keep one: each step to the field is checked for that.
    """

    def __init__(self, message: Descriptor, path: str) -> None:
        self.path = path
        self.leaf = path.rpartition(".")[2]
        self._steps: list[tuple[str, dict[str, str]]] = []
        prefix = ""
        for name in path.split("."):
            field = message.fields_by_name[name]
            rivals = {rival: prefix + rival for rival in _rivals(field)}
            self._steps.append((name, rivals))
            prefix += f"{name}."
            message = field.message_type or message

    def reach(self, values: dict[str, Any], violations: Violations) -> dict[str, Any]:
        """The arguments that hold the field itself, made where they are not there yet."""
        for name, rivals in self._steps[:-1]:
            self._check(rivals, values, violations)
            values = values.setdefault(name, {})
        self._check(self._steps[-1][1], values, violations)
        return values

    def _check(
        self, rivals: dict[str, str], values: dict[str, Any], violations: Violations
    ) -> None:
        for rival, path in rivals.items():
            if rival in values:
                violations.add(self.path, "oneof", other=path)


def _rivals(field: FieldDescriptor) -> tuple[str, ...]:
    """The other members of the field's oneof."""
    if field.containing_oneof is None:
        return ()
    return tuple(each.name for each in field.containing_oneof.fields if each != field)
