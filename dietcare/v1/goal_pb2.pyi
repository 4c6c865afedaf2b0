import datetime

from dietcare.v1 import nutrients_pb2 as _nutrients_pb2
from gateway.v1 import annotations_pb2 as _annotations_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class CkdStage(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CKD_STAGE_UNSPECIFIED: _ClassVar[CkdStage]
    CKD_STAGE_1: _ClassVar[CkdStage]
    CKD_STAGE_2: _ClassVar[CkdStage]
    CKD_STAGE_3: _ClassVar[CkdStage]
    CKD_STAGE_4: _ClassVar[CkdStage]
    CKD_STAGE_5: _ClassVar[CkdStage]

class Dialysis(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DIALYSIS_UNSPECIFIED: _ClassVar[Dialysis]
    DIALYSIS_NONE: _ClassVar[Dialysis]
    DIALYSIS_HEMODIALYSIS: _ClassVar[Dialysis]
    DIALYSIS_PERITONEAL: _ClassVar[Dialysis]

class GoalSource(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    GOAL_SOURCE_UNSPECIFIED: _ClassVar[GoalSource]
    GOAL_SOURCE_USER: _ClassVar[GoalSource]
    GOAL_SOURCE_DEFAULT: _ClassVar[GoalSource]
CKD_STAGE_UNSPECIFIED: CkdStage
CKD_STAGE_1: CkdStage
CKD_STAGE_2: CkdStage
CKD_STAGE_3: CkdStage
CKD_STAGE_4: CkdStage
CKD_STAGE_5: CkdStage
DIALYSIS_UNSPECIFIED: Dialysis
DIALYSIS_NONE: Dialysis
DIALYSIS_HEMODIALYSIS: Dialysis
DIALYSIS_PERITONEAL: Dialysis
GOAL_SOURCE_UNSPECIFIED: GoalSource
GOAL_SOURCE_USER: GoalSource
GOAL_SOURCE_DEFAULT: GoalSource

class GoalSources(_message.Message):
    __slots__ = ("sodium_mg", "protein_g", "potassium_mg", "phosphorus_mg")
    SODIUM_MG_FIELD_NUMBER: _ClassVar[int]
    PROTEIN_G_FIELD_NUMBER: _ClassVar[int]
    POTASSIUM_MG_FIELD_NUMBER: _ClassVar[int]
    PHOSPHORUS_MG_FIELD_NUMBER: _ClassVar[int]
    sodium_mg: GoalSource
    protein_g: GoalSource
    potassium_mg: GoalSource
    phosphorus_mg: GoalSource
    def __init__(self, sodium_mg: _Optional[_Union[GoalSource, str]] = ..., protein_g: _Optional[_Union[GoalSource, str]] = ..., potassium_mg: _Optional[_Union[GoalSource, str]] = ..., phosphorus_mg: _Optional[_Union[GoalSource, str]] = ...) -> None: ...

class Goals(_message.Message):
    __slots__ = ("id", "user_id", "sodium_mg", "protein_g", "potassium_mg", "phosphorus_mg", "ckd_stage", "updated_at", "dialysis", "weight_kg", "sources", "warnings")
    ID_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    SODIUM_MG_FIELD_NUMBER: _ClassVar[int]
    PROTEIN_G_FIELD_NUMBER: _ClassVar[int]
    POTASSIUM_MG_FIELD_NUMBER: _ClassVar[int]
    PHOSPHORUS_MG_FIELD_NUMBER: _ClassVar[int]
    CKD_STAGE_FIELD_NUMBER: _ClassVar[int]
    UPDATED_AT_FIELD_NUMBER: _ClassVar[int]
    DIALYSIS_FIELD_NUMBER: _ClassVar[int]
    WEIGHT_KG_FIELD_NUMBER: _ClassVar[int]
    SOURCES_FIELD_NUMBER: _ClassVar[int]
    WARNINGS_FIELD_NUMBER: _ClassVar[int]
    id: str
    user_id: str
    sodium_mg: float
    protein_g: float
    potassium_mg: float
    phosphorus_mg: float
    ckd_stage: CkdStage
    updated_at: _timestamp_pb2.Timestamp
    dialysis: Dialysis
    weight_kg: float
    sources: GoalSources
    warnings: _containers.RepeatedCompositeFieldContainer[_nutrients_pb2.Warning]
    def __init__(self, id: _Optional[str] = ..., user_id: _Optional[str] = ..., sodium_mg: _Optional[float] = ..., protein_g: _Optional[float] = ..., potassium_mg: _Optional[float] = ..., phosphorus_mg: _Optional[float] = ..., ckd_stage: _Optional[_Union[CkdStage, str]] = ..., updated_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., dialysis: _Optional[_Union[Dialysis, str]] = ..., weight_kg: _Optional[float] = ..., sources: _Optional[_Union[GoalSources, _Mapping]] = ..., warnings: _Optional[_Iterable[_Union[_nutrients_pb2.Warning, _Mapping]]] = ...) -> None: ...

class GetGoalsRequest(_message.Message):
    __slots__ = ("user_id",)
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    user_id: str
    def __init__(self, user_id: _Optional[str] = ...) -> None: ...

class GetGoalsResponse(_message.Message):
    __slots__ = ("goals",)
    GOALS_FIELD_NUMBER: _ClassVar[int]
    goals: Goals
    def __init__(self, goals: _Optional[_Union[Goals, _Mapping]] = ...) -> None: ...

class UpdateGoalsRequest(_message.Message):
    __slots__ = ("user_id", "sodium_mg", "protein_g", "potassium_mg", "phosphorus_mg", "ckd_stage", "dialysis", "weight_kg")
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    SODIUM_MG_FIELD_NUMBER: _ClassVar[int]
    PROTEIN_G_FIELD_NUMBER: _ClassVar[int]
    POTASSIUM_MG_FIELD_NUMBER: _ClassVar[int]
    PHOSPHORUS_MG_FIELD_NUMBER: _ClassVar[int]
    CKD_STAGE_FIELD_NUMBER: _ClassVar[int]
    DIALYSIS_FIELD_NUMBER: _ClassVar[int]
    WEIGHT_KG_FIELD_NUMBER: _ClassVar[int]
    user_id: str
    sodium_mg: float
    protein_g: float
    potassium_mg: float
    phosphorus_mg: float
    ckd_stage: CkdStage
    dialysis: Dialysis
    weight_kg: float
    def __init__(self, user_id: _Optional[str] = ..., sodium_mg: _Optional[float] = ..., protein_g: _Optional[float] = ..., potassium_mg: _Optional[float] = ..., phosphorus_mg: _Optional[float] = ..., ckd_stage: _Optional[_Union[CkdStage, str]] = ..., dialysis: _Optional[_Union[Dialysis, str]] = ..., weight_kg: _Optional[float] = ...) -> None: ...

class UpdateGoalsResponse(_message.Message):
    __slots__ = ("goals",)
    GOALS_FIELD_NUMBER: _ClassVar[int]
    goals: Goals
    def __init__(self, goals: _Optional[_Union[Goals, _Mapping]] = ...) -> None: ...

class ListDefaultGoalsRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class DefaultGoals(_message.Message):
    __slots__ = ("ckd_stage", "dialysis", "sodium_mg", "protein_g", "potassium_mg", "phosphorus_mg", "reference")
    CKD_STAGE_FIELD_NUMBER: _ClassVar[int]
    DIALYSIS_FIELD_NUMBER: _ClassVar[int]
    SODIUM_MG_FIELD_NUMBER: _ClassVar[int]
    PROTEIN_G_FIELD_NUMBER: _ClassVar[int]
    POTASSIUM_MG_FIELD_NUMBER: _ClassVar[int]
    PHOSPHORUS_MG_FIELD_NUMBER: _ClassVar[int]
    REFERENCE_FIELD_NUMBER: _ClassVar[int]
    ckd_stage: CkdStage
    dialysis: Dialysis
    sodium_mg: float
    protein_g: float
    potassium_mg: float
    phosphorus_mg: float
    reference: str
    def __init__(self, ckd_stage: _Optional[_Union[CkdStage, str]] = ..., dialysis: _Optional[_Union[Dialysis, str]] = ..., sodium_mg: _Optional[float] = ..., protein_g: _Optional[float] = ..., potassium_mg: _Optional[float] = ..., phosphorus_mg: _Optional[float] = ..., reference: _Optional[str] = ...) -> None: ...

class ListDefaultGoalsResponse(_message.Message):
    __slots__ = ("defaults",)
    DEFAULTS_FIELD_NUMBER: _ClassVar[int]
    defaults: _containers.RepeatedCompositeFieldContainer[DefaultGoals]
    def __init__(self, defaults: _Optional[_Iterable[_Union[DefaultGoals, _Mapping]]] = ...) -> None: ...
