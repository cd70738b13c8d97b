"""What an account is worth and what it needs: unrealised profit and margin, from a ledger and the last quotes."""

from collections.abc import Callable, Collection, Mapping, Sequence
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


class Entry(NamedTuple):
    """What an order may open: how much is left of it, and the price its margin is reckoned at."""

    side: Side
    quantity: Decimal
    price: Decimal


class Valuation:
    """Reads a ledger at the marks of the moment; changes nothing."""

    def __init__(
        self,
        ledger: Ledger,
        *,
        quotes: Mapping[str, Quote],
        rates: Rates,
        instrument: Callable[[str], Instrument],
    ) -> None:
        self._ledger = ledger
        self._quotes = quotes
        self._rates = rates
        self._instrument = instrument
        self._profits: dict[str, tuple[Holding, Quote, Decimal]] = {}

    # Worth

    def mark(self, holding: Holding) -> Decimal:
        """The price a position would close at: the bid for a long, the ask for a short; its average while no quote is known."""
        quote = self._quotes.get(holding.symbol)
        if quote is None:
            return holding.average
        return quote.bid if holding.quantity > 0 else quote.ask

    def profit(self, holding: Holding) -> Fraction:
        """Unrealised, in the account's currency, exact."""
        quote = self._quotes.get(holding.symbol)
        if quote is None:
            return NOTHING
        known = self._profits.get(holding.id)
        if known is None or known[0] is not holding or known[1] is not quote:
            value = self.mark(holding) * abs(holding.quantity)
            known = self._profits[holding.id] = holding, quote, holding.side * (value - holding.cost)
        return self._converted(known[2], holding.symbol)

    @property
    def equity(self) -> Fraction:
        if len(self._profits) > 2 * len(self._ledger.positions):
            self._profits.clear()
        return Fraction(self._ledger.balance) + sum(map(self.profit, self._ledger.positions.values()), NOTHING)

    # Margin

    @property
    def margin_used(self) -> Fraction:
        """Positions at their average price and working entry orders at their own price; exact."""
        symbols = {one.symbol for one in self._ledger.orders.values()} | self._symbols_held()
        return sum((self._held(symbol, self._entries(symbol).values()) for symbol in symbols), NOTHING)

    @property
    def position_margin(self) -> Fraction:
        """Of what is held, without working orders: what a margin call and a stop-out go by."""
        return sum((self._held(symbol, ()) for symbol in self._symbols_held()), NOTHING)

    def _symbols_held(self) -> set[str]:
        return {one.symbol for one in self._ledger.positions.values()}

    def margin_grows(self, symbol: str, order_id: str, entry: Entry) -> Fraction:
        """How much more would be held if this order worked so: in its own turn if it works already, else behind all others."""
        now = self._entries(symbol)
        return self._held(symbol, {**now, order_id: entry}.values()) - self._held(symbol, now.values())

    def margin_if_filled(self, entry: Entry, symbol: str) -> Fraction:
        """The margin of all positions once this has filled."""
        return self.position_margin - self._held(symbol, ()) + self._held(symbol, (entry,))

    def entry(self, order: PlacedOrder) -> Entry:
        price = reserved_price(order.side, order.limit_price, order.stop_price, order.triggered, self._quotes.get(order.symbol))
        return Entry(order.side, order.remaining, price)

    def _entries(self, symbol: str) -> dict[str, Entry]:
        """The orders that may open something, as they take their turns."""
        orders = self._ledger.orders_in(symbol)
        return {one.id: self.entry(one) for one in orders if not one.bracket and not one.closes}

    def _held(self, symbol: str, entries: Collection[Entry]) -> Fraction:
        held = self._ledger.held_in(symbol)
        return self._margin(symbol, _larger_side(held, entries) if self._ledger.hedging else _netted(held, entries))

    def _margin(self, symbol: str, value: Fraction) -> Fraction:
        if value == 0:
            return NOTHING
        profile = self._ledger.profile
        assert profile is not None
        rate = max(Fraction(self._instrument(symbol).margin_rate), 1 / Fraction(profile.leverage))
        return self._converted(value * rate, symbol)

    def _converted(self, amount: Decimal | Fraction, symbol: str) -> Fraction:
        """Nothing until the rate is there: what is shown must not stop an account, and nothing fills without a rate."""
        currency = self._instrument(symbol).currency
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
        return EquityData(
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
                PositionMark(id=one.id, price=on_the_wire(self.mark(one)), profit=booked(self.profit(one), currency))
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
    market = ZERO if quote is None else quote.price_for(side)
    waits = stop is not None and not triggered
    if side is Side.BUY:
        return limit or (stop if waits else market) or ZERO
    return max((stop if waits else market) or ZERO, limit or ZERO)


def _netted(held: Sequence[Holding], entries: Collection[Entry]) -> Fraction:
    """The position's value, and what each order would open beyond what it frees.

    Orders against the position close it in their turn, each what those before it left; so all of them together can fill.
    """
    holding = held[0] if held else None
    value = holding.cost if holding else ZERO
    if holding is None or all(one.side is holding.side for one in entries):
        return Fraction(sum((one.quantity * one.price for one in entries), value))
    total, left = Fraction(value), abs(holding.quantity)
    average = total / Fraction(left)
    for one in entries:
        closes = min(left, one.quantity) if holding.side is not one.side else ZERO
        left -= closes
        total += max(NOTHING, Fraction((one.quantity - closes) * one.price) - average * Fraction(closes))
    return total


def _larger_side(held: Sequence[Holding], entries: Collection[Entry]) -> Fraction:
    """Hedged longs and shorts of a symbol hold the larger side."""
    sides = dict.fromkeys(Side, ZERO)
    for holding in held:
        sides[holding.side] += holding.cost
    for one in entries:
        sides[one.side] += one.quantity * one.price
    return Fraction(max(sides.values()))
