from google.protobuf import descriptor_pb2 as _descriptor_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Optional as _Optional

DESCRIPTOR: _descriptor.FileDescriptor
SERVICE_FIELD_NUMBER: _ClassVar[int]
service: _descriptor.FieldDescriptor
METHOD_FIELD_NUMBER: _ClassVar[int]
method: _descriptor.FieldDescriptor
VALUE_FIELD_NUMBER: _ClassVar[int]
value: _descriptor.FieldDescriptor

class ServiceRule(_message.Message):
    __slots__ = ("success_field",)
    SUCCESS_FIELD_FIELD_NUMBER: _ClassVar[int]
    success_field: str
    def __init__(self, success_field: _Optional[str] = ...) -> None: ...

class MethodRule(_message.Message):
    __slots__ = ("success_status", "public")
    SUCCESS_STATUS_FIELD_NUMBER: _ClassVar[int]
    PUBLIC_FIELD_NUMBER: _ClassVar[int]
    success_status: int
    public: bool
    def __init__(self, success_status: _Optional[int] = ..., public: _Optional[bool] = ...) -> None: ...

class EnumValueRule(_message.Message):
    __slots__ = ("json_name",)
    JSON_NAME_FIELD_NUMBER: _ClassVar[int]
    json_name: str
    def __init__(self, json_name: _Optional[str] = ...) -> None: ...
