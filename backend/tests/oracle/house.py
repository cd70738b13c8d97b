"""An engine in its house: a desk, its venue, its ledger and a journal on disk, driven a step at a time by a loop of its own.

It can be killed: then the journal keeps, or does not keep, what the desk was about to write, the desk is dropped as it stands,
and another one opens on the same file.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Coroutine, Sequence
from pathlib import Path
from typing import Literal, TypeVar

from fakes import FakeClock, settle
from oracle.bench import instrument_of, path
from oracle.seen import seen
from oracle.views import AccountView
from trading_api.core.desk import Desk
from trading_api.core.ledger import Ledger
from trading_api.core.orders import check_order
from trading_api.core.ports import Recorded
from trading_api.core.standing import UNGUARDED
from trading_api.core.watch import Listener
from trading_api.models.broker.account import AccountProfile
from trading_api.models.errors import TradingError
from trading_api.models.facts import Command, Fact, Requested
from trading_api.models.market.instruments import Instrument
from trading_api.models.market.quotes import Quote
from trading_api.plugins.journal_sqlite import SqliteJournal
from trading_api.plugins.simulated.venue import SimulatedVenue
from trading_api.plugins.snapshot_files import SnapshotFiles

ACCOUNT = "A1"
TURNS_MAX = 50
"""Moments that come one after another without time going by."""
Kept = Literal["kept", "lost"]
T = TypeVar("T")


class HandedPrices:
    """The desk's port `Prices`: whoever listens is handed each price as it is told."""

    def __init__(self, now: int) -> None:
        self._now = now
        self._moved = asyncio.Event()
        self._quotes: dict[str, Quote] = {}
        self._listeners: dict[str, Listener] = {}

    async def listen(self, symbol: str, listener: Listener, /) -> Quote:
        self._listeners[symbol] = listener
        return self._quotes[symbol]

    def unlisten(self, symbol: str, listener: Listener, /) -> None:
        self._listeners.pop(symbol, None)

    def now(self, symbol: str = "", /) -> int:
        return self._now

    async def until(self, symbol: str, time: int, /) -> None:
        while self._now < time:
            await self._moved.wait()

    def instrument(self, symbol: str, /) -> Instrument:
        return instrument_of(symbol)

    async def tell(self, quote: Quote) -> None:
        self._quotes[quote.symbol] = quote
        if listener := self._listeners.get(quote.symbol):
            await listener(quote)

    def move(self, time: int) -> None:
        self._now = time
        self._moved.set()
        self._moved = asyncio.Event()

    def drop(self) -> None:
        """Whoever listened is gone."""
        self._listeners.clear()


class MortalJournal:
    """A journal on disk before which a process can die: the next facts are written or not, and nobody is told."""

    def __init__(self, journal: SqliteJournal) -> None:
        self._journal = journal
        self.death: Kept | None = None
        self.died = asyncio.Event()

    @property
    def id(self) -> str:
        return self._journal.id

    async def append(self, account_id: str, after: int, facts: Sequence[Fact]) -> None:
        if self.death != "lost":
            await self._journal.append(account_id, after, facts)
        if self.death is not None:
            self.died.set()
            await asyncio.get_running_loop().create_future()

    def read(self, account_id: str, after: int = 0) -> AsyncIterator[Recorded]:
        return self._journal.read(account_id, after)

    async def last(self, account_id: str) -> Recorded | None:
        return await self._journal.last(account_id)

    async def mark(self, account_id: str, sequence: int) -> str | None:
        return await self._journal.mark(account_id, sequence)

    async def accounts(self) -> Sequence[str]:
        return await self._journal.accounts()

    async def close(self) -> None:
        await self._journal.close()


