"""Which counters stand behind which limit. Only the composition root calls this."""

import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from dietcare.clock import Clock
from dietcare.domain.quota import DAY_WINDOW_S, MINUTE_WINDOW_S, Limit, LimitName
from dietcare.errors import GoalUpdateLimitExceededError, MealLogLimitExceededError
from dietcare.limits.address import AddressLimit
from dietcare.limits.outage import FallbackCounters, Outage
from dietcare.limits.port import UserLimits
from dietcare.limits.pseudonym import PseudonymousLimit, Pseudonyms
from dietcare.limits.seeded import SeededCounters
from dietcare.limits.session import SessionLimit
from dietcare.limits.units import Units
from dietcare.limits.window import WindowLimit
from dietcare.repositories.memory.counters import MemoryCounters
from dietcare.repositories.port import Counters
from dietcare.services.session import SessionService
from dietcare.settings import Settings
from dietcare.telemetry.metrics import Metrics


@dataclass(frozen=True, slots=True)
class Limits:
    """Every limit. `addresses` is None where calls are not counted by address."""

    users: UserLimits
    addresses: AddressLimit | None
    units: Units


@asynccontextmanager
async def open_limits(
    settings: Settings,
    stored: Counters,
    sessions: SessionService,
    clock: Clock,
    metrics: Metrics,
    pseudonyms: Pseudonyms,
) -> AsyncIterator[Limits]:
    """All limits: over Redis where it is configured, else over what is `stored`.

    They know users and addresses by their pseudonyms alone. At the end of the block, what was
    begun of them is finished.
    """
    async with AsyncExitStack() as stack:
        if settings.is_sole_process:
            stored = SeededCounters(stored)
        counters, of_addresses = _counters(settings, stored, metrics, stack)
        units = Units(metrics.limit_units_lost.inc)
        stack.push_async_callback(units.aclose)
        named = {LimitName.ANALYSES: SessionLimit(sessions), **_windows(settings, counters, clock)}
        users = {name: PseudonymousLimit(limit, pseudonyms) for name, limit in named.items()}
        yield Limits(users, _addresses(settings, of_addresses, clock, pseudonyms), units)


def _windows(settings: Settings, counters: Counters, clock: Clock) -> UserLimits:
    meals = Limit(LimitName.MEALS, settings.limit_meals_per_day, DAY_WINDOW_S)
    goals = Limit(LimitName.GOAL_UPDATES, settings.limit_goal_updates_per_day, DAY_WINDOW_S)
    return {
        meals.name: WindowLimit(meals, counters, clock, MealLogLimitExceededError),
        goals.name: WindowLimit(goals, counters, clock, GoalUpdateLimitExceededError),
    }


def _counters(
    settings: Settings, stored: Counters, metrics: Metrics, stack: AsyncExitStack
) -> tuple[Counters, Counters]:
    """The counters of users, and those of addresses, which outlive nothing."""
    here = MemoryCounters()
    if settings.redis_url is None:
        return stored, here
    from dietcare.limits.redis import RedisCounters
    from dietcare.limits.scripts import Scripts

    scripts = Scripts.open(settings.redis_url.get_secret_value())
    stack.push_async_callback(scripts.aclose)
    outage = Outage(time.monotonic)
    redis, count = RedisCounters(scripts), metrics.limit_fallbacks.inc
    return (
        FallbackCounters(redis, stored, outage, count),
        FallbackCounters(redis, here, outage, count),
    )


def _addresses(
    settings: Settings, counters: Counters, clock: Clock, pseudonyms: Pseudonyms
) -> AddressLimit | None:
    if settings.limit_ip_per_minute == 0:
        return None
    limit = Limit(LimitName.CALLS, settings.limit_ip_per_minute, MINUTE_WINDOW_S)
    return AddressLimit(limit, counters, clock, pseudonyms.of)
