"""No RPC of DietCare is served without a verified token; health and reflection need none."""

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from dietcare.serving import SERVICE, grpc_server
from dietcare.v1 import service_pb2_grpc, streak_pb2
from gateway import Call, LocalDispatcher, RpcFailure

RPCS = sorted(
    method.name for method in streak_pb2.DESCRIPTOR.pool.FindServiceByName(SERVICE).methods
)


@pytest.fixture
async def channel(app):
    """A channel to the real gRPC server of the app."""
    server = grpc_server(app)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield channel
    await server.stop(None)


@pytest.mark.parametrize("method", RPCS)
async def test_every_rpc_needs_a_token(call, method):
    answer = await call(method, auth=False, accept_language="en")

    assert (answer.code, answer.reason) == ("UNAUTHENTICATED", "UNAUTHENTICATED")
    assert answer.text == "A valid access token is required"
    assert answer.left == (None, None, None)


@pytest.mark.parametrize(
    "values",
    [
        [""],
        ["Bearer"],
        ["Bearer "],
        ["Basic {token}"],
        ["{token}"],
        ["Bearer{token}"],
        ["Bearer {token} x"],
        ["Bearer x{token}"],
        ["Bearer {token}", "Bearer {token}"],
        ["Bearer {token}", ""],
        [b"Bearer {token}"],
    ],
)
async def test_a_malformed_authorization_is_unauthenticated(app, behind_chain, token, values):
    pairs = tuple(
        ("authorization", each.replace("{token}", token()) if isinstance(each, str) else each)
        for each in values
    )
    dispatcher = await LocalDispatcher.build(
        lambda server: service_pb2_grpc.add_DietCareServiceServicer_to_server(app.servicer, server),
        app.interceptors,
    )
    with pytest.raises(RpcFailure) as caught:
        await dispatcher.unary(Call(_streak(), streak_pb2.GetStreakRequest(), pairs))

    assert caught.value.code is grpc.StatusCode.UNAUTHENTICATED


def _streak():
    from dietcare.serving import CONTRACT
    from gateway import Api

    methods = Api.load(CONTRACT.read_bytes(), [SERVICE]).methods
    return next(method for method in methods if method.name == "GetStreak")


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
async def test_the_scheme_is_written_in_any_case(channel, token, scheme):
    stub = service_pb2_grpc.DietCareServiceStub(channel)
    metadata = (("authorization", f"{scheme} {token()}"), ("x-request-id", "req_mine"))

    rpc = stub.GetStreak(streak_pb2.GetStreakRequest(), metadata=metadata)

    assert (await rpc).streak.total_days_logged == 0
    assert dict(await rpc.trailing_metadata())["x-request-id"] == "req_mine"


async def test_over_a_real_channel_a_missing_token_is_unauthenticated(channel):
    stub = service_pb2_grpc.DietCareServiceStub(channel)

    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await stub.GetStreak(streak_pb2.GetStreakRequest())

    assert caught.value.code() is grpc.StatusCode.UNAUTHENTICATED
    assert "x-request-id" in dict(caught.value.trailing_metadata())


@pytest.mark.parametrize("service", ["", SERVICE])
async def test_health_needs_no_token(channel, app, service):
    stub = health_pb2_grpc.HealthStub(channel)
    request = health_pb2.HealthCheckRequest(service=service)
    serving = health_pb2.HealthCheckResponse

    assert (await stub.Check(request)).status == serving.SERVING
    watch = stub.Watch(request)
    assert (await watch.read()).status == serving.SERVING
    watch.cancel()
    app.health.drain()
    assert (await stub.Check(request)).status == serving.NOT_SERVING


async def test_a_watcher_is_told_that_the_server_drains_and_holds_nothing_up(channel, app):
    watch = health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest())
    serving = health_pb2.HealthCheckResponse

    assert (await watch.read()).status == serving.SERVING
    app.health.drain()
    assert (await watch.read()).status == serving.NOT_SERVING
    assert await watch.read() is grpc.aio.EOF


async def test_health_knows_no_other_service(channel):
    stub = health_pb2_grpc.HealthStub(channel)
    request = health_pb2.HealthCheckRequest(service="else")

    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await stub.Check(request)
    assert caught.value.code() is grpc.StatusCode.NOT_FOUND
    watch = stub.Watch(request)
    assert (await watch.read()).status == health_pb2.HealthCheckResponse.SERVICE_UNKNOWN
    watch.cancel()


async def test_reflection_needs_no_token_and_knows_the_details_of_errors(channel):
    stub = reflection_pb2_grpc.ServerReflectionStub(channel)
    asked = [
        reflection_pb2.ServerReflectionRequest(list_services=""),
        reflection_pb2.ServerReflectionRequest(file_containing_symbol="google.rpc.ErrorInfo"),
    ]

    listed, found = [each async for each in stub.ServerReflectionInfo(iter(asked))]

    assert {each.name for each in listed.list_services_response.service} >= {
        SERVICE,
        "grpc.health.v1.Health",
    }
    assert found.file_descriptor_response.file_descriptor_proto


async def test_bytes_that_are_no_message_are_an_invalid_argument(channel, token):
    raw = channel.unary_unary(f"/{SERVICE}/GetStreak", request_serializer=bytes)

    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await raw(b"\xff\xff", metadata=(("authorization", f"Bearer {token()}"),))

    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert caught.value.details() == "요청 값이 올바르지 않습니다"
