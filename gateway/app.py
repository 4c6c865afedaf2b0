"""The gateway as an ASGI application."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from gateway.api import Api, Method
from gateway.asgi import Receive, Scope, Send, lifespan
from gateway.body import read_body, require_json
from gateway.budget import Budget, Share
from gateway.cors import cors_headers, preflight_headers
from gateway.disconnect import Disconnected, WhileConnected
from gateway.dispatch.port import Call, Dispatcher, RpcFailure
from gateway.errors import ErrorAnswer, from_gateway, from_status, internal
from gateway.exchange import Exchange
from gateway.failures import GatewayConfigError, GatewayError, Violations
from gateway.headers import from_metadata, to_metadata
from gateway.http import Page, PageRequest
from gateway.options import CLIENT_LEFT, GatewayOptions, Observation, Observe
from gateway.router import Match, NoMatch
from gateway.routes import Route, Routes, allow
from gateway.status import Metadata
from gateway.stream import stream
from gateway.timeouts import timeout_s

log = logging.getLogger("gateway")


@dataclass(frozen=True, slots=True)
class Refused:
    """A request that the gateway refuses itself: no service hears of it.

    `method` is what it would have called, None where no route was found.
    """

    method: Method | None
    metadata: Metadata
    peer: str
    request_id: str


OnRefusal = Callable[[Refused], Awaitable[Metadata]]


class Gateway:
    """Serves an API over HTTP, and pages beside it.

    A page is matched by its exact path, before the routes of the API. `on_refusal` hears of
    every request that the gateway refuses, and gives metadata for the answer; an RpcFailure that
    it raises is the answer instead.

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
        self._bodies = Budget(self._options.max_bodies_bytes)
        self._pages = {path.encode(): page for path, page in (pages or {}).items()}
        self._check_pages()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection."""
        if scope["type"] == "lifespan":
            await lifespan(receive, send)
        elif scope["type"] == "http":
            exchange = Exchange(scope, receive, send, self._options.compress_min_bytes)
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
            await self._serve_or_refuse(exchange)
        except Disconnected:
            log.debug("%s: the client left", exchange.request_id)
        except RpcFailure as failure:
            answer = self._explain(failure, exchange)
            await exchange.error(answer, from_metadata(failure.metadata))
        except asyncio.CancelledError:
            # The server stops, and waits no longer.
            if exchange.status:
                raise
            stopping = GatewayError(503, "UNAVAILABLE")
            await exchange.error(from_gateway(stopping, exchange.language))
        except Exception:
            log.exception("%s: the gateway failed", exchange.request_id)
            if exchange.status:
                raise
            await exchange.error(internal(exchange.language))

    async def _serve_or_refuse(self, exchange: Exchange) -> None:
        try:
            await self._serve(exchange)
        except GatewayError as error:
            told: Metadata = ()
            if self._on_refusal is not None:
                metadata = tuple(to_metadata(exchange.headers, Violations()))
                told = await self._on_refusal(
                    Refused(exchange.rpc, metadata, exchange.peer, exchange.request_id)
                )
            await exchange.error(from_gateway(error, exchange.language), from_metadata(told))

    async def _serve(self, exchange: Exchange) -> None:
        if len(exchange.raw_path) + len(exchange.query) > self._options.max_uri_bytes:
            raise GatewayError(414, "URI_TOO_LONG")
        page = self._pages.get(exchange.raw_path)
        if exchange.is_preflight:
            methods = ("GET",) if page else self._routes.methods(exchange.raw_path)
            await self._unmatched(methods, exchange)
        elif page is not None:
            await self._page(page, exchange)
        else:
            found = self._routes.find(exchange.method, exchange.raw_path)
            if isinstance(found, NoMatch):
                await self._unmatched(found.allowed, exchange)
            else:
                await self._call(found, exchange)

    async def _call(self, found: Match[Route], exchange: Exchange) -> None:
        route = found.target
        exchange.route = route.binding.template.text
        exchange.rpc = route.method
        violations = Violations()
        metadata = to_metadata(exchange.headers, violations)
        metadata.append(("x-request-id", exchange.request_id))
        violations.refuse()
        with self._bodies.share() as share:
            call = await self._read(found, exchange, tuple(metadata), share)
            if route.method.server_streaming:
                replies = self._dispatcher.stream(call)
                await stream(route, replies, exchange, lambda e: self._explain(e, exchange))
            else:
                await self._unary(route, call, exchange)

    async def _read(
        self, found: Match[Route], exchange: Exchange, metadata: Metadata, share: Share
    ) -> Call:
        route, headers, options = found.target, exchange.headers, self._options
        limit_s = timeout_s(headers, options.default_timeout_s, options.max_timeout_s)
        body = b""
        if exchange.may_have_body:
            body = await read_body(
                exchange.receive, headers, options.max_body_bytes, options.body_timeout_s, share
            )
        if body and route.binding.body and not route.takes_raw:
            require_json(headers)
        media = headers.get("content-type", "")
        request = route.bind(found.variables, exchange.query, body, media)
        return Call(route.method, request, metadata, exchange.peer, limit_s)

    async def _unary(self, route: Route, call: Call, exchange: Exchange) -> None:
        with WhileConnected(exchange.receive):
            reply = await self._dispatcher.unary(call)
        sent = from_metadata(reply.metadata)
        media, body = route.render(reply.message)
        known = exchange.has_current(sent.get("etag"))
        status = 304 if known else route.method.success_status
        await exchange.answer(status, {"content-type": media, **sent}, body)

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
        await exchange.answer(response.status, response.headers, response.body)

    async def _unmatched(self, methods: tuple[str, ...], exchange: Exchange) -> None:
        if not methods:
            raise GatewayError(404, "ROUTE_NOT_FOUND")
        allowed = allow(methods)
        headers = {"allow": allowed}
        if exchange.method != "OPTIONS":
            raise GatewayError(405, "METHOD_NOT_ALLOWED", headers=headers)
        if exchange.is_preflight:
            headers |= preflight_headers(allowed)
        await exchange.answer(204, headers)

    def _explain(self, failure: RpcFailure, exchange: Exchange) -> ErrorAnswer:
        return from_status(
            failure.status,
            exchange.language,
            realm=self._options.realm,
            authorized=exchange.headers.get("authorization", "").lower().startswith("bearer"),
        )

    def _check_pages(self) -> None:
        taken = [
            f"the page {path.decode()} hides a route of the API"
            for path in self._pages
            if self._routes.methods(path)
        ]
        if taken:
            raise GatewayConfigError(taken)
