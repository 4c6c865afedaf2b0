"""A running service whose round trips to the database are counted, and people who use it."""

import os
from base64 import b64encode, urlsafe_b64encode
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import httpx2
import pymongo
from bson import ObjectId
from google.rpc import error_details_pb2, status_pb2
from pydantic import SecretStr
from refusals.case import Case
from refusals.requests import http_request, message

from dietcare.app import App, Overrides, build_app
from dietcare.auth.tokens import issue
from dietcare.clock import SystemClock
from dietcare.local.environment import local_environment
from dietcare.repositories.mongo.backend import MongoBackend
from dietcare.serving import serve
from dietcare.settings import Settings
from dietcare.v1 import service_pb2_grpc
from isolation.table import NOBODY, valid_request

SECRET = "s" * 40
SAMPLE = Path(__file__).parents[3] / "samples" / "bibimbap.jpg"
PICTURE = b64encode(SAMPLE.read_bytes()).decode()
TRANSPORTS = ("REST", "gRPC")
VARYING = (b"date",)
"""Headers that differ between any two answers."""
KEY = "used"


class Observer:
    """Which commands went to the database, and to which collections.

    But for the looks at who is being erased, which no call has asked for.
    """

    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []

    def started(self, name: str, command: Mapping[str, Any]) -> None:
        asked = (name, str(command.get("collection", command[name])))
        if asked != ("find", "erasures"):
            self.sent.append(asked)

    def finished(self, name: str, duration_s: float, *, failed: bool) -> None:
        pass


@dataclass(frozen=True)
class Answer:
    """An answer: what it says, all of it, and what it took."""

    status: int | str
    reason: str | None
    headers: Mapping[str, str]
    whole: tuple[Any, ...]
    """Everything that a client can see of it."""
    commands: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Owner:
    """Somebody with one of everything."""

    id: str
    secret: str
    """Stands in a meal's note, and nowhere else."""
    ids: Mapping[str, str]
    """What each path of `table.IDS` names of theirs."""


@dataclass(frozen=True)
class World:
    """The service, and the ways to it."""

    app: App
    http: httpx2.AsyncClient
    stub: Any
    observer: Observer
    database: Any

    def token(self, caller: str, owner_id: str) -> str | None:
        """The token of a caller of `table.CALLERS`."""
        now = SystemClock().now().timestamp()
        if caller in NOBODY:
            expired = issue(SECRET, "HS256", owner_id, expires_at=now - 3_600)
            return {"no token": None, "garbage": "garbage", "expired": expired}[caller]
        scope = caller if caller.startswith("diet:") else ""
        subject = "clinic" if scope else os.urandom(12).hex()
        if caller.startswith("own"):
            subject = owner_id
        return issue(SECRET, "HS256", subject, expires_at=now + 3_600, scope=scope)

    async def send(
        self, over: str, rpc: str, request: Any, token: str | None, *, key: str | None = None
    ) -> Answer:
        """One call; every call has the same request id, so that it tells no two answers apart."""
        pairs = [("x-request-id", "r")]
        pairs += [("authorization", f"Bearer {token}")] if token is not None else []
        pairs += [("idempotency-key", key)] if key is not None else []
        case = Case(name="", rpc=rpc, reason="", request=request)
        begun = len(self.observer.sent)
        status, reason, headers, whole = await {"REST": self._rest, "gRPC": self._grpc}[over](
            case, pairs
        )
        return Answer(status, reason, headers, whole, tuple(self.observer.sent[begun:]))

    async def _rest(self, case: Case, pairs: list[tuple[str, str]]) -> Any:
        method, path, body = http_request(case, {})
        content = {} if body is None else {"json": body}
        answer = await self.http.request(method, path, headers=pairs, **content)
        reason = None if answer.is_success else answer.json()["detail"]["reason"]
        headers = [pair for pair in answer.headers.raw if pair[0].lower() not in VARYING]
        whole = (answer.status_code, headers, answer.content)
        return answer.status_code, reason, dict(answer.headers), whole

    async def _grpc(self, case: Case, pairs: list[tuple[str, str]]) -> Any:
        running = getattr(self.stub, case.rpc)(message(case, {}), metadata=pairs, timeout=30)
        try:
            if isinstance(running, grpc.aio.UnaryStreamCall):
                answers = [each async for each in running]
            else:
                answers = [await running]
        except grpc.aio.AioRpcError:
            answers = []
        trailers = tuple(await running.trailing_metadata())
        code, details = (await running.code()).name, await running.details()
        begin = tuple(await running.initial_metadata())
        whole = (code, details, begin, trailers, [str(each) for each in answers])
        return code, _reason(dict(trailers)), dict(trailers), whole

    async def new_owner(self, key: str | None = KEY) -> Owner:
        """Somebody new who has logged two meals, one under `key`, analysed one and set goals."""
        user_id, secret = os.urandom(12).hex(), os.urandom(12).hex()
        token = self.token("own", user_id)

        async def done(rpc: str, key: str | None = None, **values: Any) -> Any:
            request = valid_request(rpc, {"image_data": PICTURE, **values}, None)
            method, path, body = http_request(
                Case(name="", rpc=rpc, reason="", request=request), {}
            )
            headers = {"authorization": f"Bearer {token}"}
            headers |= {"idempotency-key": key} if key is not None else {}
            content = {} if body is None else {"json": body}
            answer = await self.http.request(method, path, headers=headers, **content)
            assert answer.is_success, answer.text
            return answer.json()

        analysis = (await done("AnalyzeFood", key))["analysis"]["analysis_id"]
        meal = (await done("LogMeal", key))["meal"]["id"]
        await done("LogMeal", note=secret)
        await done("UpdateMeal", key, meal_id=meal)
        await done("UpdateGoals")
        page = (await done("ListMeals", page_size=1))["pagination"]["next_page_token"]
        ids = {"meal_id": meal, "analysis_id": analysis, "page_token": page, "meal.id": meal}
        ids |= {"user_id": user_id, "meal.user_id": user_id, "meal.analysis_id": analysis}
        return Owner(user_id, secret, ids)

    def stored(self, owner: Owner) -> dict[str, list[Any]]:
        """Everything in the database of somebody, but for the audit log."""
        names = set(self.database.list_collection_names()) - {"audit_log"}
        query = {"user_id": ObjectId(owner.id)}
        return {name: list(self.database[name].find(query).sort("_id")) for name in sorted(names)}

    async def audited(self, owner: Owner) -> list[tuple[str, str, str]]:
        """What the audit log has of somebody: who, what, outcome."""
        log = self.app.backend.repositories.audit
        return [(each.subject, each.action, each.outcome.value) async for each in log.all(owner.id)]


