"""What a contract must fulfil before the gateway serves it; each check names what is wrong."""

from __future__ import annotations

from collections.abc import Sequence

from google.protobuf.descriptor import Descriptor, FieldDescriptor, MethodDescriptor

from gateway.codec import kinds
from gateway.http import NO_CONTENT


def check_method(method: MethodDescriptor, success_status: int, success_field: str) -> list[str]:
    """Problems of a method as such."""
    problems = []
    name = method.full_name
    if method.client_streaming:
        problems.append(f"{name}: client streaming has no form over HTTP/1.1")
    if not 200 <= success_status <= 299:
        problems.append(f"{name}: success_status {success_status} is not 200 to 299")
    if method.server_streaming and success_status == NO_CONTENT:
        problems.append(f"{name}: a stream has a body, and success_status {NO_CONTENT} has none")
    if success_field and success_field in method.output_type.fields_by_name:
        problems.append(
            f"{name}: {method.output_type.full_name} has a field {success_field}, "
            "which is the service's success_field"
        )
    return problems


def check_binding(
    method: MethodDescriptor, variables: Sequence[str], body: str, response_body: str
) -> list[str]:
    """Problems of one HTTP binding of a method."""
    problems = []
    for variable in variables:
        problem = _variable_problem(method.input_type, variable)
        if problem:
            problems.append(f"{method.full_name}: {variable} {problem}")
        if variable == body:
            problems.append(f"{method.full_name}: {body} is bound by the path and the body")
    if body not in ("", "*") and body not in method.input_type.fields_by_name:
        problems.append(f"{method.full_name}: the body {body} is no field of the request")
    if response_body and response_body not in method.output_type.fields_by_name:
        problems.append(
            f"{method.full_name}: the response_body {response_body} is no field of the response"
        )
    return problems


def resolve(message: Descriptor, path: str) -> FieldDescriptor | None:
    """The field that a dotted path names through singular plain messages, if there is one."""
    *parents, leaf = path.split(".")
    for name in parents:
        field = message.fields_by_name.get(name)
        if field is None or field.is_repeated or field.message_type is None:
            return None
        message = field.message_type
        if not kinds.is_plain(message):
            return None
    return message.fields_by_name.get(leaf)


def is_textual(field: FieldDescriptor) -> bool:
    """Whether one piece of text can hold an item of the field."""
    message = field.message_type
    return message is None or message.full_name in kinds.WRAPPERS | kinds.TEXTUAL


def _variable_problem(message: Descriptor, path: str) -> str | None:
    field = resolve(message, path)
    if field is None:
        return "is no field of the request"
    if field.is_repeated:
        return "is repeated and can not be in a path"
    return None if is_textual(field) else "is a message and can not be in a path"
