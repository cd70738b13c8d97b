"""What an OAuth client may do with what a user gave it, and how it ends when the client is removed beside a running server."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from typer.testing import CliRunner

from fakes_people import PASSWORD, Guarded, guarded_house
from fakes_sockets import calling, serving
from trading_api.cli import commands
from trading_api.models.sockets import SIGNED_OUT

BACK = "https://www.tradingview.com/trading/oauth-redirect/"
ASKED = {"response_type": "code", "client_id": "tv", "redirect_uri": BACK}
OAUTH = "/tradingview/oauth2"
DEMO = "/broker/accounts/DEMO-ACCOUNT"
CHARTS = "/chart-storage/1.1"
SEEN_SECONDS = 10.0
"""Generous: the house looks once a second."""


class House:
    def __init__(self, house: Guarded, folder: Path) -> None:
        self.house, self.folder, self.secret = house, folder, ""

    def client(self, *words: str) -> str:
        found = CliRunner().invoke(commands, ["clients", *words, "--data-dir", str(self.folder)])
        assert found.exit_code == 0, found.output
        return found.stdout

    async def add(self) -> None:
        said = await asyncio.to_thread(self.client, "add", "tv", "--redirect", BACK)
        self.secret = said.split()[-1]

    async def given(self, login: str) -> dict[str, Any]:
        """The tokens of a client that sent this user to our page."""
        http = self.house.http
        page = await http.get(f"{OAUTH}/authorize", params=ASKED)
        mark = re.search(r'name="mark" value="([^"]+)"', page.text)
        assert mark
        form = {"login": login, "password": PASSWORD, "mark": mark[1]}
        sent = await http.post(f"{OAUTH}/authorize", params=ASKED, data=form)
        (code,) = parse_qs(urlsplit(sent.headers["location"]).query)["code"]
        answer = await self.token(grant_type="authorization_code", code=code, redirect_uri=BACK)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def token(self, **form: str) -> httpx.Response:
        secret = {"client_id": "tv", "client_secret": self.secret}
        return await self.house.http.post(f"{OAUTH}/token", data={**secret, **form})

    async def status(self, token: str, method: str, path: str, **more: object) -> int:
        return (await self.house.ask(token, method, path, **more)).status_code


async def until(happened: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(SEEN_SECONDS):
        while not await happened():
            await asyncio.sleep(0.05)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with guarded_house(tmp_path) as guarded, serving(guarded):  # type: ignore[arg-type]  # it has what is used of a house
        found = House(guarded, tmp_path)
        await found.add()
        await guarded.add("alice", administrator=True)
        yield found


async def test_a_client_of_an_administrator_trades_and_reads_and_does_nothing_else(house: House) -> None:
    token = (await house.given("alice"))["access_token"]
    who = (await house.house.ask(token, "GET", "/auth/whoami")).json()
    assert (who["by"], who["administrator"], who["scopes"]) == ("client", False, {"*": "trade"})

    order = {"symbol": "EURUSD", "type": 1, "side": 1, "qty": 1000, "limitPrice": 0.5}
    assert await house.status(token, "POST", f"{DEMO}/orders", json=order) == 200
    assert await house.status(token, "GET", f"{DEMO}/orders") == 200
    key = {"name": "k", "scopes": {"*": "read"}}
    beyond: list[tuple[str, str, object]] = [
        ("GET", "/users", None),
        ("GET", "/keys", None),
        ("GET", "/keys/unknown", None),
        ("GET", f"{CHARTS}/charts?client=page&user=alice", None),
        ("POST", f"{CHARTS}/charts?client=page&user=alice", {"name": "n", "content": "c", "symbol": "s", "resolution": "1D"}),
        ("DELETE", f"{CHARTS}/study_templates?client=page&user=alice&template=t", None),
        ("PATCH", "/users/alice", {"disabled": True}),
        ("POST", "/keys", key),
        ("POST", "/keys", {"name": "k", "scopes": {"*": "admin"}}),
        ("POST", f"{DEMO}/fund", {"amount": 1}),
        ("POST", f"{DEMO}/reset", {}),
        ("PUT", f"{DEMO}/leverage", {"leverage": 2}),
        ("POST", "/broker/accounts", {"currency": "USD", "balance": 1}),
    ]
    for method, path, body in beyond:
        assert await house.status(token, method, path, json=body) == 403, (method, path)
    change = {"current": PASSWORD, "password": "quite another"}
    answer = await house.house.ask(token, "POST", "/auth/password", json=change)
    assert (answer.status_code, answer.json()["code"]) == (422, "no_session")
    flags = (await house.house.ask(token, "GET", "/tradingview/accounts")).json()["d"][0]["config"]
    assert flags["supportModifyOrderPrice"] is True and flags["supportLeverage"] is False


async def test_a_clients_refresh_token_is_good_for_the_client_alone(house: House) -> None:
    given = await house.given("alice")
    refused = await house.house.http.post("/auth/refresh", json={"refreshToken": given["refresh_token"]})
    invented = await house.house.http.post("/auth/refresh", json={"refreshToken": "trt_x.y"})
    assert (refused.status_code, refused.text) == (401, invented.text)
    form = {"grant_type": "refresh_token", "refresh_token": given["refresh_token"]}
    assert (await house.token(**form, client_secret="")).status_code == 401
    assert (await house.token(**form)).status_code == 200, "and what others tried has not ended it"
    own = (await house.house.http.post("/auth/token", json={"login": "alice", "password": PASSWORD})).json()
    assert (await house.token(grant_type="refresh_token", refresh_token=own["refreshToken"])).status_code == 400


async def test_removing_a_client_ends_what_it_was_given_also_when_it_is_added_again(house: House) -> None:
    given = await house.given("alice")
    token, place = given["access_token"], f"http://127.0.0.1:{house.house.port}/api/v1/tradingview/streaming"
    streamed = httpx.AsyncClient(headers={"Authorization": f"Bearer {token}"})
    async with streamed, calling(house.house, bearer=token) as socket:  # type: ignore[arg-type]  # as above
        async with streamed.stream("GET", place) as stream:
            assert (await socket.ask("orders.subscribe", accountId="DEMO-ACCOUNT"))["status"] == "ok"
            await asyncio.to_thread(house.client, "remove", "tv")
            await house.add()
            async with asyncio.timeout(SEEN_SECONDS):
                async for _ in stream.aiter_bytes():
                    pass
        async with asyncio.timeout(SEEN_SECONDS):
            await socket.connection.wait_closed()
        assert socket.connection.close_code == SIGNED_OUT

    async def ended() -> bool:
        return await house.status(token, "GET", "/auth/whoami") == 401

    await until(ended)
    answer = await house.token(grant_type="refresh_token", refresh_token=given["refresh_token"])
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert await house.status("alice", "GET", "/auth/whoami") == 200, "the user's own sessions go on"


async def test_a_client_removed_while_no_server_runs_is_gone_when_one_starts(tmp_path: Path) -> None:
    async with guarded_house(tmp_path) as guarded:
        first = House(guarded, tmp_path)
        await first.add()
        token = (await first.given("root"))["access_token"]
    async with guarded_house(tmp_path) as guarded:
        assert await House(guarded, tmp_path).status(token, "GET", "/auth/whoami") == 200
    await asyncio.to_thread(first.client, "remove", "tv")
    async with guarded_house(tmp_path) as guarded:
        assert await House(guarded, tmp_path).status(token, "GET", "/auth/whoami") == 401
