"""An export whose user is erased by another service tells no more, and is no whole one."""

import pytest
from erasure_world import Answer

from dietcare.v1 import account_pb2
from gateway import RpcFailure


async def kinds(export):
    """The types of the records that are left, and how it ended."""
    found, reason = [], ""
    try:
        while (record := await anext(export, None)) is not None:
            found.append(account_pb2.RecordType.Name(record.type))
    except RpcFailure as failure:
        reason = Answer(failure).reason
    finally:
        await export.aclose()
    return found, reason


@pytest.mark.parametrize("records", [1, 3, 5, 7], ids=lambda n: f"after {n}")
async def test_an_export_ends_when_its_user_is_erased(world, records):
    await world.fill()
    export = world.one.exporting(world.user)
    for _ in range(records):
        await anext(export)
    assert (await world.erase()).code == "OK"
    assert await kinds(export) == ([], "ERASED_MEANWHILE")
    outcomes = [
        (each.action, each.outcome.value)
        async for each in world.backend.repositories.audit.all(world.user)
    ]
    assert ("ExportUserData", "failed") in outcomes
    assert ("ExportUserData", "done") not in outcomes


async def test_one_that_begins_while_an_erasure_goes_on_finishes_it_first(world):
    await world.fill()
    erasing = await world.two.stopped("meals.erase before", world.user, *world.erasing)
    assert await kinds(world.one.exporting(world.user)) == (["RECORD_TYPE_STREAK"], "")
    world.two.gate.open()
    assert (await erasing).code == "OK"
    assert await world.left() == []


async def test_one_after_an_erasure_is_whole(world):
    await world.fill()
    await world.erase()
    await world.log()
    expected = (["RECORD_TYPE_STREAK", "RECORD_TYPE_MEAL"], "")
    assert await kinds(world.one.exporting(world.user)) == expected
