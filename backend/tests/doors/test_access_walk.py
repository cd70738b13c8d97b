"""Every route of the table, asked by everybody: each is let in exactly where its row says so, and foreign is absent."""

import asyncio
import json
import re
import secrets
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest
from live_house import an_upload

from fakes_people import Guarded, guarded_house
from trading_api.api.policies import FILES, ROUTES, SOCKET
from trading_api.core.access import Policy
from trading_api.core.broker_rest.oauth_clients import OAuthClients
from trading_api.core.sign_in import SignIn
from trading_api.models.tradingview.clients import OAuthClientRequest
from trading_api.plugins.clock import WallClock
from trading_api.plugins.signer_jwt import JwtSigner

OWN, ABSENT = "alice-1", "nobod-1"
REPLAY, NO_REPLAY = "R1", "R9"
"""As long as what is there, so that even the length of an answer is the same."""
ENDLESS = ("GET", "/api/v1/tradingview/streaming")
SOON_SECONDS = 10.0
TRADINGVIEW = "/api/v1/tradingview"
ORDER = {"symbol": "EURUSD", "type": 2, "side": 1, "qty": 1000}
BODIES: dict[str, object] = {
    "POST /api/v1/broker/accounts/{accountId}/orders": ORDER,
    "POST /api/v1/broker/accounts/{accountId}/orders/preview": ORDER,
    "POST /api/v1/broker/accounts/{accountId}/fund": {"amount": 100},
    "PUT /api/v1/broker/accounts/{accountId}/leverage": {"leverage": 20},
    "PATCH /api/v1/users/{login}": {},
}
MAY = {
    "read key": {Policy.OPEN, Policy.SIGNED_IN, Policy.OWN, Policy.READ},
    "trade key": {Policy.OPEN, Policy.SIGNED_IN, Policy.OWN, Policy.READ, Policy.TRADE},
    "client": {Policy.OPEN, Policy.SIGNED_IN, Policy.READ, Policy.TRADE},
    "owner": set(Policy) - {Policy.HOUSE},
    "admin": set(Policy),
    "another user": {Policy.OPEN, Policy.SIGNED_IN, Policy.OWN, Policy.OPENS},
}
SIGNED_IN = ("owner", "admin", "another user")
"""By their passwords."""
NOBODIES = ("nobody", "expired key", "expired token", "revoked")


class Cast(NamedTuple):
    house: Guarded
    who: dict[str, str | None]
    """What each shows at the door."""

    async def ask(self, caller: str, method: str, path: str, **more: object) -> httpx.Response:
        """Below the prefix of the house's own addresses, or from the root."""
        if (method, path) == ENDLESS:
            return await begun(self.house, self.who[caller], path)
        answer = await self.house.ask(self.who[caller], method, f"http://localhost{path}", **more)
        if path.endswith("/logout"):
            await self.enter_again(caller)
        return answer

    async def enter_again(self, caller: str) -> None:
        """What the caller showed has ended, and the walk goes on."""
        if caller in SIGNED_IN:
            await self.house.enter(str(self.who[caller]))
        elif caller == "client":
            self.who[caller] = await a_clients_token(self.house)


async def begun(house: Guarded, who: str | None, path: str) -> httpx.Response:
    """How an answer without end begins."""
    bearer = house.bearers.get(str(who), str(who))
    headers = [(b"host", b"localhost"), *([(b"authorization", f"Bearer {bearer}".encode())] if who is not None else [])]
    scope = {"type": "http", "method": "GET", "path": path, "raw_path": path.encode(), "query_string": b"", "headers": headers}
    start: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    said = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive() -> dict[str, object]:
        while not said:
            await asyncio.sleep(SOON_SECONDS)
        return said.pop()

    async def send(message: dict[str, int]) -> None:
        if not start.done():
            start.set_result(message["status"])

    answering = asyncio.create_task(house.app(scope, receive, send))  # type: ignore[arg-type]  # ASGI's, in plain dictionaries
    try:
        return httpx.Response(await asyncio.wait_for(start, SOON_SECONDS))
    finally:
        answering.cancel()
        await asyncio.wait([answering])


@pytest.fixture
async def cast(tmp_path: Path) -> AsyncIterator[Cast]:
    async with guarded_house(tmp_path) as house:
        for login in ("alice", "bob", "carol"):
            await house.add(login)
        opened = await house.ask("alice", "POST", "/broker/accounts", json={"id": OWN, "currency": "USD", "balance": 100_000})
        assert opened.status_code == 201
        read, trade, expired, revoked = [
            await house.key("alice", {"*": right}, **more)
            for right, more in (("read", {}), ("trade", {}), ("admin", {"expires": 1}), ("admin", {}))
        ]
        assert (await house.ask("alice", "DELETE", f"/keys/{revoked[0]}")).status_code == 204
        who = {"nobody": None, "read key": read[1], "trade key": trade[1], "expired key": expired[1], "revoked": revoked[1]}
        await a_replay(house)
        who |= {
            "client": await a_clients_token(house),
            "expired token": late(tmp_path, house.bearers["alice"]),
            "another user": "bob",
            "owner": "alice",
            "admin": "root",
        }
        yield Cast(house, who)


