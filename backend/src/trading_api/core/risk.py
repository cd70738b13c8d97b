"""Limits of loss, and the lock: what the house does when an account has lost as much as it may.

The day's loss is measured against the equity the day opened with, the drawdown against a fixed reference or the highest equity.
Both are marked as facts before they are used, so that a decision can be checked afterwards. A limit that is reached locks the
account, cancels what could open and closes what can be traded; what could not be traded then is closed when it can, as long as
the limit is still exceeded. While it is locked, nothing opens or grows; closing, cancelling and protecting stay possible.
"""

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Literal, NamedTuple

from trading_api.core.allocation import being_closed
from trading_api.core.books import Books
from trading_api.core.days import Day, day_at
from trading_api.core.gauge import Gauge, Reading
from trading_api.core.guard import CloseOut
from trading_api.core.money import booked
from trading_api.core.ports import Due
from trading_api.core.standing import Standing
from trading_api.core.times import NEVER
from trading_api.models.broker.orders import OrderMessage
from trading_api.models.facts import Locked, Marked, Noticed

HIGH_STEP = 100
"""A new high is marked when it is a hundredth of the drawdown limit above the last one."""

Cancel = Callable[[str, int, str | None, OrderMessage], None]


class Floor(NamedTuple):
    """The equity at which a limit is reached, and how that is told."""

    equity: Decimal
    reason: Literal["daily_loss", "drawdown"]
    text: str


class Lines(NamedTuple):
    """What one standing asks of the equity."""

    standing: Standing
    floors: tuple[Floor, ...]
    lowest: float
    """Above this no limit is reached."""
    high: Fraction | None
    """From here on the highest equity is marked anew; None: it is not measured."""
    highest: float


