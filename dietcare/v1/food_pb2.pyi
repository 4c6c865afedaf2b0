from dietcare.v1 import nutrients_pb2 as _nutrients_pb2
from gateway.v1 import annotations_pb2 as _annotations_pb2
from google.api import field_behavior_pb2 as _field_behavior_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class NutrientSource(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    NUTRIENT_SOURCE_UNSPECIFIED: _ClassVar[NutrientSource]
    NUTRIENT_SOURCE_TABLE: _ClassVar[NutrientSource]
    NUTRIENT_SOURCE_MODEL: _ClassVar[NutrientSource]

class Confidence(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CONFIDENCE_UNSPECIFIED: _ClassVar[Confidence]
    CONFIDENCE_LOW: _ClassVar[Confidence]
    CONFIDENCE_MEDIUM: _ClassVar[Confidence]
    CONFIDENCE_HIGH: _ClassVar[Confidence]
NUTRIENT_SOURCE_UNSPECIFIED: NutrientSource
NUTRIENT_SOURCE_TABLE: NutrientSource
NUTRIENT_SOURCE_MODEL: NutrientSource
CONFIDENCE_UNSPECIFIED: Confidence
CONFIDENCE_LOW: Confidence
CONFIDENCE_MEDIUM: Confidence
CONFIDENCE_HIGH: Confidence

class Food(_message.Message):
    __slots__ = ("name", "portion_g", "sodium_mg", "protein_g", "potassium_mg", "phosphorus_mg", "confidence", "nutrient_source", "food_code", "warnings")
    NAME_FIELD_NUMBER: _ClassVar[int]
    PORTION_G_FIELD_NUMBER: _ClassVar[int]
    SODIUM_MG_FIELD_NUMBER: _ClassVar[int]
    PROTEIN_G_FIELD_NUMBER: _ClassVar[int]
    POTASSIUM_MG_FIELD_NUMBER: _ClassVar[int]
    PHOSPHORUS_MG_FIELD_NUMBER: _ClassVar[int]
    CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    NUTRIENT_SOURCE_FIELD_NUMBER: _ClassVar[int]
    FOOD_CODE_FIELD_NUMBER: _ClassVar[int]
    WARNINGS_FIELD_NUMBER: _ClassVar[int]
    name: str
    portion_g: float
    sodium_mg: float
    protein_g: float
    potassium_mg: float
    phosphorus_mg: float
    confidence: Confidence
    nutrient_source: NutrientSource
    food_code: str
    warnings: _containers.RepeatedCompositeFieldContainer[_nutrients_pb2.Warning]
    def __init__(self, name: _Optional[str] = ..., portion_g: _Optional[float] = ..., sodium_mg: _Optional[float] = ..., protein_g: _Optional[float] = ..., potassium_mg: _Optional[float] = ..., phosphorus_mg: _Optional[float] = ..., confidence: _Optional[_Union[Confidence, str]] = ..., nutrient_source: _Optional[_Union[NutrientSource, str]] = ..., food_code: _Optional[str] = ..., warnings: _Optional[_Iterable[_Union[_nutrients_pb2.Warning, _Mapping]]] = ...) -> None: ...

class Composition(_message.Message):
    __slots__ = ("energy_kcal", "sodium_mg", "protein_g", "potassium_mg", "phosphorus_mg")
    ENERGY_KCAL_FIELD_NUMBER: _ClassVar[int]
    SODIUM_MG_FIELD_NUMBER: _ClassVar[int]
    PROTEIN_G_FIELD_NUMBER: _ClassVar[int]
    POTASSIUM_MG_FIELD_NUMBER: _ClassVar[int]
    PHOSPHORUS_MG_FIELD_NUMBER: _ClassVar[int]
    energy_kcal: float
    sodium_mg: float
    protein_g: float
    potassium_mg: float
    phosphorus_mg: float
    def __init__(self, energy_kcal: _Optional[float] = ..., sodium_mg: _Optional[float] = ..., protein_g: _Optional[float] = ..., potassium_mg: _Optional[float] = ..., phosphorus_mg: _Optional[float] = ...) -> None: ...

class FoodMatch(_message.Message):
    __slots__ = ("food_code", "name", "name_en", "category", "serving_g", "per_100g", "source", "score", "per_100ml", "serving_ml", "warnings")
    FOOD_CODE_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    NAME_EN_FIELD_NUMBER: _ClassVar[int]
    CATEGORY_FIELD_NUMBER: _ClassVar[int]
    SERVING_G_FIELD_NUMBER: _ClassVar[int]
    PER_100G_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    SCORE_FIELD_NUMBER: _ClassVar[int]
    PER_100ML_FIELD_NUMBER: _ClassVar[int]
    SERVING_ML_FIELD_NUMBER: _ClassVar[int]
    WARNINGS_FIELD_NUMBER: _ClassVar[int]
    food_code: str
    name: str
    name_en: str
    category: str
    serving_g: float
    per_100g: Composition
    source: str
    score: float
    per_100ml: Composition
    serving_ml: float
    warnings: _containers.RepeatedCompositeFieldContainer[_nutrients_pb2.Warning]
    def __init__(self, food_code: _Optional[str] = ..., name: _Optional[str] = ..., name_en: _Optional[str] = ..., category: _Optional[str] = ..., serving_g: _Optional[float] = ..., per_100g: _Optional[_Union[Composition, _Mapping]] = ..., source: _Optional[str] = ..., score: _Optional[float] = ..., per_100ml: _Optional[_Union[Composition, _Mapping]] = ..., serving_ml: _Optional[float] = ..., warnings: _Optional[_Iterable[_Union[_nutrients_pb2.Warning, _Mapping]]] = ...) -> None: ...

class SearchFoodsRequest(_message.Message):
    __slots__ = ("query", "page_size")
    QUERY_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    query: str
    page_size: int
    def __init__(self, query: _Optional[str] = ..., page_size: _Optional[int] = ...) -> None: ...

class SearchFoodsResponse(_message.Message):
    __slots__ = ("foods",)
    FOODS_FIELD_NUMBER: _ClassVar[int]
    foods: _containers.RepeatedCompositeFieldContainer[FoodMatch]
    def __init__(self, foods: _Optional[_Iterable[_Union[FoodMatch, _Mapping]]] = ...) -> None: ...
