from google.protobuf import descriptor_pb2 as _descriptor_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable
from typing import ClassVar as _ClassVar, Optional as _Optional

DESCRIPTOR: _descriptor.FileDescriptor
SERVICE_FIELD_NUMBER: _ClassVar[int]
service: _descriptor.FieldDescriptor
METHOD_FIELD_NUMBER: _ClassVar[int]
method: _descriptor.FieldDescriptor
FIELD_FIELD_NUMBER: _ClassVar[int]
field: _descriptor.FieldDescriptor
VALUE_FIELD_NUMBER: _ClassVar[int]
value: _descriptor.FieldDescriptor

class ServiceRule(_message.Message):
    __slots__ = ("success_field",)
    SUCCESS_FIELD_FIELD_NUMBER: _ClassVar[int]
    success_field: str
    def __init__(self, success_field: _Optional[str] = ...) -> None: ...

class MethodRule(_message.Message):
    __slots__ = ("success_status", "public", "error_statuses", "request_headers", "response_headers", "limited")
    SUCCESS_STATUS_FIELD_NUMBER: _ClassVar[int]
    PUBLIC_FIELD_NUMBER: _ClassVar[int]
    ERROR_STATUSES_FIELD_NUMBER: _ClassVar[int]
    REQUEST_HEADERS_FIELD_NUMBER: _ClassVar[int]
    RESPONSE_HEADERS_FIELD_NUMBER: _ClassVar[int]
    LIMITED_FIELD_NUMBER: _ClassVar[int]
    success_status: int
    public: bool
    error_statuses: _containers.RepeatedScalarFieldContainer[int]
    request_headers: _containers.RepeatedScalarFieldContainer[str]
    response_headers: _containers.RepeatedScalarFieldContainer[str]
    limited: bool
    def __init__(self, success_status: _Optional[int] = ..., public: _Optional[bool] = ..., error_statuses: _Optional[_Iterable[int]] = ..., request_headers: _Optional[_Iterable[str]] = ..., response_headers: _Optional[_Iterable[str]] = ..., limited: _Optional[bool] = ...) -> None: ...

class FieldRule(_message.Message):
    __slots__ = ("minimum", "maximum", "above", "min_size", "max_size", "pattern", "format", "always", "example", "raw_media_types")
    MINIMUM_FIELD_NUMBER: _ClassVar[int]
    MAXIMUM_FIELD_NUMBER: _ClassVar[int]
    ABOVE_FIELD_NUMBER: _ClassVar[int]
    MIN_SIZE_FIELD_NUMBER: _ClassVar[int]
    MAX_SIZE_FIELD_NUMBER: _ClassVar[int]
    PATTERN_FIELD_NUMBER: _ClassVar[int]
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    ALWAYS_FIELD_NUMBER: _ClassVar[int]
    EXAMPLE_FIELD_NUMBER: _ClassVar[int]
    RAW_MEDIA_TYPES_FIELD_NUMBER: _ClassVar[int]
    minimum: float
    maximum: float
    above: float
    min_size: int
    max_size: int
    pattern: str
    format: str
    always: bool
    example: str
    raw_media_types: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, minimum: _Optional[float] = ..., maximum: _Optional[float] = ..., above: _Optional[float] = ..., min_size: _Optional[int] = ..., max_size: _Optional[int] = ..., pattern: _Optional[str] = ..., format: _Optional[str] = ..., always: _Optional[bool] = ..., example: _Optional[str] = ..., raw_media_types: _Optional[_Iterable[str]] = ...) -> None: ...

class EnumValueRule(_message.Message):
    __slots__ = ("json_name",)
    JSON_NAME_FIELD_NUMBER: _ClassVar[int]
    json_name: str
    def __init__(self, json_name: _Optional[str] = ...) -> None: ...