class House:
    """A stand of `Pair`. `killed` says that the last command or price did not live to be answered."""

    def __init__(self, profile: AccountProfile, begin: int, folder: Path) -> None:
        self._loop = asyncio.new_event_loop()
        self._profile = profile
        self._folder = folder
        self._clock = FakeClock(begin)
        self._prices = HandedPrices(begin)
        self.killed = False
        self.do(self._open())

    def do(self, work: Coroutine[object, object, T]) -> T:
        return self._loop.run_until_complete(work)

    async def _open(self) -> None:
        self._journal = MortalJournal(SqliteJournal(self._folder / "journal.db", self._clock))
        self._snapshots = SnapshotFiles(self._folder / "snapshots", "this code")
        # Unguarded: when a margin is looked at depends on which prices a desk hears; that is compared without a house.
        self._venue = SimulatedVenue(instrument=instrument_of, path=path, random=random.Random(1), levels=UNGUARDED)
        self.failures: list[BaseException] = []
        self.desk = Desk(
            ACCOUNT,
            venue=self._venue,
            journal=self._journal,
            prices=self._prices,
            path=path,
            now=self._prices.now,
            wall=self._clock.now,
            sleep=self._clock.sleep,
            process_epoch="one",
            failed=self.failures.append,
            snapshots=self._snapshots,
        )
        await self.desk.start(self._profile)
        await self._catch_up()

    # A stand

    @property
    def ledger(self) -> Ledger:
        return self.desk.ledger

    @property
    def facts(self) -> Sequence[Fact]:
        return self.do(self._written())

    async def _written(self) -> Sequence[Fact]:
        return [one.fact async for one in self._journal.read(ACCOUNT)]

    def ask(self, command: Command, at: int) -> TradingError | None:
        self.wake(at)
        try:
            if isinstance(command, Requested) and command.action == "place" and command.order:
                check_order(instrument_of(command.order.symbol), command.order)
            self.do(self._until_it_dies(self.desk.ask(command, self._symbol_of(command))))
        except TradingError as refusal:
            return refusal
        return None

    def _symbol_of(self, command: Command) -> str | None:
        """As the service finds it."""
        if not isinstance(command, Requested):
            return None
        if command.order is not None:
            return command.order.symbol
        there = self.ledger.orders.get(command.order_id) or self.ledger.positions.get(command.position_id or "")
        return there.symbol if there else command.symbol

    def tick(self, quote: Quote) -> None:
        self.wake(quote.time)
        self.do(self._until_it_dies(self._tell(quote)))

    async def _tell(self, quote: Quote) -> None:
        await self._prices.tell(quote)
        await self._catch_up()

    def wake(self, at: int) -> None:
        self.do(self._go_to(at))

    async def _go_to(self, at: int) -> None:
        """Each moment the venue waits for comes for itself."""
        for _ in range(TURNS_MAX):
            moments = sorted(due.time for due in self._venue.due() if due.time <= at)
            self._prices.move(max(self._prices.now(), moments[0] if moments else at))
            await self._catch_up()
            if not moments:
                return
        raise AssertionError(f"time did not get to {at}")

    async def _catch_up(self) -> None:
        await settle()
        await self.desk.catch_up()
        assert not self.failures, self.failures

    def view(self) -> AccountView:
        return seen(self.ledger, self.desk.equity())

    # Death

    async def _until_it_dies(self, work: Coroutine[object, object, object]) -> None:
        doing = asyncio.ensure_future(work)
        dying = asyncio.ensure_future(self._journal.died.wait())
        await asyncio.wait((doing, dying), return_when=asyncio.FIRST_COMPLETED)
        dying.cancel()
        if not doing.done():
            self.killed = True
            doing.cancel()
        await asyncio.gather(doing, return_exceptions=True)
        if not self.killed:
            doing.result()

    def doom(self, death: Kept) -> None:
        """The next facts are the last."""
        self._journal.death = death

    def kill(self) -> None:
        """Nothing is closed or told; what was written is all that is left."""
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self.do(settle())
        self._prices.drop()
        self.do(self._let_go())
        self.do(self._open())
        self.killed = False

    def restart(self) -> None:
        """In good order."""
        self.do(self.desk.close())
        self.do(self._let_go())
        self.do(self._open())

    async def _let_go(self) -> None:
        await self._journal.close()
        await self._snapshots.close()

    def close(self) -> None:
        self.do(self.desk.close())
        self.do(self._let_go())
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()
