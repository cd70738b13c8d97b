"""One instrument's prices: days out of the calendar, and each day split down to its ticks. All in whole ticks of price.

Everything here is a pure function of seed, symbol and time, remembered in bounded caches. What is drawn for a time that has not
come yet must not be shown: `history` and `stream` ask only for what is over, or look at single ticks up to now.
"""

import datetime
from bisect import bisect_right
from collections.abc import Iterator
from functools import lru_cache
from math import isqrt
from operator import attrgetter
from typing import Final, NamedTuple

from trading_api.core.sessions import MINUTE_MS, sessions_of
from trading_api.models.market.bars import Resolution
from trading_api.plugins.synthetic.instruments import Listing
from trading_api.plugins.synthetic.noise import Level, key_of, mix
from trading_api.plugins.synthetic.split import Drawn, bars_in, portions, prices_in, reach_down, reach_up

FIRST_DAY: Final = datetime.date(2000, 1, 3)
"""A Monday, so that weeks count from it."""
DAYS_CACHED_MAX: Final = 16_384
BLOCK_DAYS_CACHED_MAX: Final = 128
MINUTE_BLOCKS_CACHED_MAX: Final = 256
TICK_MINUTES_CACHED_MAX: Final = 16

BLOCK_MS: Final = 30 * MINUTE_MS
_BLOCK_MINUTES: Final = 30
_SECOND_MS: Final = 1000
_TICKS_IN_SECOND: Final = (1, 1, 1, 2)
# Steps of the calendar scale: a day has four, of which instruments that gap spend the first overnight; a weekend has one.
_DAY_STEPS: Final = 4
_WEEK_STEPS: Final = 5 * _DAY_STEPS + 1
_WEEK_STEPS_OPEN: Final = 7 * _DAY_STEPS
_VARIANCE_BITS: Final = 40


class Piece(NamedTuple):
    """A bar over the real time it covers."""

    start: int
    end: int
    bar: Drawn


class Tick(NamedTuple):
    time: int
    price: int
    volume: int


