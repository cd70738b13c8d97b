"""A real server on a market moved by hand, and terminals on it: one account each, over REST and the socket.

A terminal judges every frame it hears: an order's state moves only as a Trading Terminal allows, and ids stay what they are.
"""

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import websockets

from fakes_market import ScriptedMarket, an_instrument
from free_port import a_listener
from order_states import OrderStates
from trading_api import app as roof
from trading_api.app import Plugs, create_app, open_plugs
from trading_api.models.topics import TOPICS, AccountSubscriptionRequest
from trading_api.serving import Server, server_config
from trading_api.settings import Settings

API = "/api/v1"
DEADLINE_S = 10.0
ACCOUNT_TOPICS = [topic.name for topic in TOPICS if topic.request is AccountSubscriptionRequest]
INSTRUMENTS = (
    an_instrument("EURUSD", book_size="1000000"),
    an_instrument("USDJPY", tick_size="0.001", pip_size="0.01"),
    an_instrument("DUSTY", currency="XAU", base_currency=None, kind="commodity"),
)
MARKET, LIMIT, STOP, STOP_LIMIT = 2, 1, 3, 4
BUY, SELL = 1, -1
CANCELED, FILLED, INACTIVE, PLACING, REJECTED, WORKING = 1, 2, 3, 4, 5, 6

Frame = dict[str, Any]


class Terminal:
    """What one trader has open. `frames` are the updates of every topic, oldest first; `states` what they began with."""

    def __init__(self, house: "House", account: str, line: websockets.ClientConnection) -> None:
        self.house = house
        self.account = account
        self.frames: defaultdict[str, list[Frame]] = defaultdict(list)
        self.states: dict[str, Any] = {}
        self._orders = OrderStates()
        self._line = line
        self._changed = asyncio.Event()
        self.fault: BaseException | None = None

    # REST

    async def ask(self, method: str, path: str, body: object = None, **query: object) -> httpx.Response:
        url = f"{API}/broker/accounts/{self.account}{path}"
        params = {name: str(value) for name, value in query.items()}
        return await self.house.client.request(method, url, json=body, params=params)

    async def get(self, path: str, **query: object) -> Any:
        answer = await self.ask("GET", path, **query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def do(self, method: str, path: str, body: object = None) -> Any:
        answer = await self.ask(method, path, body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def place(self, side: int, qty: float, kind: int = MARKET, symbol: str = "EURUSD", **terms: object) -> str:
        body = {"symbol": symbol, "type": kind, "side": side, "qty": qty, **terms}
        return str((await self.do("POST", "/orders", body))["orderId"])

    async def refused(self, method: str, path: str, body: object = None) -> Frame:
        answer = await self.ask(method, path, body)
        assert answer.status_code == 422, answer.text
        error: Frame = answer.json()
        assert len(error["message"]) > 20 and error["message"][0].isupper() and "{" not in error["message"]
        return error

    # The socket

    async def subscribe(self, topic: str, **request: object) -> Frame:
        """The answer, the newest of several."""
        self.states.pop(topic, None)
        await self._line.send(json.dumps({"type": f"{topic}.subscribe", "payload": request}))
        await self.until(lambda: topic in self.states)
        state: Frame = self.states[topic]
        return state

    async def listen(self) -> None:
        async for text in self._line:
            message = json.loads(text)
            name, _, kind = message["type"].partition(".")
            if kind == "subscribe.response":
                self.states[name] = message["payload"]
            elif kind == "update":
                self._judge(name, message["payload"])
                self.frames[name].append(message["payload"].get("payload", {}))
            self._changed.set()

    def _judge(self, name: str, update: Frame) -> None:
        try:
            if name == "orders" and "payload" in update:
                self._orders.see(update["payload"])
        except AssertionError as fault:
            self.fault = fault

    async def until(self, there: Callable[[], bool]) -> None:
        async with asyncio.timeout(DEADLINE_S):
            while not there():
                self._changed.clear()
                await self._changed.wait()
        assert self.fault is None, self.fault

    async def heard(self, topic: str, **fields: object) -> Frame:
        """The first update with these values, waiting for it."""

        def found() -> list[Frame]:
            return [one for one in self.frames[topic] if all(one.get(name) == value for name, value in fields.items())]

        try:
            await self.until(lambda: bool(found()))
        except TimeoutError:
            raise AssertionError(f"{topic} with {fields} never came, only {self.frames[topic][-5:]}") from None
        return found()[0]

    def told(self, order_id: str) -> list[int]:
        """The states an order was announced in."""
        return [one["status"] for one in self.frames["orders"] if one["id"] == order_id]


class House:
    def __init__(self, client: httpx.AsyncClient, place: str, market: ScriptedMarket, stack: AsyncExitStack) -> None:
        self.client = client
        self.market = market
        self._place = place
        self._stack = stack
        self._bid = "1.10000"

    async def quote(self, bid: str, ask: str, name: str = "EURUSD", sizes: tuple[int, int] | None = None) -> None:
        await self.market.tell(name, bid, ask, after=1_000, sizes=sizes)

    async def terminal(self, account: str, **terms: object) -> Terminal:
        """On a new account, listening to everything an account tells."""
        request = {"id": account, "balance": 10_000, **terms}
        answer = await self.client.post(f"{API}/broker/accounts", json=request)
        assert answer.status_code == 201, answer.text
        line = await self._stack.enter_async_context(websockets.connect(f"ws://{self._place}{API}/ws"))
        one = Terminal(self, account, line)
        listening = asyncio.create_task(one.listen())
        self._stack.callback(listening.cancel)
        for topic in ACCOUNT_TOPICS:
            assert (await one.subscribe(topic, accountId=account))["status"] == "ok"
        return one


@asynccontextmanager
async def a_house(folder: Path, plugs: Callable[[Settings], Plugs] = open_plugs) -> AsyncIterator[House]:
    """EURUSD stands at 1.10000 / 1.10010, USDJPY at 150.000 / 150.010."""
    market = ScriptedMarket(instruments=INSTRUMENTS)
    settings = Settings.model_validate({"data_dir": folder, "seed": 7})
    listening = a_listener()
    place = "{}:{}".format(*listening.getsockname())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(roof, "SyntheticMarket", lambda *_, **__: market)
        app = create_app(settings, plugs(settings))
    server = Server(server_config(app))
    app.state.stop = server.stop
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(app.router.lifespan_context(app))
        running = asyncio.create_task(server.serve(sockets=[listening]))
        client = await stack.enter_async_context(httpx.AsyncClient(base_url=f"http://{place}", timeout=20))
        house = House(client, place, market, stack)
        await house.quote("1.10000", "1.10010", sizes=(2_000_000, 2_000_000))
        await house.quote("150.000", "150.010", "USDJPY")
        lines = AsyncExitStack()
        house._stack = lines
        try:
            yield house
        finally:
            await lines.aclose()
            server.should_exit = True
            await running
            listening.close()
