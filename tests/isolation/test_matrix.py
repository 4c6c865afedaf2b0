"""Nobody sees, changes or learns anything of another: every method × every caller × both ways.

The cells are generated from the contract and the table in `isolation.table`: an RPC or an id that
the table does not know fails here.
"""

import time
from statistics import median

import pytest
from isolation.matrix import cells, id_cells, key_cells
from isolation.table import IDS, KINDS, id_paths, valid_request
from isolation.world import PICTURE, TRANSPORTS, nothing
from refusals.requests import METHODS

from dietcare.api.interceptors.access import ACCESS

PAIRS = 200
PRIMARY_STEPPED_DOWN = 189

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_every_rpc_is_in_the_table_and_declared_alike():
    assert sorted(KINDS) == sorted(METHODS)
    declared = {rpc: "nobody's" if kind is None else kind.value for rpc, kind in ACCESS.items()}
    assert declared == KINDS


async def test_every_id_that_a_request_can_name_is_in_the_table():
    unknown = {f"{rpc}.{path}" for rpc in METHODS for path in id_paths(rpc) if path not in IDS}
    assert unknown == set()


@pytest.mark.parametrize("cell", cells(), ids=str)
async def test_a_call_is_answered_as_its_caller_may(world, stranger, cell):
    assert await cell.complaints(world, stranger) == []


@pytest.mark.parametrize("cell", id_cells(), ids=str)
async def test_an_id_of_somebody_else_is_as_one_of_nothing(world, me, stranger, cell):
    assert await cell.complaints(world, me, stranger) == []


@pytest.mark.parametrize("cell", key_cells(), ids=str)
async def test_a_key_that_somebody_else_has_used_is_a_new_one(world, stranger, cell):
    assert await cell.complaints(world, stranger) == []


@pytest.mark.parametrize("over", TRANSPORTS)
@pytest.mark.parametrize("rpc", sorted(rpc for rpc, kind in KINDS.items() if kind != "nobody's"))
async def test_another_user_is_refused_as_one_who_does_not_exist(world, stranger, rpc, over):
    token, owned = world.token("another user", stranger.id), {"image_data": "aGk=", **stranger.ids}

    theirs, nobodys = [
        await world.send(over, rpc, valid_request(rpc, owned, user_id), token)
        for user_id in (stranger.id, nothing("user_id"))
    ]

    assert theirs.reason == "PERMISSION_DENIED"
    assert theirs.whole == nobodys.whole
    assert theirs.commands == nobodys.commands


@pytest.fixture
async def unwritable_log(world):
    """A database that takes everything but entries of the audit log."""
    point = {"configureFailPoint": "failCommand"}
    space = f"{world.database.name}.audit_log"
    fails = {"failCommands": ["insert"], "namespace": space, "errorCode": PRIMARY_STEPPED_DOWN}
    fails["errorLabels"] = []  # or it would be retried for 3 s
    admin = world.database.client.admin
    admin.command({**point, "mode": "alwaysOn", "data": fails})
    yield
    admin.command({**point, "mode": "off"})


@pytest.mark.parametrize("over", TRANSPORTS)
async def test_what_can_not_be_recorded_does_not_happen_and_ones_own_calls_go_on(
    world, unwritable_log, over
):
    owner = await world.new_owner()
    stored = world.stored(owner)
    refused = [cell for cell in cells() if cell.over == over and cell.to_be_audited(owner)]

    for cell in refused:
        token = world.token(cell.caller, owner.id)
        request = valid_request(cell.rpc, {"image_data": PICTURE, **owner.ids}, owner.id)
        answer = await world.send(over, cell.rpc, request, token)
        assert (answer.status, answer.reason) == (
            503 if over == "REST" else "UNAVAILABLE",
            "DATABASE_UNAVAILABLE",
        )
        assert owner.secret not in str(answer.whole)

    assert {cell.rpc for cell in refused} == {rpc for rpc in KINDS if KINDS[rpc] != "nobody's"}
    assert world.stored(owner) == stored


async def test_a_meal_of_somebody_else_takes_as_long_as_none(world, me, stranger):
    """Reported; what is asserted is far beyond any noise."""
    token = world.token("own", me.id)
    seconds = {"theirs": [], "nobody's": []}
    for turn in range(PAIRS):
        asked = {"theirs": stranger.ids["meal_id"], "nobody's": nothing("meal_id")}
        for name in sorted(asked, reverse=bool(turn % 2)):
            began = time.perf_counter()
            answer = await world.send("REST", "GetMeal", {"meal_id": asked[name]}, token)
            seconds[name].append(time.perf_counter() - began)
            assert answer.status == 404

    theirs, nobodys = (median(each) for each in seconds.values())
    print(f"404 in {theirs * 1e3:.3f} ms (theirs), {nobodys * 1e3:.3f} ms (nobody's)")  # noqa: T201
    assert 0.5 < theirs / nobodys < 2
