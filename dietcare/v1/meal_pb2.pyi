import datetime

from dietcare.v1 import food_pb2 as _food_pb2
from dietcare.v1 import nutrients_pb2 as _nutrients_pb2
from dietcare.v1 import streak_pb2 as _streak_pb2
from gateway.v1 import annotations_pb2 as _annotations_pb2
from google.api import field_behavior_pb2 as _field_behavior_pb2
from google.protobuf import field_mask_pb2 as _field_mask_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class MealType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    MEAL_TYPE_UNSPECIFIED: _ClassVar[MealType]
    MEAL_TYPE_BREAKFAST: _ClassVar[MealType]
    MEAL_TYPE_LUNCH: _ClassVar[MealType]
    MEAL_TYPE_DINNER: _ClassVar[MealType]
    MEAL_TYPE_SNACK: _ClassVar[MealType]
MEAL_TYPE_UNSPECIFIED: MealType
MEAL_TYPE_BREAKFAST: MealType
MEAL_TYPE_LUNCH: MealType
MEAL_TYPE_DINNER: MealType
MEAL_TYPE_SNACK: MealType

class Meal(_message.Message):
    __slots__ = ("id", "user_id", "meal_type", "foods", "total_nutrients", "logged_at", "created_at", "updated_at", "local_date", "time_zone", "version", "coverage", "analysis_id", "note")
    ID_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    MEAL_TYPE_FIELD_NUMBER: _ClassVar[int]
    FOODS_FIELD_NUMBER: _ClassVar[int]
    TOTAL_NUTRIENTS_FIELD_NUMBER: _ClassVar[int]
    LOGGED_AT_FIELD_NUMBER: _ClassVar[int]
    CREATED_AT_FIELD_NUMBER: _ClassVar[int]
    UPDATED_AT_FIELD_NUMBER: _ClassVar[int]
    LOCAL_DATE_FIELD_NUMBER: _ClassVar[int]
    TIME_ZONE_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    COVERAGE_FIELD_NUMBER: _ClassVar[int]
    ANALYSIS_ID_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    id: str
    user_id: str
    meal_type: MealType
    foods: _containers.RepeatedCompositeFieldContainer[_food_pb2.Food]
    total_nutrients: _nutrients_pb2.Nutrients
    logged_at: _timestamp_pb2.Timestamp
    created_at: _timestamp_pb2.Timestamp
    updated_at: _timestamp_pb2.Timestamp
    local_date: str
    time_zone: str
    version: int
    coverage: _nutrients_pb2.Coverage
    analysis_id: str
    note: str
    def __init__(self, id: _Optional[str] = ..., user_id: _Optional[str] = ..., meal_type: _Optional[_Union[MealType, str]] = ..., foods: _Optional[_Iterable[_Union[_food_pb2.Food, _Mapping]]] = ..., total_nutrients: _Optional[_Union[_nutrients_pb2.Nutrients, _Mapping]] = ..., logged_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., created_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., updated_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., local_date: _Optional[str] = ..., time_zone: _Optional[str] = ..., version: _Optional[int] = ..., coverage: _Optional[_Union[_nutrients_pb2.Coverage, _Mapping]] = ..., analysis_id: _Optional[str] = ..., note: _Optional[str] = ...) -> None: ...

class LogMealRequest(_message.Message):
    __slots__ = ("user_id", "meal_type", "foods", "total_nutrients", "logged_at", "analysis_id", "note", "time_zone")
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    MEAL_TYPE_FIELD_NUMBER: _ClassVar[int]
    FOODS_FIELD_NUMBER: _ClassVar[int]
    TOTAL_NUTRIENTS_FIELD_NUMBER: _ClassVar[int]
    LOGGED_AT_FIELD_NUMBER: _ClassVar[int]
    ANALYSIS_ID_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    TIME_ZONE_FIELD_NUMBER: _ClassVar[int]
    user_id: str
    meal_type: MealType
    foods: _containers.RepeatedCompositeFieldContainer[_food_pb2.Food]
    total_nutrients: _nutrients_pb2.Nutrients
    logged_at: _timestamp_pb2.Timestamp
    analysis_id: str
    note: str
    time_zone: str
    def __init__(self, user_id: _Optional[str] = ..., meal_type: _Optional[_Union[MealType, str]] = ..., foods: _Optional[_Iterable[_Union[_food_pb2.Food, _Mapping]]] = ..., total_nutrients: _Optional[_Union[_nutrients_pb2.Nutrients, _Mapping]] = ..., logged_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., analysis_id: _Optional[str] = ..., note: _Optional[str] = ..., time_zone: _Optional[str] = ...) -> None: ...

