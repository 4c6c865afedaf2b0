"""The gateway as an ASGI application."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable, Mapping

from gateway.api import Api, Method
from gateway.asgi import Receive, Scope, Send, lifespan
from gateway.body import read_body, require_json
from gateway.cors import cors_headers, preflight_headers
from gateway.disconnect import Disconnected, WhileConnected
from gateway.dispatch.port import Call, Dispatcher, RpcFailure
from gateway.errors import ErrorAnswer, from_gateway, from_status, internal
from gateway.exchange import Exchange
from gateway.failures import GatewayConfigError, GatewayError
from gateway.headers import from_metadata, to_metadata
from gateway.http import Page, PageRequest
from gateway.options import CLIENT_LEFT, GatewayOptions, Observation, Observe
from gateway.router import Match, NoMatch
from gateway.routes import Route, Routes, allow
from gateway.status import Metadata
from gateway.stream import stream_lines
from gateway.timeouts import timeout_s

log = logging.getLogger("gateway")

OnRefusal = Callable[[Method, Metadata], Awaitable[Metadata]]


class Gateway:
    """Serves an API over HTTP, and pages beside it.

    A page is matched by its exact path, before the routes of the API. `on_refusal` gives metadata
    for the answer to a call that the gateway refuses itself, and which no service hears of.

    Raises:
        GatewayConfigError: routes contradict each other or a page.
    """

    def __init__(
        self,
        api: Api,
        dispatcher: Dispatcher,
        options: GatewayOptions | None = None,
        pages: Mapping[str, Page] | None = None,
        on_refusal: OnRefusal | None = None,
    ) -> None:
        self._options = options or GatewayOptions()
        self._routes = Routes(api, self._options)
        self._dispatcher = dispatcher
        self._on_refusal = on_refusal
        self._pages = {path.encode(): page for path, page in (pages or {}).items()}
        self._check_pages()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection."""
        if scope["type"] == "lifespan":
            await lifespan(receive, send)
        elif scope["type"] == "http":
            exchange = Exchange(scope, receive, send, self._options.gzip_min_bytes)
            if self._options.observe is None:
                await self._http(exchange)
            else:
                await self._observed(exchange, self._options.observe)

    async def _observed(self, exchange: Exchange, observe: Observe) -> None:
        started_s = time.perf_counter()
        try:
            await self._http(exchange)
        finally:
            observe(
                Observation(
                    http_method=exchange.method,
                    route=exchange.route,
                    status=exchange.status or CLIENT_LEFT,
                    duration_s=time.perf_counter() - started_s,
                    request_id=exchange.request_id,
                    peer=exchange.peer,
                )
            )

    async def _http(self, exchange: Exchange) -> None:
        exchange.extra = cors_headers(self._options, exchange.headers)
        try:
            await self._serve(exchange)
        except Disconnected:
            log.debug("%s: the client left", exchange.request_id)
        except GatewayError as error:
            await exchange.error(from_gateway(error, exchange.language))
        except RpcFailure as failure:
            answer = self._explain(failure, exchange)
            await exchange.error(answer, from_metadata(failure.metadata))
        except Exception:
            log.exception("%s: the gateway failed", exchange.request_id)
            if exchange.status:
                raise
            await exchange.error(internal(exchange.language))

    async def _serve(self, exchange: Exchange) -> None:
        if len(exchange.raw_path) + len(exchange.query) > self._options.max_uri_bytes:
            raise GatewayError(414, "URI_TOO_LONG")
        page = self._pages.get(exchange.raw_path)
        if page is not None:
            await self._page(page, exchange)
            return
        found = self._routes.find(exchange.method, exchange.raw_path)
        if isinstance(found, NoMatch):
            await self._unmatched(found.allowed, exchange)
        else:
            await self._call(found, exchange)

    async def _call(self, found: Match[Route], exchange: Exchange) -> None:
        route = found.target
        exchange.route = route.binding.template.text
        headers = exchange.headers
        metadata = to_metadata(headers)
        metadata.append(("x-request-id", exchange.request_id))
        try:
            limit_s = timeout_s(headers, self._options.default_timeout_s)
            options = self._options
            body = await read_body(
                exchange.receive, headers, options.max_body_bytes, options.body_timeout_s
            )
            if body and route.binding.body:
                require_json(headers)
            request = route.bind(found.variables, exchange.query, body)
        except GatewayError:
            if self._on_refusal is not None:
                told = await self._on_refusal(route.method, tuple(metadata))
                exchange.extra |= from_metadata(told)
            raise
        call = Call(route.method, request, tuple(metadata), exchange.peer, limit_s)
        if route.method.server_streaming:
            replies = self._dispatcher.stream(call)
            await stream_lines(route, replies, exchange, lambda e: self._explain(e, exchange))
        else:
            await self._unary(route, call, exchange)

    async def _unary(self, route: Route, call: Call, exchange: Exchange) -> None:
        async with WhileConnected(exchange.receive):
            reply = await self._dispatcher.unary(call)
        headers = from_metadata(reply.metadata)
        etag = headers.get("etag")
        if etag and exchange.method in ("GET", "HEAD") and _matches(etag, exchange):
            await exchange.answer(304, headers)
            return
        await exchange.json(route.method.success_status, headers, route.encode(reply.message))

    async def _page(self, page: Page, exchange: Exchange) -> None:
        if exchange.method not in ("GET", "HEAD"):
            await self._unmatched(("GET",), exchange)
            return
        request = PageRequest(
            method=exchange.method,
            path=exchange.raw_path.decode("ascii"),
            query=exchange.query.decode("latin-1"),
            headers=exchange.headers,
            request_id=exchange.request_id,
            language=exchange.language,
        )
        response = await page(request)
        headers = {"x-content-type-options": "nosniff", **response.headers}
        await exchange.answer(response.status, headers, response.body)

    async def _unmatched(self, methods: tuple[str, ...], exchange: Exchange) -> None:
        if not methods:
            raise GatewayError(404, "ROUTE_NOT_FOUND")
        allowed = allow(methods)
        if exchange.method != "OPTIONS":
            raise GatewayError(405, "METHOD_NOT_ALLOWED", headers={"allow": allowed})
        headers = {"allow": allowed}
        if "access-control-allow-origin" in exchange.extra:
            headers.update(preflight_headers(allowed))
        await exchange.answer(204, headers)

    def _explain(self, failure: RpcFailure, exchange: Exchange) -> ErrorAnswer:
        return from_status(
            failure.status,
            exchange.language,
            realm=self._options.realm,
            authorized="authorization" in exchange.headers,
        )

    def _check_pages(self) -> None:
        taken = [
            f"the page {path.decode()} hides a route of the API"
            for path in self._pages
            if isinstance(self._routes.find("GET", path), Match)
        ]
        if taken:
            raise GatewayConfigError(taken)


def _matches(etag: str, exchange: Exchange) -> bool:
    """Whether If-None-Match names the entity, RFC 9110 §13.1.2 (weak comparison)."""
    given = exchange.headers.get("if-none-match", "")
    tags = {tag.strip().removeprefix("W/") for tag in given.split(",")}
    return etag.removeprefix("W/") in tags or "*" in tags
