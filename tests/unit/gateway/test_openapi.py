"""The OpenAPI document is valid, complete and always the same."""

from __future__ import annotations

from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from gateway import Api
from gateway.docs import documentation_pages
from gateway.failures import GatewayConfigError
from gateway.http import PageRequest
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
    option (gateway.v1.method) = { public: true response_headers: ["ETag"] };
  }
  rpc Create(Book) returns (Book) {
    option (google.api.http) = { post: "/any/*/books/{id}" body: "*" };
    option (gateway.v1.method) = { success_status: 201 error_statuses: [409, 418]
      request_headers: ["Idempotency-Key"] response_headers: ["Location"] limited: true };
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
message Page { string path = 1; google.api.HttpBody content = 2; }
service Files {
  rpc Read(Page) returns (google.api.HttpBody) { option (google.api.http) = { get: "/f/{path}" }; }
  rpc Follow(Page) returns (stream google.api.HttpBody) {
    option (google.api.http) = { get: "/g/{path}" }; }
  rpc Write(Page) returns (Page) {
    option (google.api.http) = { put: "/f/{path}" body: "content" response_body: "path" }; }
  rpc Send(google.api.HttpBody) returns (Page) {
    option (google.api.http) = { post: "/f" body: "*" }; }
}
// A range.
message Bounds {
  int32 least = 1 [(gateway.v1.field) = {minimum: 1, maximum: 9, example: "3"}];
  optional double more = 2 [(gateway.v1.field) = {above: 0.5}];
  string word = 3 [(gateway.v1.field) =
    {min_size: 2, max_size: 4, pattern: "^[a-z]*$", example: "abc"}];
  repeated string words = 4 [(gateway.v1.field) = {max_size: 2, pattern: "^a$"}];
  string day = 5 [(gateway.v1.field) = {format: "date", example: "2025-11-27"}];
  google.protobuf.Timestamp at = 6 [(gateway.v1.field) = {always: true}];
  optional string left_out = 7 [(gateway.v1.field) = {example: "null"}];
  oneof either { string one = 8; string other = 9; }
  map<string, int32> counts = 10;
  google.protobuf.StringValue wrapped = 11;
  Binding binding = 12 [(gateway.v1.field) = {example: "hard"}];
  Bounds inner = 13;
}
service Ranges {
  rpc Put(Bounds) returns (Bounds) { option (google.api.http) = { put: "/bounds" body: "*" }; }
  rpc Find(Bounds) returns (Bounds) { option (google.api.http) = { get: "/bounds" }; }
}
service Wrong {
  rpc Put(Bounds) returns (Bounds) { option (google.api.http) = { put: "/bounds" body: "*" };
    option (gateway.v1.method) = { response_headers: ["X-Unheard-Of"] }; }
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


def test_it_is_valid(made: Any) -> None:
    OpenAPIV31SpecValidator(made).validate()


def test_the_same_contract_gives_the_same_bytes(api: Api) -> None:
    assert document_bytes(api) == document_bytes(api)


def test_the_service_names_and_describes_the_document(api: Api, made: Any) -> None:
    assert made["info"] == {"title": "Books", "version": "2", "description": "All of it."}
    info = document(api)["info"]
    assert (info["title"], info["description"]) == ("Shop", "A shop.")


def test_paths_of_one_shape_are_one_entry(made: Any) -> None:
    assert list(made["paths"]) == [
        "/books/{book.id}", "/b/{id}:x", "/any/{wildcard1}/books/{id}", "/books", "/tags",
    ]  # fmt: skip
    assert set(made["paths"]["/books/{book.id}"]) == {"patch", "get"}
    name = made["paths"]["/books/{book.id}"]["get"]["parameters"][0]
    assert (name["name"], name["in"], name["required"]) == ("book.id", "path", True)


def test_what_is_a_part_of_a_field_and_what_is_all_the_rest_says_so(made: Any) -> None:
    parameter = made["paths"]["/b/{id}:x"]["get"]["parameters"][0]
    assert parameter["schema"] == {"type": "string", "minLength": 1}
    assert "A part of `id`, which is `b/**`." in parameter["description"]
    assert "All the rest of the path" in parameter["description"]


def test_no_route_is_left_out(compile_proto: Any) -> None:
    descriptors, package = compile_proto(
        """message M { string name = 1; string kind = 2; }
        service S {
          rpc A(M) returns (M) { option (google.api.http) = { get: "/v1/{name=shelves/*}"
            additional_bindings { get: "/v1/{name=books/*/pages/*}" }
            additional_bindings { get: "/v1/{kind=maps}/{name}" }
            additional_bindings { get: "/v1/all/{name=**}" } }; }
          rpc B(M) returns (M) { option (google.api.http) = { get: "/v1/all/{kind}"
            additional_bindings { post: "/v1/all/{kind}" } }; }
        }"""
    )
    made = document(Api.load(descriptors, [f"{package}.S"]))
    OpenAPIV31SpecValidator(made).validate()
    assert {path: list(found) for path, found in made["paths"].items()} == {
        "/v1/shelves/{name}": ["get"],
        "/v1/books/{name-1}/pages/{name-2}": ["get"],
        "/v1/maps/{name}": ["get"],
        "/v1/all/{name}": ["get", "post"],
        "/v1/all/{name-2}": ["get"],
    }


def test_operations(made: Any) -> None:
    update = made["paths"]["/books/{book.id}"]["patch"]
    assert (update["operationId"], update["tags"]) == ("Update", ["Shop"])
    assert (update["summary"], update["description"]) == (
        "Changes a book",
        "Changes a book. In place.",
    )
    assert [p.get("name", p.get("$ref", "").rpartition("/")[2]) for p in update["parameters"]] == [
        "book.id", "update_mask", "dry", "Accept-Language", "X-Request-Id", "X-Request-Timeout",
    ]  # fmt: skip
    assert "security" not in update
    assert "401" in update["responses"]
    get = made["paths"]["/books/{book.id}"]["get"]
    assert get["security"] == []
    assert "401" not in get["responses"]
    assert made["paths"]["/b/{id}:x"]["get"]["operationId"] == "Get_2"


def test_bodies_and_answers(made: Any) -> None:
    create = made["paths"]["/any/{wildcard1}/books/{id}"]["post"]
    body = create["requestBody"]["content"]["application/json"]["schema"]
    assert create["requestBody"]["required"]
    assert "id" not in body["properties"]
    answer = create["responses"]["201"]["content"]["application/json"]["schema"]
    assert answer["allOf"][0]["required"] == ["ok"]
    books = made["paths"]["/books"]
    assert set(books["get"]["responses"]["200"]["content"]) == {
        "application/x-ndjson", "text/event-stream",
    }  # fmt: skip
    required = [p["name"] for p in books["get"]["parameters"] if p.get("required")]
    assert required == ["shelf"]
    tags = made["paths"]["/tags"]["get"]["responses"]["200"]["content"]["application/json"]
    assert tags["schema"]["type"] == "array"


def test_schemas(made: Any) -> None:
    schemas = made["components"]["schemas"]
    book = schemas["Book"]
    assert book["required"] == [
        "id", "title", "bindings", "related", "serial", "cover", "weight", "loanable", "price",
    ]  # fmt: skip
    assert "additionalProperties" not in book
    assert book["properties"]["id"] == {"type": "string", "description": "Its id."}
    assert book["properties"]["serial"] == {"type": "integer", "format": "uint64", "minimum": 0}
    assert schemas["Binding"]["enum"] == ["hard"]
    assert "- `hard`: With a hard cover." in schemas["Binding"]["description"]
    assert schemas["Error"]["required"] == ["error_code", "message", "detail", "request_id"]
    assert book["properties"]["error"]["$ref"].endswith(".Book.Error")


def test_what_is_read_may_be_null_and_holds_nothing_unknown(made: Any) -> None:
    book = made["components"]["schemas"]["BookInput"]
    assert book["required"] == ["title"]
    assert book["additionalProperties"] is False
    assert book["properties"]["title"]["type"] == "string"
    assert book["properties"]["id"]["type"] == ["string", "null"]
    assert book["properties"]["binding"]["anyOf"] == [
        {"$ref": "#/components/schemas/Binding"}, {"type": "null"},
    ]  # fmt: skip


def test_a_patch_takes_what_may_change_and_null_where_it_clears(made: Any) -> None:
    content = made["paths"]["/books/{book.id}"]["patch"]["requestBody"]["content"]
    schema = content["application/json"]["schema"]
    assert "required" not in schema
    assert "id" not in schema["properties"]
    assert schema["properties"]["title"]["type"] == "string"
    assert schema["properties"]["serial"]["type"] == "integer"


def test_errors(made: Any) -> None:
    create = made["paths"]["/any/{wildcard1}/books/{id}"]["post"]["responses"]
    assert list(create) == [
        "201", "400", "401", "403", "408", "409", "413", "414", "415", "418", "429", "431", "500",
        "503", "504",
    ]  # fmt: skip
    assert create["409"] == {"$ref": "#/components/responses/ConflictLimited"}
    responses = made["components"]["responses"]
    assert set(responses["UnauthenticatedLimited"]["headers"]) == {
        "X-Request-Id", "WWW-Authenticate",
        "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset",
    }  # fmt: skip
    assert "Retry-After" in responses["LimitExceeded"]["headers"]
    assert "OtherLimited418" in responses
    for response in responses.values():
        media = response["content"]["application/json"]
        assert media["schema"] == {"$ref": "#/components/schemas/Error"}
        assert media["example"]["error_code"] in range(400, 600)


def test_headers(made: Any) -> None:
    create = made["paths"]["/any/{wildcard1}/books/{id}"]["post"]
    assert {"$ref": "#/components/parameters/Idempotency-Key"} in create["parameters"]
    assert list(create["responses"]["201"]["headers"]) == [
        "X-Request-Id", "Location",
        "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset",
    ]  # fmt: skip
    get = made["paths"]["/books/{book.id}"]["get"]
    assert {"$ref": "#/components/parameters/If-None-Match"} in get["parameters"]
    assert set(get["responses"]["304"]["headers"]) == {"X-Request-Id", "ETag"}
    location = made["components"]["headers"]["Location"]
    assert (location["required"], location["schema"]) == (True, {"type": "string"})


def test_a_header_that_does_not_cross_the_gateway_is_refused(compile_proto: Any) -> None:
    descriptors, package = compile_proto(PROTO)
    with pytest.raises(GatewayConfigError, match="X-Unheard-Of"):
        document(Api.load(descriptors, [f"{package}.Wrong"]))


def test_raw_bodies_are_of_any_type(compile_proto: Any) -> None:
    descriptors, package = compile_proto(PROTO)
    made = document(Api.load(descriptors, [f"{package}.Files"]))
    OpenAPIV31SpecValidator(made).validate()
    raw = {"*/*": {"schema": {"type": "string", "format": "binary"}}}
    paths = made["paths"]
    assert paths["/f/{path}"]["get"]["responses"]["200"]["content"] == raw
    assert paths["/g/{path}"]["get"]["responses"]["200"]["content"] == raw
    assert paths["/f/{path}"]["put"]["requestBody"] == {"required": True, "content": raw}
    assert paths["/f"]["post"]["requestBody"] == {"required": True, "content": raw}


def test_bounds_and_examples(compile_proto: Any) -> None:
    descriptors, package = compile_proto(PROTO)
    made = document(Api.load(descriptors, [f"{package}.Ranges"]))
    OpenAPIV31SpecValidator(made).validate()
    bounds = made["components"]["schemas"]["Bounds"]
    of = bounds["properties"]
    assert of["least"] == {"type": "integer", "format": "int32", "minimum": 1, "maximum": 9}
    assert of["more"] == {"type": "number", "format": "double", "exclusiveMinimum": 0.5}
    assert of["word"] == {
        "type": "string", "minLength": 2, "maxLength": 4, "pattern": "^[a-z]*$",
    }  # fmt: skip
    assert of["words"] == {
        "type": "array", "items": {"type": "string", "pattern": "^a$"}, "maxItems": 2,
    }  # fmt: skip
    assert of["day"] == {"type": "string", "format": "date"}
    assert "at" in bounds["required"]
    put = made["paths"]["/bounds"]["put"]["requestBody"]["content"]["application/json"]
    assert put["example"] == {
        "least": 3, "word": "abc", "words": ["text"], "day": "2025-11-27",
        "at": "2025-11-27T09:30:00Z", "counts": {}, "wrapped": "text", "binding": "hard",
    }  # fmt: skip
    find = made["paths"]["/bounds"]["get"]["parameters"]
    assert {p["name"]: p["example"] for p in find if "example" in p} == {
        "least": 3, "word": "abc", "day": "2025-11-27", "binding": "hard",
        "inner.least": 3, "inner.word": "abc", "inner.day": "2025-11-27", "inner.binding": "hard",
        "inner.inner.least": 3, "inner.inner.word": "abc", "inner.inner.day": "2025-11-27",
        "inner.inner.binding": "hard", "inner.inner.inner.least": 3,
        "inner.inner.inner.word": "abc", "inner.inner.inner.day": "2025-11-27",
        "inner.inner.inner.binding": "hard",
    }  # fmt: skip


async def test_the_pages_name_no_other_host(api: Api) -> None:
    pages = documentation_pages(api)
    for path in ("/docs", "/docs/start.js"):
        answer = await pages[path](PageRequest("GET", path, "", {}, "req_1", "en"))
        assert answer.status == 200
        assert b"//" not in answer.body
        assert "default-src 'self'" in answer.headers["content-security-policy"]
    started = await pages["/docs/start.js"](PageRequest("GET", "", "", {}, "req_1", "en"))
    assert b"validatorUrl: null" in started.body


def test_two_services_keep_their_operations_apart(compile_proto: Any) -> None:
    descriptors, package = compile_proto(PROTO)
    both = Api.load(descriptors, [f"{package}.Shop", f"{package}.Second"])
    made = document(both)
    OpenAPIV31SpecValidator(made).validate()
    assert made["paths"]["/s"]["get"]["operationId"] == "Second_Get"
