"""An erasure through the whole service: what goes, what stays, who may start anew."""

import asyncio

import pytest

from dietcare.erasure.registry import HOLDINGS, registered


async def test_everything_that_is_kept_of_a_user_goes(world):
    await world.fill()
    assert await world.left()
    answer = await world.erase()
    erased = answer.message.erased
    assert (erased.meals, erased.analyses, erased.goals, erased.streaks) == (2, 2, 1, 1)
    assert erased.sessions == 0  # the open one is the limit of the hour
    assert await world.left() == []
    await world.settle()
    assert await world.left() == []
    assert await world.backend.repositories.streaks.get(world.user) is None
    assert await world.backend.repositories.erasures.get(world.user) is None


async def test_each_registered_place_held_something_and_holds_nothing(world):
    if world.database is None:
        pytest.skip("memory has no collections to list")
    await world.fill()
    world.database["meal_logs_archive"].insert_one(world.database["meal_logs"].find_one())
    names = [name for each in HOLDINGS if each.held and not each.stays for name in each.names]
    if world.valkey is None:
        names.remove("diet:goal:{user_id}")
    assert {name for name in names if not world.held(name)} == set()
    await world.erase()
    assert {name for name in names if world.held(name)} == set()


async def test_no_collection_and_no_key_is_unregistered(world):
    await world.fill()
    await world.erase()
    await world.fill()
    names = [] if world.database is None else world.database.list_collection_names()
    keys = [] if world.valkey is None else [key.decode() for key in world.valkey.scan_iter()]
    assert [name for name in (*names, *keys) if registered(name) is None] == []


async def test_erasing_again_erases_nothing_and_says_so(world):
    await world.fill()
    await world.erase()
    again = (await world.erase()).message.erased
    assert (again.meals, again.analyses, again.goals, again.sessions, again.streaks) == (0,) * 5


async def test_two_who_erase_at_once_are_told_the_same(world):
    await world.fill()
    for place in ("erasures.count before", "meals.erase before", "goals.erase before"):
        first = await world.one.stopped(place, world.user, *world.erasing)
        second = await world.erase()
        world.one.gate.open()
        assert (await first).message == second.message
        assert second.message.erased.meals == 2
        assert await world.left() == []
        await world.fill()


async def test_an_erasure_whose_caller_left_half_way_is_finished(world):
    await world.fill()
    call = await world.one.stopped("meals.erase after", world.user, *world.erasing)
    call.cancel()
    await asyncio.gather(call, return_exceptions=True)
    world.one.gate.open()
    await world.one.app.keeper.look()
    await world.one.app.keeper.idle()
    assert await world.left() == []
    entries = [each async for each in world.backend.repositories.audit.all(world.user)]
    assert [(each.subject, each.action, each.outcome.value) for each in entries] == [
        (world.user, "DeleteUserData", "granted"),
        (world.user, "DeleteUserData", "failed"),
        ("dietcare", "FinishErasure", "granted"),
        ("dietcare", "FinishErasure", "done"),
    ]


async def test_an_erased_user_starts_anew_at_once_in_either_service(world):
    await world.fill()
    await world.erase()
    logged = [await world.log(each) for each in (world.one, world.two)]
    assert [each.code for each in logged] == ["OK", "OK"]
    assert logged[1].message.streak.current == 1
    meals = {each.message.meal.id for each in logged}
    assert {each.split()[1] for each in await world.left() if each.startswith("meal ")} == meals
    await world.settle()
    assert {each.split()[1] for each in await world.left() if each.startswith("meal ")} == meals
    assert (await world.erase()).message.erased.meals == 2
    assert await world.left() == []


async def test_a_key_of_before_is_a_new_key_after(world):
    before = await world.log(idempotency_key="k")
    assert (await world.log(world.two, idempotency_key="k")).is_replay
    await world.erase()
    after = await world.log(idempotency_key="k")
    assert (after.code, after.is_replay) == ("OK", False)
    assert after.message.meal.id != before.message.meal.id
    assert (await world.log(world.two, idempotency_key="k")).message == after.message


async def test_others_keep_everything(world):
    await world.fill()
    theirs, mine = await world.left(), world.user
    world.user = "0" * 23 + "1"
    await world.fill()
    await world.erase()
    world.user = mine
    assert {each for each in await world.left() if not each.startswith("erasures")} >= set(theirs)


async def test_it_is_in_the_audit_log_without_any_value(world):
    await world.fill()
    await world.erase()
    entries = [each async for each in world.backend.repositories.audit.all(world.user)]
    assert [(each.subject, each.action, each.outcome.value) for each in entries] == [
        (world.user, "DeleteUserData", "granted"),
        (world.user, "DeleteUserData", "done"),
    ]