async def a_replay(house: Guarded) -> None:
    """Of alice, over prices that the administrator imported."""
    job = (await house.ask("root", "POST", "/imports", **an_upload())).json()["id"]
    async with asyncio.timeout(SOON_SECONDS):
        while (await house.ask("root", "GET", f"/imports/{job}")).json()["status"] != "done":
            await asyncio.sleep(0.01)
    assert (await house.ask("alice", "POST", "/replays", json={"symbols": ["USDJPY"]})).json()["id"] == REPLAY


async def a_clients_token(house: Guarded) -> str:
    """What alice has given an OAuth client."""
    sign_in: SignIn = house.app.state.sign_in
    register = OAuthClients(sign_in._people._store, WallClock(), secrets.token_urlsafe)
    if await register.find("tv") is None:
        await register.add(OAuthClientRequest(id="tv", redirect_uris=("https://www.tradingview.com/",)))
    client = await register.find("tv")
    assert client is not None
    return (await sign_in.begin("alice", client=client.mark)).access_token


def late(folder: Path, good: str) -> str:
    """The same token, had its time come."""
    signer = JwtSigner(folder)
    claims = signer.read(good)
    assert claims is not None
    return signer.sign({**claims, "exp": int(time.time()) - 1})


def filled(path: str, account: str) -> str:
    replay = {OWN: REPLAY, ABSENT: NO_REPLAY}[account]
    values = {"accountId": account, "replayId": replay, "login": "carol", "symbol": "EURUSD", "path": "nothing-here"}
    return re.sub(r"\{(\w+)(?::\w+)?\}", lambda found: values.get(found[1], "x1"), path)


def request_of(method: str, path: str, caller: str) -> dict[str, object]:
    if path.startswith("/api/v1/chart-storage"):
        user = {"another user": "bob", "admin": "root"}.get(caller, "alice")
        return {"params": {"client": "page", "user": user}}
    if method in ("GET", "DELETE"):
        return {}
    return {"data": {}} if path.startswith(TRADINGVIEW) else {"json": BODIES.get(f"{method} {path}", {})}


def walked() -> list[tuple[str, str, Policy]]:
    """What deletes comes last: the rest asks about what is still there."""
    rows = [(method, path, policy) for (method, path), policy in ROUTES.items() if method not in (SOCKET, FILES)]
    return sorted(rows, key=lambda row: row[0] == "DELETE")


def told(answer: httpx.Response) -> dict[str, object]:
    try:
        body = answer.json()
    except json.JSONDecodeError:
        return {}
    return body if isinstance(body, dict) else {}


def kind_of(answer: httpx.Response) -> str:
    """Let in, nobody, not allowed, or not there, whatever form the answer has."""
    body = told(answer)
    text = str(body.get("errmsg") or body.get("message") or "")
    if answer.status_code == 401:
        return "nobody"
    if answer.status_code == 403 or text.startswith("Expected the right to"):
        return "not allowed"
    return "not there" if "Expected one of your accounts" in text else "let in"


def whole(answer: httpx.Response) -> tuple[int, str, list[tuple[str, str]]]:
    """All that an answer tells, but for the name that was asked for, and the time."""
    headers = sorted((name, text) for name, text in answer.headers.multi_items() if name != "date")
    return answer.status_code, answer.text.replace(ABSENT, OWN).replace(NO_REPLAY, REPLAY), headers


async def test_whoever_is_nobody_is_told_so_everywhere_in_the_same_words(cast: Cast) -> None:
    wrong, bodies = [], set()
    for method, path, policy in walked():
        for caller in NOBODIES:
            answer = await cast.ask(caller, method, filled(path, OWN), **request_of(method, path, "owner"))
            if (kind_of(answer) == "nobody") != (policy is not Policy.OPEN) and "/oauth2/" not in path:
                wrong.append(f"{caller}: {method} {path}: {answer.status_code}")
            if answer.status_code == 401 and caller != "nobody" and not path.startswith(TRADINGVIEW):
                bodies.add(answer.text)
    assert wrong == []
    assert len({one for one in bodies if "wrong_password" not in one}) == 1, "expired, revoked and invented look alike"


