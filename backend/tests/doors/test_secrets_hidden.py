"""A canary stands in every place a secret can be sent to: no answer, no log line and no document repeats it."""

import asyncio
import json
import logging
import re
import secrets
import sqlite3
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest
import websockets

from fakes_people import PASSWORD, Guarded, guarded_house
from fakes_sockets import serving
from trading_api.api.policies import FILES, ROUTES, SOCKET
from trading_api.core.broker_rest.oauth_clients import OAuthClients
from trading_api.log_format import SecretsHidden, hidden
from trading_api.models.tradingview.clients import OAuthClientRequest
from trading_api.plugins.clock import WallClock

CANARY = "canary7f3a9c51"
"""Looked for without regard to case; long enough as a password."""
LONG, SECONDS_FOR_LONG = 140_000, 2.0
"""Characters of a line, and what hiding its secrets may take on a busy machine; some milliseconds are usual."""
SECRET_FIELDS = {
    "POST /api/v1/auth/token": ({"login": "alice"}, "password"),
    "POST /api/v1/auth/refresh": ({}, "refreshToken"),
    "POST /api/v1/auth/logout": ({}, "refreshToken"),
    "POST /api/v1/users": ({"login": "dora"}, "password"),
    "PATCH /api/v1/users/{login}": ({}, "password"),
    "POST /api/v1/auth/password": ({"password": "quite another"}, "current"),
    "POST /api/v1/tradingview/authorize": ({"login": "alice", "locale": "en"}, "password"),
}
OAUTH_TOKEN, OAUTH_PAGE = "POST /api/v1/tradingview/oauth2/token", "POST /api/v1/tradingview/oauth2/authorize"
OAUTH_FIELDS = {
    OAUTH_TOKEN: ("refresh_token", "code", "code_verifier", "client_secret"),
    OAUTH_PAGE: ("password", "mark"),
}
"""What its forms are sent; every grant, with and without the client's true secret."""
CLIENT = {"client_id": "tv", "redirect_uri": "https://www.tradingview.com/back"}


class Watched(NamedTuple):
    house: Guarded
    log: Path


@pytest.fixture
async def watched(tmp_path: Path) -> AsyncIterator[Watched]:
    """Everything is logged, as loudly as it can be, in the house's own form."""
    log = tmp_path / "log"
    handler = logging.FileHandler(log)
    handler.setFormatter(SecretsHidden())
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        async with guarded_house(tmp_path / "data") as house, serving(house, log_level="debug"):  # type: ignore[arg-type]
            await house.add("alice")
            yield Watched(house, log)
    finally:
        root.removeHandler(handler)
        root.setLevel(before)
        handler.close()


def shapes(field: str, given: dict[str, str]) -> list[object]:
    """The canary as it should be sent, and in every way it should not."""
    return [
        {**given, field: CANARY},
        {**given, field: CANARY * 400},
        {**given, field: [CANARY]},
        {**given, field: {"deeper": CANARY}},
        {**given, field: CANARY, "more": 1},
        {**given, field: CANARY[:3]},
        {field: CANARY},
        {**given, field: None, "token": CANARY},
        {**given, field: CANARY, "login": 5},
    ]


def path_of(name: str) -> str:
    return re.sub(r"\{\w+(:\w+)?\}", "alice", name)


async def test_no_answer_repeats_a_secret_that_was_sent(watched: Watched) -> None:
    leaks = []
    for name, (given, field) in SECRET_FIELDS.items():
        method, _, path = name.partition(" ")
        kind = "data" if "/tradingview/" in path else "json"
        for shape in shapes(field, given):
            sent = {key: str(value) for key, value in shape.items()} if kind == "data" else shape  # type: ignore[attr-defined]
            answer = await watched.house.ask("root", method, f"http://localhost{path_of(path)}", **{kind: sent})
            assert answer.status_code < 500, (name, shape, answer.text)
            if CANARY[:8] in (answer.text + str(answer.headers)).lower():
                leaks.append(f"{name} {shape}: {answer.text}")
    assert leaks == []
    assert CANARY not in watched.log.read_text().lower()


