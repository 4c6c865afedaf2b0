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
from contextlib import AsyncExitStack, asynccontextmanager
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
    """12 megapixels with the grain that a phone's photo has: a JPEG of it has about 4 MB."""
    grain = Image.effect_noise(SIZE, 22)
    shades = (Image.linear_gradient("L"), Image.radial_gradient("L"))
    bands = [Image.blend(shade.resize(SIZE), grain, 0.45) for shade in shades]
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


def _status_mb(pid: int, name: str) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name)) / 1_024


def _forget_peak(pid: int) -> None:
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


def ways(stub: Any, http: httpx2.AsyncClient, origin: str) -> dict[str, Send]:
    """How a photo can come to the service, by name."""

    async def rest(body: dict[str, str]) -> None:
        answer = await http.post("/api/diet/analyze", json=body, headers=_metadata())
        answer.raise_for_status()

    return {
        "image_url": lambda name, data: rest({"image_url": f"{origin}/samples/{name}"}),
        "gRPC, image_data": lambda name, data: stub.AnalyzeFood(
            analysis_pb2.AnalyzeFoodRequest(image_data=data), metadata=tuple(_metadata().items())
        ),
        "REST, image_data": lambda name, data: rest(
            {"image_data": base64.b64encode(data).decode()}
        ),
    }


async def peak_mb(send: Send, photos: dict[str, bytes], pid: int) -> float:
    """What the process takes at most above what it takes before, in MB."""
    idle = _status_mb(pid, "VmRSS:")
    _forget_peak(pid)
    await asyncio.gather(*(send(name, data) for name, data in photos.items()))
    return _status_mb(pid, "VmHWM:") - idle


async def memory(of: Image.Image) -> bool:
    """Print what fifty at once take; whether all ways are within their bound."""
    good = True
    async with AsyncExitStack() as stack:
        photos: dict[str, bytes] = {}
        origin = await stack.enter_async_context(photo_host(photos))
        vendor = await stack.enter_async_context(serve_simulator())
        service = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "benchmarks.pictures", SERVE, vendor, origin),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        assert service.stdin is not None and service.stdout is not None  # noqa: S101, PT018
        grpc_at, http_at = (await service.stdout.readline()).decode().split()
        channel = await stack.enter_async_context(grpc.aio.insecure_channel(grpc_at))
        http = await stack.enter_async_context(
            httpx2.AsyncClient(base_url=f"http://{http_at}", trust_env=False, timeout=60)
        )
        print(f"{AT_ONCE} analyses at once, above the idle service")
        stub = service_pb2_grpc.DietCareServiceStub(channel)
        for turn, (name, send) in enumerate(ways(stub, http, origin).items()):
            numbers = range(turn * (AT_ONCE + 1), (turn + 1) * (AT_ONCE + 1))
            first, *others = [(f"{number}.jpg", photo(of, number)) for number in numbers]
            photos |= {first[0]: first[1], **dict(others)}
            await send(*first)
            peak = await peak_mb(send, dict(others), service.pid)
            photos.clear()
            good = good and peak < MEMORY_MAX_MB
            print(f"  {name:<20} {peak:8.0f} MB{_above(peak, MEMORY_MAX_MB)}")
        service.stdin.close()
        await service.wait()
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
