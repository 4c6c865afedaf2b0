"""Nothing that a user sends shows where it must not: in error answers, logs, metrics, files.

Markers stand in every field of every request and in every header, some of them where they are
valid, most of them where they are not; the service runs with its log at debug, and is broken too.
"""

import asyncio
import base64
import os
import signal

import canary
import grpc
import httpx2
import pytest
from google.rpc import status_pb2

from dietcare.v1 import service_pb2_grpc

pytestmark = pytest.mark.asyncio(loop_scope="module")

HEADERS = {
    "user-agent": canary.TEXT,
    "x-forwarded-for": canary.TEXT,
    "cookie": f"session={canary.TEXT}",
    "if-match": f'"{canary.TEXT}"',
    "if-none-match": f'"{canary.TEXT}"',
    "idempotency-key": canary.TEXT,
    "traceparent": canary.TEXT,
    "accept-language": f"{canary.TEXT}, en",
    "referer": f"https://app.example/?{canary.TEXT}",
    "x-request-timeout": canary.TEXT,
    "grpc-timeout": canary.TEXT,
}
VALID = ("idempotency-key", "user-agent", "cookie")
FOOD = {"name": canary.TEXT, "portion_g": canary.NUMBER, "sodium_mg": canary.NUMBER}
MEAL = {"meal_type": "lunch", "foods": [FOOD], "note": canary.TEXT}
GOALS = {"ckd_stage": "3", "sodium_mg": 1312.90817, "weight_kg": 62.90817}
BODIES = [
    b'{"note": "' + canary.TEXT.encode(),
    b'{"note": "' + canary.TEXT.encode() + b'", "note": "' + canary.TEXT.encode() + b'"}',
    b'{"foods": "' + canary.TEXT.encode() + b'"}',
    b'{"meal_type": "' + canary.TEXT.encode() + b'"}',
    b'{"logged_at": "' + canary.TEXT.encode() + b'"}',
    b'{"foods": [{"sodium_mg": "' + canary.TEXT.encode() + b'"}]}',
    b'{"foods": [{"sodium_mg": 1e9, "name": "' + canary.TEXT.encode() + b'", "portion_g": 1}]}',
    b'{"foods": [{"portion_g": 1, "name": "' + canary.TEXT.encode() + b'\\u0000"}]}',
    b'{"note": "\xff' + canary.TEXT.encode() + b'"}',
    canary.TEXT.encode(),
]
PATHS = [
    f"/{canary.TEXT}",
    f"/api/diet/{canary.TEXT}",
    f"/api/diet/meals/{canary.TEXT}",
    f"/api/diet/streak?time_zone={canary.TEXT}",
    f"/api/diet/meals?page_token={canary.TEXT}",
    f"/api/diet/meals?start_date={canary.TEXT}&page={canary.TEXT}",
    f"/api/diet/progress?period={canary.TEXT}",
    f"/api/diet/users/{'0' * 24}/export?format={canary.TEXT}",
    f"/api/diet/streak?user_id={'0' * 24}",
    f"/docs?{canary.TEXT}",
    f"/samples/{canary.TEXT}.jpg",
]


class Spy:
    """Calls a running service with markers, and keeps every answer that is an error."""

    def __init__(self, service):
        self.service = service
        self.seen = []
        self.codes = set()
        self._token = service.panel.token

    async def __aenter__(self):
        origin = self.service.panel.rest.removesuffix("/api/diet")
        self._http = httpx2.AsyncClient(base_url=origin, trust_env=False, timeout=40)
        self._channel = grpc.aio.insecure_channel(self.service.panel.grpc)
        self._stub = service_pb2_grpc.DietCareServiceStub(self._channel)
        return self

    async def __aexit__(self, *_):
        await self._http.aclose()
        await self._channel.close()

    async def rest(self, method, path, *, token=None, headers=None, **rest):
        sent = {"authorization": f"Bearer {token or self._token}", **(headers or {})}
        answer = await self._http.request(method, path, headers=sent, **rest)
        self.codes.add(answer.status_code)
        if answer.status_code >= 400:
            self.seen.append(f"{answer.headers} {answer.text}")
        return answer

    async def call(self, rpc, message, *, token=None, **metadata):
        sent = (("authorization", f"Bearer {token or self._token}"), *metadata.items())
        answer = getattr(self._stub, rpc)(message, metadata=sent, timeout=40)
        try:
            await (answer.read() if isinstance(answer, grpc.aio.UnaryStreamCall) else answer)
        except grpc.aio.AioRpcError as error:
            trailers = dict(error.trailing_metadata() or ())
            details = trailers.pop("grpc-status-details-bin", b"")
            self.seen.append(f"{error.details()} {trailers}")
            self.seen += [str(each.value) for each in status_pb2.Status.FromString(details).details]

    async def pages(self):
        for page in ("/health", "/health/detailed", "/metrics"):
            shown = (await self._http.get(page)).text
            assert self.service.panel.user not in shown
            self.seen.append(shown)

    def left_behind(self):
        """Everything that the process has written, but for the database itself."""
        yield from self.seen
        yield self.service.out.text
        yield self.service.err.text
        data = self.service.folder / ".dietcare"
        for file in data.rglob("*"):
            if file.is_file() and data / "mongo" not in file.parents:
                yield file.read_text(errors="replace")