class LogMealResponse(_message.Message):
    __slots__ = ("meal", "streak")
    MEAL_FIELD_NUMBER: _ClassVar[int]
    STREAK_FIELD_NUMBER: _ClassVar[int]
    meal: Meal
    streak: _streak_pb2.StreakSummary
    def __init__(self, meal: _Optional[_Union[Meal, _Mapping]] = ..., streak: _Optional[_Union[_streak_pb2.StreakSummary, _Mapping]] = ...) -> None: ...

class ListMealsRequest(_message.Message):
    __slots__ = ("user_id", "start_date", "end_date", "meal_type", "page", "page_size", "page_token")
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    START_DATE_FIELD_NUMBER: _ClassVar[int]
    END_DATE_FIELD_NUMBER: _ClassVar[int]
    MEAL_TYPE_FIELD_NUMBER: _ClassVar[int]
    PAGE_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    user_id: str
    start_date: str
    end_date: str
    meal_type: MealType
    page: int
    page_size: int
    page_token: str
    def __init__(self, user_id: _Optional[str] = ..., start_date: _Optional[str] = ..., end_date: _Optional[str] = ..., meal_type: _Optional[_Union[MealType, str]] = ..., page: _Optional[int] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class Pagination(_message.Message):
    __slots__ = ("page", "page_size", "total", "total_pages", "next_page_token")
    PAGE_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    TOTAL_FIELD_NUMBER: _ClassVar[int]
    TOTAL_PAGES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page: int
    page_size: int
    total: int
    total_pages: int
    next_page_token: str
    def __init__(self, page: _Optional[int] = ..., page_size: _Optional[int] = ..., total: _Optional[int] = ..., total_pages: _Optional[int] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ListMealsResponse(_message.Message):
    __slots__ = ("meals", "pagination")
    MEALS_FIELD_NUMBER: _ClassVar[int]
    PAGINATION_FIELD_NUMBER: _ClassVar[int]
    meals: _containers.RepeatedCompositeFieldContainer[Meal]
    pagination: Pagination
    def __init__(self, meals: _Optional[_Iterable[_Union[Meal, _Mapping]]] = ..., pagination: _Optional[_Union[Pagination, _Mapping]] = ...) -> None: ...

class GetMealRequest(_message.Message):
    __slots__ = ("meal_id", "user_id")
    MEAL_ID_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    meal_id: str
    user_id: str
    def __init__(self, meal_id: _Optional[str] = ..., user_id: _Optional[str] = ...) -> None: ...

class GetMealResponse(_message.Message):
    __slots__ = ("meal",)
    MEAL_FIELD_NUMBER: _ClassVar[int]
    meal: Meal
    def __init__(self, meal: _Optional[_Union[Meal, _Mapping]] = ...) -> None: ...

class UpdateMealRequest(_message.Message):
    __slots__ = ("meal_id", "user_id", "meal", "update_mask")
    MEAL_ID_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    MEAL_FIELD_NUMBER: _ClassVar[int]
    UPDATE_MASK_FIELD_NUMBER: _ClassVar[int]
    meal_id: str
    user_id: str
    meal: Meal
    update_mask: _field_mask_pb2.FieldMask
    def __init__(self, meal_id: _Optional[str] = ..., user_id: _Optional[str] = ..., meal: _Optional[_Union[Meal, _Mapping]] = ..., update_mask: _Optional[_Union[_field_mask_pb2.FieldMask, _Mapping]] = ...) -> None: ...

class UpdateMealResponse(_message.Message):
    __slots__ = ("meal", "streak")
    MEAL_FIELD_NUMBER: _ClassVar[int]
    STREAK_FIELD_NUMBER: _ClassVar[int]
    meal: Meal
    streak: _streak_pb2.StreakSummary
    def __init__(self, meal: _Optional[_Union[Meal, _Mapping]] = ..., streak: _Optional[_Union[_streak_pb2.StreakSummary, _Mapping]] = ...) -> None: ...

class DeleteMealRequest(_message.Message):
    __slots__ = ("meal_id", "user_id")
    MEAL_ID_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    meal_id: str
    user_id: str
    def __init__(self, meal_id: _Optional[str] = ..., user_id: _Optional[str] = ...) -> None: ...

class DeleteMealResponse(_message.Message):
    __slots__ = ("meal_id", "streak")
    MEAL_ID_FIELD_NUMBER: _ClassVar[int]
    STREAK_FIELD_NUMBER: _ClassVar[int]
    meal_id: str
    streak: _streak_pb2.StreakSummary
    def __init__(self, meal_id: _Optional[str] = ..., streak: _Optional[_Union[_streak_pb2.StreakSummary, _Mapping]] = ...) -> None: ...
