"""With an authority for clients, gRPC is for those that it knows; REST is for everybody."""

import ssl
from datetime import timedelta

import grpc
import pytest
from certificates import Authority

from dietcare.v1 import streak_pb2

INTERNAL = Authority("internal services")
STRANGERS = Authority("internal services")  # the same name, another key


async def asked(secured, client=None):
    async with secured.stub(client) as stub:
        metadata = (("authorization", secured.token),)
        return await stub.GetStreak(streak_pb2.GetStreakRequest(), metadata=metadata)


async def is_refused(secured, client=None):
    """Whether the call failed before any service heard of it."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await asked(secured, client)
    assert caught.value.code() is grpc.StatusCode.UNAVAILABLE, caught.value.details()
    return caught.value.trailing_metadata() is None or not len(caught.value.trailing_metadata())


async def test_a_client_of_the_authority_is_served(secure):
    async with secure(INTERNAL.pem) as secured:
        assert (await asked(secured, INTERNAL.issue("reporting"))).streak.current_streak == 0


async def test_a_client_without_a_certificate_or_with_another_one_is_refused(secure):
    async with secure(INTERNAL.pem) as secured:
        assert await is_refused(secured)
        assert await is_refused(secured, STRANGERS.issue("reporting"))
        assert await is_refused(secured, secured.authority.issue("reporting"))


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_who_is_refused_hears_nothing_of_http2(secure, tmp_path, version):
    async with secure(INTERNAL.pem) as secured:
        context = secured.context(maximum_version=version)
        context.set_alpn_protocols(["h2"])
        assert await secured.heard(secured.addresses.grpc, context) == b""

        context.load_cert_chain(*INTERNAL.issue("reporting").written(tmp_path, "client"))
        assert await secured.heard(secured.addresses.grpc, context) != b""


async def test_a_certificate_of_a_client_that_has_ended_is_refused(secure):
    async with secure(INTERNAL.pem) as secured:
        ended = INTERNAL.issue("reporting", ends_in=-timedelta(minutes=1))
        assert await is_refused(secured, ended)


async def test_another_authority_takes_over_without_a_restart(secure):
    successor = Authority("internal services, next year")
    async with secure(INTERNAL.pem) as secured:
        old, new = INTERNAL.issue("reporting"), successor.issue("reporting")
        assert await is_refused(secured, new)

        secured.mount.put(secured.authority.issue("127.0.0.1"), INTERNAL.pem + successor.pem)
        await asked(secured, old)
        await asked(secured, new)

        secured.mount.put(secured.authority.issue("127.0.0.1"), successor.pem)
        await asked(secured, new)
        assert await is_refused(secured, old)


async def test_rest_asks_nobody_for_a_certificate(secure):
    async with secure(INTERNAL.pem) as secured, secured.http() as http:
        assert (await http.get("/api/diet/streak")).status_code == 200
