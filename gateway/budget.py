"""How many bytes of bodies a gateway holds at once, all requests together."""

from __future__ import annotations

from gateway.failures import GatewayError


class Budget:
    """Bytes that may be held. Belongs to one event loop."""

    def __init__(self, size_bytes: int) -> None:
        self.left_bytes = size_bytes

    def share(self) -> Share:
        """What one request holds of it, as `with`."""
        return Share(self)


class Share:
    """Given back as a whole when its block ends."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._held_bytes = 0

    def take(self, size_bytes: int) -> None:
        """Hold so many more.

        Raises:
            GatewayError: OVERLOADED where others hold too much.
        """
        if size_bytes > self._budget.left_bytes:
            raise GatewayError(503, "OVERLOADED", headers={"retry-after": "1"})
        self._budget.left_bytes -= size_bytes
        self._held_bytes += size_bytes

    def __enter__(self) -> Share:
        return self

    def __exit__(self, *_: object) -> None:
        self._budget.left_bytes += self._held_bytes
