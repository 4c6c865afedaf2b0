"""The real interceptor chain and the real app, called in the process."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from google.rpc import error_details_pb2

from dietcare.api.addresses import ClientAddresses
from dietcare.api.interceptors.access import AccessInterceptor
from dietcare.api.interceptors.chain import chain
from dietcare.api.interceptors.fence import FenceInterceptor
from dietcare.api.interceptors.idempotency import IdempotencyInterceptor
from dietcare.app import Overrides, build_app
from dietcare.auth.keys import OneKey
from dietcare.auth.tokens import TokenVerifier, issue
from dietcare.domain.food import Confidence, Food, NutrientSource
from dietcare.domain.nutrients import Nutrients
from dietcare.domain.quota import DAY_WINDOW_S, Limit, LimitName
from dietcare.errors import GoalUpdateLimitExceededError, MealLogLimitExceededError, OpenAIAPIError
from dietcare.limits.session import SessionLimit
from dietcare.limits.units import Units
from dietcare.limits.window import WindowLimit
from dietcare.limits.wiring import Limits
from dietcare.repositories.memory.counters import MemoryCounters
from dietcare.services.audit import AuditService
from dietcare.services.idempotency import IdempotencyService
from dietcare.services.owners import ProcessOwners
from dietcare.services.shielded import Shielded
from dietcare.serving import CONTRACT, SERVICE
from dietcare.settings import Settings
from dietcare.telemetry.metrics import Metrics
from dietcare.v1 import analysis_pb2, food_pb2, meal_pb2, service_pb2_grpc
from dietcare.vision.port import Picture, PictureFile, PictureReader, Sighting, VisionModel
from gateway import Api, Call, LocalDispatcher, RpcFailure
from gateway.status import detail

SECRET = "a secret that only these tests know"
RICE = food_pb2.Food(
    name="현미밥", portion_g=210, sodium_mg=2, protein_g=5.2, potassium_mg=157, phosphorus_mg=189
)
METHODS = {method.name: method for method in Api.load(CONTRACT.read_bytes(), [SERVICE]).methods}


class Answer(SimpleNamespace):
    """A reply or a failure: `message`, `code`, `reason`, `trailers`, `detail(kind)`."""

    def detail(self, kind: Any) -> Any:
        return detail(self.status, kind)

    @property
    def fields(self) -> dict[str, str]:
        bad = self.detail(error_details_pb2.BadRequest)
        return {each.field: each.description for each in bad.field_violations}

    @property
    def left(self) -> tuple[str | None, ...]:
        """Limit, remaining, reset, as the trailers tell them."""
        names = ("limit", "remaining", "reset")
        return tuple(self.trailers.get(f"x-ratelimit-{name}") for name in names)


def _failed(failure: RpcFailure) -> Answer:
    info = detail(failure.status, error_details_pb2.ErrorInfo)
    return Answer(
        message=None,
        status=failure.status,
        code=failure.code.name,
        text=failure.status.message,
        reason=info.reason if info else None,
        trailers=dict(failure.metadata),
    )


def _caller(dispatcher: LocalDispatcher, token: Callable[..., str]) -> Callable[..., Any]:
    async def call(
        method: str, request: Any = None, *, auth: Any = True, **metadata: str
    ) -> Answer:
        timeout_s = metadata.pop("timeout_s", None)
        pairs = [(name.replace("_", "-"), value) for name, value in metadata.items()]
        if auth:
            pairs.append(("authorization", f"Bearer {token() if auth is True else auth}"))
        rpc = METHODS[method]
        request = request if request is not None else rpc.request_class()
        made = Call(rpc, request, tuple(pairs), timeout_s=timeout_s)
        try:
            if rpc.server_streaming:
                stream = dispatcher.stream(made)
                return Answer(message=[m async for m in stream], trailers=dict(stream.metadata))
            reply = await dispatcher.unary(made)
        except RpcFailure as failure:
            return _failed(failure)
        return Answer(message=reply.message, code="OK", trailers=dict(reply.metadata))

    return call


@pytest.fixture
def token(clock, user) -> Callable[..., str]:
    """A token that holds for an hour; the patient's own unless the test says otherwise."""

    def made(subject: str = user, **said: Any) -> str:
        expires_at = clock.now().timestamp() + 3_600
        return issue(SECRET, "HS256", subject, expires_at=expires_at, **said)

    return made


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


