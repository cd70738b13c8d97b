"""What a recorded account looks like when it is opened, and whether it still looks like that."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

from fakes import FakeClock
from fakes_journal import MemoryJournal
from fakes_market import MONDAY, ScriptedMarket, an_instrument
from scenarios.stage import TRADER, Stage, a_stage
from trading_api.core.ports import Journal
from trading_api.models.base import Model
from trading_api.models.broker.account import AccountRequest
from trading_api.plugins.journal_sqlite import SqliteJournal
from trading_api.plugins.store_sqlite import SqliteStore

ALICE = AccountRequest(id="alice", name="Alice", currency="USD", balance=Decimal(10_000))
YUKI = AccountRequest(id="yuki", name="Yuki 雪", currency="JPY", balance=Decimal(1_000_000))
EXPECTED = "expected.json"


Prices = Mapping[str, Sequence[str]]
"""Bid and ask by the symbol's bare name."""


@asynccontextmanager
async def a_broker(journal: MemoryJournal, store: SqliteStore, prices: Prices, *, now: int = MONDAY) -> AsyncIterator[Stage]:
    """The two accounts on their market. The journal in memory answers at once, so that a story needs no waiting."""
    dollar_yen = an_instrument("USDJPY", tick_size="0.001", pip_size="0.01")
    euro = an_instrument("EURUSD", commission={"rate": "0.00002"})
    market = ScriptedMarket(instruments=(euro, dollar_yen), now=now)
    for name, (bid, ask) in prices.items():
        await market.tell(name, bid, ask)
    async with a_stage(account=ALICE, others=(YUKI,), journal=journal, store=store, market=market) as stage:
        yield stage


def sqlite_journal(folder: Path) -> SqliteJournal:
    return SqliteJournal(folder / "journal.sqlite", FakeClock(MONDAY))


def sqlite_store(folder: Path) -> SqliteStore:
    return SqliteStore(folder / "store.sqlite")


async def copy_facts(source: Journal, target: Journal) -> None:
    for account_id in await source.accounts():
        await target.append(account_id, 0, [recorded.fact async for recorded in source.read(account_id)])


def state_of(stage: Stage) -> dict[str, Any]:
    """Everything that follows from the account's facts alone, as the house tells it."""
    ledger, service, name = stage.desk.ledger, stage.service, stage.account_id
    return {
        "sequence": ledger.sequence,
        "time": ledger.time,
        "balance": str(ledger.balance),
        "realized": str(ledger.realized),
        "issued": [ledger.orders_issued, ledger.executions_issued],
        "counts": ledger.counts,
        "profile": told(service.profile(TRADER, name)),
        "orders": [told(one) for one in service.orders(TRADER, name)],
        "history": [told(one) for one in reversed(ledger.ended)],
        "executions": [told(one) for one in ledger.executions],
        "positions": [told(one) for one in service.positions(TRADER, name)],
        "costs": {one.id: str(one.cost) for one in ledger.positions.values()},
    }


def told(model: Model) -> Any:
    return json.loads(model.model_dump_json(exclude_none=True))


def missing(expected: Any, found: Any, at: str = "") -> list[str]:
    """Where something recorded is gone or different. What later code tells in addition is no difference."""
    if isinstance(expected, dict) and isinstance(found, dict):
        return [text for key, value in expected.items() for text in missing(value, found.get(key), f"{at}.{key}")]
    if isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        return [
            text for number, pair in enumerate(zip(expected, found, strict=True)) for text in missing(*pair, f"{at}[{number}]")
        ]
    return [] if expected == found else [f"{at} was {expected}, found {found}"]
