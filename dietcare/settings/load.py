"""Reads the settings, and says in one go all that is wrong with them."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches

from pydantic import ValidationError

from dietcare.local.simulator_modes import SimulatorMode
from dietcare.settings import Environment, Settings
from dietcare.settings.tokens import page_token_contradictions, token_contradictions, weak_secret
from dietcare.settings.transport import ANY_ORIGIN, transport_contradictions
from dietcare.settings.values import ENV_FILE, PREFIX


class SettingsError(Exception):
    """Settings are wrong; the text has one line for each, naming its variable."""


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
    yield from token_contradictions(settings, is_development=settings.is_development)
    yield from page_token_contradictions(settings)
    yield from transport_contradictions(settings)
    if settings.simulator_mode is not SimulatorMode.OK and not settings.is_development:
        yield "DIETCARE_SIMULATOR_MODE", "is for development"
    if settings.env is Environment.PRODUCTION:
        yield from _unfit_for_production(settings)


def _unfit_for_production(settings: Settings) -> Iterator[tuple[str, str]]:
    required = {
        "DIETCARE_MONGODB_URI": (settings.mongodb_uri, "the embedded mongod is for development"),
        "OPENAI_API_KEY": (settings.openai_api_key, "the simulator is for development"),
        "DIETCARE_ADMIN_ADDRESS": (settings.admin_address, "health and metrics are not public"),
        "DIETCARE_JWT_SECRET": (
            settings.has_token_key,
            "a generated secret is for development",
        ),
    }
    for variable, (value, reason) in required.items():
        if not value:
            yield variable, f"is required in production: {reason}"
    for variable, secret in (
        ("DIETCARE_JWT_SECRET", settings.jwt_secret),
        ("DIETCARE_PAGE_TOKEN_KEY", settings.page_token_key),
    ):
        if secret is not None and weak_secret(secret.get_secret_value()):
            yield variable, "is too easy to guess for production"
    if ANY_ORIGIN in settings.cors_origins:
        yield "DIETCARE_CORS_ORIGINS", "must name the origins in production"
