"""TradingView's broker REST API on a real socket: the whole house, or one account on a market moved by hand."""

import asyncio
import re
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple, cast

import httpx
import uvicorn
from fastapi import FastAPI
from whole_house import whole_house

from fakes_store import MemoryStore
from free_port import a_listener
from scenarios.stage import Stage, a_stage
from trading_api.api.tradingview.door import TRADINGVIEW
from trading_api.api.tradingview.router import tradingview_router
from trading_api.core.broker_rest.oauth import OAuth
from trading_api.core.broker_rest.oauth_clients import OAuthClients
from trading_api.core.broker_rest.service import BrokerRest, Doors, broker_rest
from trading_api.core.datafeed_service import DatafeedService
from trading_api.core.instrument_info import InstrumentDesk
from trading_api.core.owners import Owners
from trading_api.core.people import People
from trading_api.core.sign_in import SignIn
from trading_api.core.visits import Visits
from trading_api.plugins.passwords_argon2 import Argon2Passwords
from trading_api.plugins.signer_jwt import JwtSigner

DEMO = {"login": "demo", "password": "demo"}
SOON_S = 10.0
"""Generous: the machine may be running the rest of the tests."""


class RestHouse(NamedTuple):
    """One account, `alice`, on a market moved by hand. `client` is signed in."""

    client: httpx.AsyncClient
    stage: Stage
    rest: BrokerRest

    @property
    def datafeed(self) -> DatafeedService:
        return cast(DatafeedService, self.stage.service._prices)


async def signed_in(client: httpx.AsyncClient) -> httpx.AsyncClient:
    answer = await client.post("/authorize", data=DEMO)
    client.headers["Authorization"] = f"Bearer {answer.json()['d']['access_token']}"
    return client


@asynccontextmanager
async def rest_of_whole_house(folder: Path, **settings: object) -> AsyncIterator[httpx.AsyncClient]:
    """A signed-in client of the application as it is served."""
    async with (
        whole_house(folder, **settings) as place,
        httpx.AsyncClient(base_url=f"http://{place}{TRADINGVIEW}", timeout=20) as client,
    ):
        yield await signed_in(client)


@asynccontextmanager
async def rest_house(folder: Path, **terms: Any) -> AsyncIterator[RestHouse]:
    """`terms` are the stage's."""
    async with a_stage(**terms) as stage:
        rest = await _rest_on(stage, folder)
        app = FastAPI()
        app.include_router(tradingview_router(rest), prefix="/api/v1")
        app.state.sign_in = rest.doors.sign_in
        listening = a_listener()
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
        running = asyncio.create_task(server.serve(sockets=[listening]))
        url = f"http://127.0.0.1:{listening.getsockname()[1]}{TRADINGVIEW}"
        try:
            async with httpx.AsyncClient(base_url=url, timeout=20) as client:
                yield RestHouse(await signed_in(client), stage, rest)
        finally:
            rest.stream.close()
            server.should_exit = True
            await running
            listening.close()


async def _rest_on(stage: Stage, folder: Path) -> BrokerRest:
    folder.mkdir(parents=True, exist_ok=True)
    store, clock, draw = MemoryStore(), stage.clock, secrets.token_urlsafe
    passwords, owners = Argon2Passwords(), Owners(store)
    people, visits = People(store, clock, passwords, draw, open_house=True), Visits(store, clock, draw)
    await people.load()
    sign_in = SignIn(
        people,
        visits,
        passwords=passwords,
        signer=JwtSigner(folder),
        owners=owners,
        clock=clock,
        draw=draw,
        open_house=True,
    )
    doors = Doors(sign_in, OAuth(OAuthClients(store, clock, draw), sign_in, clock, draw))
    prices = cast(DatafeedService, stage.service._prices)
    return broker_rest(stage.service, prices, InstrumentDesk(stage.service, prices), stage.history, doors, prefix="TEST")


def ok(answer: httpx.Response) -> Any:
    """The payload of a success."""
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    body = answer.json()
    assert body.get("s") == "ok", answer.text
    assert body.keys() <= {"s", "d"}, body
    return body.get("d")


def refused(answer: httpx.Response) -> str:
    """The text of a refusal: status 200, a sentence for a trader."""
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    body = answer.json()
    assert body.keys() == {"s", "errmsg"}, body
    assert body["s"] == "error"
    assert not re.search(r"[{\[]['\"]|Decimal\(|Error\b|None\b|Traceback", body["errmsg"]), body
    return str(body["errmsg"])


async def until(check: Callable[[], Awaitable[Any]]) -> Any:
    """Ask again until the answer is something."""
    async with asyncio.timeout(SOON_S):
        while not (found := await check()):
            await asyncio.sleep(0.05)
        return found
