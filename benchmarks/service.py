"""The service of the gateway benchmark: `python -m benchmarks.service bare|dietcare`.

Both are DietCare's contract, listening over gRPC and REST by the service's own code. `dietcare` is
the real one over the memory backend, with every interceptor, its metrics and its log; `bare`
answers a constant without interceptors, so that little but the way to it is measured. One line of
JSON says where it listens; it ends with SIGTERM.
"""

import asyncio
import json
import signal
import sys
import time
from dataclasses import asdict, replace
from typing import Any

import uvloop
from pydantic import SecretStr

from dietcare.api.servicer import DietCareServicer
from dietcare.app import App, build_app
from dietcare.auth.tokens import issue
from dietcare.clock import new_id
from dietcare.serving import serve
from dietcare.settings import Settings
from dietcare.telemetry import logs
from dietcare.v1 import streak_pb2

SECRET = "b" * 40
TOKEN_S = 3600
# More than can be reached, but counted.
CALLS_PER_MINUTE = 1_000_000_000


class ConstantServicer(DietCareServicer):
    """Answers the same streak to everybody."""

    def __init__(self) -> None:
        self._answer = streak_pb2.GetStreakResponse(
            streak=streak_pb2.Streak(
                current_streak=7,
                longest_streak=15,
                total_days_logged=45,
                last_logged_date="2025-11-27",
            )
        )

    async def GetStreak(self, request: Any, context: Any) -> streak_pb2.GetStreakResponse:  # noqa: N802
        return self._answer


def settings() -> Settings:
    """Everything on free ports, in memory; never from the environment."""
    return Settings(
        _env_file=None,
        grpc_address="127.0.0.1:0",
        http_address="127.0.0.1:0",
        mongodb_uri=None,
        redis_url=None,
        jwt_secret=SecretStr(SECRET),
        openai_base_url="http://127.0.0.1:9",
        limit_ip_per_minute=CALLS_PER_MINUTE,
    )


def token() -> str:
    """A token for some patient, good for the time of a benchmark."""
    return issue(SECRET, "HS256", new_id(), expires_at=time.time() + TOKEN_S)


def bare(app: App) -> App:
    """The app with nothing of DietCare between the transport and a constant."""
    return replace(app, servicer=ConstantServicer(), interceptors=[])


async def main(which: str) -> None:
    """Serve until SIGTERM."""
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    async with build_app(settings()) as app, serve(bare(app) if which == "bare" else app) as there:
        print(json.dumps(asdict(there)), flush=True)
        await ended.wait()


if __name__ == "__main__":
    logs.configure("info", pretty=False)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main(sys.argv[1]))
