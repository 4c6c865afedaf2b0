"""Server reflection in all the forms that servers have, over contracts made on the spot."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from itertools import count
from pathlib import Path
from typing import Any

import google.api
import grpc
from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet
from grpc_reflection.v1alpha import reflection_pb2 as messages
from grpc_tools import protoc

ROOT = Path(__file__).parents[2]
TEXTS = {
    "types": """import "{package}/cover.proto";
      message Book {{ string id = 1; Cover cover = 2; }}""",
    "cover": """import "gateway/v1/annotations.proto";
      enum Cover {{ NONE = 0; HARD = 1 [(gateway.v1.value) = {{json_name: "hard"}}]; }}""",
    "shop": """import "{package}/types.proto"; import "google/api/annotations.proto";
      import "gateway/v1/annotations.proto";
      service Shop {{ rpc Get(Book) returns (Book) {{
        option (google.api.http) = {{get: "/v1/{{id}}"}};
        option (gateway.v1.method) = {{success_status: 201}}; }} }}""",
    "plain": """import "{package}/types.proto";
      service Plain {{ rpc Get(Book) returns (Book); }}""",
}
_numbers = count()


class Contract:
    """Four files of a package that no descriptor pool has seen yet."""

    def __init__(self, folder: Path) -> None:
        self.package = f"learned{next(_numbers)}"
        for name, text in TEXTS.items():
            file = folder / self.package / f"{name}.proto"
            file.parent.mkdir(exist_ok=True)
            body = text.format(package=self.package)
            file.write_text(f'syntax = "proto3"; package {self.package}; {body}')
        out = folder / "set.binpb"
        arguments = [
            *("protoc", f"-I{folder}", f"-I{ROOT / 'protos'}"),
            f"-I{Path(next(iter(google.api.__path__))).parents[1]}",
            f"-I{Path(protoc.__file__).parent / '_proto'}",
            *(f"--descriptor_set_out={out}", "--include_imports"),
            *(f"{self.package}/{name}.proto" for name in ("shop", "plain")),
        ]
        assert protoc.main(arguments) == 0
        listed = FileDescriptorSet.FromString(out.read_bytes()).file
        self.files = {file.name: file for file in listed}

    def name(self, short: str) -> str:
        return f"{self.package}.{short}"

    def file_of(self, service: str) -> str:
        return f"{self.package}/{service.rpartition('.')[2].lower()}.proto"


class Reflection:
    """A reflection service under a version, which sends with a file as many imports as told."""

    def __init__(self, contract: Contract, version: str = "v1", *, with_imports: bool = False):
        self.contract = contract
        self.services = [contract.name("Shop"), contract.name("Plain"), "grpc.health.v1.Health"]
        self.with_imports = with_imports
        self.hidden: set[str] = set()
        self.failures: list[grpc.StatusCode] = []
        self.asked: list[str] = []
        handler = grpc.stream_stream_rpc_method_handler(
            self._answer,
            request_deserializer=messages.ServerReflectionRequest.FromString,
            response_serializer=messages.ServerReflectionResponse.SerializeToString,
        )
        service = f"grpc.reflection.{version}.ServerReflection"
        self.handlers = grpc.method_handlers_generic_handler(
            service, {"ServerReflectionInfo": handler}
        )

    async def _answer(self, requests: Any, context: Any) -> AsyncIterator[Any]:
        async for request in requests:
            kind = request.WhichOneof("message_request")
            if self.failures:
                await context.abort(self.failures.pop(0), "not now")
            if kind == "list_services":
                listed = [messages.ServiceResponse(name=name) for name in self.services]
                answer = messages.ListServiceResponse(service=listed)
                yield messages.ServerReflectionResponse(list_services_response=answer)
                continue
            name = request.file_by_filename
            if kind == "file_containing_symbol":
                name = self.contract.file_of(request.file_containing_symbol)
            self.asked.append(name)
            yield self._file(name)

    def _file(self, name: str) -> Any:
        if name in self.hidden or name not in self.contract.files:
            error = messages.ErrorResponse(error_code=grpc.StatusCode.NOT_FOUND.value[0])
            return messages.ServerReflectionResponse(error_response=error)
        files: Iterable[FileDescriptorProto] = [self.contract.files[name]]
        if self.with_imports:
            files = self.contract.files.values()
        raw = [file.SerializeToString() for file in files]
        answer = messages.FileDescriptorResponse(file_descriptor_proto=raw)
        return messages.ServerReflectionResponse(file_descriptor_response=answer)
