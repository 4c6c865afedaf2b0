"""The RPCs: convert, ask the call whose records it is about, call a service, convert back.

What is malformed is refused before whose it is: 400 comes before 403.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

import grpc

from dietcare.api import call, entity
from dietcare.api.converters import account, analyses, foods, goals, meals, progress, streaks
from dietcare.api.converters.reading import Reader
from dietcare.api.page_tokens import PageTokens
from dietcare.domain.ids import UserId
from dietcare.domain.quota import LimitName
from dietcare.erasure.eraser import Eraser
from dietcare.errors import Violation
from dietcare.export.files import FILES
from dietcare.limits.port import UserLimits
from dietcare.services.account import AccountService
from dietcare.services.food import FoodService
from dietcare.services.goal import GoalService
from dietcare.services.meal import MealService
from dietcare.services.nutrition_analyzer import NutritionAnalyzer
from dietcare.services.progress import ProgressService
from dietcare.services.streak import StreakService
from dietcare.v1 import (
    account_pb2,
    analysis_pb2,
    food_pb2,
    goal_pb2,
    meal_pb2,
    progress_pb2,
    quota_pb2,
    service_pb2_grpc,
    streak_pb2,
)

Context = grpc.aio.ServicerContext[Any, Any]


@dataclass(frozen=True, slots=True)
class Services:
    """What the RPCs call."""

    analyzer: NutritionAnalyzer
    meals: MealService
    goals: GoalService
    progress: ProgressService
    streaks: StreakService
    account: AccountService
    eraser: Eraser
    foods: FoodService
    limits: UserLimits


class DietCareServicer(service_pb2_grpc.DietCareServiceServicer):
    """Every RPC of the contract; `default_zone` is for callers whose token names none."""

    def __init__(self, services: Services, default_zone: str, tokens: PageTokens) -> None:
        self._do = services
        self._tokens = tokens
        self._default_zone = default_zone

    async def AnalyzeFood(
        self, request: analysis_pb2.AnalyzeFoodRequest, context: Context
    ) -> analysis_pb2.AnalyzeFoodResponse:
        image = analyses.image_of(request)
        user_id = _user()
        current = call.current()
        earlier = await self._do.analyzer.earlier(user_id, current.attempt)
        if earlier is not None:
            quota = await self._do.limits[LimitName.ANALYSES].status(user_id)
            return analyses.to_result(earlier, quota.remaining, current.language)
        if current.ticket is None or current.ticket.session_id is None:
            raise AssertionError("the limit interceptor takes a session's unit before this")
        result = await self._do.analyzer.analyze(
            user_id, current.ticket.session_id, image, current.attempt
        )
        current.refunded = result.cached
        remaining = current.ticket.status.remaining + (1 if result.cached else 0)
        return analyses.to_result(result, remaining, current.language)

    async def LogMeal(
        self, request: meal_pb2.LogMealRequest, context: Context
    ) -> meal_pb2.LogMealResponse:
        draft = meals.draft_of(request, self._do.meals.draft_violations, _whose())
        user_id = _user()
        logged = await self._do.meals.log(user_id, draft, self._zone(), call.current().attempt)
        entity.tell_etag(logged.meal)
        entity.tell_location(logged.meal)
        return meal_pb2.LogMealResponse(
            meal=meals.to_meal(logged.meal, _language()), streak=streaks.to_summary(logged.streak)
        )

    async def ListMeals(
        self, request: meal_pb2.ListMealsRequest, context: Context
    ) -> meal_pb2.ListMealsResponse:
        asked = meals.page_request_of(request, _whose())
        user_id = _user()
        if asked.token is not None:
            begin = self._tokens.open(user_id, asked.where, asked.token)
            found = await self._do.meals.page_after(user_id, asked.where, begin, asked.page_size)
        else:
            page = asked.page or 1
            found = await self._do.meals.page(user_id, asked.where, page, asked.page_size)
        token = self._tokens.seal(user_id, asked.where, found.end) if found.end else None
        return meals.to_page(found, asked, token, _language())

    async def GetMeal(
        self, request: meal_pb2.GetMealRequest, context: Context
    ) -> meal_pb2.GetMealResponse:
        meal_id = meals.meal_id_of(request.meal_id, _whose())
        user_id = _user()
        meal = await self._do.meals.get(user_id, meal_id)
        entity.tell_etag(meal)
        return meal_pb2.GetMealResponse(meal=meals.to_meal(meal, _language()))

    async def UpdateMeal(
        self, request: meal_pb2.UpdateMealRequest, context: Context
    ) -> meal_pb2.UpdateMealResponse:
        change = meals.change_of(request, self._do.meals.change_violations, _whose())
        meal_id = meals.meal_id_of(request.meal_id)
        versions = entity.expected_versions(context)
        user_id, attempt = _user(), call.current().attempt
        changed = await self._do.meals.update(
            user_id, meal_id, change, versions=versions, attempt=attempt
        )
        entity.tell_etag(changed.meal)
        return meal_pb2.UpdateMealResponse(
            meal=meals.to_meal(changed.meal, _language()),
            streak=streaks.to_summary(changed.streak),
        )

    async def DeleteMeal(
        self, request: meal_pb2.DeleteMealRequest, context: Context
    ) -> meal_pb2.DeleteMealResponse:
        meal_id = meals.meal_id_of(request.meal_id, _whose())
        versions = entity.expected_versions(context)
        user_id = _user()
        streak = await self._do.meals.delete(user_id, meal_id, self._zone(), versions=versions)
        return meal_pb2.DeleteMealResponse(meal_id=meal_id, streak=streaks.to_summary(streak))

    async def GetGoals(
        self, request: goal_pb2.GetGoalsRequest, context: Context
    ) -> goal_pb2.GetGoalsResponse:
        found = await self._do.goals.get(_user())
        return goal_pb2.GetGoalsResponse(goals=goals.to_goals(found, _language()))

    async def UpdateGoals(
        self, request: goal_pb2.UpdateGoalsRequest, context: Context
    ) -> goal_pb2.UpdateGoalsResponse:
        change = goals.goal_change_of(request, _whose())
        changed = await self._do.goals.update(_user(), change)
        return goal_pb2.UpdateGoalsResponse(goals=goals.to_goals(changed, _language()))

    async def ListDefaultGoals(
        self, request: goal_pb2.ListDefaultGoalsRequest, context: Context
    ) -> goal_pb2.ListDefaultGoalsResponse:
        return goals.to_defaults()

    async def GetProgress(
        self, request: progress_pb2.GetProgressRequest, context: Context
    ) -> progress_pb2.GetProgressResponse:
        asked = progress.progress_request_of(request, _whose())
        user_id = _user()
        found = await self._do.progress.get(user_id, asked.day, asked.period, self._zone())
        return progress_pb2.GetProgressResponse(progress=progress.to_progress(found, _language()))

    async def GetStreak(
        self, request: streak_pb2.GetStreakRequest, context: Context
    ) -> streak_pb2.GetStreakResponse:
        reader = Reader(beside=_whose())
        zone = reader.zone(request, "time_zone")
        reader.done()
        user_id = _user()
        streak = await self._do.streaks.get(user_id, zone or self._zone())
        return streak_pb2.GetStreakResponse(streak=streaks.to_streak(streak))

    async def GetQuota(
        self, request: quota_pb2.GetQuotaRequest, context: Context
    ) -> quota_pb2.GetQuotaResponse:
        user_id = _user()
        return account.to_quota(
            {name: await limit.status(user_id) for name, limit in self._do.limits.items()}
        )

    async def SearchFoods(
        self, request: food_pb2.SearchFoodsRequest, context: Context
    ) -> food_pb2.SearchFoodsResponse:
        asked = foods.food_search_of(request)
        return foods.to_foods(self._do.foods.search(asked.query, asked.page_size), _language())

    async def ExportUserData(
        self, request: account_pb2.ExportUserDataRequest, context: Context
    ) -> AsyncIterator[account_pb2.ExportUserDataResponse]:
        form = account.export_format_of(request, _whose())
        user_id = _user()
        if form in FILES:
            file = FILES[form]
            name = f'attachment; filename="{file.name}"'
            await context.send_initial_metadata((("content-disposition", name),))
            async with aclosing(self._do.account.export_file(user_id, file)) as pieces:
                async for data in pieces:
                    yield account.to_piece(file.media_type, data)
            return
        async with aclosing(self._do.account.export(user_id, self._zone())) as records:
            async for record in records:
                yield account.to_record(record, _language())

    async def DeleteUserData(
        self, request: account_pb2.DeleteUserDataRequest, context: Context
    ) -> account_pb2.DeleteUserDataResponse:
        return account.to_erased(await self._do.eraser.erase(_user()))

    def _zone(self) -> str:
        return call.current().caller.time_zone or self._default_zone


def _user() -> UserId:
    return call.current().user_id


def _whose() -> Sequence[Violation]:
    return call.current().violations


def _language() -> Any:
    return call.current().language
