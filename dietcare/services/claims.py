"""Whose turn it is to do what an idempotency key stands for, and what was answered."""

import asyncio
import logging
from dataclasses import dataclass, replace
from datetime import timedelta

from dietcare.clock import Clock
from dietcare.domain.idempotency import LIFETIME, NOBODY, Answer, Attempt, IdempotencyRecord
from dietcare.domain.ids import IdFactory, UserId
from dietcare.errors import DatabaseError, IdempotencyConflictError
from dietcare.repositories.port import IdempotencyRepository
from dietcare.services.owners import AtWork, Owners

LEASE_MARGIN = timedelta(seconds=5)
"""How much longer than the work may take its owner is believed to live."""
FIRST_WAIT_S, LONGEST_WAIT_S = 0.005, 0.1

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be done once: one key of one user for one RPC.

    `fingerprint` is the same for all requests that mean the same.
    """

    user_id: UserId
    rpc: str
    key: str
    fingerprint: bytes
    timeout_s: float
    """How long its work may take, once begun."""
    after: str | None = None
    """The last erasure of the user before it: no answer of before is for who asks after."""

    @property
    def name(self) -> tuple[str, str, str, str | None]:
        """What the key is unique for."""
        return self.user_id, self.rpc, self.key, self.after


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer; `is_replay` where it was made for another call."""

    answer: Answer
    is_replay: bool


class Claims:
    """The records of keys, as far as this process works on them."""

    def __init__(
        self, records: IdempotencyRepository, clock: Clock, new_id: IdFactory, owners: Owners
    ) -> None:
        self._records = records
        self._clock = clock
        self._new_id = new_id
        self.at_work = AtWork(owners)

    async def claim(self, request: Request, owner: str) -> tuple[IdempotencyRecord, Attempt]:
        """The record as it is now: answered, or this owner's to work on.

        Raises:
            IdempotencyConflictError: the key was used for another request.
        """
        fresh = self._fresh(request, owner)
        if await self._records.insert(request.user_id, fresh):
            return fresh, Attempt(fresh.result_id, fresh.created_at)
        wait_s = FIRST_WAIT_S
        while (claimed := await self._look(request, owner)) is None:
            await asyncio.sleep(wait_s)
            wait_s = min(2 * wait_s, LONGEST_WAIT_S)
        return claimed

    async def _look(self, request: Request, owner: str) -> tuple[IdempotencyRecord, Attempt] | None:
        """As `claim`; None where another owner is at work."""
        user_id, fresh = request.user_id, self._fresh(request, owner)
        found = await self._records.get(user_id, request.rpc, request.key)
        if found is not None and found.expires_at <= fresh.created_at:
            await self._records.remove(user_id, found)
            found = None
        if found is None:
            made = await self._records.insert(user_id, fresh)
            return (fresh, Attempt(fresh.result_id, fresh.created_at)) if made else None
        if found.fingerprint != request.fingerprint:
            raise IdempotencyConflictError
        if found.answer is not None:
            return found, _resumed(found)
        taken = replace(found, owner=owner, leased_until=fresh.leased_until)
        if self._is_left(found) and await self._records.put(user_id, taken, over=found.owner):
            return taken, _resumed(found)
        return None

    def _is_left(self, record: IdempotencyRecord) -> bool:
        """Whether nobody is at work on it: given up, dead, or of this process and not running."""
        owner = record.owner
        if owner == NOBODY or record.leased_until <= self._clock.now():
            return True
        return self.at_work.has_left(owner)

    def _fresh(self, request: Request, owner: str) -> IdempotencyRecord:
        now = self._clock.now()
        return IdempotencyRecord(
            rpc=request.rpc,
            key=request.key,
            fingerprint=request.fingerprint,
            result_id=self._new_id(),
            owner=owner,
            leased_until=now + timedelta(seconds=request.timeout_s) + LEASE_MARGIN,
            created_at=now,
            expires_at=now + LIFETIME,
        )

    async def answer(self, request: Request, record: IdempotencyRecord, answer: Answer) -> Outcome:
        """Store the answer; it is another one's where that was faster, and took us for dead."""
        done = replace(record, answer=answer)
        if not await self._records.put(request.user_id, done, over=record.owner):
            there = await self._records.get(request.user_id, request.rpc, request.key)
            # One of another result was begun after the user was erased, and this one with them.
            if there is not None and there.result_id == record.result_id and there.answer:
                return Outcome(there.answer, is_replay=True)
        return Outcome(answer, is_replay=False)

    async def fail(self, request: Request, record: IdempotencyRecord, *, certain: bool) -> None:
        """Let the next call try: anew where it is certain that nothing was done."""
        try:
            if certain:
                await self._records.remove(request.user_id, record)
            else:
                given_up = replace(record, owner=NOBODY, leased_until=self._clock.now())
                await self._records.put(request.user_id, given_up, over=record.owner)
        except DatabaseError as error:  # the lease ends by itself
            _log.warning("a failed attempt was not noted: %s", error.reason)


def _resumed(found: IdempotencyRecord) -> Attempt:
    # Who gave up has given the unit back; who died has not.
    return Attempt(
        found.result_id,
        found.created_at,
        resumed=True,
        is_paid=found.owner != NOBODY,
        is_deleted=found.is_deleted,
    )
