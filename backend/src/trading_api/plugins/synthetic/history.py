"""Bars of the past and of now. A bar that is over is what was drawn; a bar that contains now is folded from what has been
shown: whole blocks and minutes that are over, and the ticks of this minute. A drawn bar stays private until its end.
"""

import datetime
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from trading_api.core.sessions import DAY_MS, MINUTE_MS, Span, day_of
from trading_api.models.market.bars import Bar, Bars, Resolution
from trading_api.plugins.synthetic.instruments import Listing
from trading_api.plugins.synthetic.prices import BLOCK_MS, FIRST_DAY, Piece, Prices
from trading_api.plugins.synthetic.split import Drawn

BARS_AT_ONCE: Final = 16
"""So many are made before others get a turn on the loop."""

_AHEAD_MS: Final = 2 * DAY_MS
"""A day bar may be stamped this far ahead of its first price, not further."""


class History:
    """Answers what bars a listing has had by a given moment."""

    def __init__(self, listing: Listing, prices: Prices) -> None:
        self._listing = listing
        self._prices = prices
        self._tick = listing.instrument.tick_size
        self._volume_step = listing.volume_step

    def batches(self, resolution: Resolution, *, now: int, before: int, count: int, since: int | None) -> Iterator[list[Bar]]:
        """The last `count` bars stamped below `before`, newest first, a few at a time."""
        batch: list[Bar] = []
        spans = self._spans(resolution, now, before, since)
        while count > 0 and (span := next(spans, None)) is not None:
            drawn = self._drawn(span, resolution, now)
            if drawn is None:
                continue
            batch.append(self._bar(span.stamp, drawn))
            count -= 1
            if len(batch) == BARS_AT_ONCE:
                yield batch
                batch = []
        yield batch

    def answer(self, newest_first: list[Bar], resolution: Resolution, now: int) -> Bars:
        if not newest_first:
            return Bars((), 0)
        _, end = self._prices.sessions.bar_span(newest_first[0].time, resolution)
        last = self._prices.last_tick(min(now, end - 1))
        assert last is not None, "a bar has at least one tick"
        return Bars(tuple(reversed(newest_first)), last.time)

    def _spans(self, resolution: Resolution, now: int, before: int, since: int | None) -> Iterator[Span]:
        first = self._prices.first_open()
        horizon = now + (1 if resolution.width_ms else _AHEAD_MS)
        if min(before, horizon) <= first - _AHEAD_MS:
            return
        for span in self._prices.sessions.spans_back(min(before, horizon), resolution):
            if span.end <= first or (since is not None and span.stamp < since):
                return
            if span.start <= now:
                yield span

    def _drawn(self, span: Span, resolution: Resolution, now: int) -> Drawn | None:
        if resolution.width_ms is None:
            days = self._prices.sessions.days_of(day_of(span.stamp), resolution)
            parts = [part for day in days if day >= FIRST_DAY for part in self._of_day(day, now)]
        elif resolution.width_ms < MINUTE_MS:
            parts = list(self._of_minute(span.start - span.start % MINUTE_MS, span.start, span.end, now))
        else:
            parts = list(self._within(span, now))
        return merged(parts) if parts else None

    def _of_day(self, day: datetime.date, now: int) -> Iterator[Drawn]:
        windows = self._prices.sessions.windows(day)
        if windows[-1][1] <= now:
            yield self._prices.day(day)
        elif windows[0][0] <= now:
            for number, block in enumerate(self._prices.blocks(day)):
                yield from self._of_block(day, number, block, block.start, block.end, now)

    def _within(self, span: Span, now: int) -> Iterator[Drawn]:
        place = self._prices.block_at(span.start)
        if place is None:
            return
        day, first = place
        blocks = self._prices.blocks(day)
        for number in range(first, first + 1 + (span.end - 1 - blocks[first].start) // BLOCK_MS):
            yield from self._of_block(day, number, blocks[number], span.start, span.end, now)

    def _of_block(self, day: datetime.date, number: int, block: Piece, start: int, end: int, now: int) -> Iterator[Drawn]:
        if start <= block.start and block.end <= min(end, now):
            yield block.bar
            return
        if now < block.start:
            return
        minutes = self._prices.minutes(day, number)
        low = max(0, (start - block.start) // MINUTE_MS)
        for minute in minutes[low : max(low, (end - block.start) // MINUTE_MS)]:
            if minute.end <= now:
                yield minute.bar
            elif minute.start <= now:
                yield from self._of_minute(minute.start, minute.start, minute.end, now)

    def _of_minute(self, minute: int, start: int, end: int, now: int) -> Iterator[Drawn]:
        """Ticks of the minute that begins at `minute`, from `start` on, before `end`, none later than `now`."""
        for time, price, volume in self._prices.ticks(minute):
            if start <= time < end and time <= now:
                yield Drawn(price, price, price, price, volume)

    def _bar(self, stamp: int, drawn: Drawn) -> Bar:
        tick = self._tick
        return Bar.model_construct(
            time=stamp,
            open=Decimal(drawn.open) * tick,
            high=Decimal(drawn.high) * tick,
            low=Decimal(drawn.low) * tick,
            close=Decimal(drawn.close) * tick,
            volume=Decimal(drawn.volume) * self._volume_step,
        )


def merged(parts: list[Drawn]) -> Drawn:
    """One bar out of ascending smaller ones."""
    if len(parts) == 1:
        return parts[0]
    return Drawn(
        parts[0].open,
        max(part.high for part in parts),
        min(part.low for part in parts),
        parts[-1].close,
        sum(part.volume for part in parts),
    )
