from dietcare.v1 import goal_pb2 as _goal_pb2
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

class Period(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PERIOD_UNSPECIFIED: _ClassVar[Period]
    PERIOD_DAILY: _ClassVar[Period]
    PERIOD_WEEKLY: _ClassVar[Period]

class TrendDirection(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TREND_DIRECTION_UNSPECIFIED: _ClassVar[TrendDirection]
    TREND_DIRECTION_UP: _ClassVar[TrendDirection]
    TREND_DIRECTION_DOWN: _ClassVar[TrendDirection]
    TREND_DIRECTION_FLAT: _ClassVar[TrendDirection]
PERIOD_UNSPECIFIED: Period
PERIOD_DAILY: Period
PERIOD_WEEKLY: Period
TREND_DIRECTION_UNSPECIFIED: TrendDirection
TREND_DIRECTION_UP: TrendDirection
TREND_DIRECTION_DOWN: TrendDirection
TREND_DIRECTION_FLAT: TrendDirection

class TopFood(_message.Message):
    __slots__ = ("name", "amount")
    NAME_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    name: str
    amount: float
    def __init__(self, name: _Optional[str] = ..., amount: _Optional[float] = ...) -> None: ...

class Violation(_message.Message):
    __slots__ = ("nutrient", "consumed", "goal", "excess", "percent", "top_foods")
    NUTRIENT_FIELD_NUMBER: _ClassVar[int]
    CONSUMED_FIELD_NUMBER: _ClassVar[int]
    GOAL_FIELD_NUMBER: _ClassVar[int]
    EXCESS_FIELD_NUMBER: _ClassVar[int]
    PERCENT_FIELD_NUMBER: _ClassVar[int]
    TOP_FOODS_FIELD_NUMBER: _ClassVar[int]
    nutrient: _nutrients_pb2.Nutrient
    consumed: float
    goal: float
    excess: float
    percent: float
    top_foods: _containers.RepeatedCompositeFieldContainer[TopFood]
    def __init__(self, nutrient: _Optional[_Union[_nutrients_pb2.Nutrient, str]] = ..., consumed: _Optional[float] = ..., goal: _Optional[float] = ..., excess: _Optional[float] = ..., percent: _Optional[float] = ..., top_foods: _Optional[_Iterable[_Union[TopFood, _Mapping]]] = ...) -> None: ...

class DayProgress(_message.Message):
    __slots__ = ("date", "meals_logged", "consumed", "goals", "adherence", "violations")
    DATE_FIELD_NUMBER: _ClassVar[int]
    MEALS_LOGGED_FIELD_NUMBER: _ClassVar[int]
    CONSUMED_FIELD_NUMBER: _ClassVar[int]
    GOALS_FIELD_NUMBER: _ClassVar[int]
    ADHERENCE_FIELD_NUMBER: _ClassVar[int]
    VIOLATIONS_FIELD_NUMBER: _ClassVar[int]
    date: str
    meals_logged: int
    consumed: _nutrients_pb2.Nutrients
    goals: _nutrients_pb2.Nutrients
    adherence: _nutrients_pb2.Nutrients
    violations: _containers.RepeatedCompositeFieldContainer[Violation]
    def __init__(self, date: _Optional[str] = ..., meals_logged: _Optional[int] = ..., consumed: _Optional[_Union[_nutrients_pb2.Nutrients, _Mapping]] = ..., goals: _Optional[_Union[_nutrients_pb2.Nutrients, _Mapping]] = ..., adherence: _Optional[_Union[_nutrients_pb2.Nutrients, _Mapping]] = ..., violations: _Optional[_Iterable[_Union[Violation, _Mapping]]] = ...) -> None: ...

class Trend(_message.Message):
    __slots__ = ("direction", "percent")
    DIRECTION_FIELD_NUMBER: _ClassVar[int]
    PERCENT_FIELD_NUMBER: _ClassVar[int]
    direction: TrendDirection
    percent: float
    def __init__(self, direction: _Optional[_Union[TrendDirection, str]] = ..., percent: _Optional[float] = ...) -> None: ...

class Trends(_message.Message):
    __slots__ = ("sodium_mg", "protein_g", "potassium_mg", "phosphorus_mg")
    SODIUM_MG_FIELD_NUMBER: _ClassVar[int]
    PROTEIN_G_FIELD_NUMBER: _ClassVar[int]
    POTASSIUM_MG_FIELD_NUMBER: _ClassVar[int]
    PHOSPHORUS_MG_FIELD_NUMBER: _ClassVar[int]
    sodium_mg: Trend
    protein_g: Trend
    potassium_mg: Trend
    phosphorus_mg: Trend
    def __init__(self, sodium_mg: _Optional[_Union[Trend, _Mapping]] = ..., protein_g: _Optional[_Union[Trend, _Mapping]] = ..., potassium_mg: _Optional[_Union[Trend, _Mapping]] = ..., phosphorus_mg: _Optional[_Union[Trend, _Mapping]] = ...) -> None: ...

class Progress(_message.Message):
    __slots__ = ("date", "period", "consumed", "goals", "adherence", "violations", "goals_source", "meals_logged", "coverage", "warnings", "start_date", "end_date", "days_logged", "days", "daily_average", "trend")
    DATE_FIELD_NUMBER: _ClassVar[int]
    PERIOD_FIELD_NUMBER: _ClassVar[int]
    CONSUMED_FIELD_NUMBER: _ClassVar[int]
    GOALS_FIELD_NUMBER: _ClassVar[int]
    ADHERENCE_FIELD_NUMBER: _ClassVar[int]
    VIOLATIONS_FIELD_NUMBER: _ClassVar[int]
    GOALS_SOURCE_FIELD_NUMBER: _ClassVar[int]
    MEALS_LOGGED_FIELD_NUMBER: _ClassVar[int]
    COVERAGE_FIELD_NUMBER: _ClassVar[int]
    WARNINGS_FIELD_NUMBER: _ClassVar[int]
    START_DATE_FIELD_NUMBER: _ClassVar[int]
    END_DATE_FIELD_NUMBER: _ClassVar[int]
    DAYS_LOGGED_FIELD_NUMBER: _ClassVar[int]
    DAYS_FIELD_NUMBER: _ClassVar[int]
    DAILY_AVERAGE_FIELD_NUMBER: _ClassVar[int]
    TREND_FIELD_NUMBER: _ClassVar[int]
    date: str
    period: Period
    consumed: _nutrients_pb2.Nutrients
    goals: _nutrients_pb2.Nutrients
    adherence: _nutrients_pb2.Nutrients
    violations: _containers.RepeatedCompositeFieldContainer[Violation]
    goals_source: _goal_pb2.GoalSource
    meals_logged: int
    coverage: _nutrients_pb2.Coverage
    warnings: _containers.RepeatedCompositeFieldContainer[_nutrients_pb2.Warning]
    start_date: str
    end_date: str
    days_logged: int
    days: _containers.RepeatedCompositeFieldContainer[DayProgress]
    daily_average: _nutrients_pb2.Nutrients
    trend: Trends
    def __init__(self, date: _Optional[str] = ..., period: _Optional[_Union[Period, str]] = ..., consumed: _Optional[_Union[_nutrients_pb2.Nutrients, _Mapping]] = ..., goals: _Optional[_Union[_nutrients_pb2.Nutrients, _Mapping]] = ..., adherence: _Optional[_Union[_nutrients_pb2.Nutrients, _Mapping]] = ..., violations: _Optional[_Iterable[_Union[Violation, _Mapping]]] = ..., goals_source: _Optional[_Union[_goal_pb2.GoalSource, str]] = ..., meals_logged: _Optional[int] = ..., coverage: _Optional[_Union[_nutrients_pb2.Coverage, _Mapping]] = ..., warnings: _Optional[_Iterable[_Union[_nutrients_pb2.Warning, _Mapping]]] = ..., start_date: _Optional[str] = ..., end_date: _Optional[str] = ..., days_logged: _Optional[int] = ..., days: _Optional[_Iterable[_Union[DayProgress, _Mapping]]] = ..., daily_average: _Optional[_Union[_nutrients_pb2.Nutrients, _Mapping]] = ..., trend: _Optional[_Union[Trends, _Mapping]] = ...) -> None: ...

class GetProgressRequest(_message.Message):
    __slots__ = ("user_id", "date", "period")
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    DATE_FIELD_NUMBER: _ClassVar[int]
    PERIOD_FIELD_NUMBER: _ClassVar[int]
    user_id: str
    date: str
    period: Period
    def __init__(self, user_id: _Optional[str] = ..., date: _Optional[str] = ..., period: _Optional[_Union[Period, str]] = ...) -> None: ...

class GetProgressResponse(_message.Message):
    __slots__ = ("progress",)
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    progress: Progress
    def __init__(self, progress: _Optional[_Union[Progress, _Mapping]] = ...) -> None: ...
