"""The simulated venue keeps the venue's promises, and takes up an account where another left it."""

import random
from collections.abc import AsyncIterator

import pytest

from contracts.venue_contract import Counter, VenueContract
from fakes_market import MONDAY, an_instrument
from trading_api.core.ledger import Ledger
from trading_api.models.broker.orders import OrderStatus
from trading_api.models.facts import Executed, Fact
from trading_api.models.market.quotes import Quote
from trading_api.plugins.simulated.venue import SimulatedVenue

EURUSD = an_instrument()


class Prices:
    """A second passes before each price."""

    def __init__(self) -> None:
        self.time = MONDAY

    def now(self) -> int:
        return self.time

    def next(self, bid: str, ask: str) -> Quote:
        self.time += 1_000
        return Quote.model_validate({"symbol": EURUSD.id, "time": self.time, "bid": bid, "ask": ask})


def _unseen(fact: Fact) -> Fact:
    """Without what only the venue that was there has seen: a position's extremes between its facts."""
    return fact.model_copy(update={"extremes": None}) if isinstance(fact, Executed) else fact


async def a_counter(prices: Prices, facts: list[Fact] | None = None) -> Counter:
    venue = SimulatedVenue(instrument=lambda _: EURUSD, path=lambda source, target: (), random=random.Random(1))

    async def show(bid: str, ask: str) -> tuple[Fact, ...]:
        return venue.tick(prices.next(bid, ask))

    counter = Counter(venue, EURUSD.id, show, prices.now)
    counter.fold(tuple(facts or ()))
    return await counter.open()


class TestSimulatedVenue(VenueContract):
    @pytest.fixture
    async def counter(self) -> AsyncIterator[Counter]:
        counter = await a_counter(Prices())
        await counter.price("1.0850", "1.0851")
        yield counter

    async def test_another_venue_adopts_the_open_book_and_goes_on_the_same(self, counter: Counter) -> None:
        await counter.place(takeProfit="1.0900", stopLoss="1.0800")
        waiting = await counter.place(type=1, limitPrice="1.0840")
        prices = Prices()
        prices.time = counter.now()
        other = await a_counter(prices, counter.facts)
        assert other.ledger.orders == counter.ledger.orders
        for each in (counter, other):
            await each.price("1.0835", "1.0836")
            await each.price("1.0790", "1.0791")
            assert each.status(waiting) is OrderStatus.FILLED and not each.ledger.positions
        assert [_unseen(one) for one in other.facts] == [_unseen(one) for one in counter.facts]
        assert vars(other.ledger) == vars(counter.ledger)

    async def test_it_keeps_its_own_ledger_apart_from_the_one_it_was_shown(self, counter: Counter) -> None:
        before = counter.ledger.sequence
        assert isinstance(counter.venue, SimulatedVenue)
        counter.venue.tick(Quote.model_validate({"symbol": EURUSD.id, "time": MONDAY + 5_000, "bid": "1", "ask": "1.1"}))
        assert counter.ledger.sequence == before
        shown: Ledger = counter.ledger
        assert counter.venue.engine.ledger is not shown
