"""Margin call and stop-out: what the house does when equity no longer carries the margin of the positions.

The level is equity in percent of what positions hold, working orders left out (docs/decisions/0012). At or below the margin
call the trader is told; at or below the stop-out the position with the largest loss that can be traded is closed, and the level
is looked at again after its fill. Working orders stay; only what protected the closed position falls with it.
"""

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from trading_api.core.allocation import being_closed
from trading_api.core.books import Books
from trading_api.core.gauge import CALM_SHARE, Reading
from trading_api.core.holdings import Holding
from trading_api.core.money import booked
from trading_api.core.standing import MarginLevels
from trading_api.models.broker.orders import OrderMessage
from trading_api.models.facts import Noticed

RESTORED_BEYOND = 5
"""Percent above the margin call at which it is taken back: a level that trembles at the call is told once."""

CloseOut = Callable[[Holding, int, str | None, OrderMessage], None]


class Guard:
    """Watches one account's margin level."""

    def __init__(self, books: Books, *, levels: MarginLevels, close_out: CloseOut) -> None:
        self._books = books
        self._ledger = books.ledger
        self._levels = levels
        self._close_out = close_out
        self._call = float(levels.call) / 100
        self._stop_out = float(levels.stop_out) / 100
        self._restored = float(levels.call + RESTORED_BEYOND) / 100

    def calm(self, reading: Reading) -> float:
        """The share by which prices may move before the level has to be judged; 0 or less: now."""
        equity, margin, error = reading.equity, reading.margin, reading.error
        if not self._ledger.standing.margin_called:
            if not margin:
                return CALM_SHARE
            level = max(self._call, self._stop_out)
            return reading.calm(equity - error - level * (margin + error), level)
        below = reading.calm(equity - error - self._stop_out * (margin + error), self._stop_out)
        above = reading.calm(self._restored * (margin - error) - equity - error, self._restored)
        return min(below, above)

    def judge(self, at: int) -> None:
        """On exact figures. It ends: each round closes a position, or is the last."""
        valuation = self._books.valuation
        while True:
            equity, margin = valuation.equity, valuation.position_margin
            called = self._ledger.standing.margin_called
            level = 100 * equity / margin if margin else None
            if level is None or level > self._levels.call + RESTORED_BEYOND:
                if called:
                    self._notice("margin_restored", equity, margin, at)
                return
            if not called and 0 < self._levels.call >= level:
                self._notice("margin_call", equity, margin, at)
            if not 0 < self._levels.stop_out >= level or not self._stop_out_one(equity, margin, at):
                return

    def _stop_out_one(self, equity: Fraction, margin: Fraction, at: int) -> bool:
        """Close the largest loss; False: none can be, or its order still works and has to be waited for."""
        ledger = self._ledger
        tradable = [one for one in ledger.positions.values() if self._books.can_fill(one.symbol, at)]
        if not tradable or any(being_closed(ledger, one) for one in tradable):
            return False
        worst = min(tradable, key=self._books.valuation.profit)
        level = _percent(equity, margin)
        self._notice("stop_out", equity, margin, at, worst)
        self._close_out(worst, at, None, OrderMessage(type="warning", text=f"Stop-out at a margin level of {level}"))
        return worst.id not in ledger.positions

    def _notice(
        self,
        notice: Literal["margin_call", "margin_restored", "stop_out"],
        equity: Fraction,
        margin: Fraction,
        at: int,
        closed: Holding | None = None,
    ) -> None:
        currency = self._ledger.currency
        figures = booked(equity, currency), booked(margin, currency)
        self._books.tell(
            Noticed(
                time=self._books.time(at),
                notice=notice,
                text=self._text(notice, _percent(equity, margin), closed, *figures),
                position_id=closed.id if closed else None,
                symbol=closed.symbol if closed else None,
                equity=figures[0],
                margin=figures[1],
            )
        )

    def _text(self, notice: str, level: str, closed: Holding | None, equity: Decimal, margin: Decimal) -> str:
        currency = self._ledger.currency
        figures = f"equity {equity} {currency}, margin of positions {margin} {currency}"
        if closed is not None:
            side = "long" if closed.quantity > 0 else "short"
            return (
                f"Stop-out at {self._levels.stop_out} %: margin level {level}, {figures}. "
                f"Closing the largest loss that can be traded, {side} {abs(closed.quantity)} {closed.symbol}"
            )
        if notice == "margin_call":
            return f"Margin call at {self._levels.call} %: margin level {level}, {figures}"
        return f"The margin call is over: margin level {level}, {figures}"


def _percent(equity: Fraction, margin: Fraction) -> str:
    return f"{booked(100 * equity / margin, 'USD')} %" if margin else "without positions"
