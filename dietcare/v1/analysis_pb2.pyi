from dietcare.v1 import food_pb2 as _food_pb2
from dietcare.v1 import nutrients_pb2 as _nutrients_pb2
from gateway.v1 import annotations_pb2 as _annotations_pb2
from google.api import field_behavior_pb2 as _field_behavior_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Analysis(_message.Message):
    __slots__ = ("foods", "total_nutrients", "analysis_id", "remaining_analyses", "coverage", "model", "cached", "warnings", "message")
    FOODS_FIELD_NUMBER: _ClassVar[int]
    TOTAL_NUTRIENTS_FIELD_NUMBER: _ClassVar[int]
    ANALYSIS_ID_FIELD_NUMBER: _ClassVar[int]
    REMAINING_ANALYSES_FIELD_NUMBER: _ClassVar[int]
    COVERAGE_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    CACHED_FIELD_NUMBER: _ClassVar[int]
    WARNINGS_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    foods: _containers.RepeatedCompositeFieldContainer[_food_pb2.Food]
    total_nutrients: _nutrients_pb2.Nutrients
    analysis_id: str
    remaining_analyses: int
    coverage: _nutrients_pb2.Coverage
    model: str
    cached: bool
    warnings: _containers.RepeatedCompositeFieldContainer[_nutrients_pb2.Warning]
    message: str
    def __init__(self, foods: _Optional[_Iterable[_Union[_food_pb2.Food, _Mapping]]] = ..., total_nutrients: _Optional[_Union[_nutrients_pb2.Nutrients, _Mapping]] = ..., analysis_id: _Optional[str] = ..., remaining_analyses: _Optional[int] = ..., coverage: _Optional[_Union[_nutrients_pb2.Coverage, _Mapping]] = ..., model: _Optional[str] = ..., cached: _Optional[bool] = ..., warnings: _Optional[_Iterable[_Union[_nutrients_pb2.Warning, _Mapping]]] = ..., message: _Optional[str] = ...) -> None: ...

class AnalyzeFoodRequest(_message.Message):
    __slots__ = ("user_id", "image_url", "image_data")
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    IMAGE_URL_FIELD_NUMBER: _ClassVar[int]
    IMAGE_DATA_FIELD_NUMBER: _ClassVar[int]
    user_id: str
    image_url: str
    image_data: bytes
    def __init__(self, user_id: _Optional[str] = ..., image_url: _Optional[str] = ..., image_data: _Optional[bytes] = ...) -> None: ...

class AnalyzeFoodResponse(_message.Message):
    __slots__ = ("analysis",)
    ANALYSIS_FIELD_NUMBER: _ClassVar[int]
    analysis: Analysis
    def __init__(self, analysis: _Optional[_Union[Analysis, _Mapping]] = ...) -> None: ...
