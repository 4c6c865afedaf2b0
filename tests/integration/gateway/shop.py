"""A bookshop in memory: plain grpc.aio, without a thought of HTTP."""

# ruff: noqa: N802 - these names are gRPC's

from __future__ import annotations

from itertools import count
from typing import Any

import grpc
from google.protobuf.empty_pb2 import Empty


def make_servicer(pb: Any, pb_grpc: Any) -> Any:
    """The servicer, over generated modules that exist only while the tests run."""

    class Shop(pb_grpc.ShopServicer):
        def __init__(self) -> None:
            self.books: dict[str, Any] = {}
            self._ids = map(str, count(1))

        async def GetBook(self, request: Any, context: Any) -> Any:
            return await self._find(request.id, context)

        async def ListBooks(self, request: Any, context: Any) -> Any:
            return pb.ListBooksResponse(books=self._listed(request))

        async def CreateBook(self, request: Any, context: Any) -> Any:
            if not request.title:
                await context.abort(grpc.StatusCode.INVALID_ARGUMENT, "a book has a title")
            request.id = next(self._ids)
            self.books[request.id] = request
            return request

        async def UpdateBook(self, request: Any, context: Any) -> Any:
            book = await self._find(request.book.id, context)
            # What is absent in the new values is cleared, which MergeMessage alone would not do.
            for name in request.update_mask.paths:
                book.ClearField(name)
            request.update_mask.MergeMessage(request.book, book)
            return book

        async def DeleteBook(self, request: Any, context: Any) -> Any:
            await self._find(request.id, context)
            del self.books[request.id]
            return Empty()

        async def ExportBooks(self, request: Any, context: Any) -> Any:
            for book in self._listed(request):
                yield book

        def _listed(self, request: Any) -> list[Any]:
            books = list(self.books.values())
            if request.cover:
                books = [book for book in books if book.cover == request.cover]
            return books[: request.page_size or None]

        async def _find(self, id: str, context: Any) -> Any:
            if id not in self.books:
                await context.abort(grpc.StatusCode.NOT_FOUND, "no such book")
            return self.books[id]

    return Shop()
