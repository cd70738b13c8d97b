"""An account in process, decided and folded as a desk does it: check, submit or tick, fold every fact a second time.

A trader makes the inputs, the same ones each time: nine ticks, then a command of a day's mix. They are recorded once, so that
making them is not measured.
"""

import asyncio
import random
from collections.abc import Sequence
from decimal import Decimal
from functools import cache
from typing import NamedTuple

from trading_api.core.ids import CountedIds
from trading_api.core.ledger import Ledger
from trading_api.core.money import Leg, conversion_path
from trading_api.models.broker.account import AccountProfile
from trading_api.models.broker.orders import OrderChange, OrderRequest, OrderType, PlacedOrder, Side
from trading_api.models.errors import TradingError
from trading_api.models.facts import Command, Configured, Fact, Requested
from trading_api.models.market.instruments import Instrument
from trading_api.models.market.quotes import Quote
from trading_api.plugins.simulated.venue import SimulatedVenue
from trading_api.plugins.synthetic.instruments import demo_listings

SYMBOLS = ("DEMO:BTCUSD", "DEMO:EURUSD", "DEMO:USDJPY", "DEMO:XAUUSD")
LISTINGS = {one.instrument.id: one for one in demo_listings("DEMO")}
INSTRUMENTS: dict[str, Instrument] = {symbol: one.instrument for symbol, one in LISTINGS.items()}
BEGIN = 1_718_200_800_000
"""A Wednesday afternoon, when all four trade."""
STEP_MS = 40
TICKS_PER_COMMAND = 9
OPEN_ORDERS = 12
"""About so many orders work at a time."""


@cache
def _path(source: str, target: str) -> tuple[Leg, ...] | None:
    return conversion_path(source, target, INSTRUMENTS.values())


class Paper:
    """One account. `ledger` is folded from `facts` alone."""

    def __init__(self, ledger: Ledger, instruments: dict[str, Instrument] = INSTRUMENTS) -> None:
        self.ledger = ledger
        self.ids = CountedIds(ledger)
        self.facts: list[Fact] = []
        venue = SimulatedVenue(instrument=instruments.__getitem__, path=_path, random=random.Random(1))
        asyncio.run(_shown(venue, ledger, self.ids))
        self.engine = venue.engine

    def command(self, command: Command, at: int) -> None:
        self.engine.admission.check(command, at)
        changes: dict[str, object] = {"time": max(at, self.ledger.time)}
        if isinstance(command, Requested) and not command.order_id:
            changes["order_id"] = self.ids.order()
        command = command.replaced(changes)
        self._fold((command, *self.engine.submit(command, at)))

    def tick(self, quote: Quote) -> None:
        self._fold(self.engine.tick(quote))

    def _fold(self, facts: Sequence[Fact]) -> None:
        for fact in facts:
            self.ledger.apply(fact)
        self.facts.extend(facts)


async def _shown(venue: SimulatedVenue, ledger: Ledger, ids: CountedIds) -> None:
    await anext(venue.facts(ledger, ids))


class Told(NamedTuple):
    """A command at its moment."""

    command: Command
    at: int


Recorded = Quote | Told


def opened(balance: int = 1_000_000, leverage: int = 30) -> Configured:
    profile = AccountProfile(
        id="BENCH",
        name="Bench",
        currency="USD",
        leverage=Decimal(leverage),
        markets=("DEMO",),
        opening_balance=Decimal(balance),
    )
    return Configured(time=BEGIN, profile=profile)


