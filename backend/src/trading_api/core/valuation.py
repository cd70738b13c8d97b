"""What an account is worth and what it needs: unrealised profit and margin, from a ledger and the last quotes."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from trading_api.core.holdings import ZERO, Holding
from trading_api.core.ledger import Ledger
from trading_api.core.money import Rates, booked
from trading_api.models.base import on_the_wire
from trading_api.models.broker.account import EquityData, PositionMark
from trading_api.models.broker.orders import PlacedOrder, Side
from trading_api.models.market.instruments import Instrument
from trading_api.models.market.quotes import Quote

NOTHING = Fraction(0)
CERTAIN = 1 + 1e-9
"""What floats may have lost on the way to a bound, many times over."""


class Entry(NamedTuple):
    """What an order may open: how much is left of it, and the price its margin is reckoned at."""

    side: Side
    quantity: Decimal
    price: Decimal


class Share(NamedTuple):
    """Of the value that is held as margin."""

    exact: Fraction
    rough: float
    of: Instrument
    leverage: Decimal


@dataclass(slots=True)
class Reserve:
    """What a symbol's position and orders hold, and for how long that is so."""

    changed: int
    """The fact that last moved them."""
    quote: Quote | None
    moving: bool
    """Some order fills at any price, so that it holds more or less with each quote."""
    below: Decimal | None
    """A bid above this raises what a sell limit holds."""
    of: Instrument
    entries: dict[str, Entry]
    """What each order may open, as they take their turns."""
    bound: float
    """Margin in the instrument's currency; never less than the exact one, but for the last bits of a float."""
    value: Fraction | None = None
    """What the margin is a share of, in that currency, exact, once it has been asked for."""
    margin: Fraction | None = None
    """That share of it."""
    position_margin: Fraction | None = None
    """Of the positions alone."""

    def stands(self, changed: int, quote: Quote | None, instrument: Instrument) -> bool:
        if self.changed != changed or self.of is not instrument or (self.moving and self.quote is not quote):
            return False
        return self.below is None or quote is None or quote.bid <= self.below


