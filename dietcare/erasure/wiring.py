"""Puts the parts of erasure together. Only the composition root calls this."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from dietcare.clock import Clock
from dietcare.domain.ids import IdFactory, UserId
from dietcare.erasure.eraser import Eraser
from dietcare.erasure.fence import Fence
from dietcare.erasure.fenced import fenced
from dietcare.erasure.holders import ClosedSessions
from dietcare.erasure.keeper import Keeper
from dietcare.erasure.registry import Holders
from dietcare.erasure.watch import FRESH_S, OnBegun, Watch
from dietcare.repositories.port import Repositories
from dietcare.services.audit import AuditService
from dietcare.services.bookkeeping import Bookkeeper
from dietcare.services.owners import Owners


@dataclass(frozen=True, slots=True)
class Erasing:
    """Everything about erasure; `stored` is what services write to."""

    eraser: Eraser
    fence: Fence
    keeper: Keeper
    stored: Repositories


def erasing(
    stored: Repositories,
    audit: AuditService,
    clock: Clock,
    new_id: IdFactory,
    owners: Owners,
    *,
    name_of: Callable[[UserId], UserId],
    on_begun: OnBegun | None,
    is_shared: bool,
) -> Erasing:
    """Over `stored`, with its caches; `name_of` gives what limits call a user.

    `on_begun` is told of every erasure that this process learns of. Where storage is not shared
    with other processes, nobody has to be waited for.
    """
    fresh_s = FRESH_S if is_shared else 0.0
    watch = Watch(stored.erasures, time.monotonic, fresh_s=fresh_s, on_begun=on_begun)
    books = Bookkeeper(stored.streaks, stored.meals, clock, new_id)
    holders = Holders(stored, ClosedSessions(stored.sessions, name_of, clock), books)
    eraser = Eraser(holders, books, audit, watch, clock, new_id, owners)
    fence = Fence(watch, stored.erasures, eraser)
    return Erasing(eraser, fence, Keeper(watch, eraser), fenced(stored, fence))