@pytest.mark.parametrize("caller", ["read key", "trade key", "client", "owner", "admin"])
async def test_each_is_let_in_where_the_table_says_so_and_nowhere_else(cast: Cast, caller: str) -> None:
    wrong = []
    for method, path, policy in walked():
        answer = await cast.ask(caller, method, filled(path, OWN), **request_of(method, path, caller))
        expected = "let in" if policy in MAY[caller] else "not allowed"
        if kind_of(answer) != expected or answer.status_code >= 500:
            wrong.append(f"{method} {path}: expected {expected}, found {answer.status_code} {answer.text[:200]}")
    assert wrong == []


async def test_to_another_user_a_foreign_account_looks_exactly_like_an_absent_one(cast: Cast) -> None:
    wrong, compared = [], set()
    for method, path, policy in walked():
        given = request_of(method, path, "another user")
        foreign = await cast.ask("another user", method, filled(path, OWN), **given)
        expected = "let in" if policy in MAY["another user"] else "not allowed" if policy is Policy.HOUSE else "not there"
        if kind_of(foreign) != expected or foreign.status_code >= 500:
            wrong.append(f"{method} {path}: expected {expected}, found {foreign.status_code} {foreign.text[:200]}")
        if expected == "not there":
            absent = await cast.ask("another user", method, filled(path, ABSENT), **given)
            if whole(absent) != whole(foreign):
                wrong.append(f"{method} {path}: foreign {whole(foreign)}, absent {whole(absent)}")
            compared.add(path.partition("{")[2].partition("}")[0])
    assert wrong == []
    assert compared == {"accountId", "replayId"}


async def test_lists_hold_what_is_ones_own_and_an_administrators_everything(cast: Cast) -> None:
    assert [one["id"] for one in (await cast.ask("another user", "GET", "/api/v1/broker/accounts")).json()] == []
    assert [one["id"] for one in (await cast.ask("read key", "GET", "/api/v1/broker/accounts")).json()] == [OWN, REPLAY]
    everything = {one["id"] for one in (await cast.ask("admin", "GET", "/api/v1/broker/accounts")).json()}
    assert everything == {OWN, REPLAY, "DEMO-ACCOUNT", "DEMO-EUR", "DEMO-JPY"}
    assert (await cast.ask("another user", "GET", "/api/v1/keys")).json() == []
    own = (await cast.ask("owner", "GET", "/api/v1/keys")).json()
    assert len(own) == 3
    assert (await cast.ask("admin", "GET", "/api/v1/keys")).json() == own
    absent = await cast.ask("another user", "GET", "/api/v1/keys/nothing")
    foreign = await cast.ask("another user", "DELETE", f"/api/v1/keys/{own[0]['id']}")
    assert (foreign.status_code, foreign.text) == (404, absent.text.replace("nothing", own[0]["id"]))


async def test_a_user_opens_accounts_under_the_own_name_and_no_answer_tells_which_others_have(cast: Cast) -> None:
    asked = [
        await cast.ask("another user", "POST", "/api/v1/broker/accounts", json={"id": name, "currency": "USD", "balance": 1})
        for name in (OWN, "alice-9", "DEMO-EUR")
    ]
    assert [one.status_code for one in asked] == [422, 422, 422]
    assert {one.json()["code"] for one in asked} == {"foreign_id"}
    scoped = [
        await cast.ask("another user", "POST", "/api/v1/keys", json={"name": "k", "scopes": {name: "read"}})
        for name in (OWN, "alice-9")
    ]
    assert [one.status_code for one in scoped] == [404, 404]
    assert scoped[0].text == scoped[1].text.replace("alice-9", OWN)


async def test_a_key_makes_no_keys_beyond_itself_and_no_user_makes_any_for_another(cast: Cast) -> None:
    wanted = {"name": "k", "scopes": {"*": "admin"}}
    for caller in ("read key", "trade key"):
        assert (await cast.ask(caller, "POST", "/api/v1/keys", json=wanted)).status_code == 403
    assert (await cast.ask("another user", "POST", "/api/v1/keys", json={**wanted, "login": "alice"})).status_code == 403
    for_carol = await cast.ask("admin", "POST", "/api/v1/keys", json={**wanted, "login": "carol"})
    assert for_carol.json()["login"] == "carol"


async def test_the_pages_about_the_api_know_how_to_send_a_token(cast: Cast) -> None:
    document = (await cast.ask("nobody", "GET", "/api/v1/openapi.json")).json()
    assert document["security"] == [{"bearer": []}]
    assert document["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"


async def test_what_is_missing_in_the_table_would_be_seen_here() -> None:
    assert len(walked()) > 100
    assert {policy for _, _, policy in walked()} == set(Policy)
