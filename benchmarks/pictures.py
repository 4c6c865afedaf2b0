"""What pictures cost: how long one takes to normalise, and what fifty at once take of memory.

`python -m benchmarks.pictures` prints both and fails where a bound is exceeded: normalising a
12-megapixel photo takes at most 1.5 times Pillow's bare draft decoding and encoding, and fifty
analyses at once take less than 500 MB above what the idle service does, however they are sent.
"""

import asyncio
import base64
import io
import os
import secrets
import statistics
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import grpc
import httpx2
import jwt
from PIL import Image, ImageDraw

from dietcare.app import Overrides, build_app
from dietcare.local.simulator import serve_simulator
from dietcare.serving import serve
from dietcare.settings import Settings
from dietcare.v1 import analysis_pb2, service_pb2_grpc
from dietcare.vision.fetch import ImageFetcher
from dietcare.vision.pixels import JPEG_QUALITY, LONG_SIDE_PX, normalise
from dietcare.vision.reader import WebPictureReader

SIZE = (4_000, 3_000)
AT_ONCE = 50
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "20"))
RATIO_MAX = 1.5
MEMORY_MAX_MB = 500
SECRET = "b" * 40
SERVE = "--serve"


def canvas() -> Image.Image:
    """12 megapixels with the grain that a phone's photo has: a JPEG of it has about 3 MB."""
    grain = Image.effect_noise(SIZE, 22)
    shades = (Image.linear_gradient("L"), Image.radial_gradient("L"))
    bands = [Image.blend(shade.resize(SIZE), grain, 0.35) for shade in shades]
    return Image.merge("RGB", (*bands, Image.blend(bands[0], bands[1], 0.5)))


def photo(of: Image.Image, number: int) -> bytes:
    """A JPEG that no other number gives."""
    image = of.copy()
    ImageDraw.Draw(image).rectangle((0, 0, 40 + 20 * number, 400), fill=(number, 80, 200))
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=88)
    return buffer.getvalue()


