"""Swap and dividends: money that moves because a position is held at a certain moment.

Each instrument has its rollover, in its own zone; a position opened before that moment and still held earns or pays the swap of
its side. A dividend is paid to longs, by shorts, at the first session open on or after its day. What a stopped house has missed
is booked afterwards, each moment by itself, at the rate of now.
"""

import datetime
from collections.abc import Iterator
from fractions import Fraction
from itertools import count
from typing import Literal, NamedTuple

from trading_api.core.books import Books
from trading_api.core.days import date_at, moment
from trading_api.core.holdings import Holding
from trading_api.core.money import booked
from trading_api.core.ports import Due
from trading_api.core.sessions import Sessions
from trading_api.core.times import NEVER
from trading_api.models.facts import Adjusted
from trading_api.models.market.instruments import Dividend, Swap, Weekday

WEEKEND = (Weekday.SATURDAY, Weekday.SUNDAY)


class Moment(NamedTuple):
    """When something is booked."""

    time: int
    reason: Literal["swap", "dividend"]
    nights: int = 0


def rollovers(swap: Swap, after: int) -> Iterator[Moment]:
    """Without end, ascending. Where one night counts for three, weekends have none of their own."""
    hour, minute = map(int, swap.time.split(":"))
    date = date_at(after, swap.timezone)
    while True:
        time, nights = moment(date, datetime.time(hour, minute), swap.timezone), _nights(swap, date)
        if nights and time > after:
            yield Moment(time, "swap", nights)
        date += datetime.timedelta(1)


def _nights(swap: Swap, date: datetime.date) -> int:
    weekday = Weekday(date.isoweekday() % 7 + 1)
    if swap.triple is None:
        return 1
    return 3 if weekday is swap.triple else 0 if weekday in WEEKEND else 1


def dividends(dividend: Dividend, sessions: Sessions, timezone: str, after: int) -> Iterator[Moment]:
    """Without end, ascending."""
    for year in count(date_at(after, timezone).year - 1):
        for month in sorted(set(dividend.months)):
            day = datetime.date(year, month, dividend.day)
            windows = sessions.windows(day) or sessions.windows(sessions.next_day(day))
            if windows[0][0] > after:
                yield Moment(windows[0][0], "dividend")


class Rollover:
    """Books one account's swap and dividends. The next moment is known, so that a tick before it costs one comparison."""

    def __init__(self, books: Books) -> None:
        self._books = books
        self._ledger = books.ledger
        self.begin_anew()

    def begin_anew(self) -> None:
        self._sequence = -1
        self._known: dict[str, int] = {}
        """Symbol to the fact that last moved it, as far as it has been looked at."""
        self._next: dict[str, int] = {}
        self._spans: dict[str, tuple[int, int]] = {}
        self._earliest = NEVER

    def book(self, at: int) -> None:
        """Everything that is due; what lacks a price stays due."""
        self._look()
        if self._earliest > at:
            return
        found: list[tuple[Moment, Holding]] = []
        for symbol, time in self._next.items():
            if time <= at and self._bookable(symbol):
                found += [(one, held) for held in self._ledger.held_in(symbol) for one in self._missed(held, at)]
        for one, holding in sorted(found, key=lambda each: each[0].time):
            self._book(one, holding)

    def next(self) -> int:
        """When something is booked next; it may be overdue."""
        self._look()
        return self._earliest

    def due(self) -> list[Due]:
        self._look()
        return [Due(symbol, time) for symbol, time in self._next.items() if time < NEVER]

    # When

    def _look(self) -> None:
        if self._ledger.sequence == self._sequence:
            return
        known = self._known
        news = [(symbol, changed) for symbol, changed in self._ledger.changed.items() if known.get(symbol) != changed]
        known.update(news)
        for symbol, _ in news:
            held = self._ledger.held_in(symbol)
            if held:
                self._next[symbol] = self._after(symbol, min(one.adjusted for one in held))
            else:
                self._next.pop(symbol, None)
        self._earliest = min(self._next.values(), default=NEVER)
        self._sequence = self._ledger.sequence

    def _after(self, symbol: str, time: int) -> int:
        """The symbol's first moment after `time`."""
        since, ahead = self._spans.get(symbol, (0, 0))
        if not since <= time < ahead:
            ahead = min((next(each).time for each in self._series(symbol, time)), default=NEVER)
            self._spans[symbol] = time, ahead
        return ahead

    def _series(self, symbol: str, after: int) -> list[Iterator[Moment]]:
        instrument, sessions = self._books.listed(symbol)
        series: list[Iterator[Moment]] = []
        if instrument.swap is not None and (instrument.swap.long or instrument.swap.short):
            series.append(rollovers(instrument.swap, after))
        if instrument.dividend is not None:
            series.append(dividends(instrument.dividend, sessions, instrument.timezone, after))
        return series

    def _missed(self, holding: Holding, at: int) -> Iterator[Moment]:
        for series in self._series(holding.symbol, holding.adjusted):
            for one in series:
                if one.time > at:
                    break
                yield one

    # How much

    def _bookable(self, symbol: str) -> bool:
        currency = self._books.instrument(symbol).currency
        return symbol in self._books.quotes and self._books.rates.known(currency, self._ledger.currency)

    def _book(self, one: Moment, holding: Holding) -> None:
        currency = self._ledger.currency
        earned = self._dividend(holding) if one.reason == "dividend" else self._swap(holding, one.nights)
        amount = self._books.rates.convert(earned, self._books.instrument(holding.symbol).currency, currency)
        self._books.tell(
            Adjusted(
                time=self._books.time(one.time),
                reason=one.reason,
                amount=booked(amount, currency),
                position_id=holding.id,
                symbol=holding.symbol,
                nights=one.nights,
                due=one.time,
            )
        )

    def _swap(self, holding: Holding, nights: int) -> Fraction:
        """In the instrument's currency."""
        swap = self._books.instrument(holding.symbol).swap
        assert swap is not None
        earned = Fraction(swap.long if holding.quantity > 0 else swap.short) * Fraction(abs(holding.quantity)) * nights
        return earned * Fraction(self._books.quotes[holding.symbol].mid) if swap.unit == "rate" else earned

    def _dividend(self, holding: Holding) -> Fraction:
        """In the instrument's currency; a short pays."""
        dividend = self._books.instrument(holding.symbol).dividend
        assert dividend is not None
        return Fraction(dividend.amount) * Fraction(holding.quantity)
