"""Meals in `meal_logs`."""

from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from datetime import date

from dietcare.domain.ids import MealId, UserId
from dietcare.domain.meal import Meal, MealCursor, MealFilter, MealPage
from dietcare.errors import DatabaseQueryError
from dietcare.repositories.mongo.collection import Collection, DuplicateKeyError
from dietcare.repositories.mongo.documents import object_id
from dietcare.repositories.mongo.meal_documents import meal_document, meal_of
from dietcare.repositories.mongo.meal_queries import counted, listed, listed_after
from dietcare.repositories.port import DuplicateMealError, MealRepository

COLLECTION = "meal_logs"
NEWEST_FIRST = (("logged_at", -1), ("_id", -1))
OLDEST_FIRST = (("logged_at", 1), ("_id", 1))


class MongoMealRepository(MealRepository):
    """See the port."""

    def __init__(self, collection: Collection) -> None:
        self._meals = collection

    async def insert(self, user_id: UserId, meal: Meal) -> None:
        try:
            await self._meals.insert_one(meal_document(user_id, meal))
        except DuplicateKeyError as taken:
            there = await self.get(user_id, meal.id)
            if there is None:  # It is somebody else's, which nobody may learn.
                raise DatabaseQueryError from taken
            raise DuplicateMealError(there) from None

    async def get(self, user_id: UserId, meal_id: MealId) -> Meal | None:
        query = {"_id": object_id(meal_id), "user_id": object_id(user_id)}
        found = await self._meals.find_one(query)
        return None if found is None else meal_of(found)

    async def replace(self, user_id: UserId, meal: Meal) -> bool:
        document = meal_document(user_id, meal)
        query = {
            "_id": document["_id"],
            "user_id": document["user_id"],
            "version": meal.version - 1,
        }
        return await self._meals.replace_one(query, document)

    async def delete(self, user_id: UserId, meal_id: MealId) -> Meal | None:
        query = {"_id": object_id(meal_id), "user_id": object_id(user_id)}
        found = await self._meals.find_one_and_delete(query)
        return None if found is None else meal_of(found)

    async def page(self, user_id: UserId, where: MealFilter, *, skip: int, limit: int) -> MealPage:
        found = await self._meals.find(
            listed(user_id, where), sort=NEWEST_FIRST, skip=skip, limit=limit + 1
        )
        reaches_end = len(found) <= limit and (found or skip == 0)
        total = skip + len(found) if reaches_end else await self._count(user_id, where)
        return MealPage(_meals(found[:limit]), total, has_more=len(found) > limit)

    async def page_after(
        self, user_id: UserId, where: MealFilter, cursor: MealCursor, *, limit: int
    ) -> MealPage:
        query = listed_after(user_id, where, cursor)
        found = await self._meals.find(query, sort=NEWEST_FIRST, limit=limit + 1)
        total = await self._count(user_id, where)
        return MealPage(_meals(found[:limit]), total, has_more=len(found) > limit)

    async def _count(self, user_id: UserId, where: MealFilter) -> int:
        return await self._meals.count_documents(counted(user_id, where))

    async def between(self, user_id: UserId, first: date, last: date) -> Sequence[Meal]:
        dates = {"$gte": first.isoformat(), "$lte": last.isoformat()}
        found = await self._meals.find({"user_id": object_id(user_id), "local_date": dates})
        # Sorted here: asked to sort, MongoDB might scan all of the user's meals in that order.
        return sorted(_meals(found), key=lambda meal: (meal.logged_at, meal.id))

    async def days(self, user_id: UserId) -> Sequence[date]:
        found = await self._meals.distinct("local_date", {"user_id": object_id(user_id)})
        return [date.fromisoformat(day) for day in found]

    async def all(self, user_id: UserId) -> AsyncIterator[Meal]:
        query = {"user_id": object_id(user_id)}
        async with aclosing(self._meals.stream(query, sort=OLDEST_FIRST)) as documents:
            async for document in documents:
                yield meal_of(document)

    async def erase(self, user_id: UserId) -> int:
        return await self._meals.erase({"user_id": object_id(user_id)})


def _meals(documents: Sequence[dict[str, object]]) -> tuple[Meal, ...]:
    return tuple(meal_of(document) for document in documents)
