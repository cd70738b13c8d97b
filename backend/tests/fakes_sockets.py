"""A topic owner a test drives by hand, and a real server with sockets on a free port."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import uvicorn
import websockets
from fastapi import FastAPI

from free_port import a_listener
from trading_api.core.access import Credentials, Principal, no_account
from trading_api.core.publisher import Publisher
from trading_api.core.routes import Snapshot, TopicCallback, Update
from trading_api.models.base import Model
from trading_api.models.errors import NotFound, TradingError
from trading_api.models.topics import TOPIC
from trading_api.plugins.bus_memory import MemoryBus
from trading_api.serving import server_config
from trading_api.ws.endpoint import mount_sockets, open_hub
from trading_api.ws.examples import VALUES
from trading_api.ws.hub import Hub

DEADLINE_SECONDS = 10.0
EPOCH = "e1"
PAST_MAX = 100
SYMBOLS = ("DEMO:EURUSD", "DEMO:XAUUSD")
ACCOUNTS = ("A1", "A2")


class FakeTopics:
    """Counts what it is told. The state of a topic is its last value, or the list of all of them."""

    def __init__(self) -> None:
        self.created: list[str] = []
        self.removed: list[str] = []
        self.live: dict[str, TopicCallback] = {}
        self.seq: dict[str, int] = {}
        self.told: dict[str, list[Model]] = {}
        self.ready = asyncio.Event()
        self.ready.set()
        self.failure: Exception | None = None

    def admit(self, topic: str, principal: Principal) -> None:
        request = json.loads(topic.partition(":")[2])
        if "accountId" in request and not (request["accountId"] in ACCOUNTS and principal.sees(request["accountId"])):
            raise no_account(request["accountId"])
        if request.get("symbol", SYMBOLS[0]) not in SYMBOLS:
            raise NotFound("unknown_symbol", f"Expected a known symbol, found '{request['symbol']}'", field="symbol")

    async def create_topic(self, topic: str, callback: TopicCallback) -> None:
        assert topic not in self.live
        self.created.append(topic)
        await self.ready.wait()
        if self.failure is not None:
            raise self.failure
        self.live[topic] = callback

    def snapshot(self, topic: str) -> Snapshot:
        assert topic in self.live
        told = self.told.get(topic, [])
        one = TOPIC[topic.partition(":")[0]].state == "one"
        return Snapshot(EPOCH, self.seq.get(topic, 0), (told[-1] if told else None) if one else tuple(told))

    def since(self, topic: str, epoch: str, seq: int) -> list[Update] | None:
        """Remembers the last `PAST_MAX` updates."""
        told = self.told.get(topic, [])
        if epoch != EPOCH or not max(0, len(told) - PAST_MAX) <= seq <= len(told):
            return None
        return [Update(topic, EPOCH, number + 1, told[number]) for number in range(seq, len(told))]

    def remove_topic(self, topic: str) -> None:
        del self.live[topic]
        self.removed.append(topic)

    def tell(self, topic: str, payload: Model | None = None, **caused: Any) -> None:
        """Publish the next update of a topic, as long as it lives."""
        value = payload or VALUES[topic.partition(":")[0]]
        self.seq[topic] = self.seq.get(topic, 0) + 1
        self.told.setdefault(topic, []).append(value)
        if topic in self.live:
            self.live[topic](Update(topic, EPOCH, self.seq[topic], value, **caused))


class FakeDoorman:
    """Everyone is let in; a caller who says an account's name sees only that account."""

    refusal: TradingError | None = None

    async def admit(self, credentials: Credentials) -> Principal:
        if self.refusal is not None:
            raise self.refusal
        accounts = frozenset({credentials.bearer}) if credentials.bearer else None
        return Principal("somebody", frozenset({"read", "trade"}), accounts)


class House:
    """Services, sockets and their application, without the rest of the house."""

    def __init__(self) -> None:
        self.broker, self.datafeed, self.doorman = FakeTopics(), FakeTopics(), FakeDoorman()
        bus = MemoryBus()
        self.hub: Hub = open_hub(
            bus=bus, publish=Publisher(bus).publish, doorman=self.doorman, broker=self.broker, datafeed=self.datafeed
        )
        self.app = FastAPI()
        mount_sockets(self.app, self.hub)
        self.port = 0

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/api/v1/ws"


class Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self):  # type: ignore[no-untyped-def]  # signals belong to pytest
        yield


@asynccontextmanager
async def serving(house: House, **options: Any) -> AsyncIterator[Server]:
    """uvicorn on a free port, in the test's own loop, as the house configures it; `options` differ."""
    with a_listener() as listener:
        config = server_config(house.app)
        for name, value in options.items():
            setattr(config, name, value)
        server = Server(config)
        task = asyncio.create_task(server.serve(sockets=[listener]))
        await until(lambda: server.started or task.done())
        house.port = listener.getsockname()[1]
        try:
            yield server
        finally:
            server.should_exit = True
            await asyncio.wait_for(task, DEADLINE_SECONDS)


async def until(happened: Any) -> None:
    async with asyncio.timeout(DEADLINE_SECONDS):
        while not happened():
            await asyncio.sleep(0.005)


class Caller:
    """A client of the sockets, as anyone might write one."""

    def __init__(self, connection: websockets.ClientConnection) -> None:
        self.connection = connection

    async def say(self, kind: str, **payload: Any) -> None:
        await self.connection.send(json.dumps({"type": kind, "payload": payload}))

    async def hear(self) -> dict[str, Any]:
        async with asyncio.timeout(DEADLINE_SECONDS):
            heard: dict[str, Any] = json.loads(await self.connection.recv())
            return heard

    async def ask(self, kind: str, **payload: Any) -> dict[str, Any]:
        await self.say(kind, **payload)
        heard = await self.hear()
        assert heard["type"] == f"{kind}.response", heard
        answer: dict[str, Any] = heard["payload"]
        return answer

    async def closed(self) -> int:
        async with asyncio.timeout(DEADLINE_SECONDS):
            await self.connection.wait_closed()
        assert self.connection.close_code is not None
        return self.connection.close_code


@asynccontextmanager
async def calling(house: House, *, bearer: str | None = None, **options: Any) -> AsyncIterator[Caller]:
    headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
    async with websockets.connect(house.url, additional_headers=headers, **options) as connection:
        yield Caller(connection)
