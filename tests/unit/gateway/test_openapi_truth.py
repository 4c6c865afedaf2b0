"""What the document says is what the gateway does, in corners that one contract alone has not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from gateway import Api
from gateway.openapi import document

PROTO = """
message Food {
  string name = 1 [(google.api.field_behavior) = REQUIRED];
  optional string code = 2 [(google.api.field_behavior) = REQUIRED];
  optional string note = 3;
  oneof place { string room = 4; int32 ship = 5; }
  uint32 small = 6; fixed64 large = 7;
  map<int32, string> numbered = 8; map<bool, string> flags = 9; map<string, int32> named = 10;
  google.protobuf.Duration lasts = 11;
}
// Only a request, and no other form of Food.
message FoodInput { int32 grams = 1; }
message Change { Food food = 1; google.protobuf.FieldMask mask = 2; }
// Another one than the shape of every error.
message Box { google.protobuf.Struct extra = 1; Kind kind = 2; map<int32, int32> counts = 3;
  Food food = 4; repeated string words = 5; }
enum Kind { KIND_ZERO = 0; }
service S {
  option (gateway.v1.service) = {success_field: "ok"};
  rpc Make(Food) returns (Food) {
    option (google.api.http) = { post: "/foods" body: "*" }; }
  rpc Weigh(FoodInput) returns (google.protobuf.Empty) {
    option (google.api.http) = { post: "/weigh" body: "*" };
    option (gateway.v1.method) = { success_status: 204 }; }
  rpc Alter(Change) returns (Food) {
    option (google.api.http) = { patch: "/foods/{food.name}" body: "food" }; }
  rpc Find(Food) returns (stream Food) { option (google.api.http) = { get: "/foods" }; }
  rpc Extra(Box) returns (Box) {
    option (google.api.http) = { post: "/extra" body: "*" response_body: "extra"
      additional_bindings { post: "/kind" body: "*" response_body: "kind" }
      additional_bindings { post: "/counts" body: "*" response_body: "counts" }
      additional_bindings { post: "/food" body: "*" response_body: "food" }
      additional_bindings { post: "/words" body: "*" response_body: "words" } }; }
  rpc Free(Box) returns (google.protobuf.Struct) {
    option (google.api.http) = { post: "/free" body: "*" }; }
}
"""


@pytest.fixture(scope="module")
def made(compile_proto: Any) -> Any:
    descriptors, package = compile_proto(PROTO)
    made = document(Api.load(descriptors, [f"{package}.S"]))
    OpenAPIV31SpecValidator(made).validate()
    return made


def content(made: Any, path: str, method: str = "post", media: str = "application/json") -> Any:
    return made["paths"][path][method]["responses"]["200"]["content"][media]


def valid(made: Any, schema: Any, value: Any) -> bool:
    return bool(OAS31Validator({**schema, "components": made["components"]}).is_valid(value))


def test_a_message_keeps_its_name_beside_another_ones_form_for_input(made: Any) -> None:
    schemas = made["components"]["schemas"]
    for path, field in (("/foods", "name"), ("/weigh", "grams")):
        body = made["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"]
        assert field in schemas[body["$ref"].rpartition("/")[2]]["properties"], body


def test_an_answer_without_a_body_has_no_content(made: Any) -> None:
    answer = made["paths"]["/weigh"]["post"]["responses"]["204"]
    assert "content" not in answer
    # Not what google.protobuf.Empty says of itself.
    assert answer["description"] == "Success."


@pytest.mark.parametrize(
    ("path", "answer", "no_answer"),
    [
        ("/extra", {"ok": True, "x": 1}, {"x": 1}),
        ("/kind", "KIND_ZERO", {"ok": True}),
        ("/counts", {"ok": True, "1": 2}, {"1": 2}),
        ("/counts", {"ok": True, "1": 2}, {"ok": True, "1": "2"}),
        ("/words", ["a"], {"ok": True}),
        ("/free", {"ok": True, "x": 1}, {"x": 1}),
    ],
)
def test_the_envelope_is_there_where_the_answer_is_an_object(
    made: Any, path: str, answer: Any, no_answer: Any
) -> None:
    found = content(made, path)
    assert valid(made, found["schema"], answer)
    assert not valid(made, found["schema"], no_answer)
    assert valid(made, found["schema"], found["example"])


def test_a_stream_may_end_with_an_error(made: Any) -> None:
    error = {"error_code": 500, "message": "m", "detail": {"reason": "INTERNAL"}, "request_id": "r"}
    line = content(made, "/foods", "get", "application/x-ndjson")
    event = content(made, "/foods", "get", "text/event-stream")
    for found, ending in ((line, {"error": error}), (event, error)):
        assert valid(made, found["schema"], found["example"])
        assert valid(made, found["schema"], ending)
        assert not valid(made, found["schema"], {})


def test_numbers_and_maps_are_as_the_codec_takes_them(made: Any) -> None:
    of = made["components"]["schemas"]["Food"]["properties"]
    assert of["small"] == {"type": "integer", "format": "uint32", "minimum": 0}
    assert of["large"] == {"type": "integer", "format": "uint64", "minimum": 0}
    assert valid(made, of["numbered"], {"-1": "a", "0": "b"})
    assert not valid(made, of["numbered"], {"01": "a"})
    assert not valid(made, of["numbered"], {"x": "a"})
    assert valid(made, of["flags"], {"true": "a"})
    assert not valid(made, of["flags"], {"1": "a"})
    assert valid(made, of["named"], {"x": 1})
    assert not valid(made, of["lasts"], "01s")


def test_members_of_a_oneof_name_each_other(made: Any) -> None:
    text = "At most one of `room`, `ship`."
    for name in ("Food", "FoodInput"):
        body = made["components"]["schemas"].get(name)
        if body and "room" in body["properties"]:
            assert body["properties"]["room"]["description"] == text
    parameters = {p["name"]: p for p in made["paths"]["/foods"]["get"]["parameters"] if "name" in p}
    assert parameters["ship"]["description"] == text
    assert "description" not in parameters["note"]


def test_a_request_has_one_member_of_a_oneof(made: Any) -> None:
    body = made["paths"]["/foods"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    whole = {"name": "n", "code": "c"}
    for given in ({}, {"room": "r"}, {"ship": 0}, {"room": None, "ship": 1}):
        assert valid(made, body, whole | given), given
    assert not valid(made, body, whole | {"room": "", "ship": 1})
    # What is only written has it by its type, and may get more members.
    written = content(made, "/food")["schema"]["allOf"][1]
    assert "not" not in made["components"]["schemas"][written["$ref"].rpartition("/")[2]]


def test_a_change_may_name_its_mask_and_clears_only_what_is_optional(made: Any) -> None:
    alter = made["paths"]["/foods/{food.name}"]["patch"]
    assert [p["name"] for p in alter["parameters"] if p.get("in") == "query"] == ["mask"]
    of = alter["requestBody"]["content"]["application/json"]["schema"]["properties"]
    assert of["note"]["type"] == ["string", "null"]
    assert of["code"]["type"] == "string"


def test_services_of_one_name_in_two_packages_keep_apart(compile_proto: Any) -> None:
    text = """message M { string name = 1; }
        service S { rpc Get(M) returns (M) { option (google.api.http) = { get: "/%s/{name}" }; } }
        """
    (first, one), (second, two) = compile_proto(text % "one"), compile_proto(text % "two")
    made = document(Api.load(first + second, [f"{one}.S", f"{two}.S"]))
    OpenAPIV31SpecValidator(made).validate()
    tags = [tag["name"] for tag in made["tags"]]
    assert tags == [f"{one}.S", f"{two}.S"]
    found = [made["paths"][f"/{name}/{{name}}"]["get"] for name in ("one", "two")]
    assert [operation["tags"] for operation in found] == [[tag] for tag in tags]
    assert [each["operationId"] for each in found] == [f"{one}_S_Get", f"{two}_S_Get"]


def test_the_document_may_be_asked_for_after_the_contract_was_read(
    compile_proto: Any, tmp_path: Path
) -> None:
    file = tmp_path / "set.binpb"
    file.write_bytes(compile_proto(PROTO)[0])
    late = (
        "import pathlib, sys; from gateway import Api; "
        "api = Api.load(pathlib.Path(sys.argv[1]).read_bytes()); "
        "from gateway.openapi import document; document(api)"
    )
    root = Path(__file__).parents[3]
    done = subprocess.run(
        [sys.executable, "-c", late, str(file)], cwd=root, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def test_examples_that_nobody_gave_are_within_the_bounds(compile_proto: Any) -> None:
    descriptors, package = compile_proto(
        """message Bounded {
          int32 least = 1 [(gateway.v1.field) = {minimum: 10}];
          int32 most = 2 [(gateway.v1.field) = {maximum: -3}];
          double above = 3 [(gateway.v1.field) = {above: 1}];
          double between = 4 [(gateway.v1.field) = {above: 1, maximum: 1.5}];
          double under = 5 [(gateway.v1.field) = {above: 0, maximum: 0.5}];
          string short = 6 [(gateway.v1.field) = {max_size: 2}];
          string long = 7 [(gateway.v1.field) = {min_size: 9}];
          repeated string many = 8 [(gateway.v1.field) = {min_size: 3}];
          repeated string few = 9 [(gateway.v1.field) = {max_size: 3}];
          string day = 10 [(gateway.v1.field) = {format: "date"}];
          bytes raw = 11 [(gateway.v1.field) = {min_size: 1}];
          bool flag = 12;
        }
        service S { rpc Put(Bounded) returns (Bounded) {
          option (google.api.http) = { put: "/bounded" body: "*" }; } }"""
    )
    made = document(Api.load(descriptors, [f"{package}.S"]))
    body = made["paths"]["/bounded"]["put"]["requestBody"]["content"]["application/json"]
    schema = {**body["schema"], "components": made["components"]}
    checker = OAS31Validator.FORMAT_CHECKER
    OAS31Validator(schema, format_checker=checker).validate(body["example"])
    assert len(body["example"]) == 12
