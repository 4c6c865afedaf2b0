"""What can go wrong in the gateway itself: at start, and with one request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

# More than this tells a client nothing new, and a large body could hold millions.
MAX_VIOLATIONS = 100


class GatewayConfigError(Exception):
    """The contract or the options can not be served; the text names every problem found."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("the gateway can not start:\n" + "\n".join(f"  - {p}" for p in problems))
        self.problems = tuple(problems)


class Violation(NamedTuple):
    """One thing wrong with one field; `key` and `params` name a text of `messages`."""

    field: str
    key: str
    params: Mapping[str, str] = {}

    def under(self, prefix: str) -> Violation:
        """The same violation, seen from the message that holds this one at `prefix`."""
        if not self.field:
            return self._replace(field=prefix)
        joint = "" if self.field.startswith("[") else "."
        return self._replace(field=f"{prefix}{joint}{self.field}")


class Violations(list[Violation]):
    """All violations of one request, in the order found; at most MAX_VIOLATIONS are kept."""

    @property
    def is_full(self) -> bool:
        """Whether nothing more is kept, so that it need not be found out."""
        return len(self) >= MAX_VIOLATIONS

    def add(self, field: str, key: str, **params: str) -> None:
        """Record that `field` is wrong."""
        if not self.is_full:
            self.append(Violation(field, key, params))

    def prefix(self, start: int, prefix: str) -> None:
        """Put `prefix` before the field of every violation from index `start` on."""
        for index in range(start, len(self)):
            self[index] = self[index].under(prefix)

    def refuse(self) -> None:
        """Raise one INVALID_ARGUMENT that names them all, if there are any."""
        if self:
            raise GatewayError(400, "INVALID_ARGUMENT", violations=tuple(self))


class GatewayError(Exception):
    """A request that the gateway itself refuses.

    `reason` is the client's machine-readable word and names the text in `messages`.
    """

    def __init__(
        self,
        http_status: int,
        reason: str,
        *,
        violations: tuple[Violation, ...] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(reason)
        self.http_status = http_status
        self.reason = reason
        self.violations = violations
        self.headers = dict(headers or {})


def invalid(field: str, key: str, **params: str) -> GatewayError:
    """An INVALID_ARGUMENT about a single field."""
    return GatewayError(400, "INVALID_ARGUMENT", violations=(Violation(field, key, params),))