async def test_no_form_of_oauth_repeats_a_secret_that_was_sent(watched: Watched) -> None:
    store = watched.house.app.state.sign_in._people._store
    secret = await OAuthClients(store, WallClock(), secrets.token_urlsafe).add(
        OAuthClientRequest(id="tv", redirect_uris=(CLIENT["redirect_uri"],))
    )
    leaks = []
    for name, fields in OAUTH_FIELDS.items():
        address = f"http://localhost{name.partition(' ')[2]}"
        query = {**CLIENT, "response_type": "code"} if name == OAUTH_PAGE else {}
        for field in fields:
            for grant in ("authorization_code", "refresh_token"):
                usual = {**CLIENT, "client_secret": str(secret), "login": "alice", "grant_type": grant}
                for given in (usual, CLIENT, {}):
                    for shape in shapes(field, given):
                        sent = {key: str(value) for key, value in shape.items()}  # type: ignore[attr-defined]
                        leaks += leaked(await watched.house.http.post(address, params=query, data=sent), field, sent)
    assert CANARY not in watched.log.read_text().lower()
    for length in (1, 3, 400):
        asked = {**CLIENT, "response_type": "code", "code_challenge": CANARY * length, "code_challenge_method": "S256"}
        answer = await watched.house.http.get(f"http://localhost{OAUTH_PAGE.partition(' ')[2]}", params=asked)
        leaks += leaked(answer, "code_challenge", asked)
    assert leaks == []


def leaked(answer: httpx.Response, field: str, sent: object) -> list[str]:
    assert answer.status_code < 500, (field, sent, answer.text)
    return [f"{field} {sent}: {answer.text}"] if CANARY[:8] in (answer.text + str(answer.headers)).lower() else []


async def test_no_answer_repeats_what_was_shown_at_the_door(watched: Watched) -> None:
    leaks = []
    for method, path in ROUTES:
        if method in (SOCKET, FILES):
            continue
        for shown in (f"Bearer {CANARY}", f"Bearer tapi_{CANARY}", f"Basic {CANARY}", f"Bearer eyJ{CANARY}.{CANARY}.{CANARY}"):
            headers = {"Authorization": shown}
            answer = await watched.house.http.request(method, f"http://localhost{path_of(path)}", headers=headers)
            if CANARY in (answer.text + str(answer.headers)).lower() or answer.status_code not in (503, *range(500)):
                leaks.append(f"{method} {path}: {answer.status_code} {answer.text[:200]}")
    assert leaks == []
    assert CANARY not in watched.log.read_text().lower()


async def test_the_log_hides_what_libraries_write_down_at_debug(watched: Watched) -> None:
    url = watched.house.url
    for headers, query in (
        ({"Authorization": f"Bearer {CANARY}"}, ""),
        ({"Authorization": f"Bearer tapi_{CANARY}"}, ""),
        *(({"Authorization": text}, "") for text in (f"Token {CANARY}", f"Bearer a, {CANARY}", f'Digest a="b", c="{CANARY}"')),
        *(({name: f"a={CANARY}"}, "") for name in ("Cookie", "Proxy-Authorization", "X-Api-Key")),
        ({"Sec-WebSocket-Protocol": f"bearer, {CANARY}"}, ""),
        ({}, f"?code={CANARY}"),
        ({}, f"?tick%65t={CANARY}"),
        ({}, f"?ticket=tws_{CANARY}"),
        ({}, f"?ticket={CANARY}"),
        ({}, f"?access_token={CANARY}&password={CANARY}"),
    ):
        with pytest.raises(websockets.InvalidStatus):
            async with websockets.connect(url + query, additional_headers=headers, logger=logging.getLogger("elsewhere")):
                pass
    bearer = {"Authorization": f"Bearer {watched.house.bearers['alice']}"}
    async with websockets.connect(url, additional_headers=bearer, logger=logging.getLogger("elsewhere")) as socket:
        for length in range(0, 200, 7):
            await socket.send(json.dumps({"type": "x" * length, "payload": {"password": f"with blanks, {CANARY}"}}))
            await socket.recv()
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{watched.house.port}") as http:
        await http.get("/api/v1/auth/whoami", headers={"Authorization": f"Bearer {CANARY}"})
    written = watched.log.read_text().lower()
    assert written and CANARY not in written


async def test_an_exception_that_holds_a_secret_is_logged_without_it(watched: Watched) -> None:
    try:
        raise ValueError(f"Authorization: Bearer tapi_{CANARY}; password='{CANARY}'")
    except ValueError:
        logging.getLogger("planted").exception("headers were {'authorization': 'Bearer %s'}", CANARY)
    assert "ValueError" in watched.log.read_text()
    assert CANARY not in watched.log.read_text()


def test_the_log_keeps_what_is_no_secret() -> None:
    for line in (
        "account DEMO-EUR stopped: tokens of the parser were 3; order o12 at 1.0850",
        "authorization is off, and an authorization, once given, is kept",
        """< TEXT '{"type":"orders.subscribe","payload":{"accountId":"DEMO-EUR"}}' [64 bytes]""",
        "< GET /api/v1/ws HTTP/1.1",
    ):
        assert hidden(line) == line


