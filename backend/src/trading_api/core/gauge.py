"""A cheap look at what an account is worth and holds: in floats, beside how wrong they may be.

On each tick it says only whether a limit may have been reached. Whatever is decided then is decided on exact figures, so that
rounding never closes a position and a quiet tick costs next to nothing.
"""

from collections.abc import Iterable
from typing import NamedTuple

from trading_api.core.books import Books
from trading_api.core.holdings import Holding
from trading_api.models.broker.orders import Side

FLOAT_ERROR = 1e-9
"""The share of all that was added up by which a figure may be wrong: far more than doubles lose."""


class Reading(NamedTuple):
    """Account currency. The true figures lie within `error` of these."""

    equity: float
    margin: float
    """Of positions alone."""
    error: float


class _Worth:
    """What is held of one symbol, and what it comes to at the last prices."""

    __slots__ = ("changed", "cost", "currency", "gross", "known", "long", "margin", "profit", "reserved", "short", "symbol")

    def __init__(self, symbol: str, changed: int, held: Iterable[Holding], share: float, currency: str) -> None:
        self.symbol, self.changed, self.currency = symbol, changed, currency
        self.long = self.short = self.cost = 0.0
        costs = {Side.BUY: 0.0, Side.SELL: 0.0}
        for one in held:
            quantity, cost = float(one.quantity), float(one.cost)
            costs[one.side] += cost
            if quantity > 0:
                self.long, self.cost = self.long + quantity, self.cost - cost
            else:
                self.short, self.cost = self.short + quantity, self.cost + cost
        self.reserved = max(costs.values()) * share
        self.profit = self.margin = self.gross = 0.0
        self.known = False


class Gauge:
    """Reads one account's books."""

    def __init__(self, books: Books) -> None:
        self._books = books
        self._ledger = books.ledger
        self.begin_anew()

    def begin_anew(self) -> None:
        self._sequence = -1
        self._worths: dict[str, _Worth] = {}
        self._moved: dict[str, list[_Worth]] = {}
        self._balance = 0.0

    def read(self, symbol: str | None = None) -> Reading | None:
        """None: a tick of this symbol moves nothing, or some price is not known yet."""
        if self._ledger.sequence != self._sequence:
            self._learn()
            moved: Iterable[_Worth] = self._worths.values()
        elif symbol is None:
            moved = self._worths.values()
        elif symbol in self._moved:
            moved = self._moved[symbol]
        else:
            return None
        for one in moved:
            self._price(one)
        equity = self._balance
        margin, gross = 0.0, abs(equity)
        for one in self._worths.values():
            if not one.known:
                return None
            equity += one.profit
            margin += one.margin
            gross += one.gross
        return Reading(equity, margin, gross * FLOAT_ERROR)

    def known(self) -> bool:
        """Whether the prices that tell the equity are all there."""
        rates, currency = self._books.rates, self._ledger.currency
        return all(
            one.symbol in self._books.quotes and rates.known(self._books.instrument(one.symbol).currency, currency)
            for one in self._ledger.positions.values()
        )

    def _learn(self) -> None:
        ledger, begun = self._ledger, False
        for symbol, changed in ledger.changed.items():
            known = self._worths.get(symbol)
            if known is not None and known.changed == changed:
                continue
            held = ledger.held_in(symbol)
            if held:
                self._worths[symbol] = self._worth(symbol, changed, held)
                begun = True
            elif known is not None:
                del self._worths[symbol]
                begun = True
        if begun or self._sequence < 0:
            self._moved = self._all_moved()
        self._balance = float(ledger.balance)
        self._sequence = ledger.sequence

    def _worth(self, symbol: str, changed: int, held: Iterable[Holding]) -> _Worth:
        instrument, profile = self._books.instrument(symbol), self._ledger.profile
        assert profile is not None
        share = max(float(instrument.margin_rate), 1 / float(profile.leverage))
        return _Worth(symbol, changed, held, share, instrument.currency)

    def _all_moved(self) -> dict[str, list[_Worth]]:
        """By the symbol of a tick: what it moves, as its own price or as a rate."""
        moved: dict[str, list[_Worth]] = {}
        for one in self._worths.values():
            legs = self._books.rates.legs(one.currency, self._ledger.currency)
            for symbol in {one.symbol, *(leg.symbol for leg in legs)}:
                moved.setdefault(symbol, []).append(one)
        return moved

    def _price(self, one: _Worth) -> None:
        quote, rate = self._books.quotes.get(one.symbol), self._rate(one.currency)
        one.known = quote is not None and rate > 0
        if quote is None:
            return
        value = one.long * float(quote.bid) + one.short * float(quote.ask)
        one.profit = (value + one.cost) * rate
        one.margin = one.reserved * rate
        one.gross = (abs(value) + abs(one.cost)) * rate

    def _rate(self, currency: str) -> float:
        """0 while it is not known."""
        if currency == self._ledger.currency:
            return 1.0
        rate = 1.0
        for leg in self._books.rates.legs(currency, self._ledger.currency):
            quote = self._books.quotes.get(leg.symbol)
            if quote is None:
                return 0.0
            mid = (float(quote.bid) + float(quote.ask)) / 2
            rate = rate / mid if leg.inverse else rate * mid
        return rate
