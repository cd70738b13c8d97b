"""What an account is worth and what it needs: unrealised profit and margin, from a ledger and the last quotes."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from trading_api.core.ledger import ZERO, Holding, Ledger
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

    def mark(self, holding: Holding) -> Decimal:
        """The price a position would close at: the bid for a long, the ask for a short; its average while no quote is known."""
        quote = self._quotes.get(holding.symbol)
        if quote is None:
            return holding.average
        return quote.bid if holding.side is Side.BUY else quote.ask

    def profit(self, holding: Holding) -> Fraction:
        """Unrealised, in the account's currency, exact."""
        if holding.symbol not in self._quotes:
            return NOTHING
        value = self.mark(holding) * abs(holding.quantity)
        return self._converted(holding.side * (value - holding.cost), holding.symbol)

    @property
    def equity(self) -> Fraction:
        return Fraction(self._ledger.balance) + sum(map(self.profit, self._ledger.positions.values()), NOTHING)

    @property
    def margin_used(self) -> Fraction:
        """Positions at their average price and working entry orders at their own price; exact."""
        symbols = {one.symbol for one in self._ledger.orders.values()} | self._ledger.positions.keys()
        return sum((self._held(symbol, self._entries(symbol)) for symbol in sorted(symbols)), NOTHING)

    def margin_grows(self, symbol: str, order_id: str, entry: Entry) -> Fraction:
        """How much more would be held if this order worked so: in its own turn if it works already, else behind all others."""
        now = self._entries(symbol)
        return self._held(symbol, {**now, order_id: entry}) - self._held(symbol, now)

    def entry(self, order: PlacedOrder) -> Entry:
        return Entry(order.side, order.remaining, order.limit_price or order.stop_price or self._market_price(order))

    def _entries(self, symbol: str) -> dict[str, Entry]:
        """The orders that may open something, as they take their turns."""
        orders = self._ledger.orders.values()
        return {one.id: self.entry(one) for one in orders if one.symbol == symbol and not one.bracket and not one.closes}

    def _held(self, symbol: str, entries: Mapping[str, Entry]) -> Fraction:
        """The position's margin, and what each order would open beyond what it frees.

        Orders against the position close it in their turn, each what those before it left; so all of them together can fill.
        """
        holding = self._ledger.positions.get(symbol)
        value = Fraction(holding.cost) if holding else NOTHING
        left = abs(holding.quantity) if holding else ZERO
        average = value / Fraction(left) if left else NOTHING
        for one in entries.values():
            closes = min(left, one.quantity) if holding and holding.side is not one.side else ZERO
            left -= closes
            value += max(NOTHING, Fraction((one.quantity - closes) * one.price) - average * Fraction(closes))
        return self._margin(symbol, value)

    def _market_price(self, order: PlacedOrder) -> Decimal:
        quote = self._quotes.get(order.symbol)
        if quote is None:
            return ZERO
        return quote.ask if order.side is Side.BUY else quote.bid

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

    def told(self, *, time: int) -> EquityData:
        """The account's figures as they are announced, each rounded once."""
        ledger, currency = self._ledger, self._ledger.currency
        balance = booked(ledger.balance, currency)
        unrealized = booked(self.equity - Fraction(ledger.balance), currency)
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
            positions=tuple(
                PositionMark(id=one.id, price=on_the_wire(self.mark(one)), profit=booked(self.profit(one), currency))
                for one in ledger.positions.values()
            ),
            time=time,
        )
