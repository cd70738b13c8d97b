"""One symbol's bars that are over, as text in columns: ascending, without a gap, so that any part of them can be cut out."""

from bisect import bisect_left
from collections.abc import Sequence

from trading_api.core.history import HISTORY_BARS_MAX, Window
from trading_api.core.sessions import sessions_of
from trading_api.core.symbols import Listing
from trading_api.models.market.bars import Bar, Resolution

BARS_OF_ONE_MAX = HISTORY_BARS_MAX
"""Kept of one symbol and resolution: as many as one answer may hold. The oldest are dropped."""

SETTLED_MS = 60_000
"""So long after its end a bar is over: a live feed's last prices may come late."""

Texts = list[list[str]]
"""A list each for time, open, high, low, close and volume."""


class KeptColumns:
    """`as_of` is the market time by which all of them were over; `complete` says that the market has nothing older."""

    def __init__(self, listing: Listing, resolution: Resolution) -> None:
        self.as_of = 0
        self.complete = False
        self.times: list[int] = []
        self._listing = listing
        self._resolution = resolution
        self._texts: Texts = texts_of(())

    def is_current(self, listing: Listing) -> bool:
        """Not after an import has replaced the series, nor after a replay has gone back."""
        own = self._listing
        return own.market is listing.market and own.instrument is listing.instrument and listing.market.now() >= self.as_of

    def over(self, bars: Sequence[Bar], now: int) -> int:
        """How many of them, from the first, will not change any more."""
        sessions, count = sessions_of(self._listing.instrument), len(bars)
        while count and sessions.bar_span(bars[count - 1].time, self._resolution)[1] + SETTLED_MS > now:
            count -= 1
        return count

    def append(self, times: Sequence[int], texts: Texts, now: int) -> None:
        """What came next. `now` was the market's time before it was asked for."""
        self.times += times
        for column, more in zip(self._texts, texts, strict=True):
            column += more[: len(times)]
        self.as_of = max(self.as_of, now)
        self._drop(len(self.times) - BARS_OF_ONE_MAX)

    def prepend(self, times: Sequence[int], texts: Texts, *, complete: bool) -> None:
        """What came before, as far as it is not kept yet."""
        count = bisect_left(times, self.times[0])
        self.times[:0] = times[:count]
        for column, more in zip(self._texts, texts, strict=True):
            column[:0] = more[:count]
        self.complete = complete
        self._drop(len(self.times) - BARS_OF_ONE_MAX)

    def _drop(self, count: int) -> None:
        if count > 0:
            self.complete = False
            del self.times[:count]
            for column in self._texts:
                del column[:count]

    def cut(self, window: Window, still_open: Sequence[Bar]) -> Texts | None:
        """The window out of these and the bars that follow them; None when it reaches further back, or holds nothing."""
        last = bisect_left(self.times, window.before)
        since = window.since if window.countback is None else None
        following = [bar for bar in still_open if bar.time < window.before and (since is None or since <= bar.time)]
        first = self._first(window, last + len(following))
        if first is None or not 0 < last + len(following) - first <= HISTORY_BARS_MAX:
            return None  # whoever reads the market anew words the refusal, or knows whether there is anything older
        following = following[max(0, first - last) :]
        kept = [column[first:last] for column in self._texts]
        return [column + more for column, more in zip(kept, texts_of(following), strict=True)] if following else kept

    def _first(self, window: Window, end: int) -> int | None:
        if window.countback is not None:
            first = end - window.countback
        elif window.since is not None:
            first = bisect_left(self.times, window.since) if window.since >= self.times[0] else -1
        else:
            return None
        return first if first >= 0 else self._oldest(window)

    def _oldest(self, window: Window) -> int | None:
        """The beginning, for a window that reaches further back."""
        return 0 if self.complete and (window.countback or 0) <= HISTORY_BARS_MAX else None


def texts_of(bars: Sequence[Bar]) -> Texts:
    # A Decimal's text is a JSON number, exponent or not, and reads back as the same Decimal.
    return [
        [str(bar.time // 1000) for bar in bars],
        [str(bar.open) for bar in bars],
        [str(bar.high) for bar in bars],
        [str(bar.low) for bar in bars],
        [str(bar.close) for bar in bars],
        [str(bar.volume) for bar in bars],
    ]
