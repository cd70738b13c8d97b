"""Moments: what lies ahead of one account in market time without a price being needed, and how far time has come."""

from collections.abc import Callable, Sequence

from trading_api.core.ledger import Ledger
from trading_api.core.levels import LevelsOf
from trading_api.core.ports import Due
from trading_api.models.broker.orders import OrderStatus

AskDue = Callable[[int], Sequence[tuple[str, int]]]
"""Symbol and moment of what a part of the engine waits for, as of the moment seen."""


class Moments:
    """Of one account: orders end, and whatever `others` wait for."""

    def __init__(self, ledger: Ledger, levels: LevelsOf, others: AskDue) -> None:
        self._ledger = ledger
        self._levels = levels
        self._others = others
        self.begin_anew()

    def begin_anew(self) -> None:
        self.seen = self.woken = 0
        self._next: tuple[int, int | None] = (-1, None)
        self._due: tuple[int, int | None, tuple[Due, ...]] = (-1, None, ())

    def come_to(self, at: int) -> None:
        if at > self.seen:
            self.seen = at

    def next(self) -> int | None:
        """The next one later than what was seen."""
        sequence, moment = self._next
        if sequence != self._ledger.sequence or (moment is not None and moment <= self.seen):
            times = (self._levels.next_end() or 0, *(time for _, time in self._others(self.seen)))
            moment = min((time for time in times if time > self.seen), default=None)
            self._next = self._ledger.sequence, moment
        return moment

    def due(self) -> tuple[Due, ...]:
        """The next one of each symbol, later than what was seen."""
        sequence, first, due = self._due
        if sequence != self._ledger.sequence or (first is not None and first <= self.seen):
            due = self._reckoned()
            self._due = self._ledger.sequence, min((one.time for one in due), default=None), due
        return due

    def _reckoned(self) -> tuple[Due, ...]:
        moments: dict[str, int] = {}
        for symbol, time in (*self._ends(), *self._others(self.seen)):
            if time > self.seen:
                moments[symbol] = min(time, moments.get(symbol, time))
        return tuple(Due(symbol, time) for symbol, time in moments.items())

    def _ends(self) -> list[tuple[str, int]]:
        ends: list[tuple[str, int]] = []
        for symbol in self._ledger.ordered():
            first = self._levels(symbol).ends
            if first is not None and first > self.seen:
                ends.append((symbol, first))
            elif first is not None:
                working = (one for one in self._ledger.orders_in(symbol) if one.status is OrderStatus.WORKING)
                ends += [(symbol, one.duration.datetime) for one in working if one.duration.datetime is not None]
        return ends
