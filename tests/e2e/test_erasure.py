"""A user who was erased is nowhere: no database, no cache, no log, no file of the service.

After a replayed key, an analysis in flight, and a crash and restart; by REST and by the operator.
"""

import asyncio
import base64
import json
import os
import signal
from contextlib import AsyncExitStack, asynccontextmanager

import canary
import httpx2
import pymongo
import pytest
import redis

from dietcare.erasure.registry import registered
from dietcare.local.datadir import DataDirectory
from dietcare.local.simulator import serve_simulator

pytestmark = pytest.mark.asyncio(loop_scope="module")

FOOD = {"name": canary.TEXT, "portion_g": canary.NUMBER, "sodium_mg": canary.NUMBER}
MEAL = {"meal_type": "lunch", "foods": [FOOD], "note": canary.TEXT}
GOALS = {"ckd_stage": "3", "sodium_mg": 1312.90817, "weight_kg": 62.90817}
KEY = {"idempotency-key": canary.TEXT}
# The log of the replica set keeps every write until it is written over: MongoDB's own, as its free
# blocks are. So a scan of it would find what was there, not what is.
OPLOG = ("local", "oplog.rs")
MAY_NAME_THE_USER = {"audit_log", "erasures"}


class Patient:
    """Somebody who says the canary wherever something can be said."""

    def __init__(self, service, token, user):
        self.id, self._service, self._token = user, service, token

    async def send(self, method, path, **rest):
        headers = {"authorization": f"Bearer {self._token}", **rest.pop("headers", {})}
        async with httpx2.AsyncClient(trust_env=False, timeout=60) as http:
            url = f"{self._service.panel.rest}{path}"
            return await http.request(method, url, headers=headers, **rest)

    async def log(self, **headers):
        return await self.send("POST", "/meals", json=MEAL, headers=headers)

    async def fill(self):
        answers = [
            await self.log(**KEY),
            await self.log(),
            await self.send("PUT", "/goals", json=GOALS),
            await self.send("PUT", "/goals", json=GOALS | {"weight_kg": 61.90817}),
            await self.send("GET", "/goals"),
        ]
        meal = answers[1].json()["meal"]["id"]
        changed = {"note": f"{canary.TEXT} again"}
        answers.append(await self.send("PATCH", f"/meals/{meal}", json=changed, headers=KEY))
        assert {each.status_code for each in answers} == {200, 201}

    async def erase(self):
        answer = await self.send("DELETE", f"/users/{self.id}")
        assert answer.status_code == 200, answer.text
        return answer.json()["erased"]


class Machine:
    """Where a service keeps anything: its databases, its Redis, what it printed, its folder."""

    def __init__(self, folder, valkey):
        self._folder, self._valkey, self.printed = folder, valkey, []

    @asynccontextmanager
    async def documents(self):
        uri = DataDirectory(self._folder / ".dietcare").running()["mongodb"]
        with pymongo.MongoClient(uri) as client:
            yield [
                (name, collection, str(document))
                for name in client.list_database_names()
                for collection in client[name].list_collection_names()
                if (name, collection) != OPLOG
                for document in client[name][collection].find()
            ]

    def keys(self):
        with redis.Redis.from_url(self._valkey.url) as client:
            for key in client.scan_iter():
                hashed = client.type(key) == b"hash"
                yield key.decode(), str(client.hgetall(key) if hashed else client.get(key))

    def files(self):
        data = self._folder / ".dietcare"
        for file in data.rglob("*"):
            if file.is_file() and data / "mongo" not in file.parents:
                yield file.read_text(errors="replace")

    async def left(self, user):
        """What there is of a user, wherever it must not be."""
        async with self.documents() as documents:
            texts = [text for _, _, text in documents]
            named = [
                f"{collection}: {text}"
                for name, collection, text in documents
                if user in text and collection not in MAY_NAME_THE_USER and name == "dietcare"
            ]
            unknown = {c for name, c, _ in documents if name == "dietcare" and not registered(c)}
        keys = list(self.keys())
        unknown |= {key for key, _ in keys if not registered(key)}
        named += [f"{key}: {value}" for key, value in keys if user in key and value[-2:] != ":'"]
        everything = [*texts, *map(str, keys), *self.files(), *self.printed]
        return named, sorted(unknown), canary.leaks(everything)


