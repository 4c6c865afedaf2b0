"""What a table of cases can not state: sizes, codings, headers, and clients that leave."""

from __future__ import annotations

import asyncio
import base64
import gzip
import json
import re
from typing import Any

import pytest

from gateway import Gateway, GatewayOptions, LocalDispatcher, Observation
from gateway.messages import CATALOGUE

pytestmark = pytest.mark.asyncio(loop_scope="module")

JSON = {"content-type": "application/json"}
MEGABYTE = 1024 * 1024


async def test_a_body_that_says_it_is_too_large_is_not_read(asgi: Any) -> None:
    headers = {"content-length": str(16 * MEGABYTE + 1)}
    answer = await asgi.send("POST", "/v1/echo", headers)
    assert answer.status == 413
    assert answer.json["detail"] == {"reason": "TOO_LARGE"}


async def test_a_body_is_refused_where_it_becomes_too_large(asgi: Any) -> None:
    chunks = [b" " * 8 * MEGABYTE, b" " * 8 * MEGABYTE, b"{"]
    answer = await asgi.send_raw("POST", "/v1/echo", [], chunks)
    assert answer.status == 413


@pytest.mark.parametrize(("size", "status"), [(16 * MEGABYTE, 200), (16 * MEGABYTE + 1, 413)])
async def test_the_limit_holds_after_decompression(asgi: Any, size: int, status: int) -> None:
    body = gzip.compress(b"{}" + b" " * (size - 2))
    headers = {**JSON, "content-encoding": "gzip"}
    assert (await asgi.send("POST", "/v1/echo", headers, body)).status == status


@pytest.mark.parametrize("damage", [lambda b: b[:-4], lambda b: b + b"x", lambda b: b[4:]])
async def test_damaged_gzip_is_refused(asgi: Any, damage: Any) -> None:
    headers = {**JSON, "content-encoding": "gzip"}
    answer = await asgi.send("POST", "/v1/echo", headers, damage(gzip.compress(b"{}")))
    assert answer.status == 400


async def test_a_long_address_is_refused(asgi: Any, tcp: Any) -> None:
    for client in (asgi, tcp):
        assert (await client.send("GET", "/v1/books?query=" + "x" * 16_000)).status == 200
        answer = await client.send("GET", "/v1/books?query=" + "x" * 16_400)
        assert answer.status == 414
        assert answer.json["detail"]["reason"] == "URI_TOO_LONG"


@pytest.mark.parametrize(("depth", "status"), [(100, 200), (101, 400), (5000, 400)])
async def test_json_may_be_a_hundred_levels_deep(asgi: Any, depth: int, status: int) -> None:
    body = b'{"prequel":' * (depth - 1) + b"{}" + b"}" * (depth - 1)
    answer = await asgi.send("POST", "/v1/echo", JSON, body)
    assert answer.status == status
    if status == 400:
        assert "100" in answer.json["detail"]["fields"][0]["message"]


@pytest.mark.parametrize(("depth", "status"), [(30, 200), (31, 400)])
@pytest.mark.parametrize("name", ["list", "anything"])
async def test_free_json_may_be_thirty_levels_deep(
    asgi: Any, name: str, depth: int, status: int
) -> None:
    body = json.dumps({name: json.loads("[" * depth + "]" * depth)}).encode()
    answer = await asgi.send("POST", "/v1/echo", JSON, body)
    assert answer.status == status
    if status == 400:
        assert answer.json["detail"]["fields"][0]["field"] == name


@pytest.mark.parametrize(("outer", "status"), [(35, 200), (45, 400), (69, 400)])
async def test_free_json_inside_of_deep_messages_ends_where_protobuf_ends(
    asgi: Any, outer: int, status: int
) -> None:
    free = "[" * 30 + "]" * 30
    body = '{"prequel":' * outer + '{"anything":' + free + "}" + "}" * outer
    answer = await asgi.send("POST", "/v1/echo", JSON, body.encode())
    assert answer.status == status
    if status == 400:
        assert "100" in answer.json["detail"]["fields"][0]["message"]


