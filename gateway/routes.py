"""The routes of an API, compiled: from a method and a raw path to everything a call needs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from operator import attrgetter

import orjson

from gateway.api import Api, Binding, Method
from gateway.binding import Binder, compile_binding
from gateway.codec import Convert, Decoders, Encoders
from gateway.failures import GatewayConfigError
from gateway.http import JSON
from gateway.http_body import content_type, is_http_body, raw_member
from gateway.options import GatewayOptions
from gateway.router import ANY_METHOD, Match, NoMatch, Router


@dataclass(frozen=True, slots=True, eq=False)
class Route:
    """One binding of one method, ready to serve."""

    method: Method
    binding: Binding
    bind: Binder
    # The response message as a JSON value; the HttpBody in it where the answer is raw.
    encode: Convert
    takes_raw: bool
    is_raw: bool
    # The field of a stream's messages that holds raw bytes where they are no JSON; empty for none.
    raw_member: str

    def render(self, message: object) -> tuple[str, bytes]:
        """The Content-Type and the body of an answer."""
        value = self.encode(message)
        return (content_type(value), value.data) if self.is_raw else (JSON, orjson.dumps(value))


class Routes:
    """All routes of an API.

    Raises:
        GatewayConfigError: two routes are the same, or a message can not be JSON.
    """

    def __init__(self, api: Api, options: GatewayOptions) -> None:
        self._router: Router[Route] = Router()
        decoders = Decoders(ignore_unknown=options.unknown_fields == "ignore")
        encoders = Encoders()
        problems: list[str] = []
        for method in api.methods:
            for binding in method.bindings:
                self._add(method, binding, decoders, encoders, problems)
        if problems:
            raise GatewayConfigError(problems)

    def find(self, http_method: str, raw_path: bytes) -> Match[Route] | NoMatch:
        """The route of a request."""
        return self._router.find(http_method, raw_path)

    def methods(self, raw_path: bytes) -> tuple[str, ...]:
        """The HTTP methods of a path."""
        return self._router.methods(raw_path)

    def _add(
        self,
        method: Method,
        binding: Binding,
        decoders: Decoders,
        encoders: Encoders,
        problems: list[str],
    ) -> None:
        try:
            route = Route(
                method,
                binding,
                compile_binding(method, binding, decoders),
                _encoder(method, binding, encoders),
                takes_raw=is_http_body(method.body_type(binding)),
                is_raw=is_http_body(method.answer_type(binding)),
                raw_member=raw_member(method.output) if method.server_streaming else "",
            )
        except GatewayConfigError as error:
            problems.extend(f"{method.full_name}: {problem}" for problem in error.problems)
            return
        other = self._router.add(binding.http_method, binding.template, route)
        if other is not None:
            problems.append(
                f"{method.full_name} and {other.method.full_name} have the same route: "
                f"{binding.http_method} {binding.template.text}"
            )


def _encoder(method: Method, binding: Binding, encoders: Encoders) -> Convert:
    """From the response message to a JSON value, with the envelope where that is an object."""
    name = binding.response_body
    if is_http_body(method.answer_type(binding)):
        return attrgetter(name) if name else _same
    if name:
        convert = encoders.field(method.output.fields_by_name[name])
        inner: Convert = lambda message: (  # noqa: E731
            convert(getattr(message, name)) if convert else getattr(message, name)
        )
    else:
        inner = encoders.message(method.output)
    # A stream's records are the resource alone: the status says that it succeeded.
    success = "" if method.server_streaming else method.success_field
    if not success:
        return inner

    def envelope(message: object) -> object:
        value = inner(message)
        return {success: True, **value} if isinstance(value, dict) else value

    return envelope


def _same(message: object) -> object:
    return message


# What "*" stands for where methods are listed, and the order in which they are.
_USUAL = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")


def allow(methods: Iterable[str]) -> str:
    """The value of an Allow header: HEAD comes with GET, and OPTIONS is always there."""
    given = set(methods)
    if "GET" in given:
        given.add("HEAD")
    if ANY_METHOD in given:
        given = given.union(_USUAL) - {ANY_METHOD}
    rest = sorted(given.difference(_USUAL, ("OPTIONS",)))
    return ", ".join([*(name for name in _USUAL if name in given), *rest, "OPTIONS"])