class Valuation:
    """Reads a ledger at the marks of the moment; changes nothing. What stands still is not reckoned anew."""

    def __init__(
        self,
        ledger: Ledger,
        *,
        quotes: Mapping[str, Quote],
        rates: Rates,
        instrument: Callable[[str], Instrument],
        leverage: Decimal | None = None,
    ) -> None:
        """`leverage` stands in for the account's own."""
        self._ledger = ledger
        self._quotes = quotes
        self._rates = rates
        self._instrument = instrument
        self._leverage = leverage
        self._reserves: dict[str, Reserve] = {}
        self._shares: dict[str, Share] = {}

    def at_leverage(self, leverage: Decimal) -> "Valuation":
        """The same account, were this its leverage."""
        return Valuation(self._ledger, quotes=self._quotes, rates=self._rates, instrument=self._instrument, leverage=leverage)

    # Worth

    def mark(self, holding: Holding) -> Decimal:
        """The price a position would close at: the bid for a long, the ask for a short; its average while no quote is known."""
        quote = self._quotes.get(holding.symbol)
        if quote is None:
            return holding.average
        return quote.bid if holding.quantity > 0 else quote.ask

    def profit(self, holding: Holding) -> Fraction:
        """Unrealised, in the account's currency, exact."""
        return self._converted(Fraction(self._gain(holding)), holding.symbol)

    def _gain(self, holding: Holding) -> Decimal:
        """Unrealised, in the instrument's currency."""
        if holding.symbol not in self._quotes:
            return ZERO
        value = self.mark(holding) * holding.quantity
        return value - holding.cost if holding.quantity > 0 else value + holding.cost

    @property
    def complete(self) -> bool:
        """Whether every position's price and its rate are known; after a start they come one by one."""
        ledger, quotes = self._ledger, self._quotes
        return all(
            one.symbol in quotes and self._rates.known(self._instrument(one.symbol).currency, ledger.currency)
            for one in ledger.positions.values()
        )

    def _gains(self) -> dict[str, Decimal]:
        """The same of all positions, by currency."""
        gains: dict[str, Decimal] = {}
        for holding in self._ledger.positions.values():
            currency = self._instrument(holding.symbol).currency
            gains[currency] = gains.get(currency, ZERO) + self._gain(holding)
        return gains

    @property
    def equity(self) -> Fraction:
        equity = Fraction(self._ledger.balance)
        for currency, gain in self._gains().items():
            equity += self._to_account(Fraction(gain), currency)
        return equity

    # Margin

    @property
    def margin_used(self) -> Fraction:
        """Positions at their average price and working entry orders at their own price; exact."""
        margins: dict[str, Fraction] = {}
        for symbol in self._ledger.symbols():
            reserve = self._reserve(symbol)
            if reserve.margin is None:
                reserve.margin = self._held(symbol) * self._share(reserve.of).exact
            margins[reserve.of.currency] = margins.get(reserve.of.currency, NOTHING) + reserve.margin
        return self._in_all(margins)

    @property
    def position_margin(self) -> Fraction:
        """Of what is held, without working orders: what a margin call and a stop-out go by."""
        margins: dict[str, Fraction] = {}
        for symbol in {one.symbol for one in self._ledger.positions.values()}:
            reserve = self._reserve(symbol)
            if reserve.position_margin is None:
                reserve.position_margin = self._value(symbol, ()) * self._share(reserve.of).exact
            margins[reserve.of.currency] = margins.get(reserve.of.currency, NOTHING) + reserve.position_margin
        return self._in_all(margins)

    def _in_all(self, amounts: Mapping[str, Fraction]) -> Fraction:
        """Amounts by currency, added up in the account's."""
        return sum((self._to_account(amount, currency) for currency, amount in amounts.items() if amount), NOTHING)

    def margin_grows(self, symbol: str, order_id: str, entry: Entry) -> Fraction:
        """How much more would be held if this order worked so: in its own turn if it works already, else behind all others."""
        after = self._value(symbol, {**self._reserve(symbol).entries, order_id: entry}.values())
        return self._margin(symbol, after - self._held(symbol))

    def margin_if_filled(self, entry: Entry, symbol: str) -> Fraction:
        """The margin of all positions once this has filled."""
        grows = self._value(symbol, (entry,)) - self._value(symbol, ())
        return self.position_margin + self._margin(symbol, grows)

    def margin_once_filled(self, entry: Entry, symbol: str) -> Fraction:
        """The same with what it closes freed."""
        held = self._ledger.held_in(symbol)
        if self._ledger.hedging or not held or held[0].side is entry.side:
            return self.margin_if_filled(entry, symbol)
        cost, quantity = Fraction(held[0].cost), abs(held[0].quantity)
        closes = min(entry.quantity, quantity)
        after = cost * (1 - Fraction(closes) / Fraction(quantity)) + Fraction((entry.quantity - closes) * entry.price)
        return self.position_margin + self._margin(symbol, after - cost)

    # The same with floats: most commands are far from any limit, and a bound says so at a fraction of the cost

    def has_room(self, symbol: str, entry: Entry) -> bool:
        """Surely the equity carries everything held and all of this beside it. False says nothing."""
        bounds = self._bounds(symbol, entry)
        for one in self._ledger.symbols():
            reserve = self._reserve(one)
            currency = reserve.of.currency
            bounds[currency] = bounds.get(currency, 0.0) + reserve.bound
        return self._surely_covers(bounds)

    def carries(self, symbol: str, entry: Entry) -> bool:
        """Surely the equity carries all positions and this fill beside them. False says nothing."""
        bounds = self._bounds(symbol, entry)
        for holding in self._ledger.positions.values():
            instrument = self._instrument(holding.symbol)
            margin = float(holding.cost) * self._share(instrument).rough
            bounds[instrument.currency] = bounds.get(instrument.currency, 0.0) + margin
        return self._surely_covers(bounds)

    def _bounds(self, symbol: str, entry: Entry) -> dict[str, float]:
        """Currency to margin; each is converted once, when all has been added up."""
        instrument = self._instrument(symbol)
        return {instrument.currency: float(entry.quantity * entry.price) * self._share(instrument).rough}

    def _surely_covers(self, bounds: dict[str, float]) -> bool:
        """The equity is more than all of these."""
        equity = float(self._ledger.balance)
        for currency, gain in self._gains().items():
            equity += float(gain) * self._rough_rate(currency)
        bound = 0.0
        for currency, margin in bounds.items():
            bound += margin * self._rough_rate(currency)
        return bound * CERTAIN < equity

    def _rough_rate(self, currency: str) -> float:
        return 1.0 if currency == self._ledger.currency else self._rates.rough(currency, self._ledger.currency)

    # Parts

    def shortfall(self, symbol: str, entry: Entry) -> str | None:
        """Why the equity does not carry this fill beside all positions; None when it does."""
        if self.carries(symbol, entry):
            return None
        needed, equity = self.margin_once_filled(entry, symbol), self.equity
        if needed <= equity or (self._ledger.hedging and needed <= self.position_margin):
            return None
        currency = self._ledger.currency
        return f"Expected equity of {booked(needed, currency)} {currency} for its margin, found {booked(equity, currency)}"

    def entry(self, order: PlacedOrder) -> Entry:
        price = reserved_price(order.side, order.limit_price, order.stop_price, order.triggered, self._quotes.get(order.symbol))
        opens = order.quantity - order.filled_quantity
        return Entry(order.side, opens if order.reverses is None else opens - self._turned(order), price)

    def _turned(self, order: PlacedOrder) -> Decimal:
        """What a hedged reverse will have closed before it opens anything."""
        holding = self._ledger.positions.get(order.reverses or "") if self._ledger.hedging else None
        return min(order.remaining, abs(holding.quantity)) if holding else ZERO

    def _entries(self, symbol: str) -> dict[str, Entry]:
        """Of the orders that may open something, as they take their turns."""
        orders = self._ledger.orders_in(symbol)
        return {one.id: self.entry(one) for one in orders if one.bracket is None and not one.closes}

    def _held(self, symbol: str) -> Fraction:
        reserve = self._reserve(symbol)
        if reserve.value is None:
            reserve.value = self._value(symbol, reserve.entries.values())
        return reserve.value

    def _reserve(self, symbol: str) -> Reserve:
        changed, quote, instrument = self._ledger.changed.get(symbol, 0), self._quotes.get(symbol), self._instrument(symbol)
        known = self._reserves.get(symbol)
        if known is None or not known.stands(changed, quote, instrument):
            known = self._reserves[symbol] = self._reckon(symbol, changed, quote, instrument)
        return known

    def _reckon(self, symbol: str, changed: int, quote: Quote | None, instrument: Instrument) -> Reserve:
        value, below, moving, entries = ZERO, None, False, self._entries(symbol)
        for holding in self._ledger.held_in(symbol):
            value += holding.cost
        for order_id, entry in entries.items():
            one = self._ledger.orders[order_id]
            value += entry.quantity * entry.price
            if one.stop_price is not None and not one.triggered:
                continue
            if one.limit_price is None:
                moving = True
            elif one.side < 0 and (below is None or one.limit_price < below):
                below = one.limit_price
        raised = below is not None and quote is not None and quote.bid > below
        bound = float(value) * self._share(instrument).rough
        return Reserve(changed, quote, moving=moving or raised, below=below, of=instrument, entries=entries, bound=bound)

    def _value(self, symbol: str, entries: Collection[Entry]) -> Fraction:
        held = self._ledger.held_in(symbol)
        return _larger_side(held, entries) if self._ledger.hedging else _netted(held, entries)

    def _margin(self, symbol: str, value: Fraction) -> Fraction:
        if value == 0:
            return NOTHING
        instrument = self._instrument(symbol)
        return self._to_account(value * self._share(instrument).exact, instrument.currency)

    def _share(self, instrument: Instrument) -> Share:
        profile = self._ledger.profile
        assert profile is not None
        leverage = self._leverage or profile.leverage
        known = self._shares.get(instrument.name)
        if known is None or known.of is not instrument or known.leverage is not leverage:
            exact = max(Fraction(instrument.margin_rate), 1 / Fraction(leverage))
            known = self._shares[instrument.name] = Share(exact, float(exact), instrument, leverage)
        return known

    def _converted(self, amount: Fraction, symbol: str) -> Fraction:
        return self._to_account(amount, self._instrument(symbol).currency)

    def _to_account(self, amount: Fraction, currency: str) -> Fraction:
        """Nothing until the rate is there: what is shown must not stop an account, and nothing fills without a rate."""
        if currency == self._ledger.currency:
            return amount
        if not self._rates.known(currency, self._ledger.currency):
            return NOTHING
        return self._rates.convert(amount, currency, self._ledger.currency)

    # The figures as they are told

    def told(self, *, time: int) -> EquityData:
        """Each rounded once."""
        ledger, currency = self._ledger, self._ledger.currency
        balance, equity = booked(ledger.balance, currency), self.equity
        unrealized = booked(equity - Fraction(ledger.balance), currency)
        margin = booked(self.margin_used, currency)
        return EquityData.trusted(
            account_id=ledger.account_id,
            currency=currency,
            balance=balance,
            equity=balance + unrealized,
            unrealized_profit=unrealized,
            realized_profit=ledger.realized,
            margin_used=margin,
            margin_available=balance + unrealized - margin,
            margin_level=self._level(equity),
            positions=tuple(
                PositionMark.trusted(id=one.id, price=on_the_wire(self.mark(one)), profit=booked(self.profit(one), currency))
                for one in ledger.positions.values()
            ),
            time=time,
        )

    def _level(self, equity: Fraction) -> Decimal | None:
        margin = self.position_margin
        return booked(100 * equity / margin, "USD") if margin else None