async def test_a_body_that_is_not_utf8_is_refused(asgi: Any) -> None:
    answer = await asgi.send("POST", "/v1/echo", JSON, b'{"title": "\xff"}')
    assert answer.status == 400
    assert "UTF-8" in answer.json["detail"]["fields"][0]["message"]


async def test_raw_bytes_may_come_compressed_and_as_large_as_any_body(asgi: Any) -> None:
    headers = {"content-type": "application/pdf", "content-encoding": "gzip"}
    answer = await asgi.send("POST", "/v1/digest", headers, gzip.compress(bytes(range(256))))
    assert base64.b64decode(answer.json["data"]) == bytes(range(256))
    large = gzip.compress(bytes(16 * MEGABYTE + 1))
    assert (await asgi.send("POST", "/v1/digest", headers, large)).status == 413


@pytest.mark.parametrize(
    ("target", "accept", "first"),
    [
        ("/v1/stream", "application/x-ndjson", b'{"method":"Stream 0"}\n'),
        ("/v1/stream", "text/event-stream", b'data: {"method":"Stream 0"}\n\n'),
        ("/v1/pieces", "*/*", b"piece 0;"),
    ],
)
async def test_a_record_is_sent_before_the_next_one_is_there(
    tcp: Any, client: Any, servicer: Any, target: str, accept: str, first: bytes
) -> None:
    servicer.cancelled.clear()
    async with asyncio.timeout(5), client.Connection(tcp.port) as connection:
        request = client.written("GET", f"{target}?how=wait&after=1", [("accept", accept)], b"")
        connection.writer.write(request)
        received = await connection.reader.readuntil(first)
        assert received.startswith(b"HTTP/1.1 200")
        assert not servicer.cancelled.is_set()  # it waits, and would for ever
    await asyncio.wait_for(servicer.cancelled.wait(), 5)


async def test_only_listed_headers_reach_the_service(asgi: Any) -> None:
    sent = {
        "authorization": "Bearer t",
        "accept-language": "ko",
        "idempotency-key": "k",
        "if-match": '"1"',
        "traceparent": "00-1-2-01",
        "tracestate": "a=b",
        "user-agent": "app/1 é",
        "x-request-id": "r-1",
        "cookie": "secret",
        "grpc-timeout": "5S",
        "x-roles": "admin",
    }
    answer = await asgi.send("GET", "/v1/metadata", sent)
    seen = answer.json["metadata"]
    assert seen["x-user-agent"] == "app/1 ?"
    for name in ("cookie", "x-roles"):
        assert name not in seen
    for name in ("authorization", "idempotency-key", "if-match", "traceparent", "tracestate"):
        assert seen[name] == sent[name]
    assert seen["x-request-id"] == answer.headers["x-request-id"] == "r-1"
    assert 0 < answer.json["time_remaining_s"] < 6


async def test_the_service_learns_the_address_of_the_client(asgi: Any) -> None:
    answer = await asgi.send("GET", "/v1/metadata", {"x-forwarded-for": "203.0.113.9"})
    if answer.json["peer"] == "ipv4:192.0.2.7:4711":
        assert answer.json["metadata"]["x-forwarded-for"] == "203.0.113.9"
    else:  # over a channel the gateway is the peer, and appends the client
        assert answer.json["metadata"]["x-forwarded-for"] == "203.0.113.9, 192.0.2.7"


async def test_without_a_deadline_there_is_none(asgi: Any) -> None:
    assert "time_remaining_s" not in (await asgi.send("GET", "/v1/metadata")).json


async def test_a_new_request_id_is_made_where_none_is_sent(asgi: Any) -> None:
    answer = await asgi.send("GET", "/v2")
    assert re.fullmatch(r"req_[0-9a-f]{32}", answer.headers["x-request-id"])


async def test_a_suggestion_comes_with_an_unknown_name(asgi: Any) -> None:
    headers = {**JSON, "accept-language": "en"}
    answer = await asgi.send("POST", "/v1/echo", headers, b'{"titel": 1, "printedAt": 2, "q": 3}')
    messages = [each["message"] for each in answer.json["detail"]["fields"]]
    assert messages == [
        "unknown field; did you mean title?",
        "unknown field; did you mean printed_at?",
        "unknown field",
    ]


