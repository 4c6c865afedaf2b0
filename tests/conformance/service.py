"""The service behind the conformance suite: it tells what it understood, and fails as asked."""

# ruff: noqa: N802 - these names are gRPC's

from __future__ import annotations

import asyncio
import math
from typing import Any

import grpc
from google.api import httpbody_pb2
from google.protobuf import any_pb2
from google.protobuf.empty_pb2 import Empty
from google.rpc import error_details_pb2, status_pb2

DOMAIN = "conformance"


def make_servicer(pb: Any, pb_grpc: Any) -> Any:
    """The servicer, over generated modules that exist only while the tests run."""

    class Library(pb_grpc.LibraryServicer):
        def __init__(self) -> None:
            self.waits = asyncio.Event()
            self.cancelled = asyncio.Event()

        async def GetBook(self, request: Any, context: Any) -> Any:
            etag = f'"{request.id}"' if request.id.isascii() and request.id.isprintable() else ""
            context.set_trailing_metadata((("etag", etag), ("x-secret", "no")))
            return pb.Book(id=request.id, note=request.view or None)

        async def ListBooks(self, request: Any, context: Any) -> Any:
            return pb.ListBooksResponse(request=request)

        async def CreateBook(self, request: Any, context: Any) -> Any:
            await context.send_initial_metadata(
                (("x-ratelimit-limit", "10"), ("x-ratelimit-remaining", "9"))
            )
            context.set_trailing_metadata((("location", f"/v1/{request.library}/books/1"),))
            return request

        async def EchoBook(self, request: Any, context: Any) -> Any:
            return request

        async def UpdateBook(self, request: Any, context: Any) -> Any:
            return pb.UpdateBookResponse(request=request)

        async def SetTags(self, request: Any, context: Any) -> Any:
            return request

        async def DeleteBook(self, request: Any, context: Any) -> Any:
            return Empty()

        async def Newest(self, request: Any, context: Any) -> Any:
            return pb.NameResponse(method="Newest")

        async def GetFile(self, request: Any, context: Any) -> Any:
            return pb.NameResponse(request=request, method="GetFile")

        async def Archive(self, request: Any, context: Any) -> Any:
            score = math.nan if request.name == "nan" else None
            return pb.NameResponse(request=request, method="Archive", score=score)

        async def Typed(self, request: Any, context: Any) -> Any:
            return pb.NameResponse(request=request, method="Typed")

        async def Purge(self, request: Any, context: Any) -> Any:
            return pb.NameResponse(request=request, method="Purge")

        async def Paths(self, request: Any, context: Any) -> Any:
            return pb.NameResponse(request=request, method="Paths")

        async def Restore(self, request: Any, context: Any) -> Any:
            return pb.NameResponse(request=request, method="Restore")

        async def AnyRoom(self, request: Any, context: Any) -> Any:
            return pb.NameResponse(request=request, method="AnyRoom")

        async def GreenRoom(self, request: Any, context: Any) -> Any:
            return pb.NameResponse(request=request, method="GreenRoom")

        async def PutPlace(self, request: Any, context: Any) -> Any:
            return request

        async def AnyMethod(self, request: Any, context: Any) -> Any:
            return pb.NameResponse(request=request, method="AnyMethod")

        async def GetAnything(self, request: Any, context: Any) -> Any:
            return pb.NameResponse(request=request, method="GetAnything")

        async def Report(self, request: Any, context: Any) -> Any:
            context.set_trailing_metadata((("etag", '"report"'),))
            return pb.NameResponse(request=request, method="Report")

        async def Upload(self, request: Any, context: Any) -> Any:
            return pb.UploadResponse(
                name=request.name,
                content_type=request.file.content_type,
                data=request.file.data,
                replace=request.replace,
                author=request.author if request.HasField("author") else None,
            )

        async def Digest(self, request: Any, context: Any) -> Any:
            return pb.UploadResponse(content_type=request.content_type, data=request.data)

        async def Download(self, request: Any, context: Any) -> Any:
            context.set_trailing_metadata((("etag", '"d"'),))
            return request

        async def Unbox(self, request: Any, context: Any) -> Any:
            await fail(request.name, context, self)
            return pb.BoxResponse(file=picture(request.name), note="secret")

        async def DownloadStream(self, request: Any, context: Any) -> Any:
            await context.send_initial_metadata((("etag", '"pieces"'),))
            for index in range(request.after):
                yield picture(f"piece {index};")
            if request.how:
                await fail(request.how, context, self)

        async def Fail(self, request: Any, context: Any) -> Any:
            await fail(request.how, context, self)
            return Empty()

        async def Stream(self, request: Any, context: Any) -> Any:
            await context.send_initial_metadata((("x-ratelimit-limit", "5"),))
            for index in range(request.after):
                yield pb.NameResponse(method=f"Stream {index}")
            if request.how == "nan":
                yield pb.NameResponse(score=math.nan)
            elif request.how:
                await fail(request.how, context, self)

        async def Echo(self, request: Any, context: Any) -> Any:
            pairs = {pair.key: pair.value for pair in context.invocation_metadata()}
            return pb.EchoResponse(
                metadata={key: value for key, value in pairs.items() if isinstance(value, str)},
                peer=context.peer(),
                time_remaining_s=context.time_remaining(),
            )

    return Library()


