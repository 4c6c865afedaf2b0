"""Does once what carries an idempotency key, whoever asks again, and whoever dies in between.

The record comes first, with the id that the result will have; then the work; then its answer. What
was begun goes on when its caller is gone, and who asks meanwhile waits for it. See
docs/decisions/0008-idempotency.md.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from dietcare.clock import Clock
from dietcare.domain.idempotency import Answer, Attempt, IdempotencyRecord
from dietcare.domain.ids import IdFactory
from dietcare.errors import (
    DatabaseError,
    DeadlineExceededError,
    DietCareError,
    IdempotencyConflictError,
)
from dietcare.repositories.port import IdempotencyRepository
from dietcare.services.claims import Claims, Outcome, Request
from dietcare.services.owners import Owners

GRACE_S = 5.0
"""How long work may still take when the service stops."""

Work = Callable[[Attempt], Awaitable[Answer]]
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Flight:
    """Work that goes on in this process."""

    fingerprint: bytes
    task: asyncio.Task[Outcome]


class IdempotencyService:
    """Whatever any process does with a key, this is where it is decided."""

    def __init__(
        self, records: IdempotencyRepository, clock: Clock, new_id: IdFactory, owners: Owners
    ) -> None:
        self._claims = Claims(records, clock, new_id, owners)
        self._flights: dict[tuple[str, str, str, str | None], _Flight] = {}

    async def once(self, request: Request, work: Work) -> Outcome:
        """The answer of `work`, which is done unless it was, or is being done already.

        Who is cancelled here stops waiting, and the work goes on. A failure is not stored: all who
        waited for it get it, and the next call tries anew, under the same id where nobody knows
        how far the work came.

        Raises:
            IdempotencyConflictError: the key was used for another request.
            DeadlineExceededError: the work took longer than it may.
        """
        flight = self._flights.get(request.name)
        if flight is None:
            task = asyncio.create_task(self._lead(request, work))
            self._flights[request.name] = _Flight(request.fingerprint, task)
            task.add_done_callback(_look_at)
            return await asyncio.shield(task)
        if flight.fingerprint != request.fingerprint:
            raise IdempotencyConflictError
        return replace(await asyncio.shield(flight.task), is_replay=True)

    async def aclose(self) -> None:
        """Let what runs finish, within 5 s; the rest is given up, for who asks again."""
        running = [flight.task for flight in self._flights.values()]
        if not running:
            return
        _, late = await asyncio.wait(running, timeout=GRACE_S)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    async def _lead(self, request: Request, work: Work) -> Outcome:
        try:
            with self._claims.at_work.named() as owner:
                async with _limited(request.timeout_s):
                    record, attempt = await self._claims.claim(request, owner)
                if record.answer is not None:
                    return Outcome(record.answer, is_replay=True)
                return await self._do(request, record, attempt, work)
        finally:
            del self._flights[request.name]

    async def _do(
        self, request: Request, record: IdempotencyRecord, attempt: Attempt, work: Work
    ) -> Outcome:
        try:
            async with _limited(request.timeout_s):
                answer = await work(attempt)
        except BaseException as error:
            is_certain = _is_refusal(error) and not attempt.resumed
            await self._claims.fail(request, record, certain=is_certain)
            raise
        try:
            return await self._claims.answer(request, record, answer)
        except DatabaseError as error:  # who asks again will find what was done
            _log.warning("an answer was not stored: %s", error.reason)
            return Outcome(answer, is_replay=False)


@asynccontextmanager
async def _limited(seconds: float) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(seconds) as timeout:
            yield
    except TimeoutError as error:
        if not timeout.expired():
            raise
        raise DeadlineExceededError from error


def _look_at(task: asyncio.Task[Outcome]) -> None:
    """Where it failed and nobody is left to be told, that is not worth a word of asyncio's."""
    if not task.cancelled():
        task.exception()


def _is_refusal(error: BaseException) -> bool:
    """Whether it is certain that nothing was done: the rules said no, or what the work needs."""
    unknown = (DatabaseError, DeadlineExceededError)
    is_known = isinstance(error, DietCareError) and type(error) is not DietCareError
    return is_known and not isinstance(error, unknown)
