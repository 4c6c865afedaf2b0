from gateway.v1 import annotations_pb2 as _annotations_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Streak(_message.Message):
    __slots__ = ("current_streak", "longest_streak", "last_logged_date", "total_days_logged")
    CURRENT_STREAK_FIELD_NUMBER: _ClassVar[int]
    LONGEST_STREAK_FIELD_NUMBER: _ClassVar[int]
    LAST_LOGGED_DATE_FIELD_NUMBER: _ClassVar[int]
    TOTAL_DAYS_LOGGED_FIELD_NUMBER: _ClassVar[int]
    current_streak: int
    longest_streak: int
    last_logged_date: str
    total_days_logged: int
    def __init__(self, current_streak: _Optional[int] = ..., longest_streak: _Optional[int] = ..., last_logged_date: _Optional[str] = ..., total_days_logged: _Optional[int] = ...) -> None: ...

class StreakSummary(_message.Message):
    __slots__ = ("current", "longest")
    CURRENT_FIELD_NUMBER: _ClassVar[int]
    LONGEST_FIELD_NUMBER: _ClassVar[int]
    current: int
    longest: int
    def __init__(self, current: _Optional[int] = ..., longest: _Optional[int] = ...) -> None: ...

class GetStreakRequest(_message.Message):
    __slots__ = ("user_id", "time_zone")
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    TIME_ZONE_FIELD_NUMBER: _ClassVar[int]
    user_id: str
    time_zone: str
    def __init__(self, user_id: _Optional[str] = ..., time_zone: _Optional[str] = ...) -> None: ...

class GetStreakResponse(_message.Message):
    __slots__ = ("streak",)
    STREAK_FIELD_NUMBER: _ClassVar[int]
    streak: Streak
    def __init__(self, streak: _Optional[_Union[Streak, _Mapping]] = ...) -> None: ...
