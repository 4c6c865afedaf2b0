"""A service that is not DietCare, in each of the ways that gateway/README.md shows."""

from __future__ import annotations

import httpx2
import pytest

BOOK = {"title": "토지", "price_cents": 2900, "cover": "hardback"}


async def test_a_book_comes_is_changed_and_goes(http: httpx2.AsyncClient) -> None:
    created = await http.post("/v1/books", json={**BOOK, "stock": 3})
    assert created.status_code == 201, created.text
    assert created.json() == {"id": "1", **BOOK, "stock": 3}

    changed = await http.patch("/v1/books/1", json={"price_cents": 2500, "stock": None})
    assert changed.status_code == 200, changed.text
    assert changed.json() == {"id": "1", **BOOK, "price_cents": 2500}
    assert (await http.get("/v1/books/1")).json() == changed.json()

    gone = await http.delete("/v1/books/1")
    assert (gone.status_code, gone.json()) == (200, {})
    assert (await http.get("/v1/books/1")).status_code == 404


async def test_books_are_listed_and_streamed(http: httpx2.AsyncClient) -> None:
    for title, cover in (("A", "hardback"), ("B", "paperback"), ("C", "hardback")):
        body = {"title": title, "price_cents": 1, "cover": cover}
        assert (await http.post("/v1/books", json=body)).status_code == 201

    listed = await http.get("/v1/books", params={"cover": "hardback", "page_size": 1})
    assert [book["title"] for book in listed.json()["books"]] == ["A"]

    streamed = await http.get("/v1/books:export?cover=hardback")
    assert streamed.headers["content-type"] == "application/x-ndjson"
    assert [line.count('"title"') for line in streamed.text.splitlines()] == [1, 1]


REFUSED = (
    ("GET", "/v1/books/9", None, 404, "NOT_FOUND", []),
    ("POST", "/v1/books", {"title": ""}, 400, "INVALID_ARGUMENT", []),
    ("POST", "/v1/books", {"titel": "A"}, 400, "INVALID_ARGUMENT", ["titel"]),
    ("POST", "/v1/books", {"price_cents": "1"}, 400, "INVALID_ARGUMENT", ["price_cents"]),
    ("PATCH", "/v1/books/1", {"id": "2"}, 400, "INVALID_ARGUMENT", ["book.id"]),
    ("GET", "/v1/books?colour=red", None, 400, "INVALID_ARGUMENT", ["colour"]),
    ("GET", "/v1/boks", None, 404, "ROUTE_NOT_FOUND", []),
    ("PUT", "/v1/books", None, 405, "METHOD_NOT_ALLOWED", []),
)


async def test_every_error_has_one_shape(http: httpx2.AsyncClient) -> None:
    for method, path, body, status, reason, fields in REFUSED:
        answer = await http.request(method, path, json=body)

        error = answer.json()
        assert (answer.status_code, error["error_code"]) == (status, status), answer.text
        assert list(error) == ["error_code", "message", "detail", "request_id"]
        assert error["detail"]["reason"] == reason
        assert [each["field"] for each in error["detail"].get("fields", [])] == fields
        assert error["request_id"] == answer.headers["x-request-id"]


async def test_the_api_describes_itself(
    http: httpx2.AsyncClient, request: pytest.FixtureRequest
) -> None:
    document = (await http.get("/openapi.json")).json()

    assert document["openapi"] == "3.1.0"
    assert sum(len(path) for path in document["paths"].values()) == 6
    created = document["paths"]["/v1/books"]["post"]
    assert "201" in created["responses"]
    told = "Takes a book into the shop" in str(created)
    # Reflection tells no comments.
    assert told == (request.node.callspec.params["http"] != "reflection")
