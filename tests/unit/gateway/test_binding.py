"""Requests in forms that the conformance suite has no method for."""

from __future__ import annotations

from typing import Any

import pytest

from gateway import Api, GatewayOptions
from gateway.failures import GatewayError
from gateway.router import Match
from gateway.routes import Routes

PROTO = """
message Node { Node in = 1; string name = 2; oneof one { string a = 3; string b = 4; } }
service Binding {
  rpc Free(google.protobuf.Struct) returns (google.protobuf.Empty) {
    option (google.api.http) = { post: "/struct" body: "*" }; }
  rpc List(google.protobuf.ListValue) returns (google.protobuf.Empty) {
    option (google.api.http) = { post: "/list" body: "*" }; }
  rpc Any(google.protobuf.Value) returns (google.protobuf.Empty) {
    option (google.api.http) = { post: "/value" body: "*" }; }
  rpc At(google.protobuf.Timestamp) returns (google.protobuf.Empty) {
    option (google.api.http) = { post: "/at" body: "*" }; }
  rpc Count(google.protobuf.Int64Value) returns (google.protobuf.Empty) {
    option (google.api.http) = { post: "/count" body: "*" }; }
  rpc Deep(Node) returns (google.protobuf.Empty) { option (google.api.http) = { get: "/deep" }; }
  rpc Part(Node) returns (google.protobuf.Empty) {
    option (google.api.http) = { post: "/part" body: "in" }; }
}
"""
JSON = "application/json"


@pytest.fixture(scope="module")
def bind(compile_proto: Any) -> Any:
    descriptors, package = compile_proto(PROTO)
    routes = Routes(Api.load(descriptors, [f"{package}.Binding"]), GatewayOptions())

    def bound(method: str, path: str, query: bytes = b"", body: bytes = b"") -> Any:
        found = routes.find(method, path.encode())
        assert isinstance(found, Match)
        return found.target.bind(found.variables, query, body, JSON)

    return bound


def test_a_body_of_free_json_is_the_request(bind: Any) -> None:
    assert dict(bind("POST", "/struct", body=b'{"a": 1}')) == {"a": 1}
    assert list(bind("POST", "/list", body=b'[1, "a", null]')) == [1, "a", None]
    assert bind("POST", "/value", body=b"[true]").list_value.values[0].bool_value
    assert bind("POST", "/value", body=b"null").WhichOneof("kind") == "null_value"
    assert bind("POST", "/at", body=b'"1970-01-01T00:00:01Z"').seconds == 1
    assert bind("POST", "/count", body=b"7").value == 7


def test_a_parameter_may_be_as_deep_as_json(bind: Any) -> None:
    node = bind("GET", "/deep", b"in." * 99 + b"name=x&" + b"in." * 99 + b"a=y")
    for _ in range(99):
        node = getattr(node, "in")
    assert (node.name, node.a) == ("x", "y")


@pytest.mark.parametrize(
    ("method", "path", "query", "key"),
    [
        ("GET", "/deep", b"in." * 100 + b"name=x", "unknown_parameter"),
        ("GET", "/deep", b"in.in.in.in.nome=x", "unknown_parameter"),
        ("GET", "/deep", b"in.in.in.in=x", "unknown_parameter"),
        ("GET", "/deep", b"in.in.in.in.name.x=x", "unknown_parameter"),
        ("GET", "/deep", b"in.in.in.in..name=x", "unknown_parameter"),
        ("GET", "/deep", b"in.in.in.in.name=x&in.in.in.in.name=y", "twice"),
        ("GET", "/deep", b"in.in.in.in.a=x&in.in.in.in.b=y", "oneof"),
        ("POST", "/part", b"in.in.in.in.name=x", "unknown_parameter"),
        ("POST", "/struct", b"a.b.c.d.e=x", "unknown_parameter"),
    ],
)
def test_a_deep_parameter_is_judged_as_others_are(
    bind: Any, method: str, path: str, query: bytes, key: str
) -> None:
    with pytest.raises(GatewayError) as caught:
        bind(method, path, query)
    assert [each.key.removesuffix("_near") for each in caught.value.violations] == [key]
