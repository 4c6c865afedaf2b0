"""Idempotency keys: a call that was made before gets its first answer, and costs nothing."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from google.protobuf.message import Message
from grpc_interceptor.server import AsyncServerInterceptor

from dietcare.api import call
from dietcare.api.converters.fingerprint import fingerprint_of
from dietcare.api.interceptors.base import Context, rpc_of
from dietcare.domain.idempotency import KEY_MAX_CHARACTERS, Answer, Attempt, is_key
from dietcare.domain.ids import UserId
from dietcare.erasure.fence import last_erasure
from dietcare.errors import ValidationError
from dietcare.services.claims import Request
from dietcare.services.idempotency import IdempotencyService
from dietcare.v1 import analysis_pb2, meal_pb2

HEADER = "idempotency-key"
REPLAYED = "idempotent-replayed"
OF_THE_ANSWER = ("etag", "location")
"""Headers that belong to an answer whenever it is given."""

Done = Callable[[UserId, Attempt], Awaitable[bool]]
"""Says whether an earlier try has done what a key stands for."""

ANSWERS: Mapping[str, type[Message]] = {
    "LogMeal": meal_pb2.LogMealResponse,
    "UpdateMeal": meal_pb2.UpdateMealResponse,
    "AnalyzeFood": analysis_pb2.AnalyzeFoodResponse,
}
TIMEOUTS_S: Mapping[str, float] = {"LogMeal": 12.0, "UpdateMeal": 12.0, "AnalyzeFood": 35.0}
"""Longer than the deadline of the RPC: work that was begun is not given up with its caller."""


class IdempotencyInterceptor(AsyncServerInterceptor):
    """Has the rest of the chain run once for each key; `done` by the name of the RPC."""

    def __init__(self, service: IdempotencyService, done: Mapping[str, Done]) -> None:
        self._service = service
        self._done = done

    async def intercept_service(
        self, continuation: Callable[[Any], Awaitable[Any]], handler_call_details: Any
    ) -> Any:
        """As the base class, but streams pass it by: no key is for one."""
        handler = await continuation(handler_call_details)
        if handler is None or handler.response_streaming:
            return handler

        async def found(_details: Any) -> Any:
            return handler

        unary: Any = super().intercept_service  # it has no types
        return await unary(found, handler_call_details)

    async def intercept(
        self,
        method: Callable[..., Any],
        request_or_iterator: Any,
        context: Context,
        method_name: str,
    ) -> Any:
        rpc = rpc_of(method_name) or ""
        key = _key(context) if rpc in ANSWERS else None
        current = call.current()
        user_id = current.owner
        if key is None or user_id is None:
            return await method(request_or_iterator, context)

        async def work(attempt: Attempt) -> Answer:
            current.attempt = attempt
            done = self._done.get(rpc)
            if attempt.is_paid and done is not None:
                current.is_free = await done(user_id, attempt)
            message: Message = await method(request_or_iterator, context)
            return _answer(message, current)

        request = Request(
            user_id,
            rpc,
            key,
            fingerprint_of(request_or_iterator),
            TIMEOUTS_S[rpc],
            after=last_erasure(user_id),
        )
        outcome = await self._service.once(request, work)
        if outcome.is_replay:
            others = [pair for pair in current.trailers if pair[0] not in OF_THE_ANSWER]
            current.trailers = [*others, *outcome.answer.headers, (REPLAYED, "true")]
        return ANSWERS[rpc].FromString(outcome.answer.body)


def _key(context: Context) -> str | None:
    keys = [value for name, value in context.invocation_metadata() or () if name == HEADER]
    if not keys:
        return None
    if len(keys) > 1 or not isinstance(keys[0], str) or not is_key(keys[0]):
        raise ValidationError.of(HEADER, "field.idempotency_key", maximum=KEY_MAX_CHARACTERS)
    return keys[0]


def _answer(message: Message, current: call.Call) -> Answer:
    headers = tuple(
        (name, value)
        for name, value in current.trailers
        if name in OF_THE_ANSWER and isinstance(value, str)
    )
    return Answer(message.SerializeToString(), headers)
