"""Idempotency keys in this process."""

from dataclasses import replace

from dietcare.domain.idempotency import IdempotencyRecord
from dietcare.domain.ids import UserId
from dietcare.repositories.identity import canonical, stored_instant
from dietcare.repositories.memory.held import erase_from
from dietcare.repositories.port import IdempotencyRepository, Spare, nothing


class MemoryIdempotencyRepository(IdempotencyRepository):
    """See the port. No method awaits, so each is one atomic step."""

    def __init__(self) -> None:
        self._by_user: dict[str, dict[tuple[str, str], IdempotencyRecord]] = {}

    async def insert(self, user_id: UserId, record: IdempotencyRecord) -> bool:
        stored = _stored(record)
        self._remove_expired(user_id, stored)
        return self._of(user_id).setdefault((record.rpc, record.key), stored) is stored

    async def get(self, user_id: UserId, rpc: str, key: str) -> IdempotencyRecord | None:
        return self._of(user_id).get((rpc, key))

    async def put(self, user_id: UserId, record: IdempotencyRecord, *, over: str) -> bool:
        there = self._of(user_id).get((record.rpc, record.key))
        if there is None or there.owner != over or there.answer is not None:
            return False
        changed = replace(
            there, owner=record.owner, leased_until=record.leased_until, answer=record.answer
        )
        self._of(user_id)[record.rpc, record.key] = _stored(changed)
        return True

    async def remove(self, user_id: UserId, record: IdempotencyRecord) -> bool:
        there = self._of(user_id).get((record.rpc, record.key))
        if there is None or there.owner != record.owner:
            return False
        del self._of(user_id)[record.rpc, record.key]
        return True

    async def note_deleted(self, user_id: UserId, rpc: str, result_id: str) -> None:
        records, wanted = self._of(user_id), canonical(result_id)
        for name, record in records.items():
            is_it = record.rpc == rpc and record.result_id == wanted
            if is_it and record.answer is None:
                records[name] = replace(record, is_deleted=True)

    async def count(self, user_id: UserId) -> int:
        return len(self._of(user_id))

    async def erase(self, user_id: UserId, spare: Spare = nothing) -> int:
        held = {name: record.result_id for name, record in self._of(user_id).items()}
        return await erase_from(self._of(user_id), held, spare)

    def _of(self, user_id: UserId) -> dict[tuple[str, str], IdempotencyRecord]:
        return self._by_user.setdefault(canonical(user_id), {})

    def _remove_expired(self, user_id: UserId, fresh: IdempotencyRecord) -> None:
        """What a TTL index does elsewhere; none of the key itself, which only `remove` removes."""
        records = self._of(user_id)
        expired = [
            name
            for name, record in records.items()
            if record.expires_at <= fresh.created_at and name != (fresh.rpc, fresh.key)
        ]
        for name in expired:
            del records[name]


def _stored(record: IdempotencyRecord) -> IdempotencyRecord:
    """The record as it comes back from MongoDB."""
    return replace(
        record,
        result_id=canonical(record.result_id),
        leased_until=stored_instant(record.leased_until),
        created_at=stored_instant(record.created_at),
        expires_at=stored_instant(record.expires_at),
    )
