"""Each safeguard of isolation, switched off, makes cells of its matrix complain."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio
from isolation.matrix import KeyCell, cells, id_cells
from isolation.table import DENIED, OK, SCOPES, expected
from isolation.world import Owner, World, open_world

from dietcare.api.interceptors.access import ACCESS, AccessInterceptor
from dietcare.api.page_tokens import PageTokens
from dietcare.auth.caller import Access, Caller
from dietcare.errors import PermissionDeniedError
from dietcare.repositories.mongo.documents import object_id
from dietcare.repositories.mongo.meal_documents import meal_of
from dietcare.repositories.mongo.meals import MongoMealRepository
from dietcare.services.audit import AuditService
from dietcare.services.idempotency import IdempotencyService
from dietcare.services.meal import MealService

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(mongod_uri: str) -> AsyncIterator[World]:
    async with open_world(mongod_uri, "mutation") as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="module")
async def me(world: World) -> Owner:
    return await world.new_owner()


@pytest_asyncio.fixture(loop_scope="module")
async def stranger(world: World) -> Owner:
    """A new one for each test: what is let through may leave nothing of them."""
    return await world.new_owner()


async def silent(world, chosen, *people):
    """Which of the cells have nothing to complain about."""
    return [str(cell) for cell in chosen if not await cell.complaints(world, *people)]


def of_id(path):
    return [cell for cell in id_cells() if cell.path == path and cell.caller == "own"]


async def test_without_the_judgement_no_refusal_of_the_matrix_holds(world, monkeypatch):
    refused = [
        cell
        for cell in cells()
        if cell.over == "gRPC" and expected(cell.rpc, cell.caller) is DENIED
    ]
    assert len({cell.rpc for cell in refused}) == 13
    monkeypatch.setattr(Caller, "may", lambda *_: True)
    for cell in refused:
        assert await cell.complaints(world, await world.new_owner()) != [], cell


async def test_an_rpc_that_is_declared_as_less_than_it_is_complains(world, stranger, monkeypatch):
    (judge,) = (each for each in world.app.interceptors if isinstance(each, AccessInterceptor))
    monkeypatch.setattr(judge, "_access", {**ACCESS, "ExportUserData": Access.READ})
    exports = [cell for cell in cells() if cell.rpc == "ExportUserData" and cell.caller in SCOPES]
    assert await silent(world, exports, stranger) == []


async def test_without_the_audit_every_cell_that_is_to_be_recorded_complains(
    world, stranger, monkeypatch
):
    async def unrecorded(*_):
        return None

    audited = [
        cell
        for cell in cells()
        if cell.caller in SCOPES and cell.over == "REST" and ACCESS[cell.rpc] is not None
        if expected(cell.rpc, cell.caller) is OK
    ]
    monkeypatch.setattr(AuditService, "_append", unrecorded)
    assert await silent(world, audited, stranger) == []


async def test_a_query_of_meals_without_the_user_complains(world, me, stranger, monkeypatch):
    async def get(self, user_id, meal_id):
        found = await self._meals.find_one({"_id": object_id(meal_id)})
        return None if found is None else meal_of(found)

    monkeypatch.setattr(MongoMealRepository, "get", get)
    reads = [cell for cell in of_id("meal_id") if cell.rpc == "GetMeal"]
    assert await silent(world, reads, me, stranger) == []


async def test_an_answer_that_tells_another_users_meal_from_none_complains(
    world, me, stranger, monkeypatch
):
    honest = MongoMealRepository.get

    async def get(self, user_id, meal_id):
        meal = await honest(self, user_id, meal_id)
        if meal is None and await self._meals.find_one({"_id": object_id(meal_id)}):
            raise PermissionDeniedError
        return meal

    monkeypatch.setattr(MongoMealRepository, "get", get)
    assert await silent(world, of_id("meal_id"), me, stranger) == []


async def test_one_more_question_about_another_users_meal_complains(
    world, me, stranger, monkeypatch
):
    honest = MongoMealRepository.get

    async def get(self, user_id, meal_id):
        meal = await honest(self, user_id, meal_id)
        if meal is None and meal_id == stranger.ids["meal_id"]:
            await honest(self, user_id, meal_id)
        return meal

    monkeypatch.setattr(MongoMealRepository, "get", get)
    assert await silent(world, of_id("meal_id"), me, stranger) == []


async def test_page_tokens_that_do_not_sign_whose_list_it_is_complain(
    world, me, stranger, monkeypatch
):
    signed = PageTokens._mac
    monkeypatch.setattr(PageTokens, "_mac", lambda self, _, *place: signed(self, "", *place))
    stranger = await world.new_owner()
    assert await silent(world, of_id("page_token"), me, stranger) == []


async def test_analyses_of_anybody_in_a_meal_complain(world, me, stranger, monkeypatch):
    async def whosever(*_):
        return []

    monkeypatch.setattr(MealService, "_analysis_violations", whosever)
    named = [*of_id("analysis_id"), *of_id("meal.analysis_id")]
    assert await silent(world, named, me, stranger) == []


async def test_idempotency_keys_of_all_users_in_one_complain(world, monkeypatch):
    one, once = await world.new_owner(key=None), IdempotencyService.once

    async def shared(self, request, work):
        return await once(self, replace(request, user_id=one.id), work)

    monkeypatch.setattr(IdempotencyService, "once", shared)
    stranger = await world.new_owner()
    assert await silent(world, [KeyCell("LogMeal", "REST")], stranger) == []
