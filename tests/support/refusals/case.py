"""What a refusal is: a request, and the answer that it must get over REST and gRPC alike."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

RICE = {"name": "현미밥", "portion_g": 210, "sodium_mg": 2}
MEAL = {"meal_type": "lunch", "foods": [RICE]}


@dataclass(frozen=True, kw_only=True)
class Case:
    """A request in the names and values of its JSON, and what is wrong with it.

    `$…` in it stands for what the test has made: $me and $stranger are users, $meal, $theirs and
    $nothing meals of the one, of the other and of nobody, $analysis and $token the stranger's,
    $mine a page token of the caller's. The caller has two meals, of which $meal is version 2, and
    has used the idempotency key `used` to log one and to change it.
    """

    name: str
    rpc: str
    reason: str
    fields: tuple[str, ...] = ()
    request: Mapping[str, Any] = field(default_factory=dict)
    headers: tuple[tuple[str, str], ...] = ()
    """Of the HTTP request, and the metadata of the RPC."""
    claims: Mapping[str, Any] = field(default_factory=dict)
    """Of the caller's token."""
    goals: Mapping[str, Any] | None = None
    """What the caller has set before."""
    says: str = ""
    """What people are told of the first field, among other things."""
    only: str = ""
    """REST or gRPC, where the other can not say this, or says it in another way."""
    line: str = ""
    """Method and address, where only these can be wrong; `body` then goes with them."""
    body: Any = None

    def __str__(self) -> str:
        return f"{self.rpc}: {self.name}"


def rest(name: str, rpc: str, line: str, *fields: str, body: Any = None, **more: Any) -> Case:
    """What only HTTP can say, and the gateway refuses."""
    reason = more.pop("reason", "INVALID_ARGUMENT")
    texts = {"name": name, "rpc": rpc, "reason": reason, "line": line, "only": "REST"}
    return Case(**texts, fields=fields, body=body, **more)
