"""Sums of money in exact fractions. Everything is worked out again from the list of fills, every time."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from trading_api.models.broker.orders import Side
from trading_api.models.market.instruments import Instrument

WITHOUT_CENTS = {"JPY", "KRW"}
FINE = {"BTC", "ETH"}


@dataclass(frozen=True)
class Terms:
    """How one symbol trades."""

    symbol: str
    currency: str
    base: str | None
    tick: Fraction
    step: Fraction
    pip: Fraction
    margin_rate: Fraction
    commission_rate: Fraction
    commission_per_unit: Fraction
    commission_minimum: Fraction
    pause: tuple[int, int] = (0, 0)
    """Minutes of the UTC day between which it is closed."""

    def is_open(self, at: int) -> bool:
        return not self.pause[0] <= at // 60_000 % 1440 < self.pause[1]

    @classmethod
    def of(cls, instrument: Instrument, pause: tuple[int, int] = (0, 0)) -> "Terms":
        return cls(
            symbol=instrument.id,
            currency=instrument.currency,
            base=instrument.base_currency,
            tick=Fraction(instrument.tick_size),
            step=Fraction(instrument.quantity_step),
            pip=Fraction(instrument.pip_size),
            margin_rate=Fraction(instrument.margin_rate),
            commission_rate=Fraction(instrument.commission.rate),
            commission_per_unit=Fraction(instrument.commission.per_unit),
            commission_minimum=Fraction(instrument.commission.minimum),
            pause=pause,
        )


@dataclass(frozen=True)
class Prices:
    bid: Fraction
    ask: Fraction
    time: int
    bid_size: Fraction | None = None
    ask_size: Fraction | None = None

    @property
    def mid(self) -> Fraction:
        return (self.bid + self.ask) / 2

    def taken_by(self, side: Side) -> Fraction:
        """A buy lifts the ask, a sell hits the bid."""
        return self.ask if side is Side.BUY else self.bid

    def size_for(self, side: Side) -> Fraction | None:
        """None: any amount."""
        return self.ask_size if side is Side.BUY else self.bid_size


@dataclass(frozen=True)
class Fill:
    order: int
    position: str
    symbol: str
    side: Side
    quantity: Fraction
    price: Fraction
    time: int
    rate: Fraction
    """Account currency for one unit of the quote currency, at that moment."""


@dataclass(frozen=True)
class Held:
    """What the fills of one position leave, and what the last of them booked in the quote currency."""

    signed: Fraction = Fraction(0)
    cost: Fraction = Fraction(0)
    booked: Fraction = Fraction(0)


def digits(currency: str) -> int:
    return 0 if currency in WITHOUT_CENTS else 8 if currency in FINE else 2


def rounded(amount: Fraction, currency: str) -> Fraction:
    """Half to even, on the currency's grid."""
    scale = 10 ** digits(currency)
    return Fraction(round(amount * scale), scale)


def after(held: Held, fill: Fill, currency: str) -> Held:
    """The position after one more fill."""
    size = abs(held.signed)
    if held.signed * fill.side.value >= 0:
        return Held(held.signed + fill.side.value * fill.quantity, held.cost + fill.price * fill.quantity)
    closed = min(size, fill.quantity)
    proceeds = fill.price * closed
    share = held.cost if closed == size else held.cost * closed / size
    was_long = held.signed > 0
    booked = rounded(proceeds - share if was_long else share - proceeds, currency)
    if fill.quantity < size:
        cost = held.cost - (proceeds - booked if was_long else proceeds + booked)
    else:
        cost = fill.price * (fill.quantity - closed)
    return Held(held.signed + fill.side.value * fill.quantity, cost, booked)


def held(fills: Iterable[Fill], position: str, currency: str) -> Held:
    """What all fills of one position come to."""
    result = Held()
    for fill in fills:
        if fill.position == position:
            result = after(result, fill, currency)
    return result


def still_open(fills: Iterable[Fill]) -> list[str]:
    """The positions that are not flat, in the order in which they were opened."""
    signed: dict[str, Fraction] = {}
    for fill in fills:
        signed[fill.position] = signed.get(fill.position, Fraction(0)) + fill.side.value * fill.quantity
        if signed[fill.position] == 0:
            del signed[fill.position]
    return list(signed)


def profit(fills: list[Fill], number: int, terms: Terms, account_currency: str) -> Fraction:
    """What fill `number` of the list booked, in the account's currency."""
    fill = fills[number]
    booked = held(fills[: number + 1], fill.position, terms.currency).booked
    return converted(booked, fill.rate, terms.currency, account_currency)


def commission(fill: Fill, terms: Terms, account_currency: str) -> Fraction:
    charge = terms.commission_rate * fill.price * fill.quantity + terms.commission_per_unit * fill.quantity
    charge = max(charge, terms.commission_minimum)
    return rounded(charge * fill.rate, account_currency)


def converted(amount: Fraction, rate: Fraction, currency: str, account_currency: str) -> Fraction:
    return amount if currency == account_currency else rounded(amount * rate, account_currency)


def rate(source: str, target: str, terms: Collection[Terms], prices: Mapping[str, Prices]) -> Fraction | None:
    """One unit of `source` in `target` at mid: by the pair, or through USD."""
    direct = pair_rate(source, target, terms, prices)
    if direct is not None or "USD" in (source, target):
        return direct
    first, second = pair_rate(source, "USD", terms, prices), pair_rate("USD", target, terms, prices)
    return None if first is None or second is None else first * second


def pair_rate(source: str, target: str, terms: Collection[Terms], prices: Mapping[str, Prices]) -> Fraction | None:
    if source == target:
        return Fraction(1)
    for term in terms:
        if term.symbol not in prices:
            continue
        if (term.base, term.currency) == (source, target):
            return prices[term.symbol].mid
        if (term.base, term.currency) == (target, source):
            return 1 / prices[term.symbol].mid
    return None