async def test_an_unknown_enum_value_is_answered_with_the_allowed_ones(asgi: Any) -> None:
    headers = {**JSON, "accept-language": "en"}
    answer = await asgi.send("POST", "/v1/echo", headers, b'{"binding": "HARD"}')
    assert answer.json["detail"]["fields"] == [
        {"field": "binding", "message": "must be one of hard, soft"}
    ]


async def test_a_flood_of_violations_is_cut(asgi: Any) -> None:
    body = json.dumps({"tags": [1] * 5000}).encode()
    answer = await asgi.send("POST", "/v1/echo", JSON, body)
    assert len(answer.json["detail"]["fields"]) == 100


async def test_unknown_names_can_be_ignored(api: Any, local: Any, client: Any) -> None:
    lenient = client.AsgiClient(Gateway(api, local, GatewayOptions(unknown_fields="ignore")))
    answer = await lenient.send("POST", "/v1/echo", JSON, b'{"zzz": 1, "title": "t"}')
    assert answer.json["title"] == "t"
    assert (await lenient.send("GET", "/v1/books/newest?zzz=1")).status == 200
    answer = await lenient.send("PATCH", "/v1/books/1", JSON, b'{"zzz": 1, "title": "t"}')
    assert answer.json["request"]["update_mask"] == "title"


@pytest.mark.parametrize(
    "target",
    [
        "/v1/fail/wait",
        "/v1/stream?how=wait&after=1",
        "/v1/pieces?how=wait&after=1",
        "/v1/boxes/wait",
    ],
)
async def test_a_client_that_leaves_cancels_its_call(asgi: Any, servicer: Any, target: str) -> None:
    servicer.cancelled.clear()
    servicer.waits.clear()
    gone = asyncio.Event()
    call = asyncio.create_task(asgi.send_raw("GET", target, [], [b""], gone))
    await asyncio.wait_for(servicer.waits.wait(), 5)  # a call that never began is not cancelled
    gone.set()
    await asyncio.wait_for(call, 5)
    await asyncio.wait_for(servicer.cancelled.wait(), 5)


async def test_a_client_that_leaves_while_sending_is_no_error(asgi: Any) -> None:
    gone = asyncio.Event()
    gone.set()
    answer = await asgi.send_raw("POST", "/v1/echo", [], [], gone)
    assert answer.status == 0


async def test_a_message_beyond_grpcs_own_limit_is_too_large(
    asgi: Any, app: Any, local: Any
) -> None:
    body = json.dumps({"title": "x" * 5 * MEGABYTE}).encode()
    answer = await asgi.send("POST", "/v1/echo", JSON, body)
    # grpc takes 4 MiB unless told otherwise; in the process there is no such limit.
    is_local = app._dispatcher is local
    assert answer.status == (200 if is_local else 413)
    if not is_local:
        assert answer.json["detail"] == {"reason": "TOO_LARGE"}
        assert answer.json["message"] == CATALOGUE["TOO_LARGE"][0]


async def test_headers_beyond_grpcs_own_limit_are_too_large_and_no_quota(
    asgi: Any, app: Any, local: Any
) -> None:
    answer = await asgi.send("GET", "/v1/metadata", {"authorization": "Bearer " + "x" * 20_000})
    is_local = app._dispatcher is local
    assert answer.status == (200 if is_local else 431)
    if not is_local:
        assert answer.json["detail"] == {"reason": "HEADERS_TOO_LARGE"}
        assert answer.json["message"] == CATALOGUE["HEADERS_TOO_LARGE"][0]


@pytest.mark.parametrize(("name", "value"), [("grpc-timeout", "H"), ("x-request-timeout", "")])
async def test_the_longest_deadline_does_not_pass_at_once(
    api: Any, app: Any, client: Any, name: str, value: str
) -> None:
    unbounded = client.AsgiClient(Gateway(api, app._dispatcher))
    answer = await unbounded.send("GET", "/v1/metadata", {name: "99999999" + value})
    assert answer.status == 200
    assert answer.json["time_remaining_s"] > 90_000_000


