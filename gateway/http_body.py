"""google.api.HttpBody: raw bytes with a media type of their own instead of JSON, both ways."""

from __future__ import annotations

import re
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from gateway.codec import kinds
from gateway.v1 import annotations_pb2

# A type, a subtype and what follows them, in ASCII without line ends: RFC 9110 §8.3.1.
_MEDIA_TYPE = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+/[!#$%&'*+.^_`|~0-9A-Za-z-]+[\x20-\x7e]*")
_ANY_BYTES = "application/octet-stream"


def is_http_body(message: Descriptor | None) -> bool:
    """Whether the message type stands for a body as it is."""
    return message is not None and message.full_name == kinds.HTTP_BODY


def raw_media_types(field: FieldDescriptor) -> tuple[str, ...]:
    """The media types of an HttpBody that stands for the bytes of a stream; empty for others."""
    options: Any = field.GetOptions()
    return tuple(options.Extensions[annotations_pb2.field].raw_media_types)


def raw_member(message: Descriptor) -> str:
    """The name of that field of a stream's message, empty where there is none."""
    return next((field.name for field in message.fields if kinds.is_raw(field)), "")


def constructor_values(content: bytes, content_type: str) -> dict[str, Any]:
    """A request's body as the constructor of HttpBody takes it."""
    return {"content_type": content_type, "data": content}


def content_type(body: Any | None) -> str:
    """The Content-Type of an answer: what the service says, where a header can say it.

    None is the body of a stream that ended before its first message.
    """
    stated: str = "" if body is None else body.content_type
    return stated if _MEDIA_TYPE.fullmatch(stated) else _ANY_BYTES
