"""Plays a recording on a house of its own and prints a digest of its facts: `determinism_run.py EVENTS FOLDER BATCH SEED`.

A burst of events is handed over while the disk is held up, so that the desks find as much waiting as their batch may take.
"""

import asyncio
import hashlib
import json
import random
import sqlite3
import sys
from collections import Counter
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from fakes import FakeClock, settle
from fakes_market import MONDAY, ScriptedMarket, an_instrument
from fakes_store import MemoryStore
from trading_api.core import desk
from trading_api.core.access import Principal
from trading_api.core.accounts import Accounts, Place
from trading_api.core.accounts import Path as ConversionPath
from trading_api.core.broker_service import BrokerService
from trading_api.core.datafeed_service import DatafeedService
from trading_api.core.fill_model import PRESETS
from trading_api.core.ports import Recorded
from trading_api.core.standing import USUAL
from trading_api.models.broker.account import AccountProfile, AccountRequest
from trading_api.models.broker.orders import OrderChange, OrderRequest
from trading_api.models.broker.positions import CloseRequest, ProtectRequest
from trading_api.models.errors import TradingError
from trading_api.models.facts import Fact
from trading_api.plugins.journal_sqlite import SqliteJournal
from trading_api.plugins.simulated.venue import SimulatedVenue

Event = dict[str, Any]  # as it stands in the recording

NAMES = ("EURUSD", "USDJPY", "BTCUSD")
ACCOUNTS = ("netting", "hedging", "euro")
REQUESTS = (
    AccountRequest(id="netting", balance=Decimal(50_000)),
    AccountRequest(id="hedging", balance=Decimal(50_000), position_mode="hedging"),
    AccountRequest(id="euro", balance=Decimal(50_000), currency="EUR"),
)
INSTRUMENTS = (
    an_instrument("EURUSD", commission={"perUnit": "0.00003"}, swap={"long": "-0.00008", "short": "0.00004"}),
    an_instrument("USDJPY", tick_size="0.001", pip_size="0.01"),
    an_instrument("BTCUSD", tick_size="0.01", pip_size="0.01", margin_rate="0.0001"),
)
BURST = 40
TRADER = Principal("trader", frozenset({"read", "trade", "admin"}))


class HeldJournal:
    """A journal whose disk can be held up."""

    def __init__(self, inner: SqliteJournal) -> None:
        self._inner = inner
        self.free = asyncio.Event()
        self.free.set()
        self.largest = 0

    @property
    def id(self) -> str:
        return self._inner.id

    async def append(self, account_id: str, after: int, facts: Sequence[Fact]) -> None:
        await self.free.wait()
        self.largest = max(self.largest, len(facts))
        await self._inner.append(account_id, after, facts)

    def read(self, account_id: str, after: int = 0) -> AsyncIterator[Recorded]:
        return self._inner.read(account_id, after)

    async def last(self, account_id: str) -> Recorded | None:
        return await self._inner.last(account_id)

    async def accounts(self) -> Sequence[str]:
        return await self._inner.accounts()

    async def close(self) -> None:
        await self._inner.close()


