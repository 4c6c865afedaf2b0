"""Settings: environment variables and `.env`, typed, and refused all at once where wrong."""

from collections.abc import Mapping
from typing import Self

from pydantic import PrivateAttr

from dietcare.settings.limits import LimitSettings
from dietcare.settings.rules import RuleSettings
from dietcare.settings.server import ServerSettings
from dietcare.settings.storage import StorageSettings
from dietcare.settings.tokens import TokenSettings
from dietcare.settings.transport import TransportSettings
from dietcare.settings.values import (
    Environment,
    LogLevel,
    MongoDriver,
    UnknownFields,
    VisionDetail,
)
from dietcare.settings.vision import PictureSettings, VisionSettings

__all__ = [
    "Environment",
    "LogLevel",
    "MongoDriver",
    "Settings",
    "UnknownFields",
    "VisionDetail",
]


# Last group first: pydantic collects fields from the last base to the first.
class Settings(
    TransportSettings,
    LimitSettings,
    VisionSettings,
    PictureSettings,
    RuleSettings,
    TokenSettings,
    StorageSettings,
    ServerSettings,
):
    """Every setting, its default, and what it means. `docs/settings.md` is made from this."""

    _is_sole_process: bool = PrivateAttr(default=False)

    @property
    def is_sole_process(self) -> bool:
        """Whether no other process serves from this storage: it is embedded, or memory."""
        return self._is_sole_process or self.mongodb_uri is None

    def completed(self, found: Mapping[str, object], *, is_sole_process: bool) -> Self:
        """With what the local environment found for what was left open."""
        completed = self.model_copy(update=found)
        completed._is_sole_process = is_sole_process
        return completed

    @property
    def is_development(self) -> bool:
        """Whether generated secrets, the simulator and embedded storage are welcome."""
        return self.env is Environment.DEVELOPMENT