@asynccontextmanager
async def machine(programs, new_valkey, valve_of):
    """A service with its log at debug, a Redis, and a model that waits behind a valve."""
    async with AsyncExitStack() as stack:
        url = httpx2.URL(await stack.enter_async_context(serve_simulator()))
        valve = await stack.enter_async_context(valve_of(url.host, url.port))
        folder, valkey = programs.folder(), new_valkey()
        variables = {
            "DIETCARE_LOG_LEVEL": "debug",
            "DIETCARE_REDIS_URL": valkey.url,
            "OPENAI_BASE_URL": f"http://{valve.address}{url.path}",
            "OPENAI_API_KEY": "a key",
        }

        async def serve():
            return await programs.serve(folder, **variables)

        yield serve, valve, Machine(folder, valkey), variables


async def patient_of(service, programs, variables):
    user = os.urandom(12).hex()
    code, done = await programs.dietcare("token", user, folder=service.folder, **variables)
    assert code == 0, done.err.text
    return Patient(service, done.out.text.strip(), user)


async def test_nothing_is_left_after_a_replay_an_analysis_in_flight_and_a_restart(
    programs, new_valkey, photo, valve_of
):
    async with machine(programs, new_valkey, valve_of) as (serve, valve, place, variables):
        service = await serve()
        patient = await patient_of(service, programs, variables)
        await patient.fill()
        named, unknown, leaks = await place.left(patient.id)
        assert (bool(named), unknown, bool(leaks)) == (True, [], True)

        picture = {"image_data": base64.b64encode(photo("bibimbap")).decode()}
        analysis = asyncio.create_task(patient.send("POST", "/analyze", json=picture, headers=KEY))
        await valve.arrived(1)
        replay = await patient.log(**KEY)
        assert replay.headers["idempotent-replayed"] == "true"
        assert await patient.erase() == {
            "meals": 2, "analyses": 0, "goals": 1, "sessions": 0, "streaks": 1,
        }  # fmt: skip
        assert await place.left(patient.id) == ([], [], [])

        valve.open()
        late = await analysis
        assert (late.status_code, late.json()["detail"]["reason"]) == (409, "ERASED_MEANWHILE")
        assert await place.left(patient.id) == ([], [], [])

        # The key of before makes a new meal, which an erasure then takes as well.
        anew = await patient.log(**KEY)
        assert (anew.status_code, "idempotent-replayed" in anew.headers) == (201, False)
        assert anew.json()["meal"]["id"] != replay.json()["meal"]["id"]
        assert (await patient.erase())["meals"] == 1

        await service.stop(signal.SIGKILL)
        place.printed += [service.out.text, service.err.text]
        service = await serve()
        assert await place.left(patient.id) == ([], [], [])
        await service.stop(signal.SIGTERM)
        place.printed += [service.out.text, service.err.text]
        assert '"event": "call"' in place.printed[1]
        assert canary.leaks(place.printed) == []


async def test_an_operator_counts_and_then_erases_beside_the_service(running, programs):
    patient = await patient_of(running, programs, {})
    await patient.fill()
    assert (await patient.send("GET", "/goals")).status_code == 200  # cached in that process

    async def erase(*options):
        code, done = await programs.dietcare("erase", patient.id, *options, folder=running.folder)
        assert (code, done.err.text) == (0, ""), done.err.text
        return done.out.lines

    counts = ["2 meals", "0 analyses", "1 goals", "0 sessions", "1 streaks"]
    assert await erase("--dry-run") == [f"would erase {each}" for each in counts]
    assert (await patient.send("GET", "/meals")).json()["pagination"]["total"] == 2
    assert await erase() == [f"erased {each}" for each in counts]
    assert (await patient.send("GET", "/goals")).status_code == 404
    assert (await patient.send("GET", "/meals")).json()["pagination"]["total"] == 0
    assert (await patient.log()).status_code == 201

    _, shown = await programs.dietcare("audit", patient.id, folder=running.folder)
    told = [json.loads(line) for line in shown.out.lines]
    assert [(e["subject"], e["action"], e["outcome"]) for e in told] == [
        ("operator", "dietcare erase --dry-run", "granted"),
        ("operator", "dietcare erase --dry-run", "done"),
        ("operator", "dietcare erase", "granted"),
        ("operator", "dietcare erase", "done"),
    ]


async def test_who_is_no_user_is_not_erased(running, programs):
    code, done = await programs.dietcare("erase", "nobody", folder=running.folder)
    assert code == 1
    assert "USER_ID must be 24 hexadecimal digits" in done.err.text
