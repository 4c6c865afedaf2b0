"""What fails in the middle of an export is no whole export, and says so where it can."""

import json

import grpc
import httpx2
import pytest
from google.rpc import error_details_pb2, status_pb2

from dietcare.repositories.mongo import collection

pytestmark = pytest.mark.asyncio(loop_scope="module")

FILES = ["csv", "fhir-r4", "fhir-r5"]
FIRST_BATCH = 500


@pytest.fixture(autouse=True)
def batches(monkeypatch):
    """The first one is enough for the first piece of every file."""
    monkeypatch.setattr(collection, "BATCH", FIRST_BATCH)


async def test_over_rest_the_last_record_is_the_error(service, eater):
    with service.failing("getMore"):
        async with service.rest(eater, "ndjson") as answer:
            lines = [json.loads(line) async for line in answer.aiter_lines()]
    assert answer.status_code == 200
    assert [each["type"] for each in lines[:-1]] == ["streak"] + ["meal"] * FIRST_BATCH
    (error,) = lines[-1].values()
    assert list(lines[-1]) == ["error"]
    assert (error["error_code"], error["detail"]["reason"]) == (500, "DATABASE_ERROR")
    assert error["request_id"] == answer.headers["x-request-id"]
    await service.no_cursor()


@pytest.mark.parametrize("form", FILES)
async def test_over_rest_a_file_breaks_off(service, eater, form):
    with service.failing("getMore"):
        async with service.rest(eater, form) as answer:
            assert answer.status_code == 200
            with pytest.raises(httpx2.RemoteProtocolError):
                await answer.aread()
    await service.no_cursor()


@pytest.mark.parametrize("form", FILES)
async def test_what_fails_before_the_first_piece_has_a_status(service, eater, form):
    with service.failing("find"):
        async with service.rest(eater, form) as answer:
            body = json.loads(await answer.aread())
    assert (answer.status_code, body["detail"]["reason"]) == (500, "DATABASE_ERROR")
    assert answer.headers["content-type"] == "application/json"


@pytest.mark.parametrize("form", ["ndjson", *FILES])
async def test_over_grpc_it_ends_with_a_status(service, eater, form):
    with service.failing("getMore"):
        export = service.grpc(eater, form)
        assert await export.read()
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await _rest_of(export)
    assert caught.value.code() is grpc.StatusCode.INTERNAL
    (info,) = _reasons(caught.value)
    assert info.reason == "DATABASE_ERROR"
    await service.no_cursor()


async def _rest_of(export):
    while await export.read() is not grpc.aio.EOF:
        pass


def _reasons(error):
    """The ErrorInfo of a status."""
    details = dict(error.trailing_metadata())["grpc-status-details-bin"]
    for each in status_pb2.Status.FromString(details).details:
        info = error_details_pb2.ErrorInfo()
        if each.Unpack(info):
            yield info
