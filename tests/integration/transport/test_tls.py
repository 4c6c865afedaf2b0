"""TLS of both ports: what is agreed with clients, and what is refused."""

import asyncio
import contextlib
import ssl
import warnings

import grpc
import httpx2
import pytest

from dietcare.v1 import streak_pb2

pytestmark = pytest.mark.asyncio(loop_scope="module")

PATIENCE_S = 20
REFUSED = (ssl.SSLError, ConnectionError)
"""An alert, or the end of the connection."""


def old_client(secured, version):
    """A client that knows nothing newer than this version, and minds nothing."""
    context = secured.context()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = version
    context.set_ciphers("ALL:@SECLEVEL=0")
    return context


@pytest.fixture(params=["http", "grpc"])
def address(request, secured):
    return getattr(secured.addresses, request.param)


async def test_rest_and_grpc_answer_over_tls(secured):
    async with secured.http() as http:
        answer = await http.get("/api/diet/streak")
    assert answer.status_code == 200, answer.text
    async with secured.stub() as stub:
        metadata = (("authorization", secured.token),)
        reply = await stub.GetStreak(streak_pb2.GetStreakRequest(), metadata=metadata)
    assert reply.streak.current_streak == 0


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
async def test_versions_before_1_2_are_refused(secured, address, version):
    with pytest.raises(REFUSED):
        await secured.handshake(address, old_client(secured, version))


@pytest.mark.parametrize(
    ("version", "name"), [(ssl.TLSVersion.TLSv1_2, "TLSv1.2"), (ssl.TLSVersion.TLSv1_3, "TLSv1.3")]
)
async def test_versions_from_1_2_are_spoken_with_the_same_client(secured, address, version, name):
    assert (await secured.handshake(address, old_client(secured, version))).version == name


async def test_ciphers_without_authenticated_encryption_are_refused(secured, address):
    context = secured.context(maximum_version=ssl.TLSVersion.TLSv1_2)
    context.set_ciphers("ECDHE+AES:!AESGCM:!AESCCM")
    with pytest.raises(REFUSED):
        await secured.handshake(address, context)


async def test_each_port_agrees_on_the_protocol_that_it_speaks(secured):
    context = secured.context()
    context.set_alpn_protocols(["h2", "http/1.1"])
    found = [
        (await secured.handshake(each, context)).protocol
        for each in (secured.addresses.http, secured.addresses.grpc)
    ]
    assert found == ["http/1.1", "h2"]


async def test_plain_text_gets_no_answer_from_either_port(secured, address):
    host, _, port = address.rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(b"GET /livez HTTP/1.1\r\nhost: test\r\n\r\n")
    async with asyncio.timeout(PATIENCE_S):
        with contextlib.suppress(ConnectionError):
            assert b"HTTP/1.1" not in await reader.read()
    writer.close()


async def test_a_client_that_does_not_believe_the_authority_is_safe(secured, address):
    with pytest.raises(ssl.SSLCertVerificationError):
        await secured.handshake(address, ssl.create_default_context())


async def test_probes_and_metrics_stay_plain_on_the_admin_address(secured):
    async with httpx2.AsyncClient(
        base_url=f"http://{secured.addresses.admin}", trust_env=False
    ) as http:
        answers = [await http.get(path) for path in ("/livez", "/readyz", "/metrics")]
    assert [each.status_code for each in answers] == [200, 200, 200]
    assert "strict-transport-security" not in answers[0].headers
    assert "dietcare_tls_certificate_expires_at_seconds 1." in answers[2].text


async def test_every_answer_over_tls_says_to_stay_with_it(secured):
    async with secured.http() as http:
        answers = [
            await http.get("/livez"),
            await http.get("/docs"),
            await http.get("/nowhere"),
            await http.get("/api/diet/goals"),
            await http.get("/api/diet/streak", headers={"authorization": ""}),
        ]
    assert [each.status_code for each in answers] == [200, 200, 404, 404, 401]
    for each in answers:
        assert each.headers["strict-transport-security"] == "max-age=31536000"
        assert "server" not in each.headers


async def test_what_is_refused_before_the_gateway_says_so_too(secured):
    host, _, port = secured.addresses.http.rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port), ssl=secured.context())
    writer.write(b"no HTTP at all\r\n\r\n")
    async with asyncio.timeout(PATIENCE_S):
        answer = await reader.read()
    writer.close()
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"\r\nstrict-transport-security: max-age=31536000\r\n" in answer


async def test_a_failed_handshake_is_not_the_service_s_fault(secured, address, caplog):
    for _ in range(5):
        with pytest.raises(REFUSED):
            await secured.handshake(address, old_client(secured, ssl.TLSVersion.TLSv1_1))
    assert [each for each in caplog.records if each.levelname in ("ERROR", "CRITICAL")] == []
    async with secured.stub() as stub:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await stub.GetStreak(streak_pb2.GetStreakRequest())
    assert caught.value.code() is grpc.StatusCode.UNAUTHENTICATED
