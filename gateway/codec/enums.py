"""How the values of an enum are written in JSON."""

from __future__ import annotations

from dataclasses import dataclass

from google.protobuf.descriptor import EnumDescriptor

from gateway.v1 import annotations_pb2


@dataclass(frozen=True, slots=True)
class EnumNames:
    """The JSON strings of one enum, both ways, in the order of declaration."""

    by_number: dict[int, str]
    by_name: dict[str, int]

    @property
    def allowed(self) -> str:
        """The accepted strings, for people."""
        return ", ".join(self.by_name)


def enum_names(enum: EnumDescriptor) -> EnumNames:
    """Read the json_name option of every value.

    Where no value has one, the values' own names stand in. Where some do, a value without one
    is neither accepted nor printed.
    """
    chosen = [(_json_name(value), value.number) for value in enum.values]
    if not any(name for name, _ in chosen):
        chosen = [(value.name, value.number) for value in enum.values]
    by_number: dict[int, str] = {}
    for name, number in chosen:
        if name:
            by_number.setdefault(number, name)
    return EnumNames(by_number, {name: number for name, number in chosen if name})


def _json_name(value: object) -> str:
    options = value.GetOptions()  # type: ignore[attr-defined]
    return str(options.Extensions[annotations_pb2.value].json_name)