def bare(data: bytes) -> None:
    """The least that Pillow does: decode as small as is enough, encode."""
    with Image.open(io.BytesIO(data)) as image:
        image.draft("RGB", (LONG_SIDE_PX, LONG_SIDE_PX * SIZE[1] // SIZE[0]))
        image.save(io.BytesIO(), "JPEG", quality=JPEG_QUALITY)


def median_ms(*calls: Callable[[], object]) -> list[float]:
    """The median time of each call; they take turns."""
    times: list[list[float]] = [[] for _ in calls]
    for _ in range(ROUNDS):
        for call, taken in zip(calls, times, strict=True):
            started = time.perf_counter()
            call()
            taken.append((time.perf_counter() - started) * 1e3)
    return [statistics.median(taken) for taken in times]


def speed(data: bytes) -> bool:
    """Print what normalising takes; whether it is within its bound."""
    least, ours = median_ms(lambda: bare(data), lambda: normalise(data))
    ratio = ours / least
    print(f"a photo of {len(data) / 1e6:.1f} MB, median of {ROUNDS}")
    print(f"  draft decode, encode {least:8.1f} ms")
    print(f"  normalise            {ours:8.1f} ms   {ratio:.2f} times{_above(ratio, RATIO_MAX)}")
    return ratio <= RATIO_MAX


def _above(value: float, most: float) -> str:
    return "" if value <= most else f"  above {most}"


async def serve_alone(vendor: str, origin: str) -> None:
    """The service in a process of its own; its addresses go to standard output."""
    settings = Settings(
        jwt_secret=SECRET,
        grpc_address="127.0.0.1:0",
        http_address="127.0.0.1:0",
        limit_ip_per_minute=0,
        openai_base_url=vendor,
    )
    pictures = WebPictureReader(ImageFetcher([], own_samples_origin=origin))
    async with build_app(settings, Overrides(pictures=pictures)) as app, serve(app) as addresses:
        print(addresses.grpc, addresses.http, flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


def status_mb(pid: int, name: str) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name)) / 1_024


def forget_peak(pid: int) -> None:
    Path(f"/proc/{pid}/clear_refs").write_text("5")


@asynccontextmanager
async def photo_host(photos: dict[str, bytes]) -> AsyncIterator[str]:
    """Serves photos over plain HTTP on loopback, as the service's own samples are."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        body = photos[head.split()[1].decode().rpartition("/")[2]]
        writer.write(
            b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: %d\r\n\r\n" % len(body)
        )
        writer.write(body)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


def _metadata() -> dict[str, str]:
    claims = {"sub": secrets.token_hex(12), "exp": time.time() + 600}
    return {"authorization": f"Bearer {jwt.encode(claims, SECRET, 'HS256')}"}


Send = Callable[[str, bytes], Awaitable[Any]]


async def _rest(http: httpx2.AsyncClient, body: dict[str, str]) -> None:
    answer = await http.post("/api/diet/analyze", json=body, headers=_metadata())
    answer.raise_for_status()


def by_url(_stub: Any, http: httpx2.AsyncClient, origin: str) -> Send:
    """Over REST, by its address."""
    return lambda name, _data: _rest(http, {"image_url": f"{origin}/samples/{name}"})


def by_grpc(stub: Any, _http: httpx2.AsyncClient, _origin: str) -> Send:
    """Over gRPC, sent along."""
    return lambda _name, data: stub.AnalyzeFood(
        analysis_pb2.AnalyzeFoodRequest(image_data=data), metadata=tuple(_metadata().items())
    )


def by_rest(_stub: Any, http: httpx2.AsyncClient, _origin: str) -> Send:
    """Over REST, sent along in base64."""
    return lambda _name, data: _rest(http, {"image_data": base64.b64encode(data).decode()})


WAYS = {"image_url": by_url, "gRPC, image_data": by_grpc, "REST, image_data": by_rest}


async def peak_mb(send: Send, photos: dict[str, bytes], pid: int) -> float:
    """What the process takes at most above what it takes before, in MB."""
    idle = status_mb(pid, "VmRSS:")
    forget_peak(pid)
    await asyncio.gather(*(send(name, data) for name, data in photos.items()))
    return status_mb(pid, "VmHWM:") - idle


@asynccontextmanager
async def service(*arguments: str) -> AsyncIterator[tuple[int, Any, httpx2.AsyncClient]]:
    """A new service in a process of its own: its id, a gRPC stub and an HTTP client of it."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "benchmarks.pictures", SERVE, *arguments),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    if process.stdin is None or process.stdout is None:
        raise AssertionError("both are pipes")
    grpc_at, http_at = (await process.stdout.readline()).decode().split()
    base_url = f"http://{http_at}"
    async with (
        grpc.aio.insecure_channel(grpc_at) as channel,
        httpx2.AsyncClient(base_url=base_url, trust_env=False, timeout=60) as http,
    ):
        yield process.pid, service_pb2_grpc.DietCareServiceStub(channel), http
    process.stdin.close()
    await process.wait()


async def memory(of: Image.Image) -> bool:
    """Print what fifty at once take; whether all ways are within their bound."""
    first, *others = ((f"{number}.jpg", photo(of, number)) for number in range(AT_ONCE + 1))
    good = True
    async with (
        photo_host(dict((first, *others))) as origin,
        serve_simulator() as vendor,
    ):
        print(f"{AT_ONCE} analyses at once, above the idle service")
        for name in WAYS:
            # A new process each: what one has freed is not what the next one takes.
            async with service(vendor, origin) as (pid, stub, http):
                send = WAYS[name](stub, http, origin)
                await send(*first)
                peak = await peak_mb(send, dict(others), pid)
            good = good and peak < MEMORY_MAX_MB
            print(f"  {name:<20} {peak:8.0f} MB{_above(peak, MEMORY_MAX_MB)}")
    return good


def main() -> bool:
    """Print everything; whether every bound is kept."""
    of = canvas()
    is_quick = speed(photo(of, 0))
    return asyncio.run(memory(of)) and is_quick


if __name__ == "__main__":
    if sys.argv[1:2] == [SERVE]:
        asyncio.run(serve_alone(*sys.argv[2:4]))
    else:
        sys.exit(0 if main() else 1)
