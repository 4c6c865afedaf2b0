"""Erases users, and finishes what others have left half-way.

An erasure is in the journal before anything is deleted, and each of its steps may be repeated and
done by several at once. See docs/decisions/0016-erasure.md.
"""

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from dietcare.clock import Clock
from dietcare.domain.erasure import LEASE, Erasure
from dietcare.domain.ids import IdFactory, UserId
from dietcare.erasure.registry import HOLDINGS, Holders
from dietcare.erasure.watch import Watch
from dietcare.repositories.port import ErasureJournal
from dietcare.services.audit import AuditService, Use
from dietcare.services.bookkeeping import Bookkeeper
from dietcare.services.owners import AtWork, Owners

SUBJECT, ACTION = "dietcare", "FinishErasure"
"""As whom, and as what, the audit log names the service that finishes an erasure."""

Progress = Callable[[int, int], None]
_log = logging.getLogger(__name__)


def unwatched(_done: int, _of: int) -> None:
    """Nobody watches the progress."""


@dataclass(frozen=True, slots=True)
class Erased:
    """How many records of each kind there were when the erasure began; all of them are gone."""

    meals: int
    analyses: int
    goals: int
    sessions: int
    streaks: int


class Eraser:
    """Deletes whatever the registry lists. The user may start anew right after."""

    def __init__(
        self,
        holders: Holders,
        books: Bookkeeper,
        audit: AuditService,
        watch: Watch,
        clock: Clock,
        new_id: IdFactory,
        owners: Owners,
    ) -> None:
        self._holders = holders
        self._journal: ErasureJournal = holders.stored.erasures
        self._books = books
        self._audit = audit
        self._watch = watch
        self._clock = clock
        self._new_id = new_id
        self._at_work = AtWork(owners)
        self._busy: set[str] = set()

    async def erase(self, user_id: UserId, progress: Progress = unwatched) -> Erased:
        """Delete everything, or finish what was begun; the answer is the same for all who do."""
        with self._at_work.named() as owner:
            fresh = Erasure(self._new_id(), user_id, owner, self._clock.now())
            counts = await self._finish(await self._journal.begin(user_id, fresh), progress)
        return Erased(**counts)

    async def count(self, user_id: UserId) -> Mapping[str, int]:
        """How many records there are, by the names of answers."""
        return {
            each.counted_as: await each.held(self._holders).count(user_id)
            for each in HOLDINGS
            if each.held is not None and each.counted_as
        }

    async def resume(self, user_id: UserId) -> None:
        """Finish the user's erasure if it is not done, in the name of the service."""
        begun = await self._journal.get(user_id)
        if begun is not None and not begun.is_done:
            async with self._audit.to_its_end(Use(user_id, SUBJECT, ACTION, begun.id)):
                await self._finish(begun)
            _log.warning("an erasure that was left half-way is finished")

    async def sweep(self, user_id: UserId) -> None:
        """Delete what has come late, of calls that began before the user's erasure."""
        for each in HOLDINGS:
            if each.held is not None:
                spare = partial(self._journal.spared, user_id)
                await each.held(self._holders).erase(user_id, spare)

    async def tend(self, seen: Erasure) -> None:
        """Finish an erasure that was left; forget one after which nothing can come any more."""
        now = self._clock.now()
        if seen.is_over(now):
            await self.sweep(seen.user_id)
            await self._journal.remove(seen.user_id, seen.id)
        elif not seen.is_done and self._is_left(seen, now):
            await self.resume(seen.user_id)

    def _is_left(self, seen: Erasure, now: datetime) -> bool:
        if seen.id in self._busy:
            return False
        return self._at_work.has_left(seen.owner) or now - seen.began_at > LEASE

    async def _finish(self, begun: Erasure, progress: Progress = unwatched) -> Mapping[str, int]:
        user_id = begun.user_id
        with self._busy_with(begun):
            self._watch.expire()
            # At once: whoever still finishes an erasure of before may delete any of it any time.
            counts = begun.counts
            if counts is None:
                found = await self.count(user_id)
                counts = await self._journal.count(user_id, begun.id, found)
            await self._watch.until_seen()
            await self._books.doubt(user_id)
            done, everything = 0, sum(counts.values())
            for each in HOLDINGS:
                if each.held is not None:
                    spare = partial(self._journal.spared, user_id)
                    await each.held(self._holders).erase(user_id, spare)
                    done += counts.get(each.counted_as, 0)
                    progress(done, everything)
            await self._journal.end(user_id, begun.id, self._clock.now())
            self._watch.expire()
        return counts

    @contextmanager
    def _busy_with(self, begun: Erasure) -> Iterator[None]:
        self._busy.add(begun.id)
        try:
            yield
        finally:
            self._busy.discard(begun.id)
