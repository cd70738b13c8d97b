"""Trading sessions: when an instrument is open, which trading day a moment belongs to, and where its bars begin.

A trading day is the day an evening session ends in; its windows are UTC milliseconds, end exclusive. Local times that a clock
change skips stand for the moment of the change; of times that come twice the first is meant.
"""

import datetime
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from trading_api.core.grammar import DAY_MINUTES, Window, parse_corrections, parse_schedule, read_date
from trading_api.models.errors import FixRequest
from trading_api.models.market.bars import Resolution
from trading_api.models.market.instruments import Instrument

MINUTE_MS = 60_000
DAY_MS = 86_400_000
DAYS_CACHED_MAX = 16_384
SESSIONS_CACHED_MAX = 1_024
HOLIDAYS_MAX = 20_000
WINDOWS_AHEAD_MAX = 10
"""Windows without a gap that are looked through for a close: more than a week's, so what is open after them never closes."""
NEIGHBOURS = 7
"""A window begins at most six days before its trading day."""

_EPOCH = datetime.date(1970, 1, 1)
_EPOCH_ORDINAL = _EPOCH.toordinal()

Windows = tuple[tuple[int, int], ...]


class Span(NamedTuple):
    """A bar's stamp and the real time it covers, end exclusive."""

    stamp: int
    start: int
    end: int


