from dietcare.v1 import analysis_pb2 as _analysis_pb2
from dietcare.v1 import goal_pb2 as _goal_pb2
from dietcare.v1 import meal_pb2 as _meal_pb2
from dietcare.v1 import streak_pb2 as _streak_pb2
from gateway.v1 import annotations_pb2 as _annotations_pb2
from google.api import field_behavior_pb2 as _field_behavior_pb2
from google.api import httpbody_pb2 as _httpbody_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ExportFormat(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    EXPORT_FORMAT_UNSPECIFIED: _ClassVar[ExportFormat]
    EXPORT_FORMAT_NDJSON: _ClassVar[ExportFormat]
    EXPORT_FORMAT_CSV: _ClassVar[ExportFormat]
    EXPORT_FORMAT_FHIR_R4: _ClassVar[ExportFormat]
    EXPORT_FORMAT_FHIR_R5: _ClassVar[ExportFormat]

class RecordType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RECORD_TYPE_UNSPECIFIED: _ClassVar[RecordType]
    RECORD_TYPE_MEAL: _ClassVar[RecordType]
    RECORD_TYPE_GOALS: _ClassVar[RecordType]
    RECORD_TYPE_ANALYSIS: _ClassVar[RecordType]
    RECORD_TYPE_STREAK: _ClassVar[RecordType]
EXPORT_FORMAT_UNSPECIFIED: ExportFormat
EXPORT_FORMAT_NDJSON: ExportFormat
EXPORT_FORMAT_CSV: ExportFormat
EXPORT_FORMAT_FHIR_R4: ExportFormat
EXPORT_FORMAT_FHIR_R5: ExportFormat
RECORD_TYPE_UNSPECIFIED: RecordType
RECORD_TYPE_MEAL: RecordType
RECORD_TYPE_GOALS: RecordType
RECORD_TYPE_ANALYSIS: RecordType
RECORD_TYPE_STREAK: RecordType

class ExportUserDataRequest(_message.Message):
    __slots__ = ("user_id", "format")
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    user_id: str
    format: ExportFormat
    def __init__(self, user_id: _Optional[str] = ..., format: _Optional[_Union[ExportFormat, str]] = ...) -> None: ...

class ExportUserDataResponse(_message.Message):
    __slots__ = ("type", "meal", "goals", "analysis", "streak", "file")
    TYPE_FIELD_NUMBER: _ClassVar[int]
    MEAL_FIELD_NUMBER: _ClassVar[int]
    GOALS_FIELD_NUMBER: _ClassVar[int]
    ANALYSIS_FIELD_NUMBER: _ClassVar[int]
    STREAK_FIELD_NUMBER: _ClassVar[int]
    FILE_FIELD_NUMBER: _ClassVar[int]
    type: RecordType
    meal: _meal_pb2.Meal
    goals: _goal_pb2.Goals
    analysis: _analysis_pb2.Analysis
    streak: _streak_pb2.Streak
    file: _httpbody_pb2.HttpBody
    def __init__(self, type: _Optional[_Union[RecordType, str]] = ..., meal: _Optional[_Union[_meal_pb2.Meal, _Mapping]] = ..., goals: _Optional[_Union[_goal_pb2.Goals, _Mapping]] = ..., analysis: _Optional[_Union[_analysis_pb2.Analysis, _Mapping]] = ..., streak: _Optional[_Union[_streak_pb2.Streak, _Mapping]] = ..., file: _Optional[_Union[_httpbody_pb2.HttpBody, _Mapping]] = ...) -> None: ...

class DeleteUserDataRequest(_message.Message):
    __slots__ = ("user_id",)
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    user_id: str
    def __init__(self, user_id: _Optional[str] = ...) -> None: ...

class Erased(_message.Message):
    __slots__ = ("meals", "analyses", "goals", "sessions", "streaks")
    MEALS_FIELD_NUMBER: _ClassVar[int]
    ANALYSES_FIELD_NUMBER: _ClassVar[int]
    GOALS_FIELD_NUMBER: _ClassVar[int]
    SESSIONS_FIELD_NUMBER: _ClassVar[int]
    STREAKS_FIELD_NUMBER: _ClassVar[int]
    meals: int
    analyses: int
    goals: int
    sessions: int
    streaks: int
    def __init__(self, meals: _Optional[int] = ..., analyses: _Optional[int] = ..., goals: _Optional[int] = ..., sessions: _Optional[int] = ..., streaks: _Optional[int] = ...) -> None: ...

class DeleteUserDataResponse(_message.Message):
    __slots__ = ("erased",)
    ERASED_FIELD_NUMBER: _ClassVar[int]
    erased: Erased
    def __init__(self, erased: _Optional[_Union[Erased, _Mapping]] = ...) -> None: ...