@pytest.mark.parametrize(
    "line",
    [
        f"(b'authorization', b'Token {CANARY}')",
        f"{{'authorization': 'Token {CANARY}'}}",
        f'{{"password": "one two, {CANARY}"}}',
        f'{{\\"password\\": \\"{CANARY}\\"}}',
        f'{{\\"password\\": \\"one two \\\\\\" {CANARY}\\"}}',
        f'{{\\"authorization\\": \\"Basic {CANARY}\\"}}',
        f'{{\\"authorization\\": \\"Token {CANARY}\\"}}',
        f"authorization Basic {CANARY}",
        f"> X-Key-Auth-Token: {CANARY}",
        f"> TEXT one > TEXT two ... {CANARY}",
        f"token-eyJhbGciOiJI.{CANARY}.{CANARY}",
        f'{{"password": "{CANARY}',
        json.dumps({"password": f'one " two {CANARY}'}),
        repr(json.dumps({"password": f'one " two {CANARY}'})),
        repr(json.dumps({"of": json.dumps({"token": f"one {CANARY}"})})),
        repr(json.dumps({"of": json.dumps({"of": json.dumps({"token": f'one " {CANARY}'})})})),
        f"login=alice&password={CANARY}&more=1",
    ],
)
def test_the_log_hides_secrets_however_a_library_quotes_them(line: str) -> None:
    assert CANARY not in hidden(line)


@pytest.mark.parametrize(
    "piece", ["> TEXT ", "key", "eyJ-", 'password=\\"', 'password="', "authorization: '", "< GET ?", "bearer "]
)
def test_a_long_line_is_looked_through_once(piece: str) -> None:
    began = time.perf_counter()
    hidden("> " + piece * (LONG // len(piece)))
    assert time.perf_counter() - began < SECONDS_FOR_LONG


async def test_no_document_and_no_file_holds_a_secret(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    async with guarded_house(folder) as house:
        await house.add("alice")
        given = [PASSWORD, *house.bearers.values()]
        given += [(await house.key("alice", {"*": "read"}))[1], (await house.key("root", {"*": "admin"}))[1]]
        tokens = (await house.http.post("/auth/token", json={"login": "alice", "password": PASSWORD})).json()
        tokens = (await house.http.post("/auth/refresh", json={"refreshToken": tokens["refreshToken"]})).json()
        given += [tokens["refreshToken"], tokens["refreshToken"].partition(".")[2], tokens["accessToken"]]
        given += [(await house.ask("alice", "POST", "/auth/ticket")).json()["ticket"]]
        lists = [
            (await house.ask("root", "GET", path)).text
            for path in ("/users", "/users/alice", "/keys", "/auth/whoami", "/health")
        ]
    assert [one for one in given for text in lists if one in text] == []
    assert "password" not in "".join(lists).lower() and "hash" not in "".join(lists).lower()
    for file in folder.rglob("*"):
        if file.is_file():
            assert [one for one in given if one.encode() in file.read_bytes()] == [], file
    with sqlite3.connect(folder / "store.sqlite") as store:
        assert (
            store.execute("SELECT count(*) FROM documents WHERE collection IN ('users', 'keys', 'visits')").fetchone()[0] >= 5
        )
    assert (folder / "store.sqlite").stat().st_mode & 0o077 == 0
    assert (folder / "signing.key").stat().st_mode & 0o077 == 0


async def test_answers_that_give_a_secret_are_kept_by_no_cache(watched: Watched) -> None:
    key = {"name": "k", "scopes": {"*": "read"}}
    given = [
        await watched.house.ask("alice", "POST", "/keys", json=key),
        await watched.house.ask("alice", "POST", "/auth/ticket"),
        await watched.house.http.post("/auth/token", json={"login": "alice", "password": PASSWORD}),
    ]
    given.append(await watched.house.http.post("/auth/refresh", json={"refreshToken": given[-1].json()["refreshToken"]}))
    assert [one.headers["cache-control"] for one in given] == ["no-store"] * 4


async def test_guessing_is_slowed_down_and_says_for_how_long(watched: Watched) -> None:
    answers = await asyncio.gather(
        *(watched.house.http.post("/auth/token", json={"login": "alice", "password": f"wrong {n}"}) for n in range(14))
    )
    statuses = sorted(one.status_code for one in answers)
    assert statuses == [401] * 10 + [429] * 4
    late = next(one for one in answers if one.status_code == 429)
    assert 0 < int(late.headers["retry-after"]) <= 30
    assert late.json()["code"] == "too_many_sign_ins"
