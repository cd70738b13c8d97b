"""How far prices have stretched the open positions, told as facts while they last: a restart knows it as a close would."""

from trading_api.core.books import Books
from trading_api.core.times import NEVER
from trading_api.models.facts import Marked

EXTREMES_EVERY_MS = 10_000
"""Of market time: a killed process loses at most so much of a position's extremes."""


class Stretches:
    """Of one account."""

    def __init__(self, books: Books) -> None:
        self._books = books
        self.begin_anew()

    def begin_anew(self) -> None:
        """Reckoned from the last fact, so that an account which is adopted goes on as it would have."""
        self._next = _after(self._books.ledger.time)

    def idle_until(self) -> int:
        return self._next if self._books.ledger.positions else NEVER

    def tell(self, at: int) -> None:
        """After a tick, or a moment."""
        positions = self._books.ledger.positions
        if at < self._next or not positions:
            return
        self._next = _after(at)
        found = {one.id: self._books.extremes(one.id) for one in positions.values()}
        wide = {each: now for each, now in found.items() if now is not None and now.low < now.high}
        widened = {each: now for each, now in wide.items() if now != positions[each].extremes}
        if widened:
            self._books.tell(Marked(time=self._books.time(at), extremes=widened))


def _after(at: int) -> int:
    return at - at % EXTREMES_EVERY_MS + EXTREMES_EVERY_MS
