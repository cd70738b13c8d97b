"""Who may come in: Host, Origin and the size of a body, in front of an application that would answer everyone."""

import json
from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.types import Message, Receive, Scope, Send

from trading_api.api.guards import Doors, Guard

PLACE = "/api/v1/broker/accounts/DEMO-ACCOUNT/orders"
PAGE = "http://evil.example"
BOUND = 1000


async def everyone_welcome(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.accept"})
        return
    size = 0
    while True:
        message = await receive()
        size += len(message.get("body", b""))
        if not message.get("more_body"):
            break
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body", "body": str(size).encode()})


def guarded(*, loopback: bool = True, hosts: tuple[str, ...] = (), origins: tuple[str, ...] = ()) -> Guard:
    doors = Doors(loopback=loopback, hosts=hosts, origins=origins)
    return Guard(everyone_welcome, doors=doors, body_bytes_max=BOUND)


async def ask(
    guard: Guard,
    method: str = "GET",
    path: str = PLACE,
    *,
    host: str = "127.0.0.1:8000",
    origin: str | None = None,
    **more: object,
) -> httpx.Response:
    headers = {"host": host, **({"origin": origin} if origin is not None else {})}
    headers |= more.pop("headers", {})  # type: ignore[arg-type]  # always a dict here
    async with httpx.AsyncClient(transport=httpx.ASGITransport(guard), base_url="http://server") as client:
        return await client.request(method, path, headers=headers, **more)  # type: ignore[arg-type]  # httpx checks them


async def knock(guard: Guard, *, host: str = "localhost:8000", origin: str | None = None) -> list[Message]:
    headers = [(b"host", host.encode()), *([(b"origin", origin.encode())] if origin else [])]
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "websocket", "path": "/api/v1/ws", "headers": headers, "extensions": {"websocket.http.response": {}}}
    await guard(scope, receive, send)
    return sent


@pytest.mark.parametrize("host", ["localhost", "localhost:8000", "127.0.0.1:1", "[::1]", "[::1]:8000", "LOCALHOST:8000"])
async def test_on_loopback_every_loopback_name_is_ours(host: str) -> None:
    assert (await ask(guarded(), host=host)).status_code == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:8000", "localhost.evil.example", "127.0.0.1.nip.example", "127.0.0.2", "", "[::2]:8000"],
)
@pytest.mark.parametrize("path", [PLACE, "/", "/api/v1/datafeed/config", "/api/v1/health"])
async def test_another_name_is_refused_everywhere_naming_the_setting(host: str, path: str) -> None:
    answer = await ask(guarded(), path=path, host=host)
    assert answer.status_code == 403
    assert answer.json()["code"] == "host_not_allowed"
    assert "TRADING_ALLOWED_HOSTS" in answer.json()["message"]


async def test_bound_to_an_outer_address_only_listed_names_are_ours() -> None:
    guard = guarded(loopback=False, hosts=("trade.example", "10.0.0.5:8000"))
    statuses = {
        host: (await ask(guard, host=host)).status_code
        for host in ("trade.example", "trade.example:9999", "10.0.0.5:8000", "10.0.0.5:8001", "localhost:8000")
    }
    assert statuses == {
        "trade.example": 200,
        "trade.example:9999": 200,
        "10.0.0.5:8000": 200,
        "10.0.0.5:8001": 403,
        "localhost:8000": 403,
    }


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "OPTIONS"])
@pytest.mark.parametrize(
    "origin", [PAGE, "null", "http://localhost:8001", "https://localhost", "file://", "http://127.0.0.1:8000.evil.example"]
)
async def test_a_foreign_page_reaches_nothing_of_the_broker(method: str, origin: str) -> None:
    answer = await ask(guarded(), method, host="localhost:8000", origin=origin)
    assert answer.status_code == 403
    assert "TRADING_ALLOWED_ORIGINS" in answer.json()["message"]
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize(
    ("path", "method"), [("/api/v1/imports", "POST"), ("/api/v1/replays/R1/play", "POST"), ("/api/v1/replays/R1", "DELETE")]
)
async def test_a_foreign_page_changes_nothing_elsewhere_either(path: str, method: str) -> None:
    assert (await ask(guarded(), method, path, origin=PAGE)).status_code == 403


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("localhost:8000", None),
        ("localhost:8000", "http://localhost:8000"),
        ("localhost:8000", "HTTP://LocalHost:8000"),
        ("localhost", "http://localhost"),
        ("localhost", "https://localhost"),
        ("localhost:80", "http://localhost"),
    ],
)
async def test_our_own_page_and_no_page_at_all_may_trade(host: str, origin: str | None) -> None:
    assert (await ask(guarded(), "POST", host=host, origin=origin)).status_code == 200


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/api/v1/datafeed/config"), ("POST", "/api/v1/datafeed/quotes"), ("GET", "/api/v1/health")]
)
async def test_reading_the_datafeed_and_the_pages_is_open_to_every_page(method: str, path: str) -> None:
    assert (await ask(guarded(), method, path, origin=PAGE)).status_code == 200


async def test_what_only_looks_like_the_datafeed_is_not_open() -> None:
    assert (await ask(guarded(), "POST", "/api/v1/datafeedx", origin=PAGE)).status_code == 403


async def test_an_allowed_page_gets_the_headers_its_browser_asks_for() -> None:
    guard = guarded(origins=("http://localhost:5173",))
    asked = {"access-control-request-method": "POST", "access-control-request-headers": "content-type,idempotency-key"}
    before = await ask(guard, "OPTIONS", origin="http://localhost:5173", headers=asked)
    assert before.status_code == 204
    assert before.headers["access-control-allow-headers"] == "content-type,idempotency-key"
    answer = await ask(guard, "POST", origin="http://localhost:5173")
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "http://localhost:5173"
    assert answer.headers["vary"] == "origin"


@pytest.mark.parametrize(("host", "origin"), [("evil.example", None), ("localhost:8000", PAGE), ("localhost:8000", "null")])
async def test_the_socket_is_refused_before_it_opens(host: str, origin: str | None) -> None:
    start, body = await knock(guarded(), host=host, origin=origin)
    assert (start["type"], start["status"]) == ("websocket.http.response.start", 403)
    assert "TRADING_ALLOWED" in json.loads(body["body"])["message"]


@pytest.mark.parametrize("origin", [None, "http://localhost:8000"])
async def test_the_socket_opens_for_our_page_and_for_a_bot(origin: str | None) -> None:
    assert await knock(guarded(), origin=origin) == [{"type": "websocket.accept"}]


async def in_pieces(size: int) -> AsyncIterator[bytes]:
    for _ in range(size // 100):
        yield b"x" * 100


@pytest.mark.parametrize(("size", "status"), [(BOUND, 200), (BOUND + 100, 413)])
async def test_a_body_has_a_bound_whether_or_not_it_tells_its_length(size: int, status: int) -> None:
    told = await ask(guarded(), "POST", content=b"x" * size)
    untold = await ask(guarded(), "POST", content=in_pieces(size))
    assert (told.status_code, untold.status_code) == (status, status)
    if status == 200:
        assert told.text == untold.text == str(size)
    else:
        assert told.json()["code"] == untold.json()["code"] == "body_too_large"


async def test_an_upload_has_a_bound_of_its_own() -> None:
    assert (await ask(guarded(), "POST", "/api/v1/imports", content=b"x" * (BOUND * 5))).text == str(BOUND * 5)
