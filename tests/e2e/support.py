"""What the end-to-end tests work with."""

import io
import json
import os
import random
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import grpc
import httpx2
import jwt
from google.rpc import error_details_pb2, status_pb2
from PIL import Image

from dietcare.app import App
from dietcare.clock import Clock, SystemClock
from dietcare.local.ports import is_free
from dietcare.serving import Addresses

SAMPLES = Path(__file__).parents[2] / "samples"
FAR_FUTURE = 4_102_444_800  # 2100-01-01: valid whatever time a test sets


class SettableClock(Clock):
    """The machine's clock, unless a test says what time it is."""

    def __init__(self) -> None:
        self.at: datetime | None = None

    def now(self) -> datetime:
        return self.at or SystemClock().now()


@dataclass(frozen=True)
class Service:
    """The running service."""

    app: App
    addresses: Addresses
    clock: SettableClock

    def token(self, **claims: Any) -> str:
        """A token that the service accepts, if its claims are acceptable."""
        secret = self.app.settings.jwt_secret
        assert secret is not None
        return jwt.encode(claims, secret.get_secret_value(), "HS256")


class Patient:
    """A new user, as they call the service over REST and over gRPC. Other `claims` win."""

    def __init__(self, service: Service, http: httpx2.AsyncClient, stub: Any, **claims: Any):
        self.id = os.urandom(12).hex()
        self.token = service.token(**{"sub": self.id, "exp": FAR_FUTURE, **claims})
        self._http = http
        self._stub = stub

    async def request(
        self, method: str, path: str, *, headers: dict[str, str] | None = None, **rest: Any
    ) -> httpx2.Response:
        """A REST request with the token; `path` begins after /api/diet."""
        merged = {"authorization": f"Bearer {self.token}", **(headers or {})}
        return await self._http.request(method, f"/api/diet{path}", headers=merged, **rest)

    async def get(self, path: str, **query: Any) -> httpx2.Response:
        return await self.request("GET", path, params=query)

    async def post(self, path: str, body: Any) -> httpx2.Response:
        return await self.request("POST", path, json=body)

    async def put(self, path: str, body: Any) -> httpx2.Response:
        return await self.request("PUT", path, json=body)

    async def call(self, rpc: str, message: Any, *pairs: tuple[str, str], **metadata: str) -> Any:
        """An RPC with the token, and with the metadata given; of a stream the first message."""
        sent = (("authorization", f"Bearer {self.token}"), *pairs, *metadata.items())
        answer = getattr(self._stub, rpc)(message, metadata=sent, timeout=30)
        return await (answer.read() if isinstance(answer, grpc.aio.UnaryStreamCall) else answer)

    async def refused(
        self, rpc: str, message: Any, *pairs: tuple[str, str], **metadata: str
    ) -> "Refusal":
        """The error of an RPC that must fail."""
        try:
            answer = await self.call(rpc, message, *pairs, **metadata)
        except grpc.aio.AioRpcError as error:
            return Refusal.of(error)
        raise AssertionError(f"{rpc} answered: {answer}")

    async def remaining(self) -> dict[str, int]:
        """What is left of each limit."""
        answer = await self.get("/quota")
        assert answer.status_code == 200, answer.text
        return {name: limit["remaining"] for name, limit in answer.json()["quota"].items()}

    async def meals_logged(self) -> int:
        """How many meals are stored."""
        answer = await self.get("/meals")
        assert answer.status_code == 200, answer.text
        total: int = answer.json()["pagination"]["total"]
        return total


@dataclass(frozen=True)
class Refusal:
    """An error as a gRPC client sees it."""

    code: grpc.StatusCode
    message: str
    reason: str
    domain: str
    said: list[tuple[str, str]]
    """Violated fields, and what is wrong with each."""
    request_id: str
    trailers: dict[str, str]
    details: status_pb2.Status

    @property
    def fields(self) -> list[str]:
        """The violated fields."""
        return [field for field, _ in self.said]

    @classmethod
    def of(cls, error: grpc.aio.AioRpcError) -> "Refusal":
        trailers = {str(key): value for key, value in error.trailing_metadata() or ()}
        status = status_pb2.Status.FromString(trailers.pop("grpc-status-details-bin", b""))
        info, request = error_details_pb2.ErrorInfo(), error_details_pb2.RequestInfo()
        bad = error_details_pb2.BadRequest()
        for packed in status.details:
            for kind in (info, request, bad):
                packed.Unpack(kind)
        return cls(
            code=error.code(),
            message=error.details() or "",
            reason=info.reason,
            domain=info.domain,
            said=[(each.field, each.description) for each in bad.field_violations],
            request_id=request.request_id,
            trailers=trailers,
            details=status,
        )


def photo(name: str) -> bytes:
    """A sample as nobody has sent it before: the cache does not know it, the simulator does."""
    with Image.open(SAMPLES / f"{name}.jpg") as image:
        picture = image.convert("RGB")
    for corner in range(0, 64, 16):
        colour = (*os.urandom(3),)
        picture.paste(colour, (corner, 0, corner + 16, 16))
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=90)
    return file.getvalue()


def assert_holds(actual: Any, expected: Any, path: str = "$") -> None:
    """Every name of `expected` is there with its value; a pattern stands for any text like it."""
    if isinstance(expected, dict):
        assert isinstance(actual, dict), f"{path}: {actual!r} is no object"
        missing = expected.keys() - actual.keys()
        assert not missing, f"{path} lacks {sorted(missing)}: {actual}"
        for name, value in expected.items():
            assert_holds(actual[name], value, f"{path}.{name}")
    elif isinstance(expected, list):
        assert isinstance(actual, list), f"{path}: {actual!r} is no list"
        assert len(actual) == len(expected), f"{path}: {actual}"
        for index, value in enumerate(expected):
            assert_holds(actual[index], value, f"{path}[{index}]")
    elif isinstance(expected, re.Pattern):
        assert isinstance(actual, str), f"{path}: {actual!r} is no text"
        assert expected.fullmatch(actual), f"{path}: {actual!r} is not like {expected.pattern}"
    else:
        # In Python 1 == True: the types must agree too, integers and floats aside.
        kinds = {bool: bool, str: str, int: (int, float), float: (int, float)}
        kind = kinds.get(type(expected), type(expected))
        assert isinstance(actual, kind), f"{path}: {actual!r}"
        assert isinstance(actual, bool) == isinstance(expected, bool), f"{path}: {actual!r}"
        assert actual == expected, f"{path}: {actual!r} is not {expected!r}"


def json_of(body: bytes) -> Any:
    """The JSON in `body`; asserts that text is unescaped and no integral number has a point."""
    assert b"\\u" not in body, body
    written = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]*[1-9])?")

    def number(literal: str) -> float:
        assert written.fullmatch(literal), f"{literal} in {body!r}"
        return float(literal)

    return json.loads(body, parse_float=number)


def quiet_port() -> int:
    """A free port below those that the system hands out, so that nobody gets it meanwhile."""
    candidates = (random.randrange(20_000, 32_000) for _ in range(100))  # noqa: S311
    return next(port for port in candidates if is_free(port))
