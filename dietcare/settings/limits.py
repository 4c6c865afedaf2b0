"""How much a user, and an address, may ask for."""

from ipaddress import IPv4Network, IPv6Network, ip_network

from pydantic import Field, field_validator

from dietcare.settings.values import Group, Names


class LimitSettings(Group):
    """Limits, and which proxies are believed about addresses."""

    limit_analyses_per_hour: int = Field(10, ge=1, description="Analyses an hour, per user.")
    limit_meals_per_day: int = Field(50, ge=1, description="Meals logged a day, per user.")
    limit_goal_updates_per_day: int = Field(10, ge=1, description="Goal updates a day, per user.")
    limit_ip_per_minute: int = Field(
        600, ge=0, description="Calls a minute, per client address; 0 for no such limit."
    )
    limit_calls_in_flight: int = Field(
        2_000,
        ge=4,
        description="Calls served at once, of each process; the last quarter is for reads alone.",
    )
    trusted_proxies: Names = Field(
        (),
        description="Proxies whose X-Forwarded-For is believed, as addresses or networks (CIDR).",
    )

    @field_validator("trusted_proxies")
    @classmethod
    def _are_networks(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        for value in values:
            try:
                ip_network(value)
            except ValueError:
                raise ValueError(f"{value} is no address and no network") from None
        return values

    @property
    def trusted_networks(self) -> tuple[IPv4Network | IPv6Network, ...]:
        """The proxies whose X-Forwarded-For is believed."""
        return tuple(ip_network(value) for value in self.trusted_proxies)
