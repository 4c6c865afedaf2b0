"""Pictures, and the model that looks at them."""

from pydantic import AliasChoices, Field, field_validator

from dietcare.local.simulator_modes import SimulatorMode
from dietcare.settings.values import Group, Names, OptionalSecret, OptionalText, VisionDetail
from dietcare.vision.addresses import AllowedHosts


class PictureSettings(Group):
    """Where pictures may come from, and how large they may be."""

    image_allowed_hosts: Names = Field(
        (), description="Hosts that pictures may be fetched from, exact or `*.suffix`."
    )
    image_max_bytes: int = Field(
        10_000_000, ge=1, le=10_000_000, description="Largest picture file, in bytes."
    )
    image_max_pixels: int = Field(
        50_000_000,
        ge=1,
        le=80_000_000,
        description="Largest picture, width × height in pixels; half of it for WebP.",
    )
    image_long_side_px: int = Field(
        1_024, ge=64, le=1_024, description="What the long side is scaled down to, in pixels."
    )
    image_timeout_s: float = Field(
        10.0, gt=0, le=30, description="Seconds to fetch a picture in, redirects included."
    )
    image_concurrency: int = Field(
        2, ge=1, description="Pictures decoded at once; one of 50 megapixels takes up to 500 MB."
    )

    @field_validator("image_allowed_hosts")
    @classmethod
    def _are_hosts(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        AllowedHosts(value)
        return value


class VisionSettings(Group):
    """The model and what is asked of it."""

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
    openai_api_key: OptionalSecret = Field(
        None,
        validation_alias=AliasChoices("OPENAI_API_KEY", "openai_api_key"),
        description="Key of the vision vendor; the bundled simulator where unset.",
    )
    openai_base_url: OptionalText = Field(
        None,
        validation_alias=AliasChoices("OPENAI_BASE_URL", "openai_base_url"),
        description="An OpenAI-compatible endpoint other than OpenAI's own.",
    )
    simulator_mode: SimulatorMode = Field(
        SimulatorMode.OK,
        description="How the bundled simulator answers, e.g. `hang` or `429`; for development.",
    )
