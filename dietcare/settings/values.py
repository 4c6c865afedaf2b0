"""What settings are made of: their types, and how the text of a variable becomes one."""

from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, SecretStr
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

PREFIX = "DIETCARE_"
ENV_FILE = ".env"


class Group(BaseSettings):
    """A group of settings; `Settings` is made of all of them."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=ENV_FILE, extra="ignore", frozen=True, populate_by_name=True
    )


class Environment(StrEnum):
    """Where the service runs."""

    DEVELOPMENT = "development"
    STAGING = "staging"
    PRODUCTION = "production"


class MongoDriver(StrEnum):
    """Which asyncio driver speaks to MongoDB."""

    MOTOR = "motor"
    PYMONGO = "pymongo"


class LogLevel(StrEnum):
    """From which level on log lines are written."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class UnknownFields(StrEnum):
    """What the gateway does with names that the contract does not have."""

    REFUSE = "refuse"
    IGNORE = "ignore"


class VisionDetail(StrEnum):
    """How closely the model looks at a picture."""

    LOW = "low"
    HIGH = "high"
    AUTO = "auto"


def _split(value: object) -> object:
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


def _is_address(value: str) -> str:
    host, colon, port = value.rpartition(":")
    if not (host and colon and port.isascii() and port.isdigit()):
        raise ValueError("must be HOST:PORT")
    if not 0 <= int(port) <= 65535:
        raise ValueError("must have a port from 0 to 65535")
    return value


def _is_address_or_empty(value: str) -> str:
    return _is_address(value) if value else value


def empty_is_unset(value: object) -> object:
    """None for an empty variable."""
    return value or None


Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]
"""A list of names, separated by commas."""

Address = Annotated[str, AfterValidator(_is_address)]
"""HOST:PORT."""

OptionalAddress = Annotated[str, AfterValidator(_is_address_or_empty)]
"""HOST:PORT, or empty for nowhere."""

OptionalText = Annotated[str | None, BeforeValidator(empty_is_unset)]
"""Text; an empty variable is as good as none."""

OptionalSecret = Annotated[SecretStr | None, BeforeValidator(empty_is_unset)]
"""Text that no log and no error shows; an empty variable is as good as none."""
