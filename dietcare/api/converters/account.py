"""Quota, export, erasure."""

from collections.abc import Mapping, Sequence
from functools import singledispatch

from google.api import httpbody_pb2

from dietcare.api.converters.analyses import to_analysis
from dietcare.api.converters.enums import EnumTable
from dietcare.api.converters.goals import to_goals
from dietcare.api.converters.meals import to_meal
from dietcare.api.converters.reading import Reader
from dietcare.api.converters.streaks import to_streak
from dietcare.api.converters.times import to_timestamp
from dietcare.domain.analysis import Analysis
from dietcare.domain.goal import Goals
from dietcare.domain.meal import Meal
from dietcare.domain.quota import LimitName, LimitStatus
from dietcare.domain.streak import Streak
from dietcare.erasure.eraser import Erased
from dietcare.errors import Violation
from dietcare.export.files import ExportFormat
from dietcare.messages import Language
from dietcare.v1 import account_pb2, quota_pb2

EXPORT_FORMAT = EnumTable(account_pb2.ExportFormat.DESCRIPTOR)


def export_format_of(
    message: account_pb2.ExportUserDataRequest, beside: Sequence[Violation] = ()
) -> ExportFormat:
    """The form that a client asks for; NDJSON where it does not say.

    Raises:
        ValidationError: there is no such form.
    """
    reader = Reader(beside=beside)
    form = reader.enum(message, "format", EXPORT_FORMAT, ExportFormat)
    reader.done()
    return form or ExportFormat.NDJSON


def to_quota(statuses: Mapping[LimitName, LimitStatus]) -> quota_pb2.GetQuotaResponse:
    """What is left of each limit as a message."""
    limits = {
        name.value: quota_pb2.LimitStatus(
            limit=status.limit,
            remaining=status.remaining,
            reset_at=to_timestamp(status.reset_at),
        )
        for name, status in statuses.items()
    }
    return quota_pb2.GetQuotaResponse(quota=quota_pb2.Quota(**limits))


def to_piece(media_type: str, data: bytes) -> account_pb2.ExportUserDataResponse:
    """One piece of an export that is a file, as a message."""
    file = httpbody_pb2.HttpBody(content_type=media_type, data=data)
    return account_pb2.ExportUserDataResponse(file=file)


@singledispatch
def to_record(record: object, language: Language) -> account_pb2.ExportUserDataResponse:
    """One record of an export as a message."""
    raise TypeError(f"no record of an export: {type(record).__name__}")


@to_record.register
def _(record: Meal, language: Language) -> account_pb2.ExportUserDataResponse:
    return account_pb2.ExportUserDataResponse(
        type=account_pb2.RECORD_TYPE_MEAL, meal=to_meal(record, language)
    )


@to_record.register
def _(record: Goals, language: Language) -> account_pb2.ExportUserDataResponse:
    return account_pb2.ExportUserDataResponse(
        type=account_pb2.RECORD_TYPE_GOALS, goals=to_goals(record, language)
    )


@to_record.register
def _(record: Analysis, language: Language) -> account_pb2.ExportUserDataResponse:
    return account_pb2.ExportUserDataResponse(
        type=account_pb2.RECORD_TYPE_ANALYSIS, analysis=to_analysis(record, language)
    )


@to_record.register
def _(record: Streak, language: Language) -> account_pb2.ExportUserDataResponse:
    return account_pb2.ExportUserDataResponse(
        type=account_pb2.RECORD_TYPE_STREAK, streak=to_streak(record)
    )


def to_erased(erased: Erased) -> account_pb2.DeleteUserDataResponse:
    """What was erased as a message."""
    return account_pb2.DeleteUserDataResponse(
        erased=account_pb2.Erased(
            meals=erased.meals,
            analyses=erased.analyses,
            goals=erased.goals,
            sessions=erased.sessions,
            streaks=erased.streaks,
        )
    )
