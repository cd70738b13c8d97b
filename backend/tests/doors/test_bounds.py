"""What may be sent, how much, how fast and for how long: over raw connections to the server as it is run."""

import asyncio
import json
import math
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from whole_house import whole_house

from trading_api.api import bounded_body, request_body
from trading_api.api.guards import BODY_BYTES_MAX, URL_BYTES_MAX
from trading_api.api.request_body import DISCARDED_BYTES_MAX
from trading_api.plugins import bounded_http
from trading_api.plugins.bounded_http import HEAD_BYTES_MAX, BoundedHttp

pytestmark = pytest.mark.asyncio(loop_scope="module")

DEADLINE_SECONDS = 20
ORDERS = "/api/v1/broker/accounts/DEMO-ACCOUNT/orders"
FUND = "/api/v1/broker/accounts/DEMO-ACCOUNT/fund"
IMPORTS = "/api/v1/imports"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def place(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    async with whole_house(tmp_path_factory.mktemp("house")) as place:
        yield place


class Caller:
    """A connection over which anything can be said."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self.writer = reader, writer

    async def say(self, *pieces: str | bytes) -> None:
        for piece in pieces:
            self.writer.write(piece.encode() if isinstance(piece, str) else piece)
        await self.writer.drain()

    async def answer(self) -> tuple[int, dict[str, str], Any]:
        """Status, headers, body."""
        async with asyncio.timeout(DEADLINE_SECONDS):
            head = (await self._reader.readuntil(b"\r\n\r\n")).decode().splitlines()
            headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in head[1:] if line)}
            body = await self._reader.readexactly(int(headers["content-length"]))
        return int(head[0].split()[1]), headers, json.loads(body)

    async def refusal(self) -> tuple[int, str]:
        status, headers, body = await self.answer()
        assert headers["content-type"] == "application/json" and headers["connection"] == "close"
        assert body["message"].startswith("Expected ")
        return status, body["code"]

    async def ended(self) -> bool:
        async with asyncio.timeout(DEADLINE_SECONDS):
            try:
                return await self._reader.read() == b""
            except ConnectionError:
                return True


async def call(place: str) -> Caller:
    return Caller(*await asyncio.open_connection(*place.split(":")))


def head(place: str, method: str, path: str, *headers: str) -> str:
    return "\r\n".join((f"{method} {path} HTTP/1.1", f"host: {place}", *headers, "", ""))


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


CHUNKED = "transfer-encoding: chunked"
JSON = "content-type: application/json"


async def still_answers(place: str) -> bool:
    async with httpx.AsyncClient() as client:
        return (await client.get(f"http://{place}/api/v1/health")).status_code == 200


@pytest.mark.parametrize("path", [ORDERS, "/api/v1/replays", "/api/v1/datafeed/quotes", "/api/v1/imports/symbols/USDJPY"])
@pytest.mark.parametrize("beyond", [1, 100_000, DISCARDED_BYTES_MAX + 1])
async def test_a_body_that_is_too_large_is_refused(place: str, path: str, beyond: int) -> None:
    size = BODY_BYTES_MAX + beyond
    caller = await call(place)
    await caller.say(head(place, "PATCH", path, JSON, f"content-length: {size}"))
    if beyond <= DISCARDED_BYTES_MAX:
        await caller.say(b"x" * size)
    assert await caller.refusal() == (413, "body_too_large")
    assert await caller.ended()


async def test_a_body_that_does_not_tell_its_length_is_bounded_all_the_same(place: str) -> None:
    caller = await call(place)
    await caller.say(head(place, "POST", ORDERS, JSON, CHUNKED), *[chunk(b"x" * 50_000)] * 6, b"0\r\n\r\n")
    assert await caller.refusal() == (413, "body_too_large")
    caller = await call(place)
    await caller.say(head(place, "POST", FUND, JSON, CHUNKED), chunk(b'{"amou'), chunk(b'nt": 5}'), b"0\r\n\r\n")
    assert (await caller.answer())[0] == 200


async def test_a_body_that_would_be_too_large_is_not_asked_for(place: str) -> None:
    caller = await call(place)
    expecting = head(place, "POST", ORDERS, JSON, f"content-length: {BODY_BYTES_MAX + 1}", "expect: 100-continue")
    await caller.say(expecting)
    assert await caller.refusal() == (413, "body_too_large")


@pytest.mark.parametrize(("beyond", "status"), [(0, 200), (1, 414)])
async def test_a_path_and_query_are_bounded(place: str, beyond: int, status: int) -> None:
    path = "/api/v1/health?"
    caller = await call(place)
    await caller.say(head(place, "GET", path + "x" * (URL_BYTES_MAX - len(path) + beyond)))
    told, _, body = await caller.answer()
    assert told == status
    assert beyond == 0 or body["code"] == "url_too_long"


async def test_a_path_or_a_header_without_end_is_cut(place: str) -> None:
    endless = {
        "GET /": (414, "head_too_large"),
        f"GET / HTTP/1.1\r\nhost: {place}\r\nx: ": (431, "head_too_large"),
        f"GET / HTTP/1.1\r\nhost: {place}\r\n" + "x: y\r\n" * 10: (431, "head_too_large"),
    }
    for begins, refusal in endless.items():
        caller = await call(place)
        await caller.say(begins, b"x: y\r\n" * (HEAD_BYTES_MAX // 6) if begins.endswith("\n") else b"x" * HEAD_BYTES_MAX)
        assert await caller.refusal() == refusal
        assert await caller.ended()
    assert await still_answers(place)


async def test_what_stands_between_the_pieces_of_a_body_is_bounded(place: str) -> None:
    caller = await call(place)
    await caller.say(head(place, "POST", ORDERS, JSON, CHUNKED), chunk(b"x"), b"0\r\n")
    for _ in range(8):
        await caller.say(b"x: y\r\n" * (HEAD_BYTES_MAX // 6))
    assert await caller.ended()
    assert await still_answers(place)


async def test_bytes_that_are_no_request_get_an_error_body(place: str) -> None:
    caller = await call(place)
    await caller.say(b"\x16\x03\x01 hello\r\n\r\n")
    assert await caller.refusal() == (400, "bad_http")


@pytest.mark.parametrize("said", ["", "GET /api/v1/hea", "\r\n"])
async def test_a_head_must_arrive_in_time(place: str, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded_http, "HEAD_SECONDS", 0.2)
    caller = await call(place)
    await caller.say(said)
    assert await caller.refusal() == (408, "head_too_slow")
    assert await caller.ended()


async def test_the_second_request_of_a_connection_must_arrive_in_time_too(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded_http, "HEAD_SECONDS", 0.3)
    caller = await call(place)
    for _ in range(2):
        await caller.say(head(place, "GET", "/api/v1/health"))
        assert (await caller.answer())[0] == 200
    await caller.say("GET /api")
    assert await caller.refusal() == (408, "head_too_slow")


async def test_a_body_must_arrive_in_time(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_body, "BODY_SECONDS", 0.2)
    caller = await call(place)
    await caller.say(head(place, "POST", ORDERS, JSON, "content-length: 10"), "{")
    assert await caller.refusal() == (408, "body_too_slow")


UPLOAD = "content-type: multipart/form-data; boundary=b"
FILE = b'--b\r\ncontent-disposition: form-data; name="files"; filename="a.csv"\r\n\r\ntime,open\r\n'


async def test_an_upload_may_take_long_but_not_stall(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_body, "BODY_SECONDS", 0.05)
    monkeypatch.setattr(bounded_body, "UPLOAD_STALL_SECONDS", 0.3)
    caller = await call(place)
    await caller.say(head(place, "POST", IMPORTS, UPLOAD, "content-length: 1000000"), FILE)
    assert await caller.refusal() == (408, "upload_stalled")


async def test_only_a_few_uploads_arrive_at_once(place: str) -> None:
    begun = [await call(place) for _ in range(bounded_body.UPLOADS_MAX)]
    for caller in begun:
        await caller.say(head(place, "POST", IMPORTS, UPLOAD, "content-length: 1000000"), FILE)
    async with httpx.AsyncClient(base_url=f"http://{place}") as client, asyncio.timeout(DEADLINE_SECONDS):
        while (one_more := await client.post(IMPORTS, files={"files": b"x"})).status_code != 503:
            pass
        assert one_more.json()["code"] == "busy" and "retry-after" in one_more.headers
        for caller in begun:
            caller.writer.close()
        while (await client.post(IMPORTS, files={"files": b"x"})).status_code == 503:
            pass


async def test_an_answer_nobody_reads_does_not_hold_the_connection(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded_http, "UNREAD_SECONDS", 0.3)
    caller = await call(place)
    caller.writer.transport.pause_reading()  # type: ignore[attr-defined]  # it is a socket's
    asked = head(place, "GET", "/api/v1/openapi.json")
    with pytest.raises(ConnectionError):
        async with asyncio.timeout(DEADLINE_SECONDS):
            while True:
                await caller.say(asked)
    assert await still_answers(place)


async def test_connections_are_bounded_in_all(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert await still_answers(place)
    held = [await call(place) for _ in range(3)]
    for caller in held:
        await caller.say(head(place, "GET", "/api/v1/health"))
        assert (await caller.answer())[0] == 200
    monkeypatch.setattr(BoundedHttp, "connections_max", 3)
    caller = await call(place)
    assert await caller.refusal() == (503, "too_many_connections")
    assert await caller.ended()
    for caller in held:
        caller.writer.close()


async def test_commands_beyond_the_limit_are_told_when_to_come_back(tmp_path: Path) -> None:
    async with whole_house(tmp_path, connection_commands=1) as place, httpx.AsyncClient(base_url=f"http://{place}") as client:
        answers = [await client.post(FUND, json={"amount": 1}) for _ in range(5)]
        assert [one.status_code for one in answers[:2]] == [200, 200]
        refused = answers[-1]
        assert refused.status_code == 429 and refused.json()["code"] == "too_many_commands"
        assert int(refused.headers["retry-after"]) == 1
        assert (await client.get("/api/v1/broker/accounts/DEMO-ACCOUNT/state")).json()["balance"] == 100_002
        async with httpx.AsyncClient(base_url=f"http://{place}") as other:
            assert (await other.post(FUND, json={"amount": 1})).status_code == 200
        async with asyncio.timeout(DEADLINE_SECONDS):
            while (again := await client.post(FUND, json={"amount": 1})).status_code == 429:
                assert math.ceil(float(again.headers["retry-after"])) == 1
        assert again.status_code == 200
