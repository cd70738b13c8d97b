"""What the house does to a simulated account by itself: rollovers, margin level, limits of loss, lock. The engine says when.

On a tick: the day begins before the price counts; what is due is booked after orders have ended and before any fills; margin
and limits are looked at last, after matching.
"""

from trading_api.core.books import Books
from trading_api.core.gauge import Gauge
from trading_api.core.guard import CloseOut, Guard
from trading_api.core.ports import Due
from trading_api.core.risk import Cancel, Risk
from trading_api.core.rollover import Rollover
from trading_api.core.standing import MarginLevels
from trading_api.core.stretches import Stretches
from trading_api.models.broker.orders import OrderMessage
from trading_api.models.facts import Locked


class Oversight:
    """Over one account."""

    def __init__(self, books: Books, *, levels: MarginLevels, cancel: Cancel, close_out: CloseOut) -> None:
        self.gauge = Gauge(books)
        self._rollover = Rollover(books)
        self._guard = Guard(books, levels=levels, close_out=close_out)
        self._stretches = Stretches(books)
        self._risk = Risk(books, self.gauge, cancel=cancel, close_out=close_out)

    def begin_anew(self) -> None:
        self.gauge.begin_anew()
        self._rollover.begin_anew()
        self._risk.begin_anew()
        self._stretches.begin_anew()

    def begin_day(self, at: int) -> None:
        self._risk.begin_day(at)

    def book(self, at: int) -> None:
        self._rollover.book(at)

    def idle_until(self, at: int) -> int:
        """Nothing happens here before this moment while prices keep to their bands; `at` or earlier: it happens now."""
        if self.gauge.stirs():
            return 0
        return min(self._risk.idle_until(at), self._rollover.next(), self._stretches.idle_until())

    def check(self, symbol: str | None, at: int) -> None:
        """After a tick of `symbol`, or a moment."""
        self._stretches.tell(at)
        if symbol is not None and not self.gauge.stirs(symbol):
            return
        calm = self._calm()
        if calm is not None and calm <= 0:
            self._guard.judge(at)
            if self._risk.judge(at):
                self._guard.judge(at)
            calm = self._calm()
        self.gauge.rest(calm or 0)

    def _calm(self) -> float | None:
        """None while some price is not known."""
        reading = self.gauge.read()
        return None if reading is None else min(self._guard.calm(reading), self._risk.calm(reading))

    def check_loss(self, at: int) -> None:
        """After a command: it may have realised a loss. The margin is looked at with the next tick, whichever that is."""
        reading = self.gauge.read() if self._risk.watches and self.gauge.stirs() else None
        if reading is not None and self._risk.calm(reading) <= 0:
            self._risk.judge(at)

    def lock(self, command: Locked, at: int) -> None:
        """The kill switch; unlocking does nothing more than to unlock."""
        if command.reason is not None:
            text = f"Kill switch: {command.text}" if command.text else "Kill switch"
            self._risk.flatten(at, command.request_id, OrderMessage(type="warning", text=text))

    def due(self, seen: int) -> list[Due]:
        return [*self._rollover.due(), *self._risk.due(seen)]
