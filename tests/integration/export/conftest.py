"""A service over a real mongod, on real sockets, and somebody with a long history."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import grpc
import httpx2
import jwt
import pymongo
import pytest
import pytest_asyncio
import structlog

from dietcare.app import App, build_app
from dietcare.domain.food import Food
from dietcare.domain.ids import MealId, UserId
from dietcare.domain.meal import Meal, MealType
from dietcare.domain.nutrients import Nutrients
from dietcare.repositories.mongo.meal_documents import meal_document
from dietcare.serving import serve
from dietcare.settings import Settings
from dietcare.v1 import account_pb2, service_pb2_grpc

SECRET = "s" * 40
UNKNOWN_ERROR = 8
MEALS = 6_000
NOTE = "국물은 남겼다. " * 100
FORMATS = {
    "ndjson": account_pb2.EXPORT_FORMAT_NDJSON,
    "csv": account_pb2.EXPORT_FORMAT_CSV,
    "fhir-r4": account_pb2.EXPORT_FORMAT_FHIR_R4,
    "fhir-r5": account_pb2.EXPORT_FORMAT_FHIR_R5,
}


@dataclass
class Service:
    """The running service, and ways to ask it for exports."""

    app: App
    http: httpx2.AsyncClient
    stub: Any
    database: Any

    def rest(self, user_id: str, form: str) -> Any:
        """An export over REST, whose body is still to be read."""
        path, headers = f"/api/diet/users/{user_id}/export", {"authorization": _bearer(user_id)}
        return self.http.stream("GET", path, params={"format": form}, headers=headers)

    def grpc(self, user_id: str, form: str) -> Any:
        """An export over gRPC."""
        request = account_pb2.ExportUserDataRequest(user_id=user_id, format=FORMATS[form])
        metadata = (("authorization", _bearer(user_id)),)
        return self.stub.ExportUserData(request, metadata=metadata)

    async def send(self, method: str, user_id: str, path: str, **rest: Any) -> httpx2.Response:
        """Something else than an export, over REST."""
        headers = {"authorization": _bearer(user_id)}
        return await self.http.request(method, f"/api/diet{path}", headers=headers, **rest)

    async def cursors(self) -> list[Mapping[str, Any]]:
        """Those that the server holds on meals, in use or not."""
        match = {"ns": f"{self.database.name}.meal_logs", "cursor": {"$ne": None}}
        pipeline = [{"$currentOp": {"idleCursors": True}}, {"$match": match}]
        return await asyncio.to_thread(
            lambda: [each["cursor"] for each in self.database.client.admin.aggregate(pipeline)]
        )

    async def no_cursor(self) -> None:
        """Wait until the server holds none."""
        async with asyncio.timeout(10):
            while await self.cursors():
                pass

    @contextmanager
    def failing(self, command: str) -> Iterator[None]:
        """The server fails every such command on meals."""
        namespace = f"{self.database.name}.meal_logs"
        data = {"failCommands": [command], "namespace": namespace, "errorCode": UNKNOWN_ERROR}
        admin, point = self.database.client.admin, {"configureFailPoint": "failCommand"}
        admin.command({**point, "mode": "alwaysOn", "data": data})
        try:
            yield
        finally:
            admin.command({**point, "mode": "off"})


def _bearer(user_id: str) -> str:
    return f"Bearer {jwt.encode({'sub': user_id, 'exp': 4_102_444_800}, SECRET, 'HS256')}"


@pytest.fixture(params=["motor", "pymongo"], scope="module")
def driver(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module", autouse=True)
def plain_logs() -> Iterator[None]:
    """One line each: structlog's own default renders tracebacks for seconds."""
    structlog.configure(processors=[structlog.processors.KeyValueRenderer()])
    yield
    structlog.reset_defaults()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def service(mongod_uri: str, driver: str) -> AsyncIterator[Service]:
    name = f"export_{os.urandom(6).hex()}"
    settings = Settings(
        _env_file=None,
        jwt_secret=SECRET,
        mongodb_uri=mongod_uri,
        mongodb_database=name,
        mongodb_driver=driver,
        grpc_address="127.0.0.1:0",
        http_address="127.0.0.1:0",
    )
    async with AsyncExitStack() as stack:
        client = stack.enter_context(pymongo.MongoClient[dict[str, Any]](mongod_uri))
        stack.callback(client.drop_database, name)
        app = await stack.enter_async_context(build_app(settings))
        bound = await stack.enter_async_context(serve(app))
        channel = await stack.enter_async_context(grpc.aio.insecure_channel(bound.grpc))
        http = await stack.enter_async_context(
            httpx2.AsyncClient(base_url=f"http://{bound.http}", trust_env=False, timeout=30)
        )
        yield Service(app, http, service_pb2_grpc.DietCareServiceStub(channel), client[name])


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def eater(service: Service) -> str:
    """Somebody with a history of 20 MB, which no buffer between us and them holds."""
    user_id = UserId(os.urandom(12).hex())
    first = datetime(2020, 1, 1, 3, tzinfo=UTC)
    meals = [_meal(user_id, first + timedelta(hours=6 * number)) for number in range(MEALS)]
    documents = [meal_document(user_id, meal) for meal in meals]
    await asyncio.to_thread(service.database["meal_logs"].insert_many, documents)
    answer = await service.send("GET", user_id, "/streak")  # which is derived, and then kept
    assert answer.status_code == 200
    return user_id


def _meal(user_id: UserId, at: datetime) -> Meal:
    food = Food("된장찌개", 400, Nutrients(sodium_mg=1_200.5, protein_g=14))
    return Meal(
        id=MealId(os.urandom(12).hex()),
        user_id=user_id,
        meal_type=MealType.DINNER,
        foods=(food,),
        total_nutrients=food.nutrients,
        logged_at=at,
        local_date=at.date(),
        time_zone="UTC",
        created_at=at,
        updated_at=at,
        note=NOTE,
    )
