"""The OpenAPI document is valid, complete and always the same."""

from __future__ import annotations

from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV30SpecValidator, OpenAPIV31SpecValidator

from gateway import Api
from gateway.openapi import Info, document, document_bytes

PROTO = """
// How it is bound.
enum Binding {
  BINDING_UNSPECIFIED = 0;
  // With a hard cover.
  BINDING_HARD = 1 [(gateway.v1.value) = {json_name: "hard"}];
}
// A book.
message Book {
  // Its id.
  string id = 1 [(google.api.field_behavior) = OUTPUT_ONLY];
  // Its title.
  string title = 2 [(google.api.field_behavior) = REQUIRED];
  // Its key.
  Book secret = 3 [(google.api.field_behavior) = INPUT_ONLY];
  Binding binding = 4;
  repeated Binding bindings = 5;
  map<string, Book> related = 6;
  uint64 serial = 7; bytes cover = 8; float weight = 9; bool loanable = 10; double price = 11;
  google.protobuf.Timestamp at = 12; google.protobuf.StringValue wrapped = 13;
  google.protobuf.Struct extra = 14; google.protobuf.Value any = 15;
  message Error { string x = 1; }
  Error error = 16;
}
message UpdateRequest { Book book = 1; google.protobuf.FieldMask update_mask = 2; int32 dry = 3; }
message ListRequest { string shelf = 1 [(google.api.field_behavior) = REQUIRED]; Binding kind = 2;
  repeated string tags = 3; ListRequest inner = 4; }
// A shop.
service Shop {
  option (gateway.v1.service) = {success_field: "ok"};
  // Changes a book. In place.
  rpc Update(UpdateRequest) returns (Book) {
    option (google.api.http) = { patch: "/books/{book.id}" body: "book" };
  }
  rpc Get(Book) returns (Book) {
    option (google.api.http) = { get: "/books/{id}" additional_bindings { get: "/{id=b/**}:x" } };
    option (gateway.v1.method) = { public: true };
  }
  rpc Create(Book) returns (Book) {
    option (google.api.http) = { post: "/any/*/books/{id}" body: "*" };
    option (gateway.v1.method) = { success_status: 201 };
  }
  rpc Add(Book) returns (google.protobuf.Empty) {
    option (google.api.http) = { post: "/books" body: "*" };
  }
  rpc List(ListRequest) returns (stream Book) { option (google.api.http) = { get: "/books" }; }
  rpc Tags(Book) returns (Book) {
    option (google.api.http) = { get: "/tags" response_body: "bindings" };
  }
  rpc Purge(Book) returns (Book) {
    option (google.api.http) = { custom: { kind: "PURGE" path: "/cache" } };
  }
}
service Second { rpc Get(Book) returns (Book) { option (google.api.http) = { get: "/s" }; } }
"""


@pytest.fixture(scope="module")
def api(compile_proto: Any) -> Api:
    descriptors, package = compile_proto(PROTO)
    return Api.load(descriptors, [f"{package}.Shop"])


@pytest.fixture(scope="module")
def made(api: Api) -> Any:
    return document(api, Info(title="Books", version="2", description="All of it."))


def test_it_is_valid_as_3_1_and_as_3_0(made: Any) -> None:
    OpenAPIV31SpecValidator(made).validate()
    OpenAPIV30SpecValidator({**made, "openapi": "3.0.3"}).validate()


def test_the_same_contract_gives_the_same_bytes(api: Api) -> None:
    assert document_bytes(api) == document_bytes(api)


def test_the_service_names_and_describes_the_document(api: Api, made: Any) -> None:
    assert made["info"] == {"title": "Books", "version": "2", "description": "All of it."}
    info = document(api)["info"]
    assert (info["title"], info["description"]) == ("Shop", "A shop.")


def test_paths_of_one_shape_are_one_entry(made: Any) -> None:
    assert list(made["paths"]) == [
        "/books/{book.id}", "/{id}:x", "/any/{wildcard1}/books/{id}", "/books", "/tags",
    ]  # fmt: skip
    assert set(made["paths"]["/books/{book.id}"]) == {"patch", "get"}
    name = made["paths"]["/books/{book.id}"]["get"]["parameters"][0]
    assert (name["name"], name["in"], name["required"]) == ("book.id", "path", True)


def test_a_rest_has_a_pattern(made: Any) -> None:
    parameter = made["paths"]["/{id}:x"]["get"]["parameters"][0]
    assert parameter["schema"] == {"type": "string", "pattern": "^b/.+$"}


def test_operations(made: Any) -> None:
    update = made["paths"]["/books/{book.id}"]["patch"]
    assert (update["operationId"], update["tags"]) == ("Update", ["Shop"])
    assert (update["summary"], update["description"]) == (
        "Changes a book",
        "Changes a book. In place.",
    )
    assert [p["name"] for p in update["parameters"]] == ["book.id", "dry"]
    assert "security" not in update
    assert "401" in update["responses"]
    get = made["paths"]["/books/{book.id}"]["get"]
    assert get["security"] == []
    assert "401" not in get["responses"]
    assert made["paths"]["/{id}:x"]["get"]["operationId"] == "Get_2"


def test_bodies_and_answers(made: Any) -> None:
    create = made["paths"]["/any/{wildcard1}/books/{id}"]["post"]
    body = create["requestBody"]["content"]["application/json"]["schema"]
    assert create["requestBody"]["required"]
    assert "id" not in body["properties"]
    answer = create["responses"]["201"]["content"]["application/json"]["schema"]
    assert answer["allOf"][0]["required"] == ["ok"]
    books = made["paths"]["/books"]
    assert set(books["get"]["responses"]["200"]["content"]) == {"application/x-ndjson"}
    assert [p.get("required", False) for p in books["get"]["parameters"]] == [
        True, False, False, False, False, False, False, False, False, False, False, False,
    ]  # fmt: skip
    tags = made["paths"]["/tags"]["get"]["responses"]["200"]["content"]["application/json"]
    assert tags["schema"]["type"] == "array"


def test_schemas(made: Any) -> None:
    schemas = made["components"]["schemas"]
    book = schemas["Book"]
    assert book["required"] == ["title"]
    assert book["properties"]["id"] == {
        "type": "string", "description": "Its id.", "readOnly": True,
    }  # fmt: skip
    assert book["properties"]["secret"]["writeOnly"] is True
    assert book["properties"]["serial"] == {"type": "integer", "format": "int64", "minimum": 0}
    assert schemas["Binding"]["enum"] == ["hard"]
    assert "- `hard`: With a hard cover." in schemas["Binding"]["description"]
    assert schemas["Error"]["required"] == ["error_code", "message", "detail", "request_id"]
    assert book["properties"]["error"]["$ref"].endswith(".Book.Error")


def test_two_services_keep_their_operations_apart(compile_proto: Any) -> None:
    descriptors, package = compile_proto(PROTO)
    both = Api.load(descriptors, [f"{package}.Shop", f"{package}.Second"])
    made = document(both)
    OpenAPIV31SpecValidator(made).validate()
    assert made["paths"]["/s"]["get"]["operationId"] == "Second_Get"
