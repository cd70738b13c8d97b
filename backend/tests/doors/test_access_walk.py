"""Every route of the table, asked by everybody: each is let in exactly where its row says so, and foreign is absent."""

import json
import re
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest

from fakes_people import Guarded, guarded_house
from trading_api.api.policies import FILES, ROUTES, SOCKET
from trading_api.core.access import Policy
from trading_api.plugins.signer_jwt import JwtSigner

OWN, ABSENT = "alice-1", "nobody-1"
ENDLESS = ("GET", "/api/v1/tradingview/streaming")
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
    "read key": {Policy.OPEN, Policy.SIGNED_IN, Policy.READ},
    "trade key": {Policy.OPEN, Policy.SIGNED_IN, Policy.READ, Policy.TRADE},
    "owner": set(Policy) - {Policy.HOUSE},
    "admin": set(Policy),
    "another user": {Policy.OPEN, Policy.SIGNED_IN, Policy.OPENS},
}
NOBODIES = ("nobody", "expired key", "expired token", "revoked")


class Cast(NamedTuple):
    house: Guarded
    who: dict[str, str | None]
    """What each shows at the door."""

    async def ask(self, caller: str, method: str, path: str, **more: object) -> httpx.Response:
        """Below the prefix of the house's own addresses, or from the root."""
        return await self.house.ask(self.who[caller], method, f"http://localhost{path}", **more)


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
        who |= {
            "expired token": late(tmp_path, house.bearers["alice"]),
            "another user": "bob",
            "owner": "alice",
            "admin": "root",
        }
        yield Cast(house, who)


def late(folder: Path, good: str) -> str:
    """The same token, had its time come."""
    signer = JwtSigner(folder)
    claims = signer.read(good)
    assert claims is not None
    return signer.sign({**claims, "exp": int(time.time()) - 1})


def filled(path: str, account: str) -> str:
    values = {"accountId": account, "replayId": account, "login": "carol", "symbol": "EURUSD", "path": "nothing-here"}
    return re.sub(r"\{(\w+)(?::\w+)?\}", lambda found: values.get(found[1], "x1"), path)


def request_of(method: str, path: str, caller: str) -> dict[str, object]:
    if path.startswith("/api/v1/chart-storage"):
        user = {"another user": "bob", "admin": "root"}.get(caller, "alice")
        return {"params": {"client": "page", "user": user}}
    if method in ("GET", "DELETE"):
        return {}
    return {"data": {}} if path.startswith(TRADINGVIEW) else {"json": BODIES.get(f"{method} {path}", {})}


def walked() -> list[tuple[str, str, Policy]]:
    return [(method, path, policy) for (method, path), policy in ROUTES.items() if method not in (SOCKET, FILES)]


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


@pytest.mark.parametrize("caller", ["read key", "trade key", "owner", "admin"])
async def test_each_is_let_in_where_the_table_says_so_and_nowhere_else(cast: Cast, caller: str) -> None:
    wrong = []
    for method, path, policy in walked():
        if (method, path) == ENDLESS or path.endswith("/logout"):
            continue
        answer = await cast.ask(caller, method, filled(path, OWN), **request_of(method, path, caller))
        expected = "let in" if policy in MAY[caller] else "not allowed"
        if kind_of(answer) != expected or answer.status_code >= 500:
            wrong.append(f"{method} {path}: expected {expected}, found {answer.status_code} {answer.text[:200]}")
    assert wrong == []


async def test_to_another_user_a_foreign_account_looks_exactly_like_an_absent_one(cast: Cast) -> None:
    wrong = []
    for method, path, policy in walked():
        if (method, path) == ENDLESS or path.endswith("/logout"):
            continue
        given = request_of(method, path, "another user")
        foreign = await cast.ask("another user", method, filled(path, OWN), **given)
        expected = "let in" if policy in MAY["another user"] else "not allowed" if policy is Policy.HOUSE else "not there"
        if kind_of(foreign) != expected or foreign.status_code >= 500:
            wrong.append(f"{method} {path}: expected {expected}, found {foreign.status_code} {foreign.text[:200]}")
        if expected == "not there":
            absent = await cast.ask("another user", method, filled(path, ABSENT), **given)
            same = (absent.status_code, absent.text.replace(ABSENT, OWN), sorted(absent.headers)) == (
                foreign.status_code,
                foreign.text,
                sorted(foreign.headers),
            )
            if not same:
                wrong.append(f"{method} {path}: foreign {foreign.text[:100]}, absent {absent.text[:100]}")
    assert wrong == []


async def test_lists_hold_what_is_ones_own_and_an_administrators_everything(cast: Cast) -> None:
    assert [one["id"] for one in (await cast.ask("another user", "GET", "/api/v1/broker/accounts")).json()] == []
    assert [one["id"] for one in (await cast.ask("read key", "GET", "/api/v1/broker/accounts")).json()] == [OWN]
    everything = {one["id"] for one in (await cast.ask("admin", "GET", "/api/v1/broker/accounts")).json()}
    assert everything == {OWN, "DEMO-ACCOUNT", "DEMO-EUR", "DEMO-JPY"}
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
