"""Learns a contract from the running service, by gRPC server reflection."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from graphlib import TopologicalSorter
from typing import Any, NamedTuple

import grpc
from google.protobuf import (
    descriptor_pool,
    empty_pb2,
    field_mask_pb2,
    timestamp_pb2,
    wrappers_pb2,
)
from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet
from google.protobuf.message import DecodeError
from grpc_reflection.v1alpha.reflection_pb2 import (
    ServerReflectionRequest,
    ServerReflectionResponse,
)

from gateway.api import routed_services
from gateway.failures import GatewayConfigError

log = logging.getLogger("gateway")

# grpcio-reflection has the messages of v1alpha only; those of v1 are the same on the wire.
_VERSIONS = ("v1", "v1alpha")
# In the pool by being imported, as the others are that the gateway needs itself.
_WELL_KNOWN = (empty_pb2, field_mask_pb2, timestamp_pb2, wrappers_pb2)
# gRPC's own services: health, reflection, channelz.
_INFRASTRUCTURE = "grpc."
_RETRY_S = 0.2

Files = dict[str, FileDescriptorProto]


class Learned(NamedTuple):
    """A serialized FileDescriptorSet without comments, and the services to serve of it."""

    descriptors: bytes
    services: tuple[str, ...]


async def learn(
    channel: grpc.aio.Channel, upstream: str, services: Sequence[str], timeout_s: float
) -> Learned:
    """Ask the service behind `channel` for its contract, again until it is up.

    `upstream` is its name in errors. No `services` stands for all that have a route.

    Raises:
        GatewayConfigError: it does not answer within `timeout_s` seconds, has no reflection, lacks
            a service, or has none with a route.
    """
    reason = "no answer"
    try:
        async with asyncio.timeout(timeout_s):
            while True:
                try:
                    return await _learn(channel, upstream, services)
                except grpc.aio.AioRpcError as error:
                    reason = _reason(error)
                    if error.code() is not grpc.StatusCode.UNAVAILABLE:
                        raise GatewayConfigError(
                            [f"{upstream} refuses server reflection: {reason}"]
                        ) from None
                await asyncio.sleep(_RETRY_S)
    except TimeoutError:
        raise GatewayConfigError(
            [f"{upstream} can not be reached within {timeout_s:g} s: {reason}"]
        ) from None


def _reason(error: grpc.aio.AioRpcError) -> str:
    return " ".join(f"{error.code().name}: {error.details() or 'no details'}".split())


async def _learn(channel: grpc.aio.Channel, upstream: str, wanted: Sequence[str]) -> Learned:
    server, listed = await _open(channel, upstream)
    known = [name for name in listed if not name.startswith(_INFRASTRUCTURE)]
    unknown = [name for name in wanted if name not in known]
    if unknown:
        raise GatewayConfigError(
            [f"{upstream} has no service {name}; it has {_joined(known)}" for name in unknown]
        )
    names = wanted or known
    given = await server.files(ServerReflectionRequest(file_containing_symbol=n) for n in names)
    routed = routed_services(given.values())
    without = [name for name in names if name not in routed]
    if wanted and without:
        raise GatewayConfigError([f"{name} has no route (google.api.http)" for name in without])
    if len(without) == len(names):
        raise GatewayConfigError(
            [f"{upstream} has no service with a route (google.api.http); it has {_joined(known)}"]
        )
    if without:
        log.info("not served, as they have no route: %s", _joined(without))
    chosen = tuple(name for name in names if name in routed)
    files = await _with_imports(server, upstream, _declaring(given, chosen), given)
    return Learned(FileDescriptorSet(file=files).SerializeToString(), chosen)


def _joined(names: Sequence[str]) -> str:
    return ", ".join(names) or "none"


def _declaring(files: Files, services: Sequence[str]) -> set[str]:
    """Names of the files that declare some of the services."""
    return {
        name
        for name, file in files.items()
        if not set(services).isdisjoint(routed_services([file]))
    }


async def _open(channel: grpc.aio.Channel, upstream: str) -> tuple[_Reflection, list[str]]:
    """The newest version of reflection that answers, and the services that it lists."""
    refusal: grpc.aio.AioRpcError | None = None
    for version in _VERSIONS:
        server = _Reflection(channel, version, upstream)
        try:
            return server, await server.services()
        except grpc.aio.AioRpcError as error:
            if error.code() is grpc.StatusCode.UNAVAILABLE:
                raise
            refusal = error
    if refusal is None or refusal.code() is grpc.StatusCode.UNIMPLEMENTED:
        raise GatewayConfigError([f"{upstream} has no server reflection: give --descriptors"])
    raise refusal


async def _with_imports(
    server: _Reflection, upstream: str, roots: set[str], given: Files
) -> list[FileDescriptorProto]:
    """The roots and what they import, imports first; but for files that are in the pool anyway.

    Servers differ in whether they send imports along, so that only those missing are asked for.
    """
    files: Files = {}
    waiting = roots
    while waiting:
        missing = sorted(waiting - given.keys())
        if missing:
            given |= await server.files(
                ServerReflectionRequest(file_by_filename=name) for name in missing
            )
        if absent := sorted(waiting - given.keys()):
            raise GatewayConfigError([f"{upstream} does not give the file {n}" for n in absent])
        files |= {name: given[name] for name in waiting}
        imports = {name for file in files.values() for name in file.dependency}
        waiting = {name for name in imports - files.keys() if not _is_here(name)}
    order = TopologicalSorter({name: file.dependency for name, file in files.items()})
    return [files[name] for name in order.static_order() if name in files]


def _is_here(name: str) -> bool:
    """Whether the default pool has a file: the annotations and well-known types always."""
    pool: Any = descriptor_pool.Default()
    try:
        pool.FindFileByName(name)
    except KeyError:
        return False
    return True


class _Reflection:
    """One version of the reflection service."""

    def __init__(self, channel: grpc.aio.Channel, version: str, upstream: str) -> None:
        self._upstream = upstream
        self._call: Any = channel.stream_stream(
            f"/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo",
            request_serializer=ServerReflectionRequest.SerializeToString,
            response_deserializer=ServerReflectionResponse.FromString,
        )

    async def services(self) -> list[str]:
        """Full names of the services that the server lists."""
        answers = await self._ask([ServerReflectionRequest(list_services="*")])
        for answer in answers:
            if answer.HasField("error_response"):
                refusal = answer.error_response
                said = " ".join(refusal.error_message.split()) or f"error {refusal.error_code}"
                raise GatewayConfigError([f"{self._upstream} lists no services: {said}"])
        return [
            service.name for answer in answers for service in answer.list_services_response.service
        ]

    async def files(self, questions: Any) -> Files:
        """The files of the answers by name; a question without an answer gives none."""
        raw = [
            serialized
            for answer in await self._ask(list(questions))
            for serialized in answer.file_descriptor_response.file_descriptor_proto
        ]
        try:
            return {file.name: file for file in map(FileDescriptorProto.FromString, raw)}
        except DecodeError:
            raise self._unreadable() from None

    async def _ask(self, questions: list[ServerReflectionRequest]) -> list[Any]:
        answers = [answer async for answer in self._call(questions)]
        if None in answers:  # which is what grpc makes of bytes that are no answer
            raise self._unreadable()
        return answers

    def _unreadable(self) -> GatewayConfigError:
        return GatewayConfigError(
            [f"{self._upstream} answers server reflection with what can not be read"]
        )
