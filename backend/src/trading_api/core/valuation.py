"""What an account is worth and what it needs: unrealised profit and margin, from a ledger and the last quotes."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction

from trading_api.core.ledger import ZERO, Holding, Ledger
from trading_api.core.money import Rates, booked
from trading_api.models.base import on_the_wire
from trading_api.models.broker.account import EquityData, PositionMark
from trading_api.models.broker.orders import PlacedOrder, Side
from trading_api.models.market.instruments import Instrument
from trading_api.models.market.quotes import Quote

NOTHING = Fraction(0)


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
        held = (self._margin(one.symbol, one.cost) for one in self._ledger.positions.values())
        asked = (self.order_margin(one) for one in self._ledger.orders.values())
        return sum(held, NOTHING) + sum(asked, NOTHING)

    def order_margin(self, order: PlacedOrder) -> Fraction:
        """What a working entry order holds back: its own price times the part that would open."""
        if order.bracket or order.closes:
            return NOTHING
        price = order.limit_price or order.stop_price or self._market_price(order)
        return self.margin_to_open(order.symbol, order.side, order.remaining, price)

    def margin_to_open(self, symbol: str, side: Side, quantity: Decimal, price: Decimal) -> Fraction:
        holding = self._ledger.positions.get(symbol)
        if holding and holding.side is not side:
            quantity = max(ZERO, quantity - abs(holding.quantity))
        return self._margin(symbol, quantity * price)

    def _market_price(self, order: PlacedOrder) -> Decimal:
        quote = self._quotes.get(order.symbol)
        if quote is None:
            return ZERO
        return quote.ask if order.side is Side.BUY else quote.bid

    def _margin(self, symbol: str, value: Decimal) -> Fraction:
        if value == 0:
            return NOTHING
        profile = self._ledger.profile
        assert profile is not None
        rate = max(Fraction(self._instrument(symbol).margin_rate), 1 / Fraction(profile.leverage))
        return self._converted(Fraction(value) * rate, symbol)

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
