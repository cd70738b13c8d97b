"""A cheap look at what an account is worth and holds: in floats, beside how wrong they may be.

It says only whether a limit may have been reached; whatever is decided then is decided on exact figures, so that rounding never
closes a position. It remembers how far prices may move until it has to look again: a tick within that costs two comparisons.
"""

from collections.abc import Sequence
from decimal import Decimal
from operator import is_
from typing import NamedTuple

from trading_api.core.books import Books
from trading_api.core.holdings import Holding
from trading_api.core.levels import HIGHEST, LOWEST
from trading_api.core.standing import Standing
from trading_api.models.broker.orders import Side

FLOAT_ERROR = 1e-9
"""The share of all that was added up by which a figure may be wrong: far more than doubles lose."""
CALM_SHARE = 0.04
"""The share by which prices may move at most before the account is looked at again."""
NOTHING, ANYTHING = (HIGHEST, LOWEST), (LOWEST, HIGHEST)
REACH = 4
"""What is held is worth a price times up to two rates, which may divide. While each moves by no more than a share up to
`CALM_SHARE`, the worth moves by less than this many times that share: 1.04 / 0.96² is 1.13."""


Bands = dict[str, tuple[Decimal, Decimal]]
"""Symbol to the lowest bid and the highest ask at which the account need not be looked at again."""


class Reading(NamedTuple):
    """Account currency. The true figures lie within `error` of these."""

    equity: float
    margin: float
    """Of positions alone."""
    gross: float
    """All that moves with prices, as a sum of amounts."""
    error: float

    def calm(self, slack: float, weight: float = 0.0) -> float:
        """The share by which prices may move until so much of the equity, less `weight` times the margin, is used up."""
        moving = REACH * (self.gross + weight * self.margin)
        return min(CALM_SHARE, slack / moving) if slack > 0 and moving else CALM_SHARE if slack > 0 else 0.0


class _Worth:
    """What is held of one symbol, and what it comes to at the last prices."""

    __slots__ = (
        "cost",
        "currency",
        "gross",
        "held",
        "known",
        "long",
        "margin",
        "profit",
        "reserved",
        "short",
        "symbol",
    )

    def __init__(self, symbol: str, held: Sequence[Holding], share: float, currency: str) -> None:
        self.symbol, self.held, self.currency = symbol, held, currency
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
        self._seen: tuple[Standing | None, Decimal, Decimal] = None, Decimal(0), Decimal(0)
        self._known: dict[str, int] = {}
        """Symbol to the fact that last moved it, as far as it has been looked at."""
        self._worths: dict[str, _Worth] = {}
        self._moving: set[str] = set()
        self.bands: Bands = {}
        """Another object whenever it changes."""
        self._stale = True

    def stirs(self, symbol: str | None = None) -> bool:
        """Whether a tick of this symbol may matter; without one, whether anything has changed since the account was calm."""
        if self._ledger.sequence != self._sequence:
            self._learn()
        if self._stale or symbol is None:
            return self._stale
        low, high = self.band(symbol)
        quote = self._books.quotes[symbol]
        return quote.bid < low or quote.ask > high

    def band(self, symbol: str) -> tuple[Decimal, Decimal]:
        """What the symbol's prices may lie between, once the account is calm: nothing, or anything, where there is no band."""
        return self.bands.get(symbol) or (NOTHING if symbol in self._moving else ANYTHING)

    def read(self) -> Reading | None:
        """None: some price is not known yet."""
        if self._ledger.sequence != self._sequence:
            self._learn()
        equity = float(self._ledger.balance)
        margin, gross, sums = 0.0, 0.0, abs(equity)
        for one in self._worths.values():
            self._price(one)
            if not one.known:
                return None
            equity += one.profit
            margin += one.margin
            gross += one.gross
        return Reading(equity, margin, gross, (sums + gross) * FLOAT_ERROR)

    def rest(self, calm: float) -> None:
        """All is well while no price moves by more than this share. 0: look at each tick that moves what is held."""
        self._stale = False
        bands: Bands = {}
        for symbol in self._moving if calm > 0 else ():
            quote = self._books.quotes[symbol]
            bid, ask = float(quote.bid), float(quote.ask)
            share = calm - (ask - bid) / bid
            if share > 0:
                bands[symbol] = Decimal(bid * (1 - share)), Decimal(ask * (1 + share))
        self.bands = bands

    def known(self) -> bool:
        """Whether the prices that tell the equity are all there."""
        rates, currency = self._books.rates, self._ledger.currency
        return all(
            one.symbol in self._books.quotes and rates.known(self._books.instrument(one.symbol).currency, currency)
            for one in self._ledger.positions.values()
        )

    # What is held

    def _learn(self) -> None:
        """Take in what the last facts changed of positions, balance, leverage and standing; orders do not matter here."""
        ledger = self._ledger
        assert ledger.profile is not None
        seen = ledger.standing, ledger.balance, ledger.profile.leverage
        if seen[2] != self._seen[2]:
            self._worths.clear()
            self._known.clear()
        known = self._known
        news = [(symbol, changed) for symbol, changed in ledger.changed.items() if known.get(symbol) != changed]
        known.update(news)
        moved = [symbol for symbol, _ in news if self._take_in(symbol)]
        if moved or self._sequence < 0:
            self._moving = self._all_moving()
        if moved or seen[0] is not self._seen[0] or seen != self._seen:
            self._stale = True
        self._seen, self._sequence = seen, ledger.sequence

    def _take_in(self, symbol: str) -> bool:
        """Whether the symbol's positions are others than before."""
        known, held = self._worths.get(symbol), self._ledger.held_in(symbol)
        if known is not None and len(held) == len(known.held) and all(map(is_, held, known.held)):
            return False
        if held:
            self._worths[symbol] = self._worth(symbol, held)
        elif known is not None:
            del self._worths[symbol]
        return bool(held) or known is not None

    def _worth(self, symbol: str, held: Sequence[Holding]) -> _Worth:
        instrument, profile = self._books.instrument(symbol), self._ledger.profile
        assert profile is not None
        share = max(float(instrument.margin_rate), 1 / float(profile.leverage))
        return _Worth(symbol, held, share, instrument.currency)

    def _all_moving(self) -> set[str]:
        """The symbols whose ticks move something: what is held, and the rates it is converted at."""
        currency = self._ledger.currency
        legs = (leg.symbol for one in self._worths.values() for leg in self._books.rates.legs(one.currency, currency))
        return {*self._worths, *legs}

    # What it is worth

    def _price(self, one: _Worth) -> None:
        quote, rate = self._books.quotes.get(one.symbol), self._rate(one.currency)
        one.known = quote is not None and rate > 0
        if quote is None:
            return
        value = one.long * float(quote.bid) + one.short * float(quote.ask)
        gross = one.long * float(quote.bid) - one.short * float(quote.ask) + abs(one.cost)
        one.profit = (value + one.cost) * rate
        one.margin = one.reserved * rate
        one.gross = gross * rate

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
