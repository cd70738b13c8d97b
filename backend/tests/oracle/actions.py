"""Random trading: what a trader and a market might do, in terms relative to the moment, so that any sequence makes sense."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from hypothesis import strategies as st

from oracle.orders import HAS_LIMIT, HAS_STOP, Change, Order
from oracle.pair import Pair
from oracle.symbols import ACME, EURUSD, TERMS, USDJPY, day_end
from trading_api.models.broker.orders import FINAL, BracketKind, OrderType, Side

UNITS = {EURUSD.id: 1000, USDJPY.id: 101, ACME.id: 7}
LOWEST_BID_TICKS = 500


@dataclass(frozen=True)
class Tick:
    """The bid moves, in ticks; the ask lies `spread` above."""

    symbol: str
    move: int
    spread: int
    wait: int

    def play(self, pair: Pair) -> None:
        pair.wait(self.wait)
        tick = TERMS[self.symbol].tick
        bid = max(pair.oracle.prices[self.symbol].bid + self.move * tick, LOWEST_BID_TICKS * tick)
        pair.tick(self.symbol, bid, bid + self.spread * tick)


@dataclass(frozen=True)
class Touch:
    """The market comes to the price an open order waits for, or a tick or two short of it or beyond."""

    pick: int
    beyond: int
    spread: int
    wait: int

    def play(self, pair: Pair) -> None:
        pair.wait(self.wait)
        order = picked(pair, self.pick)
        if order is None:
            return
        tick = TERMS[order.symbol].tick
        price = (order.stop_price if order.stop_price and not order.triggered else order.limit_price) or order.take_profit
        if price is None:
            return
        reached = price + self.beyond * tick
        ask = reached if order.side is Side.BUY else reached + self.spread * tick
        bid = max(ask - self.spread * tick, LOWEST_BID_TICKS * tick)
        pair.tick(order.symbol, bid, bid + self.spread * tick)


@dataclass(frozen=True)
class Place:
    """Prices in ticks: the entry away from the market, to where it waits; the brackets away from the entry."""

    symbol: str
    type: OrderType
    side: Side
    units: int
    away: int
    limit_beyond: int
    take_profit: int | None
    stop_loss: int | None
    day: bool
    wait: int

    def play(self, pair: Pair) -> None:
        pair.wait(self.wait)
        tick = TERMS[self.symbol].tick
        market = pair.oracle.prices[self.symbol].taken_by(self.side)
        near = market + self.away * tick * self.side.value * (-1 if self.type is OrderType.LIMIT else 1)
        limit = near + (self.limit_beyond * tick if self.type is OrderType.STOP_LIMIT else 0)
        entry = limit if self.type in HAS_LIMIT else near if self.type in HAS_STOP else market
        order = Order(
            symbol=self.symbol,
            type=self.type,
            side=self.side,
            quantity=Fraction(self.units * UNITS[self.symbol]),
            limit_price=limit if self.type in HAS_LIMIT else None,
            stop_price=near if self.type in HAS_STOP else None,
            take_profit=None if self.take_profit is None else entry + self.side.value * self.take_profit * tick,
            stop_loss=None if self.stop_loss is None else entry - self.side.value * self.stop_loss * tick,
        )
        pair.place(order, day=self.day)


@dataclass(frozen=True)
class Modify:
    """`names` says what changes; prices move by `ticks` from where they are, or from the market."""

    pick: int
    names: frozenset[str]
    units: int
    ticks: int
    remove: bool
    wait: int

    def play(self, pair: Pair) -> None:
        pair.wait(self.wait)
        order = picked(pair, self.pick)
        if order is None:
            return
        values = {name: self.value(pair, order, name) for name in sorted(self.names & names_of(order))}
        if values:
            pair.modify(order.number, Change(values))

    def value(self, pair: Pair, order: Order, name: str) -> Fraction | int | None:
        tick = TERMS[order.symbol].tick
        if name == "quantity":
            return Fraction(self.units * UNITS[order.symbol])
        if name == "expires":
            return None if self.remove else day_end(pair.now)
        if name in ("take_profit", "stop_loss") and self.remove:
            return None
        price: Fraction = getattr(order, name) or pair.oracle.prices[order.symbol].mid // tick * tick
        return max(price + self.ticks * tick, tick)


@dataclass(frozen=True)
class Cancel:
    pick: int
    wait: int

    def play(self, pair: Pair) -> None:
        pair.wait(self.wait)
        order = picked(pair, self.pick)
        if order is not None:
            pair.cancel(order.number)


@dataclass(frozen=True)
class Close:
    """Thirds of the position; more than three is more than held, none is all of it by its own word."""

    symbol: str
    thirds: int | None
    wait: int

    def play(self, pair: Pair) -> None:
        pair.wait(self.wait)
        open_ones = [symbol for symbol in sorted(TERMS) if pair.oracle.held(symbol).signed != 0]
        symbol = self.symbol if self.symbol in open_ones or not open_ones else open_ones[0]
        step = TERMS[symbol].step
        held = abs(pair.oracle.held(symbol).signed)
        amount = None if self.thirds is None else max(held * self.thirds // 3 // step * step, step)
        pair.close(symbol, amount)


@dataclass(frozen=True)
class Fund:
    amount: int
    wait: int

    def play(self, pair: Pair) -> None:
        pair.wait(self.wait)
        pair.fund(Fraction(self.amount))


@dataclass(frozen=True)
class Pass:
    """A long time goes by; then every symbol shows its price again, or none does."""

    wait: int
    shows: bool

    def play(self, pair: Pair) -> None:
        pair.wait(self.wait)
        for symbol, prices in tuple(pair.oracle.prices.items()) if self.shows else ():
            pair.tick(symbol, prices.bid, prices.ask)


Action = Pass | Tick | Touch | Place | Modify | Cancel | Close | Fund


def play(pair: Pair, actions: Sequence[Action]) -> None:
    for action in actions:
        action.play(pair)


def picked(pair: Pair, pick: int) -> Order | None:
    """Usually an open order, sometimes one that has ended."""
    orders = pair.oracle.orders
    still_open = [order for order in orders if order.status not in FINAL]
    choice = still_open if still_open and pick % 7 else orders
    return choice[pick % len(choice)] if choice else None


def names_of(order: Order) -> set[str]:
    """What can be asked of such an order."""
    if order.bracket is not None:
        return {"limit_price" if order.bracket is BracketKind.TAKE_PROFIT else "stop_price"}
    names = {"quantity", "take_profit", "stop_loss", "expires"}
    if order.type in HAS_LIMIT:
        names.add("limit_price")
    if order.type in HAS_STOP and not order.triggered:
        names.add("stop_price")
    return names


symbols = st.sampled_from([EURUSD.id, USDJPY.id, ACME.id])
waits = st.sampled_from([0] * 8 + [1, 1000, 3000])
near = st.integers(-12, 12)
distances = near | st.integers(-100, 100) | st.integers(-300, 300)
outwards = st.integers(1, 20) | st.integers(1, 80) | st.integers(-2, 300)
units = st.integers(1, 30) | st.integers(1, 150)

ticks = st.builds(Tick, symbols, distances, st.integers(0, 20), waits)
touches = st.builds(Touch, st.integers(0, 1000), st.integers(-2, 2), st.integers(0, 20), waits)
places = st.builds(
    Place,
    symbols,
    st.sampled_from(OrderType),
    st.sampled_from(Side),
    units,
    outwards,
    near,
    st.none() | outwards,
    st.none() | outwards,
    st.booleans(),
    waits,
)
modifications = st.builds(
    Modify,
    st.integers(0, 1000),
    st.sets(st.sampled_from(["quantity", "limit_price", "stop_price", "take_profit", "stop_loss", "expires"]), min_size=1).map(
        frozenset
    ),
    units,
    distances,
    st.booleans(),
    waits,
)
cancels = st.builds(Cancel, st.integers(0, 1000), waits)
closes = st.builds(Close, symbols, st.none() | st.integers(1, 4), waits)
funds = st.builds(Fund, st.integers(1, 5000), waits)

passes = st.builds(Pass, st.sampled_from([20_000, 60_000, 60_001, 13 * 3_600_000]), st.booleans() | st.just(True))

often = [ticks, ticks, touches, touches, places, places, places, places, modifications, modifications]
actions = st.sampled_from([*often, cancels, closes, funds, passes]).flatmap(lambda kind: kind)
"""One thing that happens."""


def sequences(longest: int) -> st.SearchStrategy[list[Action]]:
    """Hypothesis' own lists are mostly short, so these are several in a row."""
    parts = 6
    part = st.lists(actions, max_size=longest // parts)
    return st.tuples(*[part] * parts).map(lambda lists: [action for one in lists for action in one])