class Sessions:
    """The calendar of one instrument."""

    def __init__(self, session: str, timezone: str, holidays: tuple[str, ...] = (), corrections: str = "") -> None:
        self._schedule = parse_schedule(session)
        self._zone = _zone(timezone)
        self._holidays = _holidays(holidays)
        self._corrected = parse_corrections(corrections)
        self._utc = timezone in ("Etc/UTC", "UTC")
        _check_apart(self._templates, self._corrected)
        weeks = [*self._schedule.week.values(), *(self._schedule.earlier or {}).values(), *self._corrected.values()]
        offsets = [edge for windows in weeks for window in windows for edge in window]
        # One day more than the grammar says: where clocks go back over midnight, the local date runs behind the trading day.
        self._days_ahead = 1 - min(0, min(offsets) // DAY_MINUTES)
        self._days_behind = max(0, (max(offsets) - 1) // DAY_MINUTES)
        self._windows: dict[datetime.date, Windows] = {}
        self._last: tuple[int, int, datetime.date] = (0, 0, _EPOCH)

    def windows(self, day: datetime.date) -> Windows:
        """When the trading day is open, ascending; empty on closed days."""
        found = self._windows.get(day)
        if found is None:
            if len(self._windows) >= DAYS_CACHED_MAX:
                self._windows.clear()
            found = self._windows[day] = self._compute(day)
        return found

    def window_at(self, time: int) -> tuple[int, int, datetime.date] | None:
        """The open window around a moment and its trading day; None when closed."""
        last = self._last
        if last[0] <= time < last[1]:
            return last
        local = self._local_date(time)
        for ahead in range(-self._days_behind, self._days_ahead + 1):
            day = local + datetime.timedelta(ahead)
            for start, end in self.windows(day):
                if start <= time < end:
                    self._last = (start, end, day)
                    return self._last
        return None

    def is_open(self, time: int) -> bool:
        return self.window_at(time) is not None

    def trading_day(self, time: int) -> datetime.date | None:
        """The trading day a moment belongs to; None when closed."""
        found = self.window_at(time)
        return found[2] if found else None

    def next_open(self, time: int) -> int:
        """The start of the first window that begins after `time`."""
        day = self._local_date(time) - datetime.timedelta(self._days_behind + 1)
        while True:
            for start, _ in self.windows(day):
                if start > time:
                    return start
            day = self.next_day(day)

    def next_change(self, time: int) -> int | None:
        """When an open market closes, or a closed one opens; None when it stays open for the windows looked at."""
        found = self.window_at(time)
        if found is None:
            return self.next_open(time)
        for _ in range(WINDOWS_AHEAD_MAX):
            end = found[1]
            found = self.window_at(end)
            if found is None:
                return end
        return None

    def day_end(self, time: int) -> int:
        """The close of the current trading day, breaks within it included; of the next one when closed."""
        day = self._local_date(time) - datetime.timedelta(self._days_behind + 1)
        while not (windows := self.windows(day)) or windows[-1][1] <= time:
            day = self.next_day(day)
        return windows[-1][1]

    def next_day(self, day: datetime.date) -> datetime.date:
        """The first trading day after `day`."""
        day += datetime.timedelta(1)
        while not self.windows(day):
            day += datetime.timedelta(1)
        return day

    def previous_day(self, day: datetime.date) -> datetime.date:
        """The last trading day before `day`."""
        day -= datetime.timedelta(1)
        while not self.windows(day):
            day -= datetime.timedelta(1)
        return day

    def bar_start(self, time: int, resolution: Resolution) -> int | None:
        """The stamp of the bar that contains a moment; None when closed.

        Intraday bars count from their window's start; longer ones are stamped 00:00 UTC of their first trading day.
        """
        found = self.window_at(time)
        if found is None:
            return None
        start, _, day = found
        if resolution.width_ms is None:
            return stamp_of(self.first_day(day, resolution))
        return time - (time - start) % resolution.width_ms

    def bar_span(self, stamp: int, resolution: Resolution) -> tuple[int, int]:
        """The real time the bar with this stamp covers, end exclusive."""
        if resolution.width_ms is None:
            days = self.days_of(day_of(stamp), resolution)
            if not days:  # a day that was imported although the calendar has it closed
                first, after = _period(day_of(stamp), resolution)
                return stamp_of(first), stamp_of(after)
            return self.windows(days[0])[0][0], self.windows(days[-1])[-1][1]
        found = self.window_at(stamp)
        if found is None:
            raise ValueError(f"no bar starts at {stamp}: the session is closed")
        return stamp, min(stamp + resolution.width_ms, found[1])

    def spans_back(self, before: int, resolution: Resolution) -> Iterator[Span]:
        """Every bar whose stamp is below `before`, newest first, without end."""
        if resolution.width_ms is None:
            return self._periods_back(before, resolution)
        return self._intraday_back(before, resolution.width_ms)

    def first_day(self, day: datetime.date, resolution: Resolution) -> datetime.date:
        """The first trading day of the day, week or month around `day`; its first day where there is none."""
        days = [] if resolution is Resolution.D1 else self.days_of(day, resolution)
        return days[0] if days else _period(day, resolution)[0]

    def days_of(self, day: datetime.date, resolution: Resolution) -> list[datetime.date]:
        """The trading days of the day, week (from Monday) or month around `day`."""
        if resolution is Resolution.D1:
            return [day] if self.windows(day) else []
        first, after = _period(day, resolution)
        ordinals = range(first.toordinal(), after.toordinal())
        return [one for one in map(datetime.date.fromordinal, ordinals) if self.windows(one)]

    def _periods_back(self, before: int, resolution: Resolution) -> Iterator[Span]:
        day = day_of(before - 1)
        while True:
            first, _ = _period(day, resolution)
            days = self.days_of(day, resolution)
            if days and stamp_of(days[0]) < before:
                yield Span(stamp_of(days[0]), self.windows(days[0])[0][0], self.windows(days[-1])[-1][1])
            day = first - datetime.timedelta(1)

    def _intraday_back(self, before: int, step: int) -> Iterator[Span]:
        day = self._local_date(before) + datetime.timedelta(self._days_ahead)
        while True:
            for start, end in reversed(self.windows(day)):
                if start < before:
                    last = min(before, end) - 1
                    for stamp in range(last - (last - start) % step, start - 1, -step):
                        yield Span(stamp, stamp, min(stamp + step, end))
            day = self.previous_day(day)

    def _local_date(self, time: int) -> datetime.date:
        if self._utc:
            return day_of(time)
        return datetime.datetime.fromtimestamp(time // 1000, self._zone).date()

    def _templates(self, day: datetime.date) -> tuple[Window, ...]:
        corrected = self._corrected.get(day)
        if corrected is not None:
            return corrected
        return () if day in self._holidays else self._schedule.windows(day)

    def _compute(self, day: datetime.date) -> Windows:
        edges = ((self._utc_ms(day, window.start), self._utc_ms(day, window.end)) for window in self._templates(day))
        return tuple((start, end) for start, end in edges if start < end)

    def _utc_ms(self, day: datetime.date, minutes: int) -> int:
        wall = (day.toordinal() - _EPOCH_ORDINAL) * DAY_MS + minutes * MINUTE_MS
        if self._utc:
            return wall
        moment = datetime.datetime.combine(day, datetime.time()) + datetime.timedelta(minutes=minutes)
        utc = wall - self._offset_of(moment)
        other = wall - self._offset_of(moment.replace(fold=1))
        return utc if other >= utc else self._change_between(other, utc)

    def _offset_of(self, moment: datetime.datetime) -> int:
        offset = self._zone.utcoffset(moment)
        return 0 if offset is None else round(offset.total_seconds()) * 1000

    def _change_between(self, early: int, late: int) -> int:
        """The moment in (early, late] at which the clock jumps forward over a local time."""
        before = self._offset_at(early)
        while late - early > 1000:
            middle = (early + late) // 2000 * 1000
            if self._offset_at(middle) == before:
                early = middle
            else:
                late = middle
        return late

    def _offset_at(self, time: int) -> datetime.timedelta | None:
        return datetime.datetime.fromtimestamp(time // 1000, self._zone).utcoffset()


_shared = lru_cache(maxsize=SESSIONS_CACHED_MAX)(Sessions)


def sessions_of(instrument: Instrument) -> Sessions:
    """The calendar of an instrument, one for all with equal sessions."""
    return _shared(instrument.session, instrument.timezone, instrument.holidays, instrument.corrections)


def stamp_of(day: datetime.date) -> int:
    """00:00 UTC of a day."""
    return (day.toordinal() - _EPOCH_ORDINAL) * DAY_MS


def day_of(stamp: int) -> datetime.date:
    """The UTC date of a moment."""
    return datetime.date.fromordinal(_EPOCH_ORDINAL + stamp // DAY_MS)


def _period(day: datetime.date, resolution: Resolution) -> tuple[datetime.date, datetime.date]:
    """The calendar day, week or month around `day`, end exclusive."""
    if resolution is Resolution.W1:
        monday = day - datetime.timedelta(day.weekday())
        return monday, monday + datetime.timedelta(7)
    if resolution is Resolution.MN1:
        first = day.replace(day=1)
        return first, (first + datetime.timedelta(31)).replace(day=1)
    return day, day + datetime.timedelta(1)


def known_zone(name: str) -> ZoneInfo | None:
    """The IANA zone of this name; None when there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _zone(name: str) -> ZoneInfo:
    zone = known_zone(name)
    if zone is None:
        raise FixRequest(
            "bad_timezone", f"Expected an IANA time zone such as America/New_York, found '{name}'.", field="timezone"
        )
    return zone


def _holidays(texts: tuple[str, ...]) -> frozenset[datetime.date]:
    if len(texts) > HOLIDAYS_MAX:
        raise FixRequest("bad_holidays", f"Expected at most {HOLIDAYS_MAX} holidays, found {len(texts)}.", field="holidays")
    return frozenset(_holiday(text) for text in texts)


def _holiday(text: str) -> datetime.date:
    day = read_date(text)
    if day is None:
        raise FixRequest("bad_holidays", f"Expected a holiday as YYYYMMDD, found '{text}'.", field="holidays")
    return day


def _check_apart(templates: Callable[[datetime.date], tuple[Window, ...]], corrected: Iterable[datetime.date]) -> None:
    """One moment belongs to one window, also around the days that are corrected."""
    for day in corrected:
        around = (day + datetime.timedelta(ahead) for ahead in range(-NEIGHBOURS, NEIGHBOURS + 1))
        laid = sorted(
            (one.toordinal() * DAY_MINUTES + window.start, one.toordinal() * DAY_MINUTES + window.end)
            for one in around
            for window in templates(one)
        )
        if any(later[0] < earlier[1] for earlier, later in pairwise(laid)):
            raise FixRequest(
                "bad_corrections",
                f"Expected corrections that meet no other range, found {day:%Y%m%d} overlapping.",
                field="corrections",
            )
