"""What every venue promises: it changes nothing by looking, tells each order's life in order, and names what it tells of.

class TestMyVenue(VenueContract):
    @pytest.fixture
    async def counter(self) -> AsyncIterator[Counter]: ...
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from decimal import Decimal

import pytest

from trading_api.core.ids import CountedIds
from trading_api.core.ledger import Ledger
from trading_api.core.ports import Venue
from trading_api.models.broker.account import AccountProfile
from trading_api.models.broker.orders import OrderChange, OrderRequest, OrderStatus
from trading_api.models.errors import TradingError
from trading_api.models.facts import Configured, Executed, Fact, Requested

PROFILE = AccountProfile(
    id="alice", name="Alice", currency="USD", leverage=Decimal(30), markets=("DEMO",), opening_balance=Decimal(100_000)
)


@dataclass
class Counter:
    """The desk's part, kept small: it journals into a list, folds, and asks the venue."""

    venue: Venue
    symbol: str
    show: Callable[[str, str], Awaitable[tuple[Fact, ...]]]
    """Let the market show a bid and an ask; the facts that came of it."""
    now: Callable[[], int]
    ledger: Ledger = field(default_factory=lambda: Ledger("alice"))
    facts: list[Fact] = field(default_factory=list)
    told: AsyncIterator[tuple[Fact, ...]] | None = None

    async def open(self) -> "Counter":
        if not self.facts:
            self.fold((Configured(time=self.now(), profile=PROFILE),))
        self.ids = CountedIds(self.ledger)
        self.told = self.venue.facts(self.ledger, self.ids)
        self.fold(await anext(self.told))
        return self

    def fold(self, facts: tuple[Fact, ...]) -> None:
        for fact in facts:
            self.ledger.apply(fact)
        self.facts.extend(facts)

    async def ask(self, command: Requested) -> tuple[Fact, ...]:
        at = max(self.now(), self.ledger.time)
        self.venue.check(command, at)
        self.fold((command,))
        facts = await self.venue.submit(command, at)
        self.fold(facts)
        return facts

    async def place(self, **terms: object) -> str:
        order = OrderRequest.model_validate({"symbol": self.symbol, "type": 2, "side": 1, "qty": 1_000} | terms)
        command = Requested(time=self._time, action="place", order_id=self.ids.order(), order=order)
        await self.ask(command)
        return command.order_id

    async def modify(self, order_id: str, **changes: object) -> None:
        change = OrderChange.model_validate(changes)
        await self.ask(Requested(time=self._time, action="modify", order_id=order_id, change=change))

    async def cancel(self, order_id: str) -> None:
        await self.ask(Requested(time=self._time, action="cancel", order_id=order_id))

    async def price(self, bid: str, ask: str) -> None:
        self.fold(await self.show(bid, ask))

    @property
    def _time(self) -> int:
        return max(self.now(), self.ledger.time)

    def status(self, order_id: str) -> OrderStatus:
        ended = {one.id: one for one in self.ledger.ended}
        return (self.ledger.orders.get(order_id) or ended[order_id]).status


class VenueContract:
    """A subclass has an async fixture `counter`: open, with 1.0850 / 1.0851 shown."""

    async def test_checking_changes_nothing(self, counter: Counter) -> None:
        order = OrderRequest.model_validate({"symbol": counter.symbol, "type": 2, "side": 1, "qty": 1_000})
        command = Requested(time=counter.now(), action="place", order_id="o1", order=order)
        for _ in range(3):
            counter.venue.check(command, counter.now())
        await counter.place()
        assert len(counter.ledger.executions) == 1

    async def test_a_market_order_is_accepted_before_it_is_executed(self, counter: Counter) -> None:
        order_id = await counter.place()
        kinds = [one.kind for one in counter.facts]
        assert kinds == ["configured", "requested", "accepted", "executed"]
        assert counter.status(order_id) is OrderStatus.FILLED
        (execution,) = counter.ledger.executions
        assert (execution.order_id, execution.quantity, execution.price) == (order_id, 1_000, Decimal("1.0851"))
        assert execution.position_id in counter.ledger.positions

    async def test_a_pending_order_waits_is_changed_and_cancelled(self, counter: Counter) -> None:
        order_id = await counter.place(type=1, limitPrice="1.0800")
        assert counter.status(order_id) is OrderStatus.WORKING
        await counter.modify(order_id, limitPrice="1.0810", qty=2_000)
        order = counter.ledger.orders[order_id]
        assert (order.limit_price, order.quantity) == (Decimal("1.0810"), 2_000)
        await counter.cancel(order_id)
        assert counter.status(order_id) is OrderStatus.CANCELED
        await counter.price("1.0700", "1.0701")
        assert not counter.ledger.executions

    async def test_brackets_wake_with_the_fill_and_one_cancels_the_other(self, counter: Counter) -> None:
        order_id = await counter.place(takeProfit="1.0900", stopLoss="1.0800")
        (position_id,) = counter.ledger.positions
        takes, stops = counter.ledger.brackets_of(counter.ledger.positions[position_id])
        await counter.price("1.0905", "1.0906")
        assert (counter.status(takes.id), counter.status(stops.id)) == (OrderStatus.FILLED, OrderStatus.CANCELED)
        assert counter.status(order_id) is OrderStatus.FILLED and not counter.ledger.positions

    async def test_what_it_tells_never_goes_back_in_time_and_names_no_fill_twice(self, counter: Counter) -> None:
        for n in range(5):
            await counter.place(side=1 if n % 2 else -1, qty=1_000 * (n + 1))
            await counter.price(f"1.08{50 + n}", f"1.08{51 + n}")
        times = [one.time for one in counter.facts]
        assert times == sorted(times)
        names = [one.execution_id for one in counter.facts if isinstance(one, Executed)]
        assert len(names) == len(set(names)) == 5

    async def test_a_refused_command_is_refused_before_it_is_submitted(self, counter: Counter) -> None:
        facts = len(counter.facts)
        with pytest.raises(TradingError):
            await counter.place(qty=1_000_000_000)
        with pytest.raises(TradingError):
            await counter.cancel("o99")
        assert len(counter.facts) == facts

    async def test_after_the_first_batch_the_stream_waits_for_news(self, counter: Counter) -> None:
        assert counter.told is not None
        later = asyncio.ensure_future(anext(counter.told))
        done, _ = await asyncio.wait({later}, timeout=0.01)
        assert not done
        later.cancel()
