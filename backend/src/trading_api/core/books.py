"""What the parts of the engine share: the ledger they fold into, the prices they see, and the facts told so far."""

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from trading_api.core.holdings import ZERO, Holding
from trading_api.core.ledger import Ledger
from trading_api.core.money import Leg, Rates, booked
from trading_api.core.ports import Ids
from trading_api.core.sessions import Sessions, sessions_of
from trading_api.core.valuation import Valuation
from trading_api.models.base import on_the_wire
from trading_api.models.broker.orders import Side
from trading_api.models.facts import Extremes, Fact
from trading_api.models.market.instruments import Instrument
from trading_api.models.market.quotes import Quote

ONE = Decimal(1)
STALE_MS = 60_000
"""Older than this a price is not traded on: a live market shows several a minute while its session is open."""


class Listed(NamedTuple):
    """An instrument with its calendar, looked up once."""

    instrument: Instrument
    sessions: Sessions


class Books:
    """One account as the engine sees it while it decides: each fact is folded the moment it is told."""

    def __init__(
        self,
        ledger: Ledger,
        *,
        instrument: Callable[[str], Instrument],
        path: Callable[[str, str], tuple[Leg, ...] | None],
        ids: Ids,
    ) -> None:
        self.ledger = ledger
        self.quotes: dict[str, Quote] = {}
        self.rates = Rates(path, self.quotes)
        self.ids = ids
        self.valuation = Valuation(ledger, quotes=self.quotes, rates=self.rates, instrument=instrument)
        self._find = instrument
        self._listed: dict[str, Listed] = {}
        self._taken: dict[str, dict[Side, Decimal]] = {}
        self._extremes: dict[str, tuple[Decimal, Decimal]] = {}
        self._told: list[Fact] = []

    # Telling

    def tell(self, fact: Fact) -> None:
        self.ledger.apply(fact)
        self._told.append(fact)

    def drain(self) -> tuple[Fact, ...]:
        told, self._told = tuple(self._told), []
        return told

    def time(self, at: int) -> int:
        """A fact's time: never before the account's last."""
        return max(at, self.ledger.time)

    def begin_anew(self) -> None:
        """A replay that was sought back begins earlier than it ended: nothing seen so far counts."""
        self.quotes.clear()
        self._taken.clear()
        self._extremes.clear()

    # Instruments and prices

    def listed(self, symbol: str) -> Listed:
        found, instrument = self._listed.get(symbol), self._find(symbol)
        if found is None or found.instrument is not instrument:
            found = self._listed[symbol] = Listed(instrument, sessions_of(instrument))
        return found

    def instrument(self, symbol: str) -> Instrument:
        return self._find(symbol)

    def is_open(self, symbol: str, at: int) -> bool:
        return self.listed(symbol).sessions.is_open(at)

    def can_fill(self, symbol: str, at: int) -> bool:
        """The session is open, the last price is fresh, and what it brings can be booked."""
        quote = self.quotes.get(symbol)
        if quote is None or at - quote.time > STALE_MS or not self.is_open(symbol, at):
            return False
        return self.rates.known(self.instrument(symbol).currency, self.ledger.currency)

    def see(self, quote: Quote) -> None:
        """A new price: its whole size can be had again, and the positions it marks may reach a new extreme.

        One that is shown once more, to a desk that begins to listen again, is not new.
        """
        symbol = quote.symbol
        if symbol in self._taken and self.quotes.get(symbol) != quote:
            del self._taken[symbol]
        self.quotes[symbol] = quote
        if self.ledger.positions:
            for holding in self.ledger.held_in(symbol):
                self.stretch(holding, quote)

    def stretch(self, holding: Holding, quote: Quote) -> None:
        """A position's extremes take in the price at which it could be closed now."""
        price = quote.bid if holding.quantity > 0 else quote.ask
        known = self._extremes.get(holding.id)
        if known is None:
            told = holding.extremes
            known = self._extremes[holding.id] = (told.low, told.high) if told else (price, price)
        low, high = known
        if price < low or price > high:
            self._extremes[holding.id] = min(low, price), max(high, price)

    def extremes(self, position_id: str) -> Extremes | None:
        found, holding = self._extremes.get(position_id), self.ledger.positions.get(position_id)
        if found is not None:
            return Extremes.trusted(low=found[0], high=found[1])
        return holding.extremes if holding else None

    def forget_extremes(self, position_id: str) -> None:
        self._extremes.pop(position_id, None)

    # The size of the last tick, shared by all who take from it

    def available(self, symbol: str, side: Side) -> Decimal | None:
        """What an order of this side can still have of the last tick, on the quantity's grid; None: any amount."""
        size = self.quotes[symbol].size_for(side)
        if size is None:
            return None
        taken = self._taken.get(symbol)
        left = size if taken is None else size - taken.get(side, ZERO)
        return left - left % self.instrument(symbol).quantity_step

    def take(self, symbol: str, side: Side, quantity: Decimal) -> None:
        if self.quotes[symbol].size_for(side) is not None:
            taken = self._taken.setdefault(symbol, {})
            taken[side] = taken.get(side, ZERO) + quantity

    # Money

    def rate(self, symbol: str) -> Decimal:
        """What one unit of the symbol's currency is worth in the account's, to fifteen digits."""
        currency = self.instrument(symbol).currency
        if currency == self.ledger.currency:
            return ONE
        exact = self.rates.convert(ONE, currency, self.ledger.currency)
        return on_the_wire(Decimal(exact.numerator) / exact.denominator)

    def to_account(self, amount: Decimal, currency: str) -> Decimal:
        own = self.ledger.currency
        return booked(Fraction(amount) if currency == own else self.rates.convert(amount, currency, own), own)
