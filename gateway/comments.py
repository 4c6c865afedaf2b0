"""The comments of a contract, by the full name of what they describe."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from google.protobuf.descriptor_pb2 import FileDescriptorProto

# Field numbers in descriptor.proto, of which the paths of a SourceCodeInfo are made.
_MESSAGES, _ENUMS, _SERVICES = 4, 5, 6
_FIELDS, _NESTED, _NESTED_ENUMS = 2, 3, 4
_VALUES = 2
_METHODS = 2


def comments(files: Iterable[FileDescriptorProto]) -> dict[str, str]:
    """Leading (else trailing) comments: full name without a leading dot, to text.

    Not those of protobuf's own types: they explain a type, and not what it stands for here.
    """
    result: dict[str, str] = {}
    for file in files:
        if file.package == "google.protobuf":
            continue
        for location in file.source_code_info.location:
            text = location.leading_comments or location.trailing_comments
            name = _name(file, location.path) if text else None
            if name:
                result[name] = _clean(text)
    return result


def summary(text: str) -> str:
    """The first sentence of a comment."""
    paragraph = text.split("\n\n")[0]
    head, stop, _ = paragraph.partition(". ")
    return (head + stop).strip().rstrip(".")


def _clean(text: str) -> str:
    lines = [line.strip() for line in text.strip().splitlines()]
    paragraphs = "\n".join(lines).split("\n\n")
    return "\n\n".join(" ".join(paragraph.split("\n")) for paragraph in paragraphs)


def _name(file: FileDescriptorProto, path: Sequence[int]) -> str | None:
    if len(path) < 2 or len(path) % 2:
        return None
    names = [file.package] if file.package else []
    kind, node = "file", file
    for number, index in zip(path[::2], path[1::2], strict=True):
        step = _STEPS.get((kind, number))
        if step is None:
            return None
        kind, attribute = step
        node = _child(node, attribute, index)
        if node is None:
            return None
        names.append(node.name)
    return ".".join(names)


def _child(node: Any, attribute: str, index: int) -> Any:
    children = getattr(node, attribute)
    return children[index] if index < len(children) else None


_STEPS: dict[tuple[str, int], tuple[str, str]] = {
    ("file", _MESSAGES): ("message", "message_type"),
    ("file", _ENUMS): ("enum", "enum_type"),
    ("file", _SERVICES): ("service", "service"),
    ("message", _FIELDS): ("leaf", "field"),
    ("message", _NESTED): ("message", "nested_type"),
    ("message", _NESTED_ENUMS): ("enum", "enum_type"),
    ("enum", _VALUES): ("leaf", "value"),
    ("service", _METHODS): ("leaf", "method"),
}
