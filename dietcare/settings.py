"""Settings: environment variables and `.env`, typed, and refused all at once where wrong."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Self

import jwt
from pydantic import (
    AliasChoices,
    Field,
    PrivateAttr,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from dietcare.domain import calendar
from dietcare.domain.goal import CkdStage
from dietcare.local.simulator_modes import SimulatorMode
from dietcare.vision.addresses import AllowedHosts

PREFIX = "DIETCARE_"
SECRET_MIN_CHARACTERS = 32
ENV_FILE = ".env"
REDIS_SCHEMES = ("redis://", "rediss://", "unix://")


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


Names = Annotated[tuple[str, ...], NoDecode]
"""A list of names, separated by commas."""


class SettingsError(Exception):
    """Settings are wrong; the text has one line for each, naming its variable."""


class Settings(BaseSettings):
    """Every setting, its default, and what it means. `docs/settings.md` is made from this."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=ENV_FILE, extra="ignore", frozen=True, populate_by_name=True
    )

    env: Environment = Field(Environment.DEVELOPMENT, description="Where the service runs.")
    grpc_address: str = Field("127.0.0.1:50051", description="Where gRPC listens, HOST:PORT.")
    http_address: str = Field(
        "127.0.0.1:8080",
        description="Where REST listens, HOST:PORT; empty for no gateway in this process.",
    )
    admin_address: str = Field(
        "",
        description="Where detailed health and metrics are served alone, HOST:PORT; required in "
        "production, beside REST where empty.",
    )
    mongodb_uri: SecretStr | None = Field(
        None, description="MongoDB to use; the embedded mongod where unset."
    )
    mongodb_database: str = Field("dietcare", description="Name of the database.")
    mongodb_driver: MongoDriver = Field(
        MongoDriver.MOTOR, description="Motor, or PyMongo's own asyncio client."
    )
    redis_url: SecretStr | None = Field(
        None, description="Redis to cache and count limits in; MongoDB and memory where unset."
    )
    data_dir: Path = Field(
        Path(".dietcare"), description="Folder of the embedded mongod and the generated secret."
    )
    jwt_secret: SecretStr | None = Field(
        None,
        description="Secret of HS256 tokens, at least 32 characters; generated in the data "
        "directory where unset.",
    )
    jwt_public_key: str | None = Field(
        None, description="Public key of RS256, ES256 or EdDSA tokens, in PEM."
    )
    jwt_algorithms: Names = Field(
        (), description="Accepted algorithms; HS256 with a secret where empty."
    )
    jwt_issuer: str | None = Field(None, description="Required `iss` of tokens.")
    jwt_audience: str | None = Field(None, description="Required `aud` of tokens.")
    page_token_key: SecretStr | None = Field(
        None,
        description="Key that signs page tokens, at least 32 characters; derived from the secret "
        "of tokens where unset, required where there is none.",
    )
    time_zone: str = Field(
        "Asia/Seoul", description="IANA time zone of users whose token names none."
    )
    default_ckd_stage: CkdStage = Field(
        CkdStage.THREE, description="Stage whose goals stand in for users without goals."
    )
    image_allowed_hosts: Names = Field(
        (), description="Hosts that pictures may be fetched from, exact or `*.suffix`."
    )
    image_max_bytes: int = Field(
        10_000_000, ge=1, le=10_000_000, description="Largest picture file, in bytes."
    )
    image_max_pixels: int = Field(
        50_000_000, ge=1, le=80_000_000, description="Largest picture, width × height in pixels."
    )
    image_long_side_px: int = Field(
        1_024, ge=64, le=1_024, description="What the long side is scaled down to, in pixels."
    )
    image_timeout_s: float = Field(
        10.0, gt=0, le=30, description="Seconds to fetch a picture in, redirects included."
    )
    image_concurrency: int = Field(
        2, ge=1, description="Pictures decoded at once; one of 50 megapixels takes up to 400 MB."
    )
    vision_model: str = Field("gpt-5-mini", description="Model that looks at pictures.")
    vision_detail: VisionDetail = Field(
        VisionDetail.HIGH, description="How closely it looks: low, high or auto."
    )
    vision_timeout_s: float = Field(
        20.0,
        gt=0,
        le=30,
        description="Seconds a request to the model may take; it is repeated within as many.",
    )
    vision_concurrency: int = Field(
        8, ge=1, description="Requests to the model at once, of each process; others queue."
    )
    vision_requests_per_minute: int = Field(
        300, ge=1, description="Requests to the model begun in any 60 s, of each process."
    )
    vision_breaker_failures: int = Field(
        5, ge=1, description="Requests without an answer, in a row, after which none is made."
    )
    vision_breaker_open_s: float = Field(
        10.0, gt=0, description="Seconds for which none is made; then one probes."
    )
    openai_api_key: SecretStr | None = Field(
        None,
        validation_alias=AliasChoices("OPENAI_API_KEY", "openai_api_key"),
        description="Key of the vision vendor; the bundled simulator where unset.",
    )
    openai_base_url: str | None = Field(
        None,
        validation_alias=AliasChoices("OPENAI_BASE_URL", "openai_base_url"),
        description="An OpenAI-compatible endpoint other than OpenAI's own.",
    )
    simulator_mode: SimulatorMode = Field(
        SimulatorMode.OK,
        description="How the bundled simulator answers, e.g. `hang` or `429`; for development.",
    )
    limit_analyses_per_hour: int = Field(10, ge=1, description="Analyses an hour, per user.")
    limit_meals_per_day: int = Field(50, ge=1, description="Meals logged a day, per user.")
    limit_goal_updates_per_day: int = Field(10, ge=1, description="Goal updates a day, per user.")
    limit_ip_per_minute: int = Field(
        600, ge=0, description="Calls a minute, per client address; 0 for no such limit."
    )
    trusted_proxies: Names = Field(
        (),
        description="Proxies whose X-Forwarded-For is believed, as addresses or networks (CIDR).",
    )
    gateway_unknown_fields: UnknownFields = Field(
        UnknownFields.REFUSE, description="What REST does with unknown names: refuse or ignore."
    )
    reflection: bool = Field(True, description="Whether gRPC server reflection is served.")
    log_level: LogLevel = Field(LogLevel.INFO, description="From which level on lines are logged.")

    _is_sole_process: bool = PrivateAttr(default=False)

    @field_validator("jwt_algorithms", "image_allowed_hosts", "trusted_proxies", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator(
        *("mongodb_uri", "redis_url", "jwt_secret", "page_token_key", "openai_api_key"),
        mode="before",
    )
    @classmethod
    def _empty_is_unset(cls, value: object) -> object:
        return value or None

    @field_validator("jwt_public_key", "jwt_issuer", "jwt_audience", "openai_base_url")
    @classmethod
    def _empty_text_is_unset(cls, value: str | None) -> str | None:
        return value or None

    @field_validator("time_zone")
    @classmethod
    def _is_zone(cls, value: str) -> str:
        if calendar.zone(value) is None:
            raise ValueError("is no IANA time zone")
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def _are_networks(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        for value in values:
            try:
                ip_network(value)
            except ValueError:
                raise ValueError(f"{value} is no address and no network") from None
        return values

    @field_validator("grpc_address", "http_address", "admin_address")
    @classmethod
    def _is_address(cls, value: str, info: ValidationInfo) -> str:
        if not value and info.field_name != "grpc_address":
            return value
        host, colon, port = value.rpartition(":")
        if not (host and colon and port.isascii() and port.isdigit()):
            raise ValueError("must be HOST:PORT")
        if not 0 <= int(port) <= 65535:
            raise ValueError("must have a port from 0 to 65535")
        return value

    @field_validator("image_allowed_hosts")
    @classmethod
    def _are_hosts(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        AllowedHosts(value)
        return value

    @field_validator("redis_url")
    @classmethod
    def _is_redis_url(cls, value: SecretStr | None) -> SecretStr | None:
        if value and not value.get_secret_value().startswith(REDIS_SCHEMES):
            raise ValueError(f"must begin with {', '.join(REDIS_SCHEMES)}")
        return value

    @property
    def algorithms(self) -> tuple[str, ...]:
        """The accepted algorithms of tokens."""
        return self.jwt_algorithms or ("HS256",)

    @property
    def trusted_networks(self) -> tuple[IPv4Network | IPv6Network, ...]:
        """The proxies whose X-Forwarded-For is believed."""
        return tuple(ip_network(value) for value in self.trusted_proxies)

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


HASH_ALGORITHMS = frozenset({"HS256"})
KEY_ALGORITHMS = frozenset({"RS256", "ES256", "EdDSA"})


def load() -> Settings:
    """Read the settings from the environment and `.env`.

    Raises:
        SettingsError: with one line for everything that is wrong.
    """
    lines: list[str] = []
    try:
        settings = Settings()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{ENV_FILE}: can not be read ({type(error).__name__})") from error
    except ValidationError as error:
        wrong = {_field(str(each["loc"][0])): _reason(each) for each in error.errors()}
        lines = [f"{variable_of(field)}: {reason}" for field, reason in wrong.items()]
        # The defaults stand in for what is wrong, so that the rest can be judged too.
        settings = Settings(**{field: Settings.model_fields[field].default for field in wrong})
    lines += [f"{variable}: {reason}" for variable, reason in _contradictions(settings)]
    if lines:
        raise SettingsError("\n".join(lines))
    return settings


def unknown_variables(environment: Mapping[str, str]) -> Iterator[str]:
    """A line for each DIETCARE_ variable that is no setting, with the nearest one that is."""
    # Compared without the prefix, by which any two would be alike.
    known = {variable.removeprefix(PREFIX): variable for variable in _variables()}
    for name in sorted(environment):
        bare = name.removeprefix(PREFIX)
        if name.startswith(PREFIX) and name != known.get(bare):
            near = get_close_matches(bare, known, 1)
            yield f"{name} is no setting" + (f"; did you mean {known[near[0]]}?" if near else "")


def _variables() -> Iterator[str]:
    return map(variable_of, Settings.model_fields)


def variable_of(field: str) -> str:
    """The environment variable of a setting."""
    upper = field.upper()
    return upper if upper.startswith("OPENAI_") else f"{PREFIX}{upper}"


def _field(location: str) -> str:
    """pydantic names a field by its alias where it has one."""
    return location.lower().removeprefix(PREFIX.lower())


def _reason(error: Mapping[str, object]) -> str:
    return str(error["msg"]).removeprefix("Value error, ")


def _contradictions(settings: Settings) -> Iterator[tuple[str, str]]:
    yield from _token_contradictions(settings)
    yield from _page_token_contradictions(settings)
    if settings.simulator_mode is not SimulatorMode.OK and not settings.is_development:
        yield "DIETCARE_SIMULATOR_MODE", "is for development"
    if settings.env is Environment.PRODUCTION:
        yield from _unfit_for_production(settings)


def _token_contradictions(settings: Settings) -> Iterator[tuple[str, str]]:
    algorithms = set(settings.algorithms)
    if unknown := algorithms - HASH_ALGORITHMS - KEY_ALGORITHMS:
        allowed = ", ".join(sorted(HASH_ALGORITHMS | KEY_ALGORITHMS))
        yield "DIETCARE_JWT_ALGORITHMS", f"{', '.join(sorted(unknown))}: must be of {allowed}"
    if algorithms & HASH_ALGORITHMS and algorithms & KEY_ALGORITHMS:
        yield "DIETCARE_JWT_ALGORITHMS", "a secret and a public key exclude each other"
    if algorithms & KEY_ALGORITHMS and settings.jwt_public_key is None:
        yield "DIETCARE_JWT_PUBLIC_KEY", "is required for these DIETCARE_JWT_ALGORITHMS"
    if settings.jwt_public_key is not None and not algorithms & KEY_ALGORITHMS:
        yield "DIETCARE_JWT_ALGORITHMS", "must name the algorithm of DIETCARE_JWT_PUBLIC_KEY"
    elif settings.jwt_public_key is not None and not _fits(settings.jwt_public_key, algorithms):
        yield "DIETCARE_JWT_PUBLIC_KEY", "is no public key, in PEM, for DIETCARE_JWT_ALGORITHMS"
    secret = settings.jwt_secret
    if secret is not None and len(secret.get_secret_value()) < SECRET_MIN_CHARACTERS:
        yield "DIETCARE_JWT_SECRET", f"must have at least {SECRET_MIN_CHARACTERS} characters"


def _fits(pem: str, algorithms: set[str]) -> bool:
    """Whether one of the algorithms can verify with this key."""
    for name in sorted(algorithms & KEY_ALGORITHMS):
        try:
            key = jwt.get_algorithm_by_name(name).prepare_key(pem)
        except (jwt.PyJWTError, ValueError, TypeError):
            continue
        if hasattr(key, "verify"):  # private keys have none
            return True
    return False


def _page_token_contradictions(settings: Settings) -> Iterator[tuple[str, str]]:
    key = settings.page_token_key
    if key is not None and len(key.get_secret_value()) < SECRET_MIN_CHARACTERS:
        yield "DIETCARE_PAGE_TOKEN_KEY", f"must have at least {SECRET_MIN_CHARACTERS} characters"
    if key is None and settings.jwt_secret is None and settings.jwt_public_key is not None:
        yield "DIETCARE_PAGE_TOKEN_KEY", "is required where only a public key verifies tokens"


def _unfit_for_production(settings: Settings) -> Iterator[tuple[str, str]]:
    required = {
        "DIETCARE_MONGODB_URI": (settings.mongodb_uri, "the embedded mongod is for development"),
        "OPENAI_API_KEY": (settings.openai_api_key, "the simulator is for development"),
        "DIETCARE_ADMIN_ADDRESS": (settings.admin_address, "health and metrics are not public"),
        "DIETCARE_JWT_SECRET": (
            settings.jwt_secret or settings.jwt_public_key,
            "a generated secret is for development",
        ),
    }
    for variable, (value, reason) in required.items():
        if not value:
            yield variable, f"is required in production: {reason}"