class Prices:
    """The whole price history, and future, of one listing under a seed."""

    def __init__(self, listing: Listing, seed: int) -> None:
        instrument = listing.instrument
        self.sessions = sessions_of(instrument)
        self._key = key_of(seed, instrument.name)
        self._block_key, self._minute_key, self._second_key = (mix(self._key ^ salt) for salt in (1, 2, 3))
        self._overnight = 1 if listing.gaps else 0
        weekend = (FIRST_DAY + datetime.timedelta(place) for place in (5, 6))
        self._week_steps = _WEEK_STEPS_OPEN if any(map(self.sessions.windows, weekend)) else _WEEK_STEPS
        self._variance = int(listing.deviation**2 * 2**_VARIANCE_BITS)
        self._volume = int(listing.typical_volume / listing.volume_step)
        level = Level(
            self._key,
            typical_ticks=int(listing.typical_price / instrument.tick_size),
            deviation=listing.deviation,
            session_steps=_DAY_STEPS - self._overnight,
        )
        self._level = lru_cache(DAYS_CACHED_MAX)(level.at)
        self.day = lru_cache(DAYS_CACHED_MAX)(self._day)
        self.blocks = lru_cache(BLOCK_DAYS_CACHED_MAX)(self._blocks)
        self._minutes_of = lru_cache(MINUTE_BLOCKS_CACHED_MAX)(self._minutes)
        self._ticks_of = lru_cache(TICK_MINUTES_CACHED_MAX)(self._ticks)

    def first_open(self) -> int:
        day = FIRST_DAY if self.sessions.windows(FIRST_DAY) else self.sessions.next_day(FIRST_DAY)
        return self.sessions.windows(day)[0][0]

    def block_at(self, time: int) -> tuple[datetime.date, int] | None:
        """The trading day and the number of the block around a moment; None when closed."""
        found = self.sessions.window_at(time)
        if found is None or found[2] < FIRST_DAY:
            return None
        return found[2], bisect_right(self.blocks(found[2]), time, key=attrgetter("start")) - 1

    def minutes(self, day: datetime.date, block: int) -> list[Piece]:
        """The minutes of one block."""
        return self._minutes_of(day, block)

    def ticks(self, minute: int) -> list[Tick]:
        """All ticks of the minute that starts here."""
        return self._ticks_of(minute)

    def last_tick(self, time: int) -> Tick | None:
        """The last tick at or before a moment; None before the first of all."""
        for span in self.sessions.spans_back(time + 1, Resolution.M1):
            if span.start < self.first_open():
                return None
            ticks = self.ticks(span.start)
            if ticks[0].time <= time:
                return ticks[bisect_right(ticks, time, key=attrgetter("time")) - 1]
        return None

    def ticks_after(self, time: int) -> Iterator[Tick]:
        """Every tick later than a moment, without end."""
        time = max(time, self.first_open() - 1)
        minute = self._minute_around(time)
        while True:
            yield from (tick for tick in self.ticks(minute) if tick.time > time)
            minute = self._minute_around(minute + MINUTE_MS)

    def _minute_around(self, time: int) -> int:
        """The start of the minute around an open moment, or of the first one after a closed moment."""
        start = self.sessions.bar_start(time, Resolution.M1)
        return self.sessions.next_open(time) if start is None else start

    def _step(self, day: datetime.date) -> int:
        weeks, weekday = divmod((day - FIRST_DAY).days, 7)
        return weeks * self._week_steps + weekday * _DAY_STEPS

    def _variance_of(self, day: datetime.date) -> int:
        """What a session starting here has to spend, in squared ticks."""
        return int(self.day(day).open ** 2 * self._variance >> _VARIANCE_BITS)

    def _key_of_day(self, day: datetime.date) -> int:
        return mix(self._key ^ day.toordinal())

    def _day(self, day: datetime.date) -> Drawn:
        step = self._step(day)
        open_, close = self._level(step + self._overnight), self._level(step + _DAY_STEPS)
        variance = open_ * open_ * self._variance >> _VARIANCE_BITS
        bits = self._key_of_day(day)
        high = reach_up(open_, close, variance, bits & 255)
        low = max(1, reach_down(open_, close, variance, bits >> 8 & 255))
        # Busy days range far: 1.6 deviations are usual, and 256 + 154 is 1.6 times 256.
        volume = self._volume * (high - low) * (192 + (bits >> 16 & 127)) // (1 + 410 * isqrt(variance))
        return Drawn(open_, high, low, close, volume)

    def _blocks(self, day: datetime.date) -> list[Piece]:
        spans = [
            (start, min(start + BLOCK_MS, end))
            for first, end in self.sessions.windows(day)
            for start in range(first, end, BLOCK_MS)
        ]
        key = mix(self._key_of_day(day) + 1)
        bars = bars_in(self.day(day), len(spans), self._variance_of(day), key)
        return [Piece(start, end, bar) for (start, end), bar in zip(spans, bars, strict=True)]

    def _minutes(self, day: datetime.date, block: int) -> list[Piece]:
        blocks = self.blocks(day)
        start, end, bar = blocks[block]
        count = (end - start) // MINUTE_MS
        key = mix(self._block_key ^ start)
        bars = bars_in(bar, count, self._variance_of(day) // len(blocks), key)
        return [Piece(time, time + MINUTE_MS, one) for time, one in zip(range(start, end, MINUTE_MS), bars, strict=True)]

    def _ticks(self, minute: int) -> list[Tick]:
        found = self.block_at(minute)
        assert found is not None, "a minute of the session has ticks, no other"
        day, block = found
        minutes = self.minutes(day, block)
        bar = minutes[(minute - minutes[0].start) // MINUTE_MS].bar
        times = self._tick_times(minute)
        variance = self._variance_of(day) // (len(self.blocks(day)) * _BLOCK_MINUTES)
        prices = prices_in(bar, len(times), variance, mix(self._minute_key ^ minute))
        weights = [64 + (mix(self._minute_key + time) & 1023) for time in times]
        return [Tick(*tick) for tick in zip(times, prices, portions(bar.volume, weights), strict=True)]

    def _tick_times(self, minute: int) -> list[int]:
        """At least one in every second, no two at the same millisecond."""
        times = []
        for second in range(minute, minute + MINUTE_MS, _SECOND_MS):
            bits = mix(self._second_key ^ second)
            count = _TICKS_IN_SECOND[bits & 3]
            slot = _SECOND_MS // count
            times += [second + number * slot + (bits >> 8 + 16 * number & 0xFFFF) * slot // 0x10000 for number in range(count)]
        return times
