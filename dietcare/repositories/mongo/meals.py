"""Meals in `meal_logs`."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from datetime import date

from dietcare.domain.ids import MealId, UserId
from dietcare.domain.meal import Intake, Meal, MealCursor, MealFilter, MealPage
from dietcare.errors import DatabaseQueryError
from dietcare.repositories.mongo.collection import (
    Collection,
    Document,
    DuplicateKeyError,
    Query,
)
from dietcare.repositories.mongo.documents import object_id
from dietcare.repositories.mongo.held import MongoHeld
from dietcare.repositories.mongo.meal_documents import INTAKE, intake_of, meal_document, meal_of
from dietcare.repositories.mongo.meal_queries import counted, listed, listed_after
from dietcare.repositories.port import DuplicateMealError, MealHistory, MealRepository

COLLECTION = "meal_logs"
ARCHIVE_COLLECTION = "meal_logs_archive"
NEWEST_FIRST = (("logged_at", -1), ("_id", -1))
OLDEST_FIRST = (("logged_at", 1), ("_id", 1))
BY_DATE = (("user_id", 1), ("local_date", 1))
BY_TIME = (("user_id", 1), *NEWEST_FIRST)


class MongoMealHistory(MongoHeld, MealHistory):
    """See the port."""

    def __init__(self, collection: Collection) -> None:
        super().__init__(collection)
        self._meals = collection

    async def all(self, user_id: UserId) -> AsyncGenerator[Meal, None]:
        query = {"user_id": object_id(user_id)}
        # Left to itself, MongoDB may read and sort all meals by another index before the first one.
        found = self._meals.stream(query, sort=OLDEST_FIRST, hint=BY_TIME)
        async with aclosing(found) as documents:
            async for document in documents:
                yield meal_of(document)


class MongoMealRepository(MongoMealHistory, MealRepository):
    """See the port."""

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

    async def delete(
        self, user_id: UserId, meal_id: MealId, *, versions: frozenset[int] | None = None
    ) -> Meal | None:
        query: Document = {"_id": object_id(meal_id), "user_id": object_id(user_id)}
        if versions is not None:
            query["version"] = {"$in": sorted(versions)}
        found = await self._meals.find_one_and_delete(query)
        return None if found is None else meal_of(found)

    async def page(
        self,
        user_id: UserId,
        where: MealFilter,
        *,
        skip: int,
        limit: int,
        total: int | None = None,
    ) -> MealPage:
        found = await self._meals.find(
            listed(user_id, where), sort=NEWEST_FIRST, skip=skip, limit=limit + 1
        )
        if len(found) <= limit and (found or skip == 0):
            total = skip + len(found)  # the end of the list tells
        elif total is None:
            total = await self._count(user_id, where)
        return MealPage(_meals(found[:limit]), total, has_more=len(found) > limit)

    async def page_after(
        self,
        user_id: UserId,
        where: MealFilter,
        cursor: MealCursor,
        *,
        limit: int,
        total: int | None = None,
    ) -> MealPage:
        query = listed_after(user_id, where, cursor)
        found = await self._meals.find(query, sort=NEWEST_FIRST, limit=limit + 1)
        if total is None:
            total = await self._count(user_id, where)
        return MealPage(_meals(found[:limit]), total, has_more=len(found) > limit)

    async def _count(self, user_id: UserId, where: MealFilter) -> int:
        return await self._meals.count_documents(counted(user_id, where))

    async def between(self, user_id: UserId, first: date, last: date) -> Sequence[Intake]:
        dates = {"$gte": first.isoformat(), "$lte": last.isoformat()}
        # Left to itself, MongoDB tries its indexes on the first hundred meals: where these are the
        # newest, the one by logged_at does as well, and then goes on through all of the user's.
        query = {"user_id": object_id(user_id), "local_date": dates}
        found = await self._meals.find(query, projection=INTAKE, hint=BY_DATE)
        # Sorted here, for the same reason.
        found.sort(key=lambda document: (document["logged_at"], document["_id"]))
        return [intake_of(document) for document in found]

    async def tally(self, user_id: UserId) -> Mapping[date, int]:
        of_user: Query = {"$match": {"user_id": object_id(user_id)}}
        per_day: Query = {"$group": {"_id": "$local_date", "meals": {"$sum": 1}}}
        found = await self._meals.aggregate([of_user, per_day], hint=BY_DATE)
        return {date.fromisoformat(each["_id"]): each["meals"] for each in found}


def _meals(documents: Sequence[dict[str, object]]) -> tuple[Meal, ...]:
    return tuple(meal_of(document) for document in documents)
