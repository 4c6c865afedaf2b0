"""Who reads an export slowly, or leaves in the middle of it, costs nobody anything."""

from contextlib import aclosing

import pytest

pytestmark = pytest.mark.asyncio(loop_scope="module")

MEALS = 6_000
FORMS = ["ndjson", "csv", "fhir-r4", "fhir-r5"]
STILL = 20
"""So many looks at a cursor, all alike, and a request between each two, and it stands still."""


async def stands_still(service, user_id):
    """How many meals the cursor of an export has given when nobody reads on; 0: all of them."""
    given, same = -1, 0
    while same < STILL:
        assert (await service.send("GET", user_id, "/quota")).status_code == 200
        # A cursor may be listed twice: as one that is idle, and by the command that uses it.
        now = max((each["nDocsReturned"] for each in await service.cursors()), default=0)
        same = same + 1 if now == given else 0
        given = now
    return given


@pytest.mark.parametrize("form", FORMS)
async def test_who_leaves_in_the_middle_over_rest_leaves_no_cursor(service, eater, form):
    async with service.rest(eater, form) as answer:
        assert answer.status_code == 200
        async with aclosing(answer.aiter_raw()) as body:
            await anext(body)
    await service.no_cursor()


@pytest.mark.parametrize("form", FORMS)
async def test_who_leaves_in_the_middle_over_grpc_leaves_no_cursor(service, eater, form):
    export = service.grpc(eater, form)
    await export.read()
    export.cancel()
    await service.no_cursor()


async def test_what_is_not_read_over_rest_is_not_taken_from_the_database(service, eater):
    async with service.rest(eater, "ndjson") as answer, aclosing(answer.aiter_raw()) as body:
        await anext(body)
        assert 0 < await stands_still(service, eater) < MEALS
    await service.no_cursor()


async def test_what_is_not_read_over_grpc_is_not_taken_from_the_database(service, eater):
    export = service.grpc(eater, "ndjson")
    await export.read()
    assert 0 < await stands_still(service, eater) < MEALS
    export.cancel()
    await service.no_cursor()