async def speak(spy, photo):
    """Everything that can be said with a marker in it."""
    for method, message in canary.requests():
        verb, path, said = canary.rest_of(method, message)
        shape = {"json": said} if verb in ("POST", "PUT", "PATCH") else {}
        for token in (None, canary.TEXT, f"eyJ{canary.TEXT}.{canary.TEXT}.{canary.TEXT}"):
            await spy.rest(verb, path, token=token, **shape)
            await spy.call(method.name, message, token=token)
        await spy.rest(verb, path, params=canary.query_of(said), **shape)
        for name, value in HEADERS.items():
            await spy.rest(verb, path, headers={name: value}, **shape)
    for body in BODIES:
        for verb, path in (("POST", "meals"), ("PATCH", f"meals/{'0' * 24}"), ("PUT", "goals")):
            headers = {"content-type": "application/json"}
            await spy.rest(verb, f"/api/diet/{path}", content=body, headers=headers)
    for path in PATHS:
        await spy.rest("GET", path)
        await spy.rest("PUT", path)
    for url in (f"https://{canary.TEXT}.example/{canary.TEXT}?{canary.TEXT}", canary.TEXT):
        await spy.rest("POST", "/api/diet/analyze", json={"image_url": url})


async def use(spy, photo):
    """What a patient does, with a marker wherever one is valid."""
    headers = {name: HEADERS[name] for name in VALID}
    made = await spy.rest("POST", "/api/diet/meals", json=MEAL, headers=headers)
    await spy.rest("POST", "/api/diet/meals", json={**MEAL, "meal_type": "snack"}, headers=headers)
    meal = f"/api/diet/meals/{made.json()['meal']['id'] if made.is_success else '0' * 24}"
    await spy.rest("PATCH", meal, json={"note": canary.TEXT, "foods": [FOOD]})
    await spy.rest("PATCH", meal, json={"note": canary.TEXT}, headers={"if-match": '"0"'})
    await spy.rest("GET", meal)
    await spy.rest("DELETE", meal)
    await spy.rest("PUT", "/api/diet/goals", json=GOALS)
    picture = base64.b64encode(photo("bibimbap")).decode()
    await spy.rest("POST", "/api/diet/analyze", json={"image_data": picture})
    await spy.pages()


@pytest.mark.parametrize("mode", ["ok", "wrong_shape", "html"])
async def test_a_canary_in_every_field_is_seen_nowhere(programs, photo, mode):
    service = await programs.serve(
        programs.folder(), DIETCARE_LOG_LEVEL="debug", DIETCARE_SIMULATOR_MODE=mode
    )
    async with Spy(service) as spy:
        await speak(spy, photo)
        await use(spy, photo)
        assert {400, 401, 403, 404, 405, 409, 412} <= spy.codes
        assert 500 not in spy.codes
        await service.stop(signal.SIGTERM)
        assert '"event": "call"' in service.err.text
        assert canary.leaks(spy.left_behind()) == []


async def test_nor_when_the_database_is_gone(programs, photo):
    service = await programs.serve(programs.folder(), DIETCARE_LOG_LEVEL="debug")
    picture = base64.b64encode(photo("bibimbap")).decode()
    async with Spy(service) as spy:
        (mongod,) = [pid for pid in service.children() if "mongod" in _name(pid)]
        os.kill(mongod, signal.SIGKILL)
        await asyncio.gather(
            spy.rest("POST", "/api/diet/meals", json=MEAL),
            spy.rest("PATCH", f"/api/diet/meals/{'0' * 24}", json={"note": canary.TEXT}),
            spy.rest("PUT", "/api/diet/goals", json=GOALS),
            spy.rest("POST", "/api/diet/analyze", json={"image_data": picture}),
            spy.rest("GET", "/api/diet/meals"),
        )
        await spy.pages()
        assert 503 in spy.codes
        await service.stop(signal.SIGTERM)
        assert canary.leaks(spy.left_behind()) == []


# server.py, but for a line of log that quotes a request, as somebody may write one tomorrow.
INDISCREET = """
import logging, runpy, sys
from dietcare.services import meal
log = meal.MealService.log
async def indiscreet(self, *given, **named):
    logging.getLogger("dietcare").debug("%s %s", given, named)
    return await log(self, *given, **named)
meal.MealService.log = indiscreet
runpy.run_path(sys.argv.pop(1), run_name="__main__")
"""


async def test_a_line_that_quotes_a_request_is_found(programs):
    service = await programs.serve(
        programs.folder(), changed=("-c", INDISCREET), DIETCARE_LOG_LEVEL="debug"
    )
    async with Spy(service) as spy:
        await spy.rest("POST", "/api/diet/meals", json=MEAL)
        await service.stop(signal.SIGTERM)
        assert canary.leaks(spy.left_behind())


def _name(pid):
    with open(f"/proc/{pid}/comm") as file:
        return file.read()
