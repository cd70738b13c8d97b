"""A client cut anywhere, and coming back with what it saw last, ends with exactly what the journal says was told."""

import asyncio
import json
import random
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
import websockets
from fastapi import FastAPI

from doors.server_process import ServerProcess
from fakes_journal import MemoryJournal
from fakes_market import ScriptedMarket, an_instrument
from fakes_raw_socket import RawSocket, message
from fakes_sockets import Caller, FakeDoorman, FakeTopics, serving
from fakes_store import MemoryStore
from scenarios.stage import TRADER, Stage, a_stage
from trading_api.core.announcer import Announcer
from trading_api.core.cascade import COUNTED_TOPICS
from trading_api.core.ledger import Ledger
from trading_api.core.publisher import Publisher, encode
from trading_api.core.routes import Update
from trading_api.models.broker.orders import Side
from trading_api.models.errors import TradingError
from trading_api.plugins.bus_memory import MemoryBus
from trading_api.ws.endpoint import mount_sockets, open_hub

RESTART_EVERY = 25


class Door:
    """The sockets of a broker, behind a real server."""

    def __init__(self, stage: Stage) -> None:
        bus = MemoryBus()
        publish = Publisher(bus).publish
        self.hub = open_hub(bus=bus, publish=publish, doorman=FakeDoorman(), broker=stage.service, datafeed=FakeTopics())
        self.app = FastAPI()
        mount_sockets(self.app, self.hub)
        self.port = 0


NETTED = [name for name in COUNTED_TOPICS if name != "individual-positions"]
"""What a netting account tells."""


class Kept:
    """What outlives the server."""

    def __init__(self) -> None:
        self.journal, self.store, self.now = MemoryJournal(), MemoryStore(), 1_700_000_000_000

    @asynccontextmanager
    async def served(self) -> AsyncIterator[tuple[Stage, int]]:
        market = ScriptedMarket(instruments=(an_instrument("EURUSD"),), now=self.now)
        await market.tell("EURUSD", "1.0850", "1.0851")
        async with a_stage(journal=self.journal, store=self.store, market=market) as stage:
            door = Door(stage)
            async with serving(door):
                yield stage, door.port
        self.now = market.now()

    async def told(self) -> dict[str, list[dict[str, Any]]]:
        """Everything the account's facts told on its counted topics, from the journal alone."""
        heard: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
        ledger = Ledger("alice")
        announcer = Announcer(
            ledger, journal_id=self.journal.id, process_epoch="", equity=lambda: None, connection=lambda: None
        )

        def hear(update: Update) -> None:
            heard[update.topic.partition(":")[0]].append(json.loads(encode(update))["payload"])

        for name in NETTED:
            announcer.listen(name, hear)
        async for recorded in self.journal.read("alice"):
            announcer.apply(recorded.fact)
        return heard


class Client:
    """Subscribes with what it saw last, and remembers every update."""

    def __init__(self) -> None:
        self.updates: dict[str, list[dict[str, Any]]] = {name: [] for name in NETTED}
        self.seen: dict[str, tuple[str, int]] = {}

    async def listen(self, port: int, cut_after: int, patience: float = 0.05) -> None:
        """Until that many bytes have come, or nothing more does."""
        one = await RawSocket.open(port)
        with suppress(TimeoutError):
            async with asyncio.timeout(patience):
                if await one.read_until(lambda: one.is_open or len(one.received) >= cut_after):
                    for name in NETTED:
                        epoch, seq = self.seen.get(name, (None, None))
                        one.send(message(f"{name}.subscribe", accountId="alice", epoch=epoch, seq=seq))
                while len(one.received) < cut_after and await one.read(cut_after - len(one.received)):
                    pass
        await one.gone()
        for heard in one.messages:
            self._hear(heard["type"], heard["payload"])

    def _hear(self, kind: str, payload: dict[str, Any]) -> None:
        name = kind.partition(".")[0]
        if kind.endswith(".update"):
            assert payload["seq"] == self.seen[name][1] + 1
            self.updates[name].append(payload)
        else:
            assert payload["status"] == "ok"
            known = self.seen.get(name)
            assert payload["recovered"] == (known is not None)
            assert known is None or known == (payload["epoch"], payload["seq"])
        self.seen[name] = payload["epoch"], payload["seq"]


async def trade(stage: Stage, chance: random.Random) -> None:
    """Orders, fills and cancels for ever, some in the same turn, some apart."""
    while True:
        price = 1 + chance.randint(800, 900) / 10_000
        await stage.quote("EURUSD", f"{price:.4f}", f"{price + 0.0001:.4f}")
        with suppress(TradingError):
            placed = await stage.buy("EURUSD", 1_000, limit=f"{price - 0.01:.4f}")
            await stage.place(chance.choice(tuple(Side)), "EURUSD", 1_000)
            await stage.service.cancel(TRADER, "alice", placed.order_id or "")
        await asyncio.sleep(chance.choice((0, 0, 0.001, 0.005)))


@pytest.mark.parametrize("cuts", [100, pytest.param(1_000, marks=pytest.mark.long)])
async def test_a_client_cut_anywhere_ends_with_what_the_server_told(cuts: int) -> None:
    chance, kept, client = random.Random(cuts), Kept(), Client()
    for begin in range(0, cuts, RESTART_EVERY):
        async with kept.served() as (stage, port):
            if begin == 0:
                await client.listen(port, 100_000)
            trader = asyncio.create_task(trade(stage, chance))
            for _ in range(min(RESTART_EVERY, cuts - begin)):
                await client.listen(port, chance.choice((100, 800, 3_000, 12_000)) + chance.randint(0, 1_000))
            trader.cancel()
            with suppress(asyncio.CancelledError):
                await trader
            assert stage.failures == []
    async with kept.served() as (_, port):
        await client.listen(port, 10_000_000, patience=1)

    told = await kept.told()
    for name in NETTED:
        assert len(told[name]) > cuts / 10
        assert client.updates[name] == told[name]


async def test_a_killed_server_resumes_its_clients_when_it_is_back(tmp_path: Path) -> None:
    """The real one, over its journal's file."""
    account, heard = {"accountId": "DEMO-ACCOUNT"}, dict[str, Any]()
    server = await ServerProcess.start(tmp_path / "state")
    try:
        async with talking(server) as (caller, client):
            for name in NETTED:
                heard[name] = [await caller.ask(f"{name}.subscribe", **account)]
            order = {"symbol": "DEMO:BTCUSD", "type": 2, "side": 1, "qty": "0.1"}
            placed = await client.post("/api/v1/broker/accounts/DEMO-ACCOUNT/orders", json=order)
            assert placed.status_code == 200, placed.text
            while not heard["positions"][1:]:
                update = await caller.hear()
                heard[update["type"].partition(".")[0]].append(update["payload"])
        server.kill()
        await server.gone()
        server = await ServerProcess.start(tmp_path / "state")
        async with talking(server) as (caller, _):
            for name in NETTED:
                first, *missed = heard[name]
                answer = await caller.ask(f"{name}.subscribe", **account, epoch=first["epoch"], seq=first["seq"])
                assert (answer["recovered"], answer["seq"]) == (True, first["seq"])
                assert missed and [(await caller.hear())["payload"] for _ in missed] == missed
    finally:
        server.kill()
        await server.gone()


@asynccontextmanager
async def talking(server: ServerProcess) -> AsyncIterator[tuple[Caller, httpx.AsyncClient]]:
    address = server.url.replace("http", "ws", 1) + "/api/v1/ws"
    async with websockets.connect(address) as connection, httpx.AsyncClient(base_url=server.url) as client:
        yield Caller(connection), client