class House:
    def __init__(self, folder: Path, seed: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / "journal.sqlite"
        clock = FakeClock(MONDAY)
        self.market = ScriptedMarket(instruments=INSTRUMENTS)
        self.prices = DatafeedService([self.market], clock, "process")
        self.journal = HeldJournal(SqliteJournal(self.path, clock))

        def venue(profile: AccountProfile, path: ConversionPath) -> SimulatedVenue:
            chance = random.Random(f"{seed}/{profile.id}")
            model = PRESETS["retail-fx"]._replace(slipping=0.5)
            return SimulatedVenue(instrument=self.prices.instrument, path=path, random=chance, model=model, levels=USUAL)

        def failed(name: str, error: BaseException) -> None:
            raise AssertionError(f"{name} failed") from error

        place = Place(self.journal, MemoryStore(), self.prices, clock, venue, "process", failed)
        self.service = BrokerService(Accounts(place, REQUESTS), self.prices)
        self.asked: list[asyncio.Task[None]] = []

    async def burst(self, events: Sequence[Event]) -> None:
        """Hand them over while nothing is flushed; then let everything be decided."""
        self.journal.free.clear()
        for event in events:
            self.market.set_now(self.market.now() + event["wait"])
            await settle()
            if event["do"] == "tick":
                await self.market.tell(event["name"], event["bid"], event["ask"], **sizes_of(event))
            else:
                self.asked.append(asyncio.create_task(self._ask(event)))
            await settle()
        self.journal.free.set()
        await asyncio.gather(*self.asked)
        self.asked.clear()
        for _ in range(3):  # a moment that has come by then is decided by then
            for account in ACCOUNTS:
                await self.service.catch_up(account)
            await settle()

    async def _ask(self, event: Event) -> None:
        command = self._command(event)
        if command is None:
            return
        try:
            await command
        except TradingError:
            return

    def _command(self, event: Event) -> Coroutine[Any, Any, object] | None:
        account, service = event["account"], self.service
        ledger = service.accounts.desk(account).ledger
        held, waiting = list(ledger.positions), list(ledger.orders)
        match event["do"]:
            case "place":
                terms = {key: value for key, value in event.items() if key not in ("wait", "account", "name", "do")}
                order = OrderRequest.model_validate({"symbol": event["name"], **terms})
                return service.place(TRADER, account, order)
            case "close" if held:
                return service.close_position(TRADER, account, held[event["pick"] % len(held)], CloseRequest())
            case "reverse" if held:
                return service.reverse_position(TRADER, account, held[event["pick"] % len(held)])
            case "protect" if held:
                protection = ProtectRequest.model_validate({"trailingStopPips": event["trailingStopPips"]})
                return service.protect_position(TRADER, account, held[event["pick"] % len(held)], protection)
            case "modify" if waiting:
                change = OrderChange.model_validate({"qty": event["qty"]})
                return service.modify(TRADER, account, waiting[event["pick"] % len(waiting)], change)
            case "cancel" if waiting:
                return service.cancel(TRADER, account, waiting[event["pick"] % len(waiting)])
            case "flatten":
                return service.flatten(TRADER, account, None)
            case _:
                return None


def sizes_of(event: Event) -> dict[str, Any]:
    return {"sizes": tuple(event["sizes"])} if event["sizes"] else {}


async def play(events: Sequence[Event], folder: Path, *, batch: int, seed: int) -> dict[str, Any]:
    desk.BATCH_MAX = batch
    house = House(folder, seed)
    await house.prices.start()
    await house.service.start()
    for start in range(0, len(events), BURST):
        await house.burst(events[start : start + BURST])
    await house.service.close()
    await house.prices.close()
    await house.journal.close()
    return told(house.path) | {"largest_flush": house.journal.largest}


def told(path: Path) -> dict[str, Any]:
    """A digest of all facts and of each account's, and what kinds there were."""
    whole, accounts, kinds = hashlib.sha256(), {}, Counter[str]()
    found = Counter[str]()
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT account, sequence, format, time, body FROM facts ORDER BY account, sequence")
        for account, *row in rows:
            text = json.dumps([account, *row]).encode()
            whole.update(text)
            accounts.setdefault(account, hashlib.sha256()).update(text)
            fact = json.loads(row[-1])
            kinds[fact["kind"]] += 1
            why = fact.get("explanation") or {}
            found["slipped"] += Decimal(why.get("slippage", "0")) > 0
            found["delayed"] += why.get("delay", 0) > 0
            found["partial"] += bool(why.get("partial"))
    digests = {account: one.hexdigest() for account, one in accounts.items()}
    return {"digest": whole.hexdigest(), "accounts": digests, "kinds": kinds, **found}


if __name__ == "__main__":
    recording, folder, batch, seed = sys.argv[1:]
    loaded = json.loads(Path(recording).read_text(encoding="utf-8"))
    print(json.dumps(asyncio.run(play(loaded, Path(folder), batch=int(batch), seed=int(seed)))))
