"""Where data is kept."""

from pathlib import Path

from pydantic import Field, SecretStr, field_validator

from dietcare.settings.values import Group, MongoDriver, OptionalSecret

REDIS_SCHEMES = ("redis://", "rediss://", "unix://")


class StorageSettings(Group):
    """MongoDB, Redis, and the data directory."""

    mongodb_uri: OptionalSecret = Field(
        None, description="MongoDB to use; the embedded mongod where unset."
    )
    mongodb_database: str = Field("dietcare", description="Name of the database.")
    mongodb_driver: MongoDriver = Field(
        MongoDriver.MOTOR, description="Motor, or PyMongo's own asyncio client."
    )
    redis_url: OptionalSecret = Field(
        None, description="Redis to cache and count limits in; MongoDB and memory where unset."
    )
    data_dir: Path = Field(
        Path(".dietcare"), description="Folder of the embedded mongod and the generated secret."
    )

    @field_validator("redis_url")
    @classmethod
    def _is_redis_url(cls, value: SecretStr | None) -> SecretStr | None:
        if value and not value.get_secret_value().startswith(REDIS_SCHEMES):
            raise ValueError(f"must begin with {', '.join(REDIS_SCHEMES)}")
        return value
