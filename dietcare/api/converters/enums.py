"""Between the contract's enums and the domain's, by the JSON string that the contract declares."""

from enum import StrEnum
from typing import Any, TypeVar

from google.protobuf.descriptor import EnumDescriptor

from gateway.v1 import annotations_pb2

E = TypeVar("E", bound=StrEnum)


class EnumTable:
    """Numbers of one enum of the contract and the strings that stand for them."""

    def __init__(self, descriptor: EnumDescriptor) -> None:
        # protoc's stubs type an extension as a plain descriptor, which no extension index accepts.
        rule: Any = annotations_pb2.value
        named: dict[int, str] = {
            value.number: value.GetOptions().Extensions[rule].json_name
            for value in descriptor.values
        }
        self._names = {number: name for number, name in named.items() if name}
        self._numbers = {name: number for number, name in self._names.items()}

    @property
    def allowed(self) -> str:
        """Every string, for people."""
        return ", ".join(self._numbers)

    def number(self, name: StrEnum) -> Any:
        """The number of a domain value, for a field of whichever enum this is."""
        return self._numbers[name.value]

    def member(self, number: int, enum: type[E]) -> E | None:
        """The domain value of a number; None for 0 and for one that the contract lacks."""
        name = self._names.get(number)
        return enum(name) if name is not None else None
