"""A contract that can not be served is refused when the gateway starts, with every reason."""

from __future__ import annotations

from typing import Any

import pytest
from google.protobuf import descriptor_pb2

from gateway import Api, Gateway, GatewayConfigError, GatewayOptions
from gateway.comments import summary
from gateway.http import Response

MESSAGES = """
message A { string x = 1; repeated string many = 2; A sub = 3; map<string, string> map = 4;
  bool success = 5; google.protobuf.Timestamp at = 6; google.protobuf.Any any = 7; }
message C { google.api.HttpBody raw = 1; repeated google.api.HttpBody raws = 2; string x = 3; }
message B { string x = 1; B sub = 2; google.protobuf.Timestamp at = 3; }
"""


def rpc(options: str, request: str = "B", response: str = "B") -> str:
    return f"{MESSAGES} service S {{ rpc M({request}) returns ({response}) {{ {options} }} }}"


def http(rule: str) -> str:
    return f"option (google.api.http) = {{ {rule} }};"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (rpc(""), "M has no route"),
        (rpc(http('get: "v1"')), "does not start with a slash"),
        (rpc(http('get: "/{y}"')), "y is no field of the request"),
        (rpc(http('get: "/{sub}"')), "sub is a message"),
        (rpc(http('get: "/{many}"'), "A"), "many is repeated"),
        (rpc(http('get: "/{x.y}"')), "x.y is no field"),
        (rpc(http('get: "/{many.y}"'), "A"), "many.y is no field"),
        (rpc(http('post: "/v1" body: "y"')), "the body y is no field"),
        (rpc(http('post: "/v1/{x}" body: "x"')), "bound by the path and the body"),
        (rpc(http('get: "/v1" response_body: "y"')), "the response_body y is no field"),
        (rpc(http('custom: { path: "/v1" }')), "'' is no HTTP method"),
        (rpc(http('custom: { kind: "GET /" path: "/v1" }')), "'GET /' is no HTTP method"),
        (rpc(http('get: "/{at.seconds}"')), "at.seconds is no field"),
        (rpc(http('get: "/v1" additional_bindings { }')), "M has no route"),
        (rpc(http('get: "/v1"'), "stream B"), "client streaming"),
        (
            rpc(http('get: "/v1"') + "option (gateway.v1.method) = {success_status: 404};"),
            "404 is not 200 to 299",
        ),
        (
            rpc(http('get: "/v1"') + "option (gateway.v1.method) = {success_status: 204};")
            .replace("returns (", "returns (stream "),
            "a stream has a body",
        ),
        (
            MESSAGES
            + 'service S { option (gateway.v1.service) = {success_field: "success"};'
            + " rpc M(B) returns (A) { " + http('get: "/v1"') + " } }",
            "has a field success",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(compile_proto: Any, text: str, problem: str) -> None:
    descriptors, package = compile_proto(text)
    with pytest.raises(GatewayConfigError, match=problem):
        Api.load(descriptors, [f"{package}.S"])


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (rpc(http('get: "/{x}" additional_bindings { get: "/{at}" }')), "have the same route"),
        (rpc(http('post: "/v1" body: "*"'), "A"), "Any is not supported"),
        (rpc(http('get: "/v1"'), "B", "A"), "Any is not supported"),
        (rpc(http('get: "/{x}"')), "the page /page hides a route"),
        (rpc(http('custom: { kind: "*" path: "/{x}" }')), "the page /page hides a route"),
        (rpc(http('delete: "/{x}"')), "the page /page hides a route"),
        (rpc(http('post: "/v1" body: "*"'), "C"), "HttpBody must be the whole body"),
        (rpc(http('post: "/v1" body: "raws"'), "C"), "HttpBody must be the whole body"),
        (rpc(http('get: "/v1"'), "B", "C"), "HttpBody must be the whole body"),
        (rpc(http('get: "/v1" response_body: "raws"'), "B", "C"), "HttpBody must be the whole"),
    ],
)
def test_what_the_gateway_can_not_serve_is_named(
    compile_proto: Any, text: str, problem: str
) -> None:
    async def page(request: Any) -> Response:
        return Response(200)

    descriptors, package = compile_proto(text)
    api = Api.load(descriptors, [f"{package}.S"])
    with pytest.raises(GatewayConfigError, match=problem):
        Gateway(api, None, pages={"/page": page})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("request_type", "response_type", "rule"),
    [
        ("C", "B", 'post: "/{x}" body: "raw"'),
        ("C", "B", 'get: "/{x}"'),
        ("B", "C", 'get: "/v1" response_body: "raw"'),
        ("google.api.HttpBody", "google.api.HttpBody", 'post: "/v1" body: "*"'),
        ("B", "stream google.api.HttpBody", 'get: "/v1"'),
    ],
)
def test_raw_bodies_are_served_where_they_are_all_there_is(
    compile_proto: Any, request_type: str, response_type: str, rule: str
) -> None:
    descriptors, package = compile_proto(rpc(http(rule), request_type, response_type))
    Gateway(Api.load(descriptors, [f"{package}.S"]), None)  # type: ignore[arg-type]


def test_all_problems_are_named_at_once(compile_proto: Any) -> None:
    descriptors, package = compile_proto(rpc(http('post: "/{y}" body: "z"')))
    with pytest.raises(GatewayConfigError) as caught:
        Api.load(descriptors, [f"{package}.S", "no.Such"])
    assert len(caught.value.problems) == 3


def test_what_is_no_descriptor_set_is_refused() -> None:
    with pytest.raises(GatewayConfigError, match="not a FileDescriptorSet"):
        Api.load(b"\xff", [])


def test_a_file_without_its_import_is_refused() -> None:
    file = descriptor_pb2.FileDescriptorProto(name="unit_lost.proto", dependency=["no_such.proto"])
    files = descriptor_pb2.FileDescriptorSet(file=[file])
    with pytest.raises(GatewayConfigError, match=r"unit_lost\.proto can not be loaded"):
        Api.load(files.SerializeToString(), [])


@pytest.mark.parametrize(
    "options",
    [
        {"realm": 'a"b'},
        {"realm": "한"},
        {"unknown_fields": "maybe"},
        {"max_body_bytes": 0},
        {"max_uri_bytes": 0},
        {"default_timeout_s": 0},
        {"max_timeout_s": -1},
    ],
)
def test_options_without_sense_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(GatewayConfigError):
        GatewayOptions(**options)


def test_a_summary_is_the_first_sentence() -> None:
    assert summary("One thing. Another.\n\nMore.") == "One thing"
    assert summary("One thing.") == "One thing"
    assert summary("") == ""