class Risk:
    """Watches one account's equity against its limits."""

    def __init__(self, books: Books, gauge: Gauge, *, cancel: Cancel, close_out: CloseOut) -> None:
        self._books = books
        self._ledger = books.ledger
        self._gauge = gauge
        self._cancel = cancel
        self._close_out = close_out
        self.begin_anew()

    def begin_anew(self) -> None:
        self._day = Day("", 0, 0)
        self._zone = ""
        self._lines = self._reckon(self._ledger.standing)

    # The day

    def begin_day(self, at: int) -> None:
        """Before anything moves: mark what the day opens with, and end the lock that held until now."""
        standing = self._ledger.standing
        if standing.lock is not None and standing.lock.until is not None and standing.lock.until <= at:
            self._books.tell(Locked(time=self._books.time(at), reason=None, text="A new day has begun"))
        if standing.limits.daily_loss is None:
            return
        day = self._today(at)
        if standing.day != day.name and self._gauge.known():
            opening = booked(self._books.valuation.equity, self._ledger.currency)
            self._books.tell(Marked(time=self._books.time(at), day=day.name, opening_equity=opening))

    def _today(self, at: int) -> Day:
        zone = self._ledger.standing.limits.timezone
        if zone != self._zone or not self._day.start <= at < self._day.end:
            self._day, self._zone = day_at(at, zone), zone
        return self._day

    def due(self, seen: int) -> list[Due]:
        """The end of the day, where something is held or waits that brings prices."""
        standing = self._ledger.standing
        symbol = next(iter(self._ledger.symbols()), None) if standing.limits.daily_loss is not None else None
        return [] if symbol is None else [Due(symbol, self._today(seen).end)]

    def idle_until(self, at: int) -> int:
        """The end of the lock or of the day; `at` or earlier when the day has not begun yet."""
        standing = self._ledger.standing
        unlocks = NEVER if standing.lock is None or standing.lock.until is None else standing.lock.until
        if standing.limits.daily_loss is None:
            return unlocks
        day = self._today(at)
        return min(unlocks, day.end if standing.day == day.name else at)

    # Loss

    @property
    def watches(self) -> bool:
        """Whether there is a limit of loss, or a highest equity to be marked."""
        lines = self._current()
        return bool(lines.floors) or lines.high is not None

    def calm(self, reading: Reading) -> float:
        """The share by which prices may move before a limit has to be judged; 0 or less: now."""
        lines = self._current()
        below, above = reading.equity - lines.lowest, lines.highest - reading.equity
        return reading.calm(min(below, above) - reading.error)

    def _current(self) -> Lines:
        if self._lines.standing is not self._ledger.standing:
            self._lines = self._reckon(self._ledger.standing)
        return self._lines

    def _reckon(self, standing: Standing) -> Lines:
        limits = standing.limits
        floors = tuple(one for one in (self._daily(standing), self._drawdown(standing)) if one is not None)
        high = None
        if limits.drawdown is not None and limits.drawdown_kind == "trailing":
            high = Fraction(standing.high_equity or 0) + Fraction(limits.drawdown) / HIGH_STEP
        return Lines(
            standing,
            floors,
            max((float(one.equity) for one in floors), default=float("-inf")),
            high,
            float("inf") if high is None else float("-inf") if standing.high_equity is None else float(high),
        )

    def _daily(self, standing: Standing) -> Floor | None:
        loss, opening = standing.limits.daily_loss, standing.opening_equity
        if loss is None or opening is None:
            return None
        currency = self._ledger.currency
        text = f"The limit of {loss} {currency} for the loss of a day: {standing.day} opened with {opening} {currency}"
        return Floor(opening - loss, "daily_loss", text)

    def _drawdown(self, standing: Standing) -> Floor | None:
        limit, trailing = standing.limits.drawdown, standing.limits.drawdown_kind == "trailing"
        reference = standing.high_equity if trailing else standing.reference_equity
        if limit is None or reference is None:
            return None
        currency = self._ledger.currency
        whence = "the highest equity was" if trailing else "measured from"
        text = f"The limit of {limit} {currency} for the drawdown: {whence} {reference} {currency}"
        return Floor(reference - limit, "drawdown", text)

    def judge(self, at: int) -> bool:
        """On exact figures. Answers whether a limit is reached."""
        equity, standing, high = self._books.valuation.equity, self._ledger.standing, self._current().high
        if high is not None and (standing.high_equity is None or equity >= high):
            self._books.tell(Marked(time=self._books.time(at), high_equity=booked(equity, self._ledger.currency)))
        reached = [one for one in self._current().floors if equity <= Fraction(one.equity)]
        if reached:
            self._end_it(reached[-1], equity, at)
        return bool(reached)

    def _end_it(self, floor: Floor, equity: Fraction, at: int) -> None:
        """The drawdown's lock has no end, so it takes the place of the day's."""
        lock = self._ledger.standing.lock
        if lock is None or (lock.until is not None and floor.reason == "drawdown"):
            self._tell(floor, equity, at)
        self.flatten(at, None, OrderMessage(type="warning", text=floor.text))

    def _tell(self, floor: Floor, equity: Fraction, at: int) -> None:
        currency, time = self._ledger.currency, self._books.time(at)
        figures = booked(equity, currency), booked(self._books.valuation.position_margin, currency)
        until = self._today(at).end if floor.reason == "daily_loss" else None
        text = f"{floor.text}, now it is {figures[0]} {currency}"
        self._books.tell(Noticed(time=time, notice="limit_reached", text=text, equity=figures[0], margin=figures[1]))
        self._books.tell(Locked(time=time, reason=floor.reason, text=floor.text, until=until))

    def flatten(self, at: int, request_id: str | None, message: OrderMessage) -> None:
        """Cancel what could open; close, at the market, what can be traded and is not being closed."""
        for order in tuple(self._ledger.orders.values()):
            if order.bracket is None and not order.closes and order.id in self._ledger.orders:
                self._cancel(order.id, at, request_id, message)
        for holding in tuple(self._ledger.positions.values()):
            if self._books.can_fill(holding.symbol, at) and not being_closed(self._ledger, holding):
                self._close_out(holding, at, request_id, message)
