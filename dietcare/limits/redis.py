"""Counters in Redis: each call is one script, and so one atomic step and one round trip."""

from datetime import datetime

from dietcare.domain.quota import Window
from dietcare.limits.scripts import Scripts
from dietcare.repositories.port import Counters, Taken, counter_name

# Redis forgets a counter by its own clock, which may be ahead of ours: so much later.
KEPT_MS = 3_600_000

# A counter is a hash of the units used and the millisecond of the epoch at which it is over.
_USED = """
local counter = redis.call('HMGET', KEYS[1], 'count', 'expires_at')
local used = tonumber(counter[1] or '0')
if tonumber(counter[2] or '0') <= tonumber(ARGV[1]) then used = 0 end
"""
TAKE = f"""{_USED}
if used >= tonumber(ARGV[2]) then return 0 end
redis.call('HSET', KEYS[1], 'count', used + 1, 'expires_at', ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return used + 1
"""
GIVE_BACK = f"""{_USED}
if used == 0 then return 0 end
return redis.call('HINCRBY', KEYS[1], 'count', -1)
"""
COUNT = f"""{_USED}
return used
"""


class RedisCounters(Counters):
    """See the port. Every method may raise CountersUnavailableError, and no other error."""

    def __init__(self, scripts: Scripts) -> None:
        self._scripts = scripts

    async def take(self, user_id: str, window: Window, maximum: int, now: datetime) -> Taken | None:
        now_ms, over_ms = _milliseconds(now), _milliseconds(window.resets_at)
        kept_ms = max(0, over_ms - now_ms) + KEPT_MS
        name = counter_name(user_id, window)
        count = await self._scripts.run(TAKE, name, now_ms, maximum, over_ms, kept_ms)
        return Taken(count, self) if count else None

    async def give_back(self, user_id: str, window: Window, now: datetime) -> int:
        name = counter_name(user_id, window)
        return await self._scripts.run(GIVE_BACK, name, _milliseconds(now))

    async def count(self, user_id: str, window: Window, now: datetime) -> int:
        return await self._scripts.run(COUNT, counter_name(user_id, window), _milliseconds(now))


def _milliseconds(instant: datetime) -> int:
    return round(instant.timestamp() * 1000)
