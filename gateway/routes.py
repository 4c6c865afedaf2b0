"""The routes of an API, compiled: from a method and a raw path to everything a call needs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from gateway.api import Api, Binding, Method
from gateway.binding import Binder, compile_binding
from gateway.codec import Convert, Decoders, Encoders
from gateway.failures import GatewayConfigError
from gateway.options import GatewayOptions
from gateway.router import Match, NoMatch, Router


@dataclass(frozen=True, slots=True, eq=False)
class Route:
    """One binding of one method, ready to serve."""

    method: Method
    binding: Binding
    bind: Binder
    encode: Convert


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
        """The route of a request; HEAD is served by GET."""
        found = self._router.find(http_method, raw_path)
        if isinstance(found, NoMatch) and http_method == "HEAD" and "GET" in found.allowed:
            return self._router.find("GET", raw_path)
        return found

    def _add(
        self,
        method: Method,
        binding: Binding,
        decoders: Decoders,
        encoders: Encoders,
        problems: list[str],
    ) -> None:
        try:
            encode = _encoder(method, binding, encoders)
            route = Route(method, binding, compile_binding(method, binding, decoders), encode)
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
    if binding.response_body:
        name = binding.response_body
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


def allow(methods: Iterable[str]) -> str:
    """The value of an Allow header: HEAD comes with GET, and OPTIONS is always there."""
    given = set(methods)
    if "GET" in given:
        given.add("HEAD")
    order = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
    rest = sorted(given.difference(order, ("OPTIONS",)))
    return ", ".join([*(name for name in order if name in given), *rest, "OPTIONS"])
