"""What an export of 100,000 meals takes of memory: no more than one of 1,000.

`python -m benchmarks.export` starts a mongod and a service of its own, exports both users in every
form over REST, and prints the peak of the service's memory above what it had before. It fails where
the long export takes more than MEMORY_MAX_MB above the short one.
"""

import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import pymongo

from benchmarks.cost import meals_of
from benchmarks.pictures import forget_peak, status_mb
from dietcare.auth.tokens import issue
from dietcare.clock import new_id
from dietcare.domain.ids import UserId
from dietcare.local.mongod import embedded_mongod, find_mongod
from dietcare.repositories.mongo.backend import MongoBackend
from dietcare.repositories.mongo.meal_documents import meal_document

SHORT, LONG = 1_000, 100_000
MEMORY_MAX_MB = 32
FORMS = ("ndjson", "csv", "fhir-r4", "fhir-r5")
DATABASE = "bench_export"
SECRET = "a secret of this benchmark, 0123456789"  # noqa: S105


async def seeded(uri: str, number: int) -> UserId:
    """A user with so many meals."""
    backend = MongoBackend.open(uri, DATABASE, driver="pymongo")
    await backend.migrate()
    await backend.aclose()
    user_id = UserId(new_id())
    meals = meals_of(user_id, number, datetime.now(UTC))
    with pymongo.MongoClient[dict[str, Any]](uri) as client:
        collection = client[DATABASE]["meal_logs"]
        collection.insert_many([meal_document(user_id, meal) for meal in meals], ordered=False)
    return user_id


@asynccontextmanager
async def service(uri: str, folder: Path) -> AsyncIterator[tuple[int, str]]:
    """`python server.py` on that database: its process id, and where REST is."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(Path(__file__).parents[1] / "server.py"),
        cwd=folder,
        env={
            "PATH": os.environ["PATH"],
            "DIETCARE_ENV": "staging",
            "DIETCARE_MONGODB_URI": uri,
            "DIETCARE_MONGODB_DATABASE": DATABASE,
            "DIETCARE_JWT_SECRET": SECRET,
            "DIETCARE_GRPC_ADDRESS": "127.0.0.1:0",
            "DIETCARE_HTTP_ADDRESS": "127.0.0.1:0",
        },
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield process.pid, await _address(process)
    finally:
        process.terminate()
        await process.communicate()


async def _address(process: asyncio.subprocess.Process) -> str:
    assert process.stderr is not None  # noqa: S101
    async for line in process.stderr:
        if b'"event": "ready"' in line:
            return f"http://{json.loads(line)['http']}"
    raise SystemExit("the service did not start")


async def exported(http: httpx2.AsyncClient, user_id: UserId, form: str) -> tuple[int, float]:
    """The size of an export in bytes, and the seconds that it took."""
    bearer = issue(SECRET, "HS256", user_id, expires_at=time.time() + 600)
    started, size = time.perf_counter(), 0
    path = f"/api/diet/users/{user_id}/export"
    headers = {"authorization": f"Bearer {bearer}"}
    async with http.stream("GET", path, params={"format": form}, headers=headers) as answer:
        answer.raise_for_status()
        async for chunk in answer.aiter_raw():
            size += len(chunk)
    return size, time.perf_counter() - started


async def run() -> bool:
    """Print the table; whether every form is within its bound."""
    binary = find_mongod()
    if binary is None:
        raise SystemExit("no mongod for this platform")
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dietcare-bench-")))
        uri = await stack.enter_async_context(embedded_mongod(folder, binary))
        users = {number: await seeded(uri, number) for number in (SHORT, LONG)}
        pid, origin = await stack.enter_async_context(service(uri, folder))
        client = httpx2.AsyncClient(base_url=origin, trust_env=False, timeout=120)
        http = await stack.enter_async_context(client)
        print(f"{'form':<10}{'meals':>9}{'MB':>8}{'seconds':>9}{'peak above idle':>18}")
        good = True
        for form in FORMS:
            peaks = []
            for number, user_id in users.items():
                idle = status_mb(pid, "VmRSS:")
                forget_peak(pid)
                size, seconds = await exported(http, user_id, form)
                peaks.append(status_mb(pid, "VmHWM:") - idle)
                print(
                    f"{form:<10}{number:>9,}{size / 1e6:>8.1f}{seconds:>9.1f}{peaks[-1]:>15.1f} MB"
                )
            good = good and peaks[1] - peaks[0] <= MEMORY_MAX_MB
    return good


if __name__ == "__main__":
    sys.exit(0 if asyncio.run(run()) else 1)
