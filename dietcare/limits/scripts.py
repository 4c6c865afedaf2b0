"""Lua scripts on Redis, each atomic; many share a round trip."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from dietcare.limits.port import CountersUnavailableError

CONNECTIONS_MAX = 4
BATCH_MAX = 500
# 0.2 s, in turns of the event loop: a loop that is late loses one turn, and then finds the answer
# that was there all the time. A timeout of 0.2 s on the clock would give up on it under load, and
# what another counter grants then is one unit too many.
TURNS = 10
TURN_S = 0.02


@dataclass(frozen=True, slots=True)
class _Run:
    """A script that waits to be run."""

    script: str
    key: str
    arguments: Sequence[int]
    result: asyncio.Future[int]


class Scripts:
    """Runs scripts that return an integer. What arrives during a round trip shares the next."""

    def __init__(self, client: Redis) -> None:
        self._client = client
        self._waiting: list[_Run] = []
        self._sender: asyncio.Task[None] | None = None

    @classmethod
    def open(cls, url: str) -> "Scripts":
        """Scripts on the Redis at `url` (redis:// or rediss://); connects at the first use."""
        pool = BlockingConnectionPool.from_url(
            url,
            max_connections=CONNECTIONS_MAX,
            timeout=TURNS * TURN_S,
            # How long is waited is decided here, below, and not by the clock alone.
            socket_timeout=None,
            socket_connect_timeout=None,
            retry=Retry(NoBackoff(), 0),
        )
        return cls(Redis(connection_pool=pool))

    async def run(self, script: str, key: str, *arguments: int) -> int:
        """What the script returns.

        Raises:
            CountersUnavailableError: Redis did not answer within 0.2 s, or with an error.
        """
        result: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Run(script, key, arguments, result))
        if self._sender is None:
            self._sender = asyncio.create_task(self._send())
        return await result

    async def aclose(self) -> None:
        """Let go of every connection."""
        if self._sender is not None:
            await self._sender
        await self._client.aclose()
        await self._client.connection_pool.disconnect()

    async def _send(self) -> None:
        batch: Sequence[_Run] = ()
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:BATCH_MAX], self._waiting[BATCH_MAX:]
                for each, answer in zip(batch, await self._round_trip(batch), strict=True):
                    _settle(each.result, answer)
        except CountersUnavailableError as error:
            # Who waits behind them would wait as long, and as much in vain.
            for each in (*batch, *self._waiting):
                _settle(each.result, error)
            self._waiting = []
        finally:
            self._sender = None

    async def _round_trip(self, batch: Sequence[_Run]) -> Sequence[object]:
        """For each its integer, or the error that Redis answered it with."""
        asking = asyncio.create_task(self._execute(batch))
        for _ in range(TURNS):
            if (await asyncio.wait({asking}, timeout=TURN_S))[0]:
                return asking.result()
        asking.cancel()
        await asyncio.wait({asking})
        raise CountersUnavailableError("TimeoutError")

    async def _execute(self, batch: Sequence[_Run]) -> Sequence[object]:
        try:
            async with self._client.pipeline(transaction=False) as pipeline:
                for each in batch:
                    pipeline.eval(each.script, 1, each.key, *each.arguments)
                answers: Sequence[object] = await pipeline.execute(raise_on_error=False)
                return answers
        except Exception as error:  # whatever it was, those who wait must hear of it
            raise CountersUnavailableError(type(error).__name__) from error


def _settle(result: asyncio.Future[int], answer: object) -> None:
    if result.done():  # its caller was cancelled
        return
    if isinstance(answer, int):
        result.set_result(answer)
    elif isinstance(answer, CountersUnavailableError):
        result.set_exception(answer)
    else:
        result.set_exception(CountersUnavailableError(type(answer).__name__))
