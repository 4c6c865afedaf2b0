"""What is known of the call being served."""

import pytest

from dietcare.api.call import Call as ServedCall
from dietcare.api.call import current
from dietcare.auth.caller import Caller
from dietcare.errors import AuthenticationError
from dietcare.messages import Language
from dietcare.serving import CONTRACT, SERVICE
from dietcare.v1 import account_pb2, service_pb2_grpc
from gateway import Api, Call, LocalDispatcher


def test_nobody_calls_before_the_token_is_verified():
    with pytest.raises(AuthenticationError):
        _ = ServedCall("GetStreak", "req_1").caller


@pytest.mark.parametrize(
    ("accept_language", "locale", "language"),
    [(None, "en-US", "en"), ("ko", "en-US", "ko"), (None, None, "ko"), ("en", None, "en")],
)
def test_the_header_goes_before_the_locale_of_the_token(accept_language, locale, language, user):
    caller = Caller(user, frozenset(), 0, locale=locale)

    call = ServedCall("GetStreak", "req_1", accept_language, caller)

    assert call.language is Language(language)


async def test_a_stream_that_its_client_leaves_is_closed_at_once_and_counts_as_cancelled(
    metrics, real_chain, token
):
    ended = []

    class Streams(service_pb2_grpc.DietCareServiceServicer):
        async def ExportUserData(self, request, context):  # noqa: N802 - the name of the RPC
            try:
                while True:
                    yield account_pb2.ExportUserDataResponse()
            finally:
                ended.append(current().request_id)

    dispatcher = await LocalDispatcher.build(
        lambda server: service_pb2_grpc.add_DietCareServiceServicer_to_server(Streams(), server),
        real_chain,
    )
    methods = Api.load(CONTRACT.read_bytes(), [SERVICE]).methods
    method = next(each for each in methods if each.name == "ExportUserData")
    metadata = (("authorization", f"Bearer {token()}"), ("x-request-id", "req_1"))
    stream = dispatcher.stream(Call(method, method.request_class(), metadata))

    await anext(stream)
    await stream.aclose()

    assert ended == ["req_1"]
    assert 'dietcare_rpc_total{code="CANCELLED",method="ExportUserData"} 1.0' in (
        metrics.exposition().decode()
    )
