"""What stands in where a user has said nothing."""

from pydantic import Field, field_validator

from dietcare.domain import calendar
from dietcare.domain.goal import CkdStage
from dietcare.settings.values import Group


class RuleSettings(Group):
    """Defaults of users."""

    time_zone: str = Field(
        "Asia/Seoul", description="IANA time zone of users whose token names none."
    )
    default_ckd_stage: CkdStage = Field(
        CkdStage.THREE, description="Stage whose goals stand in for users without goals."
    )

    @field_validator("time_zone")
    @classmethod
    def _is_zone(cls, value: str) -> str:
        if calendar.zone(value) is None:
            raise ValueError("is no IANA time zone")
        return value
