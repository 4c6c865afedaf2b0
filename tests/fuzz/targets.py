"""What is fuzzed, guided by coverage: `python tests/fuzz/targets.py TARGET [libFuzzer's options]`.

Each target takes any bytes, and may refuse them with the one error that it promises. Any other
exception ends the process, and so does an input that takes too long.
"""

import asyncio
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["gateway", "dietcare.auth"]):
    from dietcare.auth.keys import OneKey
    from dietcare.auth.tokens import TokenVerifier
    from dietcare.clock import SystemClock
    from dietcare.errors import AuthenticationError
    from gateway import Api, GatewayOptions
    from gateway.failures import GatewayError
    from gateway.router import Match
    from gateway.routes import Routes

CONTRACT = Path(__file__).parents[2] / "dietcare" / "v1" / "contract.binpb"
SECRET = "a secret that only this target knows"

Target = Callable[[bytes], None]


def _routes() -> Routes:
    api = Api.load(CONTRACT.read_bytes(), ["dietcare.v1.DietCareService"])
    return Routes(api, GatewayOptions())


def path_target() -> Target:
    """A raw path: as what is left of it when its first byte has chosen the method."""
    routes = _routes()
    methods = ("GET", "POST", "PATCH", "DELETE", "HEAD", "OPTIONS")

    def run(data: bytes) -> None:
        with suppress(GatewayError):
            found = routes.find(methods[data[0] % 6] if data else "GET", b"/api/diet" + data[1:])
            if isinstance(found, Match):
                with suppress(GatewayError):
                    found.target.bind(found.variables, b"", b"", "")

    return run


def query_target() -> Target:
    """A query string of GET /meals."""
    found = _routes().find("GET", b"/api/diet/meals")
    assert isinstance(found, Match)

    def run(data: bytes) -> None:
        with suppress(GatewayError):
            found.target.bind({}, data, b"", "")

    return run


def json_target() -> Target:
    """The body of POST /meals, and of PATCH /meals/{meal_id}."""
    routes = _routes()
    log = routes.find("POST", b"/api/diet/meals")
    change = routes.find("PATCH", b"/api/diet/meals/" + b"0" * 24)
    assert isinstance(log, Match)
    assert isinstance(change, Match)

    def run(data: bytes) -> None:
        for found in (log, change):
            with suppress(GatewayError):
                found.target.bind(found.variables, b"", data, "application/json")

    return run


def token_target() -> Target:
    """A token, and one whose signature is right."""
    import jwt

    verifier = TokenVerifier(OneKey(SECRET, ("HS256",)), SystemClock())
    loop = asyncio.new_event_loop()

    def run(data: bytes) -> None:
        signed = jwt.api_jws.encode(data, SECRET, "HS256")
        for token in (data.decode("utf-8", "replace"), signed):
            with suppress(AuthenticationError):
                loop.run_until_complete(verifier.verify(token))

    return run


def broken_target() -> Target:
    """What a target looks like that has a fault: it shows that one is found."""

    def run(data: bytes) -> None:
        if data.startswith(b"{"):
            raise ValueError("found")

    return run


TARGETS = {
    "broken": broken_target,
    "path": path_target,
    "query": query_target,
    "json": json_target,
    "token": token_target,
}

if __name__ == "__main__":
    target = TARGETS[sys.argv.pop(1)]()
    atheris.Setup(sys.argv, target)
    atheris.Fuzz()
