"""How records of a user are counted and erased, in whichever collection they are."""

from dietcare.domain.ids import UserId
from dietcare.repositories.mongo.collection import Collection
from dietcare.repositories.mongo.documents import object_id
from dietcare.repositories.port import Held, Spare, nothing


class MongoHeld(Held):
    """See the port. `by` is the field that has the id by which a record is spared."""

    def __init__(self, collection: Collection, by: str = "_id") -> None:
        self._held = collection
        self._by = by

    async def count(self, user_id: UserId) -> int:
        return await self._held.count_documents({"user_id": object_id(user_id)})

    async def erase(self, user_id: UserId, spare: Spare = nothing) -> int:
        return await self._held.erase({"user_id": object_id(user_id)}, by=self._by, spare=spare)
