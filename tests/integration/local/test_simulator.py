"""The simulator is a server like the vendor's, as far as the adapter uses one."""

import asyncio
import base64
import io
import runpy
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from PIL import Image

from dietcare.domain.food import Food, violations
from dietcare.domain.nutrients import Nutrients
from dietcare.local.completions import DATA_URL
from dietcare.local.dishes import DISHES
from dietcare.local.environment import local_environment
from dietcare.local.recognition import SAMPLES, recognise, signature
from dietcare.local.simulator import serve_simulator
from dietcare.local.simulator_app import MAX_BODY_BYTES, RETRY_AFTER_S
from dietcare.settings import Settings
from dietcare.vision.answer import answer_schema
from dietcare.vision.pixels import normalise

SAMPLES_DIR = Path(__file__).parents[3] / "samples"
SHOWN = {
    "bibimbap": ["비빔밥"],
    "kimchi_stew": ["김치찌개"],
    "rice_and_soup": ["쌀밥", "미역국"],
    "grilled_fish": ["고등어구이"],
}


def request_for(jpeg: bytes, **changes: Any) -> dict[str, Any]:
    image = {"url": DATA_URL + base64.b64encode(jpeg).decode("ascii")}
    schema = {"name": "meal", "strict": True, "schema": answer_schema()}
    return {
        "model": "m",
        "messages": [{"role": "user", "content": [{"type": "image_url", "image_url": image}]}],
        "response_format": {"type": "json_schema", "json_schema": schema},
        **changes,
    }


def jpeg_of(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG")
    return buffer.getvalue()


JPEG = jpeg_of(Image.radial_gradient("L"))


@pytest.fixture
async def client() -> AsyncIterator[httpx2.AsyncClient]:
    headers = {"authorization": "Bearer k"}
    async with (
        serve_simulator() as url,
        httpx2.AsyncClient(base_url=url, headers=headers, trust_env=False) as client,
    ):
        yield client


async def test_it_lists_its_one_model(client: httpx2.AsyncClient) -> None:
    models = (await client.get("/models")).json()
    assert [model["id"] for model in models["data"]] == ["simulated"]


async def test_a_header_sets_the_mode_of_one_request(client: httpx2.AsyncClient) -> None:
    request = request_for(JPEG)
    limited = await client.post("/chat/completions", json=request, headers={"x-simulate": "429"})
    assert (limited.status_code, limited.json()["error"]["code"]) == (429, "rate_limit_exceeded")
    assert (await client.post("/chat/completions", json=request)).status_code == 200


async def test_the_mode_of_development_is_a_setting() -> None:
    settings = Settings(
        _env_file=None,
        jwt_secret="s" * 40,
        mongodb_uri="mongodb://127.0.0.1:9",
        simulator_mode="429",
    )
    async with (
        local_environment(settings) as resolved,
        httpx2.AsyncClient(base_url=str(resolved.openai_base_url), trust_env=False) as client,
    ):
        headers = {"authorization": "Bearer k"}
        answer = await client.post("/chat/completions", json=request_for(JPEG), headers=headers)
    assert answer.status_code == 429
    assert answer.headers["retry-after"] == str(RETRY_AFTER_S)


async def test_what_openai_would_refuse_is_refused(client: httpx2.AsyncClient) -> None:
    lax = {"name": "meal", "strict": False, "schema": answer_schema()}
    bodies: list[Any] = [
        *([], {}, 3, request_for(b"no picture"), request_for(JPEG, messages=[])),
        request_for(JPEG, messages=[{"role": "user", "content": "text only"}]),
        request_for(JPEG, response_format={"type": "json_schema", "json_schema": lax}),
    ]
    for body in bodies:
        assert (await client.post("/chat/completions", json=body)).status_code == 400
    assert (await client.post("/chat/completions", content=b"{")).status_code == 400
    huge = bytes(MAX_BODY_BYTES + 1)
    assert (await client.post("/chat/completions", content=huge)).status_code == 400
    headers = {"authorization": ""}
    request = request_for(JPEG)
    unknown = await client.post("/chat/completions", json=request, headers=headers)
    assert unknown.status_code == 401
    for method, path in (("GET", "/chat/completions"), ("POST", "/models"), ("GET", "/x")):
        assert (await client.request(method, path)).status_code == 404


def test_an_unknown_mode_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="modes must be of"):
        asyncio.run(serve_simulator(["sometimes"]).__aenter__())


@pytest.mark.parametrize("mode", ["hang", "trickle"])
async def test_it_stops_while_somebody_still_waits(mode: str) -> None:
    arrived = asyncio.Event()

    async def call(url: str) -> None:
        async with httpx2.AsyncClient(trust_env=False) as client:
            headers = {"authorization": "Bearer k"}
            url = f"{url}/chat/completions"
            await client.post(url, json=request_for(JPEG), headers=headers, timeout=60)

    async with asyncio.timeout(5):
        async with serve_simulator([mode], on_request=lambda request: arrived.set()) as url:
            waiting = asyncio.create_task(call(url))
            await arrived.wait()
        with pytest.raises(httpx2.HTTPError):
            await waiting
    port = int(url.split(":")[2].split("/")[0])
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))


@pytest.mark.parametrize("name", sorted(SHOWN))
def test_a_sample_is_recognised_through_scaling_and_encoding(name: str) -> None:
    data = (SAMPLES_DIR / f"{name}.jpg").read_bytes()
    assert len(data) < 60_000
    with Image.open(io.BytesIO(data)) as image:
        assert image.size == (640, 480)
        small = jpeg_of(image.resize((320, 240)))
        colours = signature(image).hex()
    for jpeg in (data, small, normalise(data).jpeg):
        assert [serving.dish.name_ko for serving in recognise(jpeg)] == SHOWN[name]
    assert colours in [known for known, _ in SAMPLES], f"put {colours} into recognition.SAMPLES"


def test_the_samples_are_what_their_program_draws(tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(SAMPLES_DIR))
        program = runpy.run_path(str(SAMPLES_DIR / "make_samples.py"))
    program["main"](tmp_path)
    for name in SHOWN:
        drawn, kept = ((d / f"{name}.jpg").read_bytes() for d in (tmp_path, SAMPLES_DIR))
        assert recognise(drawn)[0].dish == recognise(kept)[0].dish


def test_any_other_picture_gets_the_same_dishes_every_time() -> None:
    seen = set()
    for shade in range(40, 256, 4):
        jpeg = jpeg_of(Image.new("RGB", (16, 16), (shade, 90, 255 - shade)))
        servings = recognise(jpeg)
        assert servings == recognise(jpeg)
        names = [serving.dish.name_ko for serving in servings]
        assert 1 <= len(names) == len(set(names)) <= 3
        seen.update(names)
    assert len(seen) > 10


def test_a_dark_picture_shows_no_food() -> None:
    assert recognise(jpeg_of(Image.new("RGB", (64, 48), (4, 4, 6)))) == ()


def test_every_dish_is_physically_possible() -> None:
    assert len(DISHES) == len({dish.name_ko for dish in DISHES}) == 20
    for dish in DISHES:
        assert list(violations(Food(dish.name_ko, 100, dish.per_100g), "dish")) == []
        assert None not in (dish.per_100g.sodium_mg, dish.per_100g.phosphorus_mg)
        assert dish.per_100g != Nutrients()
