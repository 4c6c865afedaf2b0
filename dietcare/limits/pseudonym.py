"""Limits count under a keyed hash of the user's id or the address: a counter tells not whose it is.

So an erasure has nothing to move, and the limits of the running windows stay exact through it.
"""

import hashlib
import hmac

from dietcare.domain.ids import UserId
from dietcare.domain.quota import LimitStatus
from dietcare.limits.port import Ticket, UserLimit

PURPOSE = b"dietcare pseudonym 1"
BYTES = 12
"""As many as an id has: two of a billion users have the same one by a chance of 1 to 10^11."""


class Pseudonyms:
    """Ids that stand for others where limits count; who lacks the key can not link the two."""

    def __init__(self, secret: str) -> None:
        # A key of its own, from a secret that has another use.
        self._key = hmac.digest(secret.encode(), PURPOSE, hashlib.sha256)

    def of(self, subject: str) -> UserId:
        """The one of a user or an address; the same in every process with the same secret."""
        digest = hmac.digest(self._key, subject.lower().encode(), hashlib.sha256)
        return UserId(digest[:BYTES].hex())


class PseudonymousLimit(UserLimit):
    """Another limit, which never learns whose units it counts."""

    def __init__(self, inner: UserLimit, pseudonyms: Pseudonyms) -> None:
        self._inner = inner
        self._pseudonyms = pseudonyms

    async def take(self, user_id: UserId) -> Ticket:
        return await self._inner.take(self._pseudonyms.of(user_id))

    async def give_back(self, user_id: UserId, ticket: Ticket) -> LimitStatus:
        return await self._inner.give_back(self._pseudonyms.of(user_id), ticket)

    async def status(self, user_id: UserId) -> LimitStatus:
        return await self._inner.status(self._pseudonyms.of(user_id))
