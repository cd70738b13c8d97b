"""Whoever tries passwords is one caller at every door, also with a network of addresses."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import httpx
import pytest

from fakes_people import Guarded, guarded_house
from trading_api.core.broker_rest.oauth_clients import OAuthClients
from trading_api.core.failed_sign_ins import ADDRESS_TRIES_MAX
from trading_api.models.tradingview.clients import OAuthClientRequest
from trading_api.plugins.clock import WallClock

BACK = "https://terminal.example/back"
ASKED = {"response_type": "code", "client_id": "terminal", "redirect_uri": BACK}
TOO_OFTEN = "Expected fewer wrong passwords"
Try = Callable[[httpx.AsyncClient, str], Awaitable[httpx.Response]]


async def token(http: httpx.AsyncClient, login: str) -> httpx.Response:
    return await http.post("/auth/token", json={"login": login, "password": "wrong"})


async def tradingview(http: httpx.AsyncClient, login: str) -> httpx.Response:
    return await http.post("/tradingview/authorize?locale=en", data={"login": login, "password": "wrong"})


async def page(http: httpx.AsyncClient, login: str) -> httpx.Response:
    shown = await http.get("/tradingview/oauth2/authorize", params=ASKED)
    mark = re.search(r'name="mark" value="([^"]+)"', shown.text)
    assert mark is not None
    form = {"login": login, "password": "wrong", "mark": mark[1]}
    return await http.post("/tradingview/oauth2/authorize", params=ASKED, data=form)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Guarded]:
    async with guarded_house(tmp_path) as guarded:
        yield guarded


def calling(house: Guarded, address: str) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(house.app, client=(address, 1))
    return httpx.AsyncClient(transport=transport, base_url="http://localhost/api/v1")


@pytest.mark.parametrize("sign_in", [token, tradingview, page])
async def test_a_network_of_addresses_tries_no_more_passwords_than_one(house: Guarded, sign_in: Try) -> None:
    clients = OAuthClients(house.app.state.sign_in._people._store, WallClock(), lambda: "drawn")
    await clients.add(OAuthClientRequest.model_validate({"id": "terminal", "redirectUris": [BACK]}))
    for number in range(ADDRESS_TRIES_MAX):
        async with calling(house, f"2001:db8::{number:x}") as http:
            assert TOO_OFTEN not in (await sign_in(http, f"user{number}")).text
    async with calling(house, "2001:db8::ffff") as http:
        assert TOO_OFTEN in (await sign_in(http, "another")).text
    async with calling(house, "2001:db8:0:1::1") as http:
        assert TOO_OFTEN not in (await sign_in(http, "another")).text, "the next network is somebody else's"