class Trader:
    """Trades a paper account and remembers what it was told. `begin` is the first moment."""

    def __init__(self, paper: Paper, *, begin: int = BEGIN, seed: int = 7) -> None:
        self.paper = paper
        self.inputs: list[Recorded] = []
        self._chance = random.Random(seed)
        self._now = begin
        self._prices = {symbol: LISTINGS[symbol].typical_price for symbol in SYMBOLS}
        self._quotes: dict[str, Quote] = {}

    def step(self) -> None:
        """Nine ticks and a command."""
        for number in range(TICKS_PER_COMMAND):
            self._tick(SYMBOLS[(len(self.inputs) + number) % len(SYMBOLS)])
        if len(self._quotes) == len(SYMBOLS):
            self._command()

    def _tick(self, symbol: str) -> None:
        tick = INSTRUMENTS[symbol].tick_size
        self._now += STEP_MS
        self._prices[symbol] += tick * self._chance.randint(-6, 6)
        bid = self._prices[symbol]
        bid_size, ask_size = (INSTRUMENTS[symbol].quantity_min * self._chance.randint(2, 40) for _ in range(2))
        quote = Quote(symbol=symbol, time=self._now, bid=bid, ask=bid + 4 * tick, bid_size=bid_size, ask_size=ask_size)
        self._quotes[symbol] = quote
        self.inputs.append(quote)
        self.paper.tick(quote)

    def _command(self) -> None:
        told = Told(self._chosen(), self._now)
        try:
            self.paper.command(told.command, told.at)
        except TradingError:
            return  # a price had moved; the trader looks again
        self.inputs.append(told)

    def _chosen(self) -> Command:
        working = [one for one in self.paper.ledger.orders.values() if one.bracket is None]
        kind = self._chance.random()
        if len(working) > OPEN_ORDERS or (working and kind < 0.12):
            return self._asks("cancel", order_id=self._chance.choice(working).id)
        limits = [one for one in working if one.limit_price is not None]
        if limits and kind < 0.27:
            return self._modification(self._chance.choice(limits))
        if self.paper.ledger.positions and kind < 0.42:
            return self._close()
        symbol = self._chance.choice(SYMBOLS)
        return self._order(symbol, limit=kind < 0.75, brackets=kind > 0.85 or kind < 0.5)

    def _asks(self, action: str, **fields: object) -> Requested:
        return Requested.model_validate({"time": self._now, "action": action, **fields})

    def _order(self, symbol: str, *, limit: bool, brackets: bool) -> Requested:
        side, tick, quote = self._chance.choice((Side.BUY, Side.SELL)), INSTRUMENTS[symbol].tick_size, self._quotes[symbol]
        away = tick * self._chance.randint(4, 60)
        entry = (quote.bid if side is Side.BUY else quote.ask) - side * away if limit else quote.mid // tick * tick
        order = OrderRequest(
            symbol=symbol,
            type=OrderType.LIMIT if limit else OrderType.MARKET,
            side=side,
            quantity=INSTRUMENTS[symbol].quantity_min * self._chance.randint(1, 3),
            limit_price=entry if limit else None,
            take_profit=entry + side * tick * self._chance.randint(60, 300) if brackets else None,
            stop_loss=entry - side * tick * self._chance.randint(60, 300) if brackets else None,
        )
        return self._asks("place", order_id="", order=order)

    def _modification(self, order: PlacedOrder) -> Requested:
        assert order.limit_price is not None
        nearer = order.limit_price + order.side * INSTRUMENTS[order.symbol].tick_size
        return self._asks("modify", order_id=order.id, change=OrderChange(limit_price=nearer))

    def _close(self) -> Requested:
        holding = self._chance.choice(list(self.paper.ledger.positions.values()))
        order = OrderRequest(
            symbol=holding.symbol,
            type=OrderType.MARKET,
            side=holding.side.opposite,
            quantity=abs(holding.quantity),
            is_close=True,
        )
        return self._asks("close", order_id="", position_id=holding.id, order=order)


def recorded(count: int) -> list[Recorded]:
    """So many inputs after the account's beginning."""
    trader = Trader(a_paper())
    while len(trader.inputs) < count:
        trader.step()
    return trader.inputs[:count]


def a_paper() -> Paper:
    paper = Paper(Ledger("BENCH"))
    paper.command(opened(), BEGIN)
    return paper


def play(paper: Paper, inputs: Sequence[Recorded]) -> None:
    for one in inputs:
        if isinstance(one, Quote):
            paper.tick(one)
        else:
            paper.command(*one)
