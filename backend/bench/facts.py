"""A data folder with a long history: a day's trading, again and again, in the demo account."""

import asyncio
from pathlib import Path

from bench import processes
from bench.paper import Paper, Trader
from trading_api.core.ledger import Ledger
from trading_api.plugins.clock import WallClock
from trading_api.plugins.journal_sqlite import SqliteJournal

ACCOUNT = "DEMO-ACCOUNT"
AT_ONCE = 1_000


async def a_journal_of(count: int, folder: Path) -> int:
    """How many facts it came to."""
    await asyncio.to_thread(_first_start, folder)
    journal = SqliteJournal(folder / "journal.sqlite", WallClock())
    ledger = Ledger(ACCOUNT)
    async for one in journal.read(ACCOUNT):
        ledger.apply(one.fact)
    paper = await asyncio.to_thread(Paper, ledger)
    trader = Trader(paper, begin=ledger.time)
    while ledger.sequence < count:
        before = ledger.sequence
        while len(paper.facts) < AT_ONCE:
            trader.step()
        await journal.append(ACCOUNT, before, paper.facts)
        paper.facts.clear()
        trader.inputs.clear()
    await journal.close()
    return ledger.sequence


def _first_start(folder: Path) -> None:
    """Makes the accounts."""
    with processes.house(folder, pinned=False):
        pass
