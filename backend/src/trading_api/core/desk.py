"""The desk: one account, its venue, its ledger, and the one task that may change it.

Everything that can change the account is an input of one queue: commands, ticks, moments, the venue's facts. The task takes
what waits, decides each input with the earlier ones decided, writes the facts of all of them in one flush, and only then folds
them into the ledger, announces them and answers. So what a reader sees has survived, and no answer leaves before the flush.

A desk that fails stops alone: its journal cannot be folded, or a rule of its books is broken. It says why on its connection and
in answer to every command, and other desks never notice. Only a failed flush (`Stopped`, told through `failed`) concerns all.

It does not check an order's own shape (core/orders.py, done before), never decides a fill (the venue) and knows no topic
(core/announcer.py).
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from typing import assert_never

from trading_api.core.announcer import Announcer
from trading_api.core.confirmations import Confirmations
from trading_api.core.desk_inputs import Ask, Batch, Caught, Execute, Input, Ticked, Told, Unheard, Woken
from trading_api.core.equity_samples import EquitySampler
from trading_api.core.failures import Unreadable, sentence
from trading_api.core.ids import CountedIds
from trading_api.core.inspection import Inspection
from trading_api.core.ledger import Ledger
from trading_api.core.missing_prices import await_prices
from trading_api.core.money import Leg, Rates
from trading_api.core.outgoing import Outgoing, silence, unchanged
from trading_api.core.ports import Journal, NoSnapshots, Snapshots, Venue
from trading_api.core.possible import check_possible, executed
from trading_api.core.repeats import first_answer, is_repeat
from trading_api.core.snapshot_keeper import SnapshotKeeper
from trading_api.core.valuation import Valuation
from trading_api.core.watch import Prices, Watch
from trading_api.core.worth import NewestQuotes, Worth
from trading_api.models.broker.account import AccountProfile, EquityData
from trading_api.models.broker.connection import BrokerConnection, ConnectionStatus
from trading_api.models.common import CommandAnswer
from trading_api.models.errors import Stopped, TradingError, TryLater
from trading_api.models.facts import Command, Configured, Fact, Requested
from trading_api.models.market.quotes import Quote
from trading_api.models.sockets import RESUME_FACTS_MAX

INPUTS_MAX = 1_000
"""Inputs waiting for the task. Beyond it commands are told to come back and ticks wait, which slows the market's pump."""
BATCH_MAX = 64
"""Inputs decided for one flush: as many orders hold the loop for some 30 ms."""