def nothing(path: str) -> str:
    """An id of the same form as the one at `path` that is nobody's."""
    if path == "page_token":
        return urlsafe_b64encode(os.urandom(52)).rstrip(b"=").decode()
    return os.urandom(12).hex()


def _reason(trailers: Mapping[str, Any]) -> str | None:
    status = status_pb2.Status.FromString(trailers.get("grpc-status-details-bin", b""))
    info = error_details_pb2.ErrorInfo()
    return info.reason if any(each.Unpack(info) for each in status.details) else None


@asynccontextmanager
async def open_world(mongod_uri: str, kind: str = "isolation") -> AsyncIterator[World]:
    """The whole service on real sockets, over a database of its own in a real mongod.

    How that is called begins with `kind`.
    """
    name, observer = f"{kind}_{os.urandom(6).hex()}", Observer()
    settings = Settings(
        _env_file=None,
        jwt_secret=SecretStr(SECRET),
        grpc_address="127.0.0.1:0",
        http_address="127.0.0.1:0",
        mongodb_uri=SecretStr(mongod_uri),
        mongodb_database=name,
    )
    async with AsyncExitStack() as stack:
        backend = MongoBackend.open(mongod_uri, name, driver="pymongo", observer=observer)
        stack.push_async_callback(backend.aclose)
        resolved = await stack.enter_async_context(local_environment(settings))
        app = await stack.enter_async_context(build_app(resolved, Overrides(backend=backend)))
        bound = await stack.enter_async_context(serve(app))
        channel = await stack.enter_async_context(grpc.aio.insecure_channel(bound.grpc))
        client = httpx2.AsyncClient(base_url=f"http://{bound.http}", trust_env=False, timeout=30)
        http = await stack.enter_async_context(client)
        raw = stack.enter_context(pymongo.MongoClient[dict[str, Any]](mongod_uri))
        stack.callback(raw.drop_database, name)
        stub = service_pb2_grpc.DietCareServiceStub(channel)
        yield World(app, http, stub, observer, raw[name])
