"""What a trader and a market might do, in terms relative to the moment, so that any sequence makes sense."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from oracle.orders import AT_ONCE, HAS_LIMIT, HAS_STOP, Change, Order, Protection, Works, changeable
from oracle.pair import Pair, Stand
from oracle.symbols import ACME, EURUSD, TERMS, USDJPY, day_end
from trading_api.models.broker.account import AccountProfile
from trading_api.models.broker.orders import OrderType, Side

UNITS = {EURUSD.id: 1000, USDJPY.id: 101, ACME.id: 7}
LOWEST_BID_TICKS = 500
RICH = {"USD": Fraction(10_000), "EUR": Fraction(5_000), "JPY": Fraction(1_000_000)}
GROUPS = ("one", "two")


@dataclass(frozen=True)
class Opening:
    """An account as it begins. A poor one soon has more asked of it than it carries."""

    currency: str
    poor: bool
    leverage: int
    hedging: bool
    fifo: bool
    guarded: bool

    def pair(self, stand: Callable[[AccountProfile, int], Stand] | None = None) -> Pair:
        return Pair(
            currency=self.currency,
            deposit=RICH[self.currency] / (5 if self.poor else 1),
            leverage=Fraction(self.leverage),
            hedging=self.hedging,
            fifo=self.hedging and self.fifo,
            guarded=self.guarded and stand is None,
            stand=stand,
        )


Sizes = tuple[int, int] | None
"""Half units at the bid and at the ask; None: any amount."""


def show_price(pair: Pair, symbol: str, bid: Fraction, spread: int, sizes: Sizes) -> None:
    tick, half = TERMS[symbol].tick, Fraction(UNITS[symbol], 2)
    bid = max(bid, LOWEST_BID_TICKS * tick)
    bid_size, ask_size = (None, None) if sizes is None else (sizes[0] * half, sizes[1] * half)
    pair.tick(symbol, bid, bid + spread * tick, bid_size=bid_size, ask_size=ask_size)


@dataclass(frozen=True)
class Tick:
    """The bid moves, in ticks; the ask lies `spread` above."""

    symbol: str
    move: int
    spread: int
    sizes: Sizes
    wait: int

    def play(self, pair: Pair) -> None:
        pair.wait(self.wait)
        show_price(
            pair,
            self.symbol,
            pair.oracle.prices[self.symbol].bid + self.move * TERMS[self.symbol].tick,
            self.spread,
            self.sizes,
        )


@dataclass(frozen=True)
class Touch:
    """The market comes to the price an open order waits for, or a tick or two short of it or beyond."""

    pick: int
    beyond: int
    spread: int
    sizes: Sizes
    wait: int

    def play(self, pair: Pair) -> None:
        pair.wait(self.wait)
        order = picked(pair, self.pick)
        if order is None:
            return
        tick = TERMS[order.symbol].tick
        price = (order.stop_price if order.waits_for_stop else order.limit_price) or order.take_profit
        if price is None:
            return
        reached = price + self.beyond * tick
        ask = reached if order.side is Side.BUY else reached + self.spread * tick
        show_price(pair, order.symbol, ask - self.spread * tick, self.spread, self.sizes)


@dataclass(frozen=True)
class Blow:
    """The market goes against a position until it has cost so many percent of the equity, at most by half its price."""

    pick: int
    percent: int
    spread: int
    sizes: Sizes
    wait: int

    def play(self, pair: Pair) -> None:
        pair.wait(self.wait)
        pair.pass_time()
        oracle = pair.oracle
        position = picked_position(pair, self.pick)
        size, symbol = oracle.size([position]), oracle.symbol_of(position)
        if size == 0 or oracle.equity() <= 0:
            return
        tick, bid, fx = TERMS[symbol].tick, oracle.prices[symbol].bid, oracle.rate(TERMS[symbol].currency)
        assert fx is not None
        move = min(oracle.equity() * self.percent / 100 / size / fx, bid / 2) // tick * tick
        show_price(pair, symbol, bid - move * oracle.side_of(position).value, self.spread, self.sizes)


@dataclass(frozen=True)
class Place:
    """Prices in ticks: the entry away from the market, to where it waits; the brackets away from the entry.

    A limit for now or never lies on the other side of the market, where it fills.
    """

    symbol: str
    type: OrderType
    side: Side
    units: int
    away: int
    limit_beyond: int
    take_profit: int | None
    stop_loss: int | None
    trail: int | None
    works: Works
    ends_in: int
    group: str | None
    wait: int

    def play(self, pair: Pair) -> None:
        pair.wait(self.wait)
        terms = TERMS[self.symbol]
        tick = terms.tick
        market = pair.oracle.prices[self.symbol].taken_by(self.side)
        at_once = self.works in AT_ONCE
        near = market + self.away * tick * self.side.value * (-1 if self.type is OrderType.LIMIT and not at_once else 1)
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
            trail=None if self.trail is None else self.trail * tick / terms.pip,
            works="GTC" if at_once and self.type in HAS_STOP and self.units % 4 else self.works,
            expires=pair.now + self.ends_in if self.works == "GTD" else None,
            group=self.group,
        )
        pair.place(order)


@dataclass(frozen=True)
class Modify:
    """`names` says what changes; prices move by `ticks` from where they are, or from the market."""

    pick: int
    names: frozenset[str]
    units: int
    ticks: int
    remove: frozenset[str]
    ends_in: int
    wait: int

    def play(self, pair: Pair) -> None:
        pair.wait(self.wait)
        order = picked(pair, self.pick)
        if order is None:
            return
        names = self.names & changeable(order) - ({"quantity"} if order.reverses else set())
        values = {name: self.value(pair, order, name) for name in sorted(names)}
        if order.bracket is not None and order.trail is None and values.get("trail", 0) is None:
            del values["trail"]
        if values.get("stop_loss", 0) is None:
            values.pop("trail", None)
        if values:
            works: Works = "GTC" if values.get("expires") is None else "GTD" if self.ends_in else "DAY"
            pair.modify(order.number, Change(values, works))

    def value(self, pair: Pair, order: Order, name: str) -> Fraction | int | None:
        terms = TERMS[order.symbol]
        tick = terms.tick
        if name == "quantity":
            return Fraction(self.units * UNITS[order.symbol])
        if name in self.remove and name not in ("limit_price", "stop_price"):
            return None
        if name == "expires":
            return pair.now + self.ends_in if self.ends_in else day_end(pair.now)
        if name == "trail":
            return (abs(self.ticks) + 1) * tick / terms.pip
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
    """Thirds of a position, or of a side of its symbol; more than three is more than held, none is all by its own word."""

    pick: int
    whole_side: bool
    thirds: int | None
    wait: int

    def play(self, pair: Pair) -> None:
        pair.wait(self.wait)
        pair.pass_time()
        position = picked_position(pair, self.pick)
        oracle = pair.oracle
        symbol, side = oracle.symbol_of(position), oracle.side_of(position)
        target = symbol if self.whole_side else position
        held, step = oracle.size(oracle.against(symbol, side.opposite, target)), TERMS[symbol].step
        amount = None if self.thirds is None else max(held * self.thirds // 3 // step * step, step)
        pair.close(target, amount, symbol=symbol, side=side)


@dataclass(frozen=True)
class SendToClose:
    """An order sent to close: thirds of what is held on a side, six of them turn a net position round."""

    pick: int
    type: OrderType
    thirds: int
    away: int
    works: Works
    ends_in: int
    wait: int

    def play(self, pair: Pair) -> None:
        pair.wait(self.wait)
        pair.pass_time()
        oracle = pair.oracle
        position = picked_position(pair, self.pick)
        symbol, side = oracle.symbol_of(position), oracle.side_of(position).opposite
        terms, market = TERMS[symbol], oracle.prices[symbol].taken_by(side)
        held = oracle.size(oracle.against(symbol, side))
        away = self.away * terms.tick * side.value
        order = Order(
            symbol=symbol,
            type=self.type,
            side=side,
            quantity=max(held * self.thirds // 3 // terms.step, Fraction(UNITS[symbol]) // terms.step) * terms.step,
            limit_price=market - away if self.type is OrderType.LIMIT else None,
            stop_price=market + away if self.type is OrderType.STOP else None,
            works=self.works,
            expires=pair.now + self.ends_in if self.works == "GTD" else None,
            is_close=True,
        )
        pair.place(order)


@dataclass(frozen=True)
class Reverse:
    pick: int
    wait: int

    def play(self, pair: Pair) -> None:
        pair.wait(self.wait)
        pair.pass_time()
        if pair.oracle.positions():
            pair.reverse(picked_position(pair, self.pick))


@dataclass(frozen=True)
class Protect:
    """Ticks away from the market; 0 states a price as it is."""

    pick: int
    take_profit: int | None
    stop_loss: int | None
    trail: int | None
    wait: int

    def play(self, pair: Pair) -> None:
        pair.wait(self.wait)
        pair.pass_time()
        position = picked_position(pair, self.pick)
        oracle = pair.oracle
        symbol, side = oracle.symbol_of(position), oracle.side_of(position)
        terms, market = TERMS[symbol], oracle.prices[symbol].taken_by(side.opposite)
        now = {one.takes_profit: one for one in oracle.protecting(position)}

        def price(away: int | None, takes_profit: bool) -> Fraction | None:
            if away == 0 and takes_profit in now:
                return now[takes_profit].limit_price or now[takes_profit].stop_price
            direction = side.value if takes_profit else -side.value
            return None if away is None else market + direction * away * terms.tick

        trail = None if self.trail is None else self.trail * terms.tick / terms.pip
        if trail is not None and self.stop_loss == 0 and False in now:
            trail = now[False].trail or trail
        pair.protect(position, Protection(price(self.take_profit, True), price(self.stop_loss, False), trail))


@dataclass(frozen=True)
class CancelAll:
    symbol: str | None
    side: Side | None
    wait: int

    def play(self, pair: Pair) -> None:
        pair.wait(self.wait)
        pair.cancel_all(self.symbol, self.side)


@dataclass(frozen=True)
class Flatten:
    symbol: str | None
    wait: int

    def play(self, pair: Pair) -> None:
        pair.wait(self.wait)
        pair.flatten(self.symbol)


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


Happening = Pass | Tick | Touch | Blow
Command = Place | Modify | Cancel | Close | SendToClose | Reverse | Protect | CancelAll | Flatten | Fund
Action = Happening | Command


def play(pair: Pair, actions: Sequence[Action]) -> None:
    for action in actions:
        action.play(pair)


def picked(pair: Pair, pick: int) -> Order | None:
    """Usually an open order, sometimes one that has ended."""
    orders = pair.oracle.orders
    still_open = [order for order in orders if order.open]
    choice = still_open if still_open and pick % 7 else orders
    return choice[pick % len(choice)] if choice else None


def picked_position(pair: Pair, pick: int) -> str:
    """An open one, or where there is none a name that could be one's."""
    choice = pair.oracle.positions()
    return choice[pick % len(choice)] if choice else EURUSD.id
