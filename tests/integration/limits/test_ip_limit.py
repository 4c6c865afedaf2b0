"""The backup limit: so many calls a minute from one address, whoever makes them."""

import grpc
import httpx2
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from dietcare.settings import Settings
from dietcare.v1 import streak_pb2


@pytest.fixture
async def three_a_minute(start, new_user):
    """Users of a service that takes three calls a minute from an address."""
    service = await start(limit_ip_per_minute=3, trusted_proxies="127.0.0.1,10.0.0.0/8")
    return lambda: new_user(service)


async def streak(user, forwarded=None):
    headers = {"x-forwarded-for": forwarded} if forwarded else {}
    return await user.send("GET", "/streak", headers=headers)


def test_it_is_600_a_minute_by_default(monkeypatch):
    monkeypatch.delenv("DIETCARE_LIMIT_IP_PER_MINUTE")
    assert Settings(_env_file=None).limit_ip_per_minute == 600


async def test_the_fourth_call_is_refused_whoever_makes_it(three_a_minute, left_told):
    answers = [await streak(three_a_minute()) for _ in range(4)]
    assert [each.status_code for each in answers] == [200, 200, 200, 429]
    refused = answers[-1].json()
    assert (refused["error_code"], refused["detail"]["reason"]) == (429, "IP_LIMIT_EXCEEDED")
    assert refused["detail"]["limit"] == 3
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 60
    assert left_told(answers[-1]) == 0


async def test_over_grpc_too(three_a_minute):
    user = three_a_minute()
    for _ in range(3):
        await user.call("GetStreak", streak_pb2.GetStreakRequest())
    call = user.call("GetStreak", streak_pb2.GetStreakRequest())
    assert await call.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert (await streak(user)).status_code == 429


async def test_who_has_no_valid_token_is_counted_too(three_a_minute):
    user = three_a_minute()
    http = user.service.http
    codes = [(await http.get("/api/diet/streak")).status_code for _ in range(4)]
    assert codes == [401, 401, 401, 429]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/diet/nowhere", 404),
        ("DELETE", "/api/diet/streak", 405),
        ("GET", "/api/diet/streak?zone=1", 400),
    ],
)
async def test_what_the_gateway_refuses_itself_is_counted_too(three_a_minute, method, path, status):
    user = three_a_minute()
    answers = [await user.service.http.request(method, path) for _ in range(4)]
    assert [each.status_code for each in answers] == [status, status, status, 429]
    refused = answers[-1].json()
    assert refused["detail"]["reason"] == "IP_LIMIT_EXCEEDED"
    assert refused["request_id"] == answers[-1].headers["x-request-id"]
    assert (await streak(user)).status_code == 429


@pytest.mark.parametrize("rpc", ["GetStreak", "ExportUserData"])
async def test_a_message_that_can_not_be_parsed_is_counted_too(three_a_minute, rpc):
    address = three_a_minute().service.addresses.grpc
    async with grpc.aio.insecure_channel(address) as channel:
        kind = channel.unary_stream if rpc == "ExportUserData" else channel.unary_unary
        send = kind(f"/dietcare.v1.DietCareService/{rpc}")
        codes = [await send(b"\xff").code() for _ in range(4)]
    refused, limited = grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.RESOURCE_EXHAUSTED
    assert codes == [refused, refused, refused, limited]


async def test_clients_behind_a_proxy_are_counted_apart(three_a_minute):
    user = three_a_minute()
    for client in ("203.0.113.7", "203.0.113.8"):
        codes = [(await streak(user, client)).status_code for _ in range(4)]
        assert codes == [200, 200, 200, 429]


async def test_a_client_gains_nothing_by_what_it_writes_itself(three_a_minute):
    user = three_a_minute()
    written = [f"198.51.100.{n}, 203.0.113.9" for n in range(4)]
    codes = [(await streak(user, each)).status_code for each in written]
    assert codes == [200, 200, 200, 429]


async def test_without_trusted_proxies_nobody_is_believed(start, new_user):
    user = new_user(await start(limit_ip_per_minute=3))
    codes = [(await streak(user, f"203.0.113.{n}")).status_code for n in range(4)]
    assert codes == [200, 200, 200, 429]


async def test_health_pages_and_reflection_are_not_counted(three_a_minute):
    service = three_a_minute().service
    async with grpc.aio.insecure_channel(service.addresses.grpc) as channel:
        stub = health_pb2_grpc.HealthStub(channel)
        for _ in range(10):
            await stub.Check(health_pb2.HealthCheckRequest())
            assert (await service.http.get("/readyz")).status_code == 200
    assert (await streak(three_a_minute())).status_code == 200


async def test_0_is_no_limit(start, new_user):
    user = new_user(await start(limit_ip_per_minute=0))
    assert {(await streak(user)).status_code for _ in range(20)} == {200}


async def test_a_refused_call_takes_no_unit_of_its_user(three_a_minute):
    user = three_a_minute()
    for _ in range(5):
        answer: httpx2.Response = await user.send("PUT", "/goals", json={"ckd_stage": "3"})
    assert answer.status_code == 429
    from_elsewhere = await user.send("GET", "/quota", headers={"x-forwarded-for": "203.0.113.7"})
    assert from_elsewhere.json()["quota"]["goal_updates"]["remaining"] == 7


@pytest.mark.parametrize("value", ["10.0.0.0/33", "10.0.0.1/8", "proxy.example", "10.0.0.0/8;"])
def test_what_is_no_network_is_refused_at_the_start(value):
    with pytest.raises(ValueError, match="is no address and no network"):
        Settings(_env_file=None, trusted_proxies=value)
