from gateway.v1 import annotations_pb2 as _annotations_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Optional as _Optional

DESCRIPTOR: _descriptor.FileDescriptor

class Nutrient(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    NUTRIENT_UNSPECIFIED: _ClassVar[Nutrient]
    NUTRIENT_SODIUM: _ClassVar[Nutrient]
    NUTRIENT_PROTEIN: _ClassVar[Nutrient]
    NUTRIENT_POTASSIUM: _ClassVar[Nutrient]
    NUTRIENT_PHOSPHORUS: _ClassVar[Nutrient]
NUTRIENT_UNSPECIFIED: Nutrient
NUTRIENT_SODIUM: Nutrient
NUTRIENT_PROTEIN: Nutrient
NUTRIENT_POTASSIUM: Nutrient
NUTRIENT_PHOSPHORUS: Nutrient

class Nutrients(_message.Message):
    __slots__ = ("sodium_mg", "protein_g", "potassium_mg", "phosphorus_mg")
    SODIUM_MG_FIELD_NUMBER: _ClassVar[int]
    PROTEIN_G_FIELD_NUMBER: _ClassVar[int]
    POTASSIUM_MG_FIELD_NUMBER: _ClassVar[int]
    PHOSPHORUS_MG_FIELD_NUMBER: _ClassVar[int]
    sodium_mg: float
    protein_g: float
    potassium_mg: float
    phosphorus_mg: float
    def __init__(self, sodium_mg: _Optional[float] = ..., protein_g: _Optional[float] = ..., potassium_mg: _Optional[float] = ..., phosphorus_mg: _Optional[float] = ...) -> None: ...

class Coverage(_message.Message):
    __slots__ = ("sodium_mg", "protein_g", "potassium_mg", "phosphorus_mg")
    SODIUM_MG_FIELD_NUMBER: _ClassVar[int]
    PROTEIN_G_FIELD_NUMBER: _ClassVar[int]
    POTASSIUM_MG_FIELD_NUMBER: _ClassVar[int]
    PHOSPHORUS_MG_FIELD_NUMBER: _ClassVar[int]
    sodium_mg: float
    protein_g: float
    potassium_mg: float
    phosphorus_mg: float
    def __init__(self, sodium_mg: _Optional[float] = ..., protein_g: _Optional[float] = ..., potassium_mg: _Optional[float] = ..., phosphorus_mg: _Optional[float] = ...) -> None: ...

class Warning(_message.Message):
    __slots__ = ("code", "field", "message")
    CODE_FIELD_NUMBER: _ClassVar[int]
    FIELD_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    code: str
    field: str
    message: str
    def __init__(self, code: _Optional[str] = ..., field: _Optional[str] = ..., message: _Optional[str] = ...) -> None: ...
