"""Analyses in this process."""

from collections.abc import AsyncGenerator
from dataclasses import replace

from dietcare.domain.analysis import Analysis
from dietcare.domain.ids import AnalysisId, SessionId, UserId
from dietcare.errors import DatabaseQueryError
from dietcare.repositories.identity import canonical, stored_instant
from dietcare.repositories.memory.held import erase_from
from dietcare.repositories.port import AnalysisRepository, Spare, nothing


class MemoryAnalysisRepository(AnalysisRepository):
    """See the port."""

    def __init__(self) -> None:
        self._by_id: dict[str, Analysis] = {}

    async def insert(self, user_id: UserId, analysis: Analysis) -> None:
        stored = _stored(user_id, analysis)
        if self._by_id.setdefault(stored.id, stored) is not stored:
            raise DatabaseQueryError

    async def get(self, user_id: UserId, analysis_id: AnalysisId) -> Analysis | None:
        owner, found = canonical(user_id), self._by_id.get(canonical(analysis_id))
        return found if found is not None and found.user_id == owner else None

    async def all(self, user_id: UserId) -> AsyncGenerator[Analysis, None]:
        for analysis in sorted(self._of(user_id), key=lambda each: each.created_at):
            yield analysis

    async def count(self, user_id: UserId) -> int:
        return len(self._of(user_id))

    async def erase(self, user_id: UserId, spare: Spare = nothing) -> int:
        held = {str(each.id): str(each.id) for each in self._of(user_id)}
        return await erase_from(self._by_id, held, spare)

    def _of(self, user_id: UserId) -> list[Analysis]:
        owner = canonical(user_id)
        return [each for each in self._by_id.values() if each.user_id == owner]


def _stored(user_id: UserId, analysis: Analysis) -> Analysis:
    """The analysis as it comes back from MongoDB."""
    return replace(
        analysis,
        id=AnalysisId(canonical(analysis.id)),
        user_id=UserId(canonical(user_id)),
        session_id=SessionId(canonical(analysis.session_id)),
        created_at=stored_instant(analysis.created_at),
    )