@pytest.fixture
def room() -> int:
    """How many calls may be in flight."""
    return 1_000


@pytest.fixture
def limits(services, clock) -> dict[LimitName, Any]:
    counters = MemoryCounters()
    meals = Limit(LimitName.MEALS, 3, DAY_WINDOW_S)
    goals = Limit(LimitName.GOAL_UPDATES, 10, DAY_WINDOW_S)
    return {
        LimitName.ANALYSES: SessionLimit(services.sessions),
        LimitName.MEALS: WindowLimit(meals, counters, clock, MealLogLimitExceededError),
        LimitName.GOAL_UPDATES: WindowLimit(goals, counters, clock, GoalUpdateLimitExceededError),
    }


@pytest.fixture
async def real_chain(metrics, limits, services, stored, clock, new_id, room):
    """The interceptors of the app over the limits above; calls are not counted by address."""
    units, verifier = Units(), TokenVerifier(OneKey(SECRET, ("HS256",)), clock)
    keys = IdempotencyService(stored.idempotency, clock, new_id, ProcessOwners())
    once = IdempotencyInterceptor(keys, {})
    access = AccessInterceptor(AuditService(stored.audit, clock, Shielded()))
    clients = ClientAddresses(())
    fence = FenceInterceptor(services.erasure.fence)
    yield chain(metrics, verifier, Limits(limits, None, units), clients, access, fence, once, room)
    await keys.aclose()
    await units.aclose()


@pytest.fixture
def behind_chain(real_chain, token):
    """Put a servicer behind the real chain; gives the function that calls it."""

    async def build(servicer: Any, interceptors: Any = None) -> Callable[..., Any]:
        dispatcher = await LocalDispatcher.build(
            lambda server: service_pb2_grpc.add_DietCareServiceServicer_to_server(servicer, server),
            interceptors or real_chain,
        )
        return _caller(dispatcher, token)

    return build


class Eye(VisionModel):
    """Sees one bowl of something in no table, or `foods`; `shut` makes it fail."""

    shut = False
    foods = (
        Food("할머니 파이", 210, Nutrients(2, 5.2, 157), Confidence.HIGH, NutrientSource.MODEL),
    )

    async def look(self, picture: Picture) -> Sighting:
        if self.shut:
            raise OpenAIAPIError
        return Sighting(self.foods if picture.jpeg != b"wall" else (), "simulated", "v3", 5, 10)


class Album(PictureReader):
    async def from_url(self, url: str) -> Picture:
        return Picture(b"jpeg", url)

    async def from_bytes(self, data: PictureFile) -> Picture:
        jpeg = bytes(data)
        return Picture(jpeg, jpeg.hex())


@pytest.fixture
def eye() -> Eye:
    return Eye()


@pytest.fixture
async def app(backend, clock, new_id, eye):
    """The app as it is assembled for development, over memory."""
    settings = Settings(
        _env_file=None, jwt_secret=SECRET, grpc_address="127.0.0.1:0", http_address="127.0.0.1:0"
    )
    overrides = Overrides(backend, eye, Album(), clock, new_id)
    async with build_app(settings, overrides) as app:
        yield app


@pytest.fixture
async def call(app, behind_chain):
    """Call an RPC of the app: `await call("GetStreak", request)`."""
    return await behind_chain(app.servicer, app.interceptors)


@pytest.fixture
def breakfast():
    return meal_pb2.LogMealRequest(meal_type=meal_pb2.MEAL_TYPE_BREAKFAST, foods=[RICE])


@pytest.fixture
def analyze(call):
    async def made(data: bytes = b"photo"):
        return await call("AnalyzeFood", analysis_pb2.AnalyzeFoodRequest(image_data=data))

    return made