class Desk:
    """`start` before use. `ledger` is what has survived and been announced; read it freely, change it never."""

    def __init__(
        self,
        account_id: str,
        *,
        venue: Venue,
        journal: Journal,
        prices: Prices,
        path: Callable[[str, str], tuple[Leg, ...] | None],
        now: Callable[[], int],
        wall: Callable[[], int],
        process_epoch: str,
        failed: Callable[[BaseException], None],
        sleep: Callable[[float], Awaitable[None]],
        sampler: EquitySampler | None = None,
        snapshots: Snapshots | None = None,
    ) -> None:
        self.account_id = account_id
        self.ledger = Ledger(account_id)
        self._venue = venue
        self._journal = journal
        self._snapshots = SnapshotKeeper(self.ledger, journal, snapshots or NoSnapshots())
        self._prices = prices
        self._now = now
        self._wall = wall
        self._sleep = sleep
        self._failed = failed
        self._sampler = sampler
        self._quotes = NewestQuotes()
        self._rates = rates = Rates(path, self._quotes)
        self._valuation = Valuation(self.ledger, quotes=self._quotes, rates=rates, instrument=prices.instrument)
        self._worth = Worth(self.ledger, self._valuation, self._quotes)
        self.confirmations = Confirmations(wall)
        self._watch = Watch(
            self.ledger,
            prices=prices,
            rates=rates,
            hand=self._hand,
            wake=self._wake,
            forget=self._quotes.forget,
            spawn=self._spawn,
        )
        self.topics = Announcer(
            self.ledger,
            journal_id=journal.id,
            process_epoch=process_epoch,
            equity=self.equity,
            connection=self.connection,
        )
        self._queue: asyncio.Queue[Input] = asyncio.Queue(INPUTS_MAX)
        self._outgoing = Outgoing(venue, sleep, self._queue.put)
        self._tasks: set[asyncio.Task[None]] = set()
        self._ids = CountedIds(self.ledger)
        self._stopped: str | None = None
        self._waits: str | None = None
        self._folded = False
        self.failure: BaseException | None = None

    # Life

    async def start(self, profile: AccountProfile) -> None:
        """Fold the journal, show the venue the open book, begin. An account without facts begins with `profile`."""
        await self._fold()
        self._ids = CountedIds(self.ledger)
        told = self._venue.facts(self.ledger, self._ids)
        restated = await anext(told)
        self._spawn(self._run())
        self._spawn(self._hear(told))
        await self._queue.put(Told(restated))
        if self.ledger.profile is None:
            await self.ask(Configured(time=self._now(), profile=profile))
        await self._queue.put(Woken(self._now()))
        try:
            await self._watch.listen(sorted(self._watch.needed()))
        except TryLater as missing:
            self._waits = sentence(missing)
            self._spawn(self._begin_later())
        else:
            await self._begin()

    async def _begin(self) -> None:
        await self._queue.put(Woken(self._now()))
        await self.catch_up()

    async def _begin_later(self) -> None:
        """A symbol it holds has no price: until there is one it takes no commands and says why."""
        self.topics.tell_connection()
        await await_prices(self._watch, self._sleep)
        self._waits = None
        self.topics.tell_connection()
        await self._begin()

    async def _fold(self) -> None:
        reached = 0
        try:
            recalled = await self._snapshots.begin() - RESUME_FACTS_MAX
            async for recorded in self._journal.read(self.account_id, self.ledger.sequence):
                reached = recorded.sequence
                if reached > recalled:
                    self.topics.recall(recorded.fact)
                else:
                    self.ledger.apply(recorded.fact)
                self._snapshots.step()
        except Stopped as damage:
            raise Unreadable(str(damage)) from damage
        except Exception as error:
            message = f"expected fact {reached} of account {self.account_id} to follow from those before it"
            raise Unreadable(f"{message}, found: {sentence(error)}") from error
        self._folded = True

    async def close(self) -> None:
        """End; whoever still waits for an answer is told to come back."""
        self._stopped = self._stopped or "it was closed"
        await self._watch.close()
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        while not self._queue.empty():
            self._give_up(self._queue.get_nowait())
        if self.failure is None:
            await self._snapshots.keep()

    def _spawn(self, work: Coroutine[object, object, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None and self.failure is None:
            self.fail(error)

    def fail(self, error: BaseException) -> None:
        """Stop: answer nobody wrongly, and say why."""
        self.failure = error
        self._stopped = sentence(error)
        self._watch.release()
        self.topics.tell_connection()
        while not self._queue.empty():
            self._give_up(self._queue.get_nowait())
        self._failed(error)

    @property
    def profile(self) -> AccountProfile | None:
        """As folded; None when that failed."""
        return self.ledger.profile if self._folded else None

    @property
    def live(self) -> bool:
        return self._venue.capabilities.live

    @property
    def trouble(self) -> str | None:
        """Why it has stopped by itself."""
        return self._waits if self.failure is None else sentence(self.failure)

    def expect_running(self) -> None:
        """Raises TryLater, with the reason, when commands can no longer be decided."""
        if self._stopped is not None or self._waits is not None:
            raise self._closed()

    def expect_folded(self) -> None:
        """Raises TryLater when the ledger does not show what the journal holds."""
        if not self._folded:
            raise self._closed()

    def _give_up(self, one: Input) -> None:
        if isinstance(one, Ask | Execute) and not one.answer.done():
            one.answer.set_exception(self._closed())
        if isinstance(one, Caught) and not one.up.done():
            one.up.set_exception(self._closed())

    def _closed(self) -> TryLater:
        why = self._stopped or self._waits
        return TryLater("account_stopped", f"Expected account {self.account_id} to be running, it stopped: {why}")

    # Commands

    async def ask(self, command: Command, symbol: str | None = None) -> CommandAnswer:
        """Decide a command and answer after its flush. Raises the refusal, or TryLater when the desk is overloaded."""
        self.expect_running()
        symbols = self._watch.symbols_of(symbol) if symbol else ()
        with self._watch.needing(symbols):
            await self._watch.listen(symbols)
            at = self._prices.now(symbol) if symbol else self._now()
            return await self._put(Ask(command, symbol, at, asyncio.get_running_loop().create_future()))

    async def execute(self, order_id: str) -> CommandAnswer:
        """Fill an order on demand: for a simulation that waits to be told."""
        return await self._put(Execute(order_id, self._now(), asyncio.get_running_loop().create_future()))

    async def catch_up(self) -> None:
        """Returns when every price and moment handed on so far has been decided, flushed and announced."""
        self.expect_running()
        up: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        await self._queue.put(Caught(up))
        self.expect_running()
        await up

    async def _put(self, question: Ask | Execute) -> CommandAnswer:
        self.expect_running()
        try:
            self._queue.put_nowait(question)
        except asyncio.QueueFull:
            message = f"Expected at most {INPUTS_MAX} commands and prices to be waiting, found more; try again"
            raise TryLater("busy", message) from None
        return await question.answer

    # Reads

    async def inspect(self, symbol: str | None = None) -> Inspection:
        """The account with the symbol's prices at hand and everything before decided; for what is asked and changes nothing."""
        self.expect_running()
        with self._watch.needing(symbols := self._watch.symbols_of(symbol) if symbol else ()):
            await self._watch.listen(symbols)
            await self.catch_up()
        at = self._prices.now(symbol) if symbol else self._now()
        return Inspection(self.ledger, self._valuation, self._rates, self._quotes, self._prices.instrument, self._venue, at)

    def equity(self) -> EquityData:
        return self._worth.told(time=max(self.ledger.time, self._now()))

    def connection(self) -> BrokerConnection:
        why = self._stopped or self._waits
        status, message = (ConnectionStatus.ERROR, why) if why else (ConnectionStatus.CONNECTED, "Connected")
        return BrokerConnection(account_id=self.account_id, status=status, message=message, timestamp=self._wall())

    # The one task

    async def _run(self) -> None:
        while True:
            inputs = [await self._queue.get()]
            try:
                if isinstance(inputs[0], Ask):
                    await self._sleep(0)  # so that commands which come in the same moment share its flush
                while len(inputs) < BATCH_MAX and not self._queue.empty():
                    inputs.append(self._queue.get_nowait())
                await self._round(inputs)
            except BaseException as error:
                self._stopped = self._stopped or sentence(error)
                for one in inputs:
                    self._give_up(one)
                raise

    async def _round(self, inputs: Sequence[Input]) -> None:
        batch = Batch()
        for one in inputs:
            await self._decide(one, batch)
        first = self.ledger.sequence
        if batch.facts:
            await self._journal.append(self.account_id, first, batch.facts)
        self._folded = False
        for fact in batch.facts:
            self.topics.apply(fact)
            self._snapshots.step()
        if self._snapshots.due:
            self._spawn(self._snapshots.keep())
        self._folded = True
        self.topics.mark()
        batch.settle(first)
        for requested in batch.outgoing:
            for work in self._outgoing.follow(requested, self.ledger):
                self._spawn(work)
        self._watch.review(self._venue.due())
        if self._sampler and self._valuation.complete:
            self._sampler.see(self.ledger, batch.facts, now=self._now(), equity=self.equity)

    async def _decide(self, one: Input, batch: Batch) -> None:
        match one:
            case Ask():
                try:
                    await self._decide_command(one, batch)
                except TradingError as refusal:
                    batch.refused.append((one.answer, refusal))
            case Execute():
                try:
                    batch.facts.extend(executed(self._venue, one.order_id, one.at))
                    batch.accept(one.answer, order_id=one.order_id)
                except TradingError as refusal:
                    batch.refused.append((one.answer, refusal))
            case Ticked():
                self._quotes.remember(one.quote)
                batch.facts.extend(self._venue.tick(one.quote))
            case Woken():
                batch.facts.extend(self._venue.wake(one.time))
            case Told():
                batch.facts.extend(one.facts)
            case Unheard():
                batch.facts.extend(silence(self.ledger, one.command, batch.facts, self._now()))
            case Caught():
                batch.waiting.append(one.up)
            case _:
                assert_never(one)

    async def _decide_command(self, ask: Ask, batch: Batch) -> None:
        command, at, request_id = ask.command, ask.at, ask.command.request_id
        if request_id is not None and is_repeat(self.ledger, batch.asked, request_id, command):
            batch.done.append((ask.answer, lambda _: first_answer(self.ledger, request_id)))
            return
        if any(due.time <= at for due in self._venue.due()):
            batch.facts.extend(self._venue.wake(at))
        check_possible(self.ledger, command)
        self.confirmations.hold(command, self._quotes)
        self._venue.check(command, at)
        last = batch.facts[-1].time if batch.facts else self.ledger.time
        changes: dict[str, object] = {"time": at if isinstance(command, Configured) else max(at, last)}
        if isinstance(command, Requested) and command.order is not None:
            changes["order_id"] = self._ids.order()
        if isinstance(command, Configured):
            changes["profile"] = command.profile.model_copy(update={"generation": self._next_generation(batch)})
            self._quotes.clear()
        command = command.replaced(changes)
        batch.facts.append(command)
        if request_id is not None and command.body_hash is not None:
            batch.asked[request_id] = command.body_hash
        requested = command if isinstance(command, Requested) else None
        if self._venue.capabilities.immediate:
            batch.facts.extend(await self._venue.submit(command, at))
        elif requested:
            batch.facts.extend(unchanged(self.ledger, requested))
        self.confirmations.use(command)
        batch.admit(ask.answer, requested)

    def _next_generation(self, batch: Batch) -> int:
        begun = [self.ledger.profile, *(one.profile for one in batch.facts if isinstance(one, Configured))]
        return max((one.generation + 1 for one in begun if one is not None), default=0)

    # A venue outside the house

    async def _hear(self, told: AsyncIterator[tuple[Fact, ...]]) -> None:
        async for facts in told:
            await self._queue.put(Told(facts))

    # Prices and moments: they wait when the desk is behind, so that nothing is lost; one that has stopped holds up nobody

    async def _hand(self, quote: Quote) -> None:
        if self._stopped is None:
            await self._queue.put(Ticked(quote))

    async def _wake(self, time: int) -> None:
        if self._stopped is None:
            await self._queue.put(Woken(time))