def reserved_price(side: Side, limit: Decimal | None, stop: Decimal | None, triggered: bool, quote: Quote | None) -> Decimal:
    """The price an order's margin is reckoned at: the highest at which it can fill, as far as its prices and the quote tell.

    A buy limit fills at its limit or below. A sell limit fills at the bid where that is higher. A sell that waits for its stop
    fills at the stop or below.
    """
    if limit is not None and side > 0:
        return limit
    market = ZERO if quote is None else quote.price_for(side)
    level = market if stop is None or triggered else stop
    return level if limit is None else max(level, limit)


def _netted(held: Sequence[Holding], entries: Collection[Entry]) -> Fraction:
    """The position's value, and what each order would open beyond what it frees.

    Orders against the position close it in their turn, each what those before it left; so all of them together can fill.
    """
    holding = held[0] if held else None
    value = holding.cost if holding else ZERO
    if holding is None or all(one.side is holding.side for one in entries):
        return Fraction(sum((one.quantity * one.price for one in entries), value))
    average, left, opened = Fraction(value) / Fraction(abs(holding.quantity)), abs(holding.quantity), NOTHING
    for one in entries:
        closes = min(left, one.quantity) if holding.side is not one.side else ZERO
        if closes:
            left -= closes
            opened += max(NOTHING, Fraction((one.quantity - closes) * one.price) - average * Fraction(closes))
        else:
            value += one.quantity * one.price
    return Fraction(value) + opened


def _larger_side(held: Sequence[Holding], entries: Collection[Entry]) -> Fraction:
    """Hedged longs and shorts of a symbol hold the larger side."""
    sides = dict.fromkeys(Side, ZERO)
    for holding in held:
        sides[holding.side] += holding.cost
    for one in entries:
        sides[one.side] += one.quantity * one.price
    return Fraction(max(sides.values()))