def picture(text: str) -> httpbody_pb2.HttpBody:
    """A body that is no picture at all."""
    return httpbody_pb2.HttpBody(content_type="image/png", data=text.encode())


async def fail(how: str, context: Any, servicer: Any) -> None:
    """Fail in the named way."""
    if how in RICH:
        code, message, details = RICH[how]
        await context.abort(code, message, trailing_metadata=rich(code, message, details))
    elif how == "crash":
        raise ValueError("a secret from the driver")
    elif how == "set_code":
        context.set_code(grpc.StatusCode.NOT_FOUND)
        context.set_details("set, not raised")
    elif how == "wait":
        servicer.waits.set()
        try:
            await asyncio.Event().wait()
        finally:
            servicer.cancelled.set()
    elif how in grpc.StatusCode.__members__:
        await context.abort(grpc.StatusCode[how], f"plain {how}")


def rich(code: grpc.StatusCode, message: str, details: list[Any]) -> Any:
    """Trailing metadata with a google.rpc.Status."""
    status = status_pb2.Status(code=code.value[0], message=message)
    for detail in details:
        packed = any_pb2.Any()
        packed.Pack(detail)
        status.details.append(packed)
    return (
        ("grpc-status-details-bin", status.SerializeToString()),
        ("x-ratelimit-remaining", "0"),
    )


def info(reason: str, **metadata: str) -> Any:
    return error_details_pb2.ErrorInfo(reason=reason, domain=DOMAIN, metadata=metadata)


def _quota() -> list[Any]:
    quota = error_details_pb2.QuotaFailure()
    quota.violations.add(quota_value=10)
    retry = error_details_pb2.RetryInfo()
    retry.retry_delay.seconds, retry.retry_delay.nanos = 1799, 500_000_000
    return [info("LIMIT_EXCEEDED", reset_at="2025-11-27T11:00:00Z"), quota, retry]


def _fields() -> list[Any]:
    bad = error_details_pb2.BadRequest()
    bad.field_violations.add(field="pages", description="at least 1")
    bad.field_violations.add(field="title", description="not empty")
    return [info("INVALID_BOOK"), bad]


RICH: dict[str, tuple[grpc.StatusCode, str, list[Any]]] = {
    "quota": (grpc.StatusCode.RESOURCE_EXHAUSTED, "Too much today", _quota()),
    "fields": (grpc.StatusCode.INVALID_ARGUMENT, "Not a book", _fields()),
    "stale": (
        grpc.StatusCode.FAILED_PRECONDITION,
        "Someone was faster",
        [info("STALE_VERSION", http_status="412", version="8")],
    ),
    "gateway": (grpc.StatusCode.UNAVAILABLE, "Upstream", [info("BAD_GATEWAY", http_status="502")]),
    "login": (grpc.StatusCode.UNAUTHENTICATED, "Who?", [info("UNAUTHENTICATED")]),
    "odd-status": (grpc.StatusCode.NOT_FOUND, "Odd", [info("ODD", http_status="200")]),
    "korean": (grpc.StatusCode.NOT_FOUND, "책이 없습니다", [info("BOOK_NOT_FOUND")]),
}
