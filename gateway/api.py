"""A contract as the gateway serves it: methods and their HTTP bindings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from google.api import annotations_pb2 as http_annotations

# For the pool: were a contract's build of the file there first, `gateway.openapi` could not be
# imported any more.
from google.api import field_behavior_pb2  # noqa: F401
from google.api.http_pb2 import HttpRule
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.descriptor import Descriptor, MethodDescriptor, ServiceDescriptor
from google.protobuf.message import DecodeError, Message

from gateway import template
from gateway.comments import comments
from gateway.contract import check_binding, check_method
from gateway.failures import GatewayConfigError
from gateway.v1 import annotations_pb2

_PATTERNS = ("get", "put", "post", "delete", "patch")
# The names that HTTP methods may have, RFC 9110 §9.1; "*" stands for all of them.
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


@dataclass(frozen=True, slots=True)
class Binding:
    """One way to call a method over HTTP. `http_method` may be "*", which is any.

    `body` is empty, "*" or the name of a field; `response_body` is empty or the name of one.
    """

    http_method: str
    template: template.Template
    body: str
    response_body: str


@dataclass(frozen=True, slots=True)
class Method:
    """A method of the contract."""

    # As on the wire: /package.Service/Method.
    path: str
    full_name: str
    name: str
    service: str
    input: Descriptor
    output: Descriptor
    request_class: type[Message]
    response_class: type[Message]
    server_streaming: bool
    bindings: tuple[Binding, ...]
    success_field: str
    success_status: int
    public: bool

    def body_type(self, binding: Binding) -> Descriptor | None:
        """The message type of a request's body, if it has one and that is a message."""
        if binding.body in ("", "*"):
            return self.input if binding.body else None
        field = self.input.fields_by_name[binding.body]
        return None if field.is_repeated else field.message_type

    def answer_type(self, binding: Binding) -> Descriptor | None:
        """The message type of an answer's body, if that is a message."""
        if not binding.response_body:
            return self.output
        field = self.output.fields_by_name[binding.response_body]
        return None if field.is_repeated else field.message_type


@dataclass(frozen=True, slots=True)
class Api:
    """The services to serve, and the comments of their contract by full name."""

    services: tuple[ServiceDescriptor, ...]
    methods: tuple[Method, ...]
    comments: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def load(cls, descriptor_set: bytes, services: Sequence[str] | None = None) -> Api:
        """Read a serialized FileDescriptorSet with imports (and source info, for comments).

        Without `services`, all are served that have a route. Message classes come from the default
        descriptor pool; files that it lacks are added.

        Raises:
            GatewayConfigError: names every route that is missing, malformed or contradictory.
        """
        files = _files(descriptor_set)
        if services is None:
            services = routed_services(files)
            if not services:
                raise GatewayConfigError(["no service has a route (google.api.http)"])
        pool = descriptor_pool.Default()
        _add_missing(pool, files)
        problems: list[str] = []
        names = dict.fromkeys(services)  # each once
        found = [service for name in names if (service := _service(pool, name, problems))]
        methods = [
            loaded
            for service in found
            for method in service.methods
            if (loaded := _load(service, method, problems))
        ]
        if problems:
            raise GatewayConfigError(problems)
        return cls(tuple(found), tuple(methods), comments(files))


def routed_services(files: Iterable[descriptor_pb2.FileDescriptorProto]) -> list[str]:
    """Full names of the services with a route (google.api.http), in the order of declaration."""
    return [
        f"{file.package}.{service.name}".removeprefix(".")
        for file in files
        for service in file.service
        if any(method.options.HasExtension(http_annotations.http) for method in service.method)
    ]


def _files(descriptor_set: bytes) -> list[descriptor_pb2.FileDescriptorProto]:
    try:
        return list(descriptor_pb2.FileDescriptorSet.FromString(descriptor_set).file)
    except DecodeError:
        raise GatewayConfigError(["the descriptors are not a FileDescriptorSet"]) from None


def _add_missing(pool: Any, files: list[descriptor_pb2.FileDescriptorProto]) -> None:
    # protoc writes imports before what imports them, which is the order that the pool needs.
    for file in files:
        try:
            pool.FindFileByName(file.name)
        except KeyError:
            _add(pool, file)


def _add(pool: Any, file: descriptor_pb2.FileDescriptorProto) -> None:
    bare = descriptor_pb2.FileDescriptorProto()
    bare.CopyFrom(file)
    bare.ClearField("source_code_info")
    try:
        pool.AddSerializedFile(bare.SerializeToString())
    except TypeError as error:  # an import is missing, or a name is there twice: it says which
        raise GatewayConfigError([f"{file.name} can not be loaded: {error}"]) from None


def _service(pool: Any, name: str, problems: list[str]) -> ServiceDescriptor | None:
    try:
        service: ServiceDescriptor = pool.FindServiceByName(name)
    except KeyError:
        problems.append(f"the descriptors have no service {name}")
        return None
    return service


def _load(
    service: ServiceDescriptor, method: MethodDescriptor, problems: list[str]
) -> Method | None:
    options: Any = method.GetOptions()
    service_options: Any = service.GetOptions()
    rule = options.Extensions[http_annotations.http]
    own = options.Extensions[annotations_pb2.method]
    bindings = [_binding(each, method, problems) for each in (rule, *rule.additional_bindings)]
    loaded = Method(
        path=f"/{service.full_name}/{method.name}",
        full_name=method.full_name,
        name=method.name,
        service=service.full_name,
        input=method.input_type,
        output=method.output_type,
        request_class=message_factory.GetMessageClass(method.input_type),
        response_class=message_factory.GetMessageClass(method.output_type),
        server_streaming=method.server_streaming,
        bindings=tuple(binding for binding in bindings if binding),
        success_field=service_options.Extensions[annotations_pb2.service].success_field,
        success_status=own.success_status or 200,
        public=own.public,
    )
    problems.extend(check_method(method, loaded.success_status, loaded.success_field))
    return loaded


def _binding(rule: HttpRule, method: MethodDescriptor, problems: list[str]) -> Binding | None:
    http_method, path = _pattern(rule)
    if not path:
        problems.append(f"{method.full_name} has no route (google.api.http)")
        return None
    if not _TOKEN.fullmatch(http_method):
        problems.append(f"{method.full_name}: {http_method!r} is no HTTP method")
        return None
    try:
        parsed = template.parse(path)
    except template.TemplateError as error:
        problems.append(f"{method.full_name}: {error}")
        return None
    binding = Binding(http_method, parsed, rule.body, rule.response_body)
    found = check_binding(method, parsed.field_paths, binding.body, binding.response_body)
    problems.extend(found)
    return None if found else binding


def _pattern(rule: HttpRule) -> tuple[str, str]:
    kind = rule.WhichOneof("pattern")
    if kind in _PATTERNS:
        return kind.upper(), getattr(rule, kind)
    return rule.custom.kind, rule.custom.path