async def test_a_method_without_a_handler_is_unimplemented(api: Any, client: Any) -> None:
    empty = client.AsgiClient(Gateway(api, await LocalDispatcher.build(lambda server: None)))
    for target in ("/v1/books/newest", "/v1/stream"):
        answer = await empty.send("GET", target)
        assert answer.status == 501
        assert answer.json["detail"]["reason"] == "UNIMPLEMENTED"


async def test_websockets_are_not_served(app: Any) -> None:
    await app({"type": "websocket"}, None, None)


async def test_a_body_that_does_not_arrive_is_given_up(api: Any, local: Any) -> None:
    app = Gateway(api, local, GatewayOptions(body_timeout_s=0.01))
    assert await asyncio.wait_for(_send_slowly(app), 5) == 408


async def _send_slowly(app: Any) -> int:
    pieces = [{"type": "http.request", "body": b"{", "more_body": True}]

    async def receive() -> Any:
        if not pieces:
            await asyncio.Event().wait()
        return pieces.pop()

    return await _status(app, {"method": "POST", "path": "/v1/echo"}, receive)


async def test_a_body_that_no_header_tells_of_is_not_waited_for(app: Any) -> None:
    async def receive() -> Any:
        raise AssertionError("there is nothing to come")

    request = {"http_version": "1.1", "method": "GET", "path": "/v1/books/newest"}
    assert await _status(app, request, receive) == 200


async def _status(app: Any, request: dict[str, str], receive: Any) -> int:
    statuses: list[int] = []

    async def send(event: Any) -> None:
        statuses.append(event.get("status", 0))

    await app({"type": "http", "headers": [], **request}, receive, send)
    return statuses[0]


async def test_every_request_is_observed(api: Any, local: Any, client: Any) -> None:
    seen: list[Observation] = []
    asgi = client.AsgiClient(Gateway(api, local, GatewayOptions(observe=seen.append)))
    await asgi.send("GET", "/v1/books/7", {"x-request-id": "r"})
    await asgi.send("GET", "/nowhere")
    gone = asyncio.Event()
    gone.set()
    await asgi.send_raw("POST", "/v1/echo", [], [], gone)
    assert [(each.route, each.status) for each in seen] == [
        ("/v1/books/{id}", 200),
        ("", 404),
        ("/v1/echo", 499),
    ]
    assert (seen[0].http_method, seen[0].request_id) == ("GET", "r")
    assert seen[0].peer == "ipv4:192.0.2.7:4711"
    assert 0 < seen[0].duration_s < 5


async def test_any_origin_may_call_where_the_options_say_so(
    api: Any, local: Any, client: Any
) -> None:
    asgi = client.AsgiClient(Gateway(api, local, GatewayOptions(cors_origins=("*",))))
    answer = await asgi.send("GET", "/v1/books/newest", {"origin": "https://x.example"})
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "x-request-id" in answer.headers["access-control-expose-headers"]


@pytest.mark.parametrize(
    "target",
    [
        "/v1/fail/wait",
        "/v1/stream?how=wait&after=1",
        "/v1/pieces?how=wait&after=1",
        "/v1/boxes/wait",
    ],
)
async def test_a_connection_that_closes_cancels_its_call(
    tcp: Any, servicer: Any, target: str
) -> None:
    servicer.cancelled.clear()
    servicer.waits.clear()
    _, writer = await asyncio.open_connection("127.0.0.1", tcp.port)
    writer.write(f"GET {target} HTTP/1.1\r\nhost: test\r\n\r\n".encode())
    await asyncio.wait_for(servicer.waits.wait(), 5)  # a call that never began is not cancelled
    writer.close()
    await asyncio.wait_for(servicer.cancelled.wait(), 5)


async def test_a_connection_serves_one_request_after_another(tcp: Any) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", tcp.port)
    bodies = []
    for target in ("/v1/books/newest", "/nowhere", "/v1/books/newest"):
        writer.write(f"GET {target} HTTP/1.1\r\nhost: test\r\n\r\n".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head)
        assert length is not None
        bodies.append(json.loads(await reader.readexactly(int(length[1]))))
    assert bodies[0] == bodies[2] == {"ok": True, "method": "Newest"}
    assert bodies[1]["detail"]["reason"] == "ROUTE_NOT_FOUND"
    writer.close()
