"""The session grammar, read on its own: when a symbol is open, and whether the text is one at all (contract 1.10)."""

import re
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from trading_api.conformance.shapes import Broken, expect

DAY_MINUTES = 24 * 60
_RANGE = re.compile(r"(\d{2})(\d{2})(?:F([1-6])?)?-(\d{2})(\d{2})(?:F([1-6])?)?")
_FLAG = re.compile(r"F([1-6])?")
_DATE = re.compile(r"\d{8}")
_WEEKDAYS = frozenset("23456")


class Hours(NamedTuple):
    """Minutes from midnight of the trading day; a start before it is negative."""

    start: int
    end: int


class Schedule(NamedTuple):
    days: dict[str, tuple[Hours, ...]]
    """By TradingView's number of the day, 1 is Sunday."""

    def spans(self, day: date, zone: ZoneInfo) -> list[tuple[int, int]]:
        """When this trading day is open, in Unix seconds."""
        midnight = datetime(day.year, day.month, day.day)
        hours = self.days.get(str(day.isoweekday() % 7 + 1), ())
        return [(_unix(midnight, one.start, zone), _unix(midnight, one.end, zone)) for one in hours]

    def span_at(self, moment: int, zone: ZoneInfo) -> tuple[date, int, int] | None:
        """The trading day and the opening hours that hold this moment."""
        local = datetime.fromtimestamp(moment, zone).date()
        for offset in range(-2, 8):
            day = local + timedelta(days=offset)
            for start, end in self.spans(day, zone):
                if start <= moment < end:
                    return day, start, end
        return None


def _unix(midnight: datetime, minutes: int, zone: ZoneInfo) -> int:
    return int((midnight + timedelta(minutes=minutes)).replace(tzinfo=zone).timestamp())


def schedule(text: str) -> Schedule:
    """Raises Broken where the text is no session."""
    expect(text != "", "expected a session, found an empty text")
    if text == "24x7":
        return Schedule(dict.fromkeys("1234567", (Hours(0, DAY_MINUTES),)))
    current = text.rsplit("/", 1)[-1]
    for older in text.split("/")[:-1]:
        expect("#" in older, f"expected OLD#YYYYMMDD/NEW, found '{text}'")
        _hold_date(older.rsplit("#", 1)[1], text)
    if "#" in current:
        raise Broken(f"expected a session after the last '/', found '{text}'")
    current = re.sub(r"^[1-7];|;[1-7]$", "", current)
    return Schedule(_days(current, text))


def _days(current: str, text: str) -> dict[str, tuple[Hours, ...]]:
    named: dict[str, tuple[Hours, ...]] = {}
    rest: tuple[Hours, ...] | None = None
    for part in current.split("|"):
        ranges, colon, days = part.partition(":")
        hours = tuple(_hours(one, text) for one in ranges.split(","))
        if not colon:
            expect(rest is None, f"expected one part without days, found '{text}'")
            rest = hours
            continue
        expect(re.fullmatch(r"[1-7]+", days) is not None, f"expected days 1 to 7 after the colon, found '{text}'")
        expect(not set(days) & named.keys(), f"expected each day once, found '{text}'")
        named |= dict.fromkeys(days, hours)
    if rest is not None:
        named |= dict.fromkeys(_WEEKDAYS - named.keys(), rest)
    for hours in named.values():
        ordered = sorted(hours)
        expect(
            all(a.end <= b.start for a, b in zip(ordered, ordered[1:], strict=False)), f"expected no overlap, found '{text}'"
        )
    return named


def _hours(text: str, whole: str) -> Hours:
    found = _RANGE.fullmatch(text)
    if found is None:
        raise Broken(f"expected hours such as 0930-1600, found '{text}' in '{whole}'")
    start_text, end_text = text.split("-")
    start, end = int(found[1]) * 60 + int(found[2]), int(found[4]) * 60 + int(found[5])
    expect(int(found[2]) < 60 and int(found[5]) < 60 and start < 2 * DAY_MINUTES, f"expected times of a day, found '{text}'")
    before = _days_before(start_text), _days_before(end_text)
    if start == end == 0:
        return Hours(0, DAY_MINUTES)
    if before[0] is None and before[1] is None and start >= end:
        return Hours(start - DAY_MINUTES, end)
    hours = Hours(start - DAY_MINUTES * (before[0] or 0), end - DAY_MINUTES * (before[1] or 0))
    expect(hours.start < hours.end, f"expected hours that end after they begin, found '{text}' in '{whole}'")
    return hours


def _days_before(text: str) -> int | None:
    flag = _FLAG.search(text)
    return int(flag[1] or 1) if flag else None


def hold_holidays(text: str) -> None:
    for one in filter(None, text.split(",")):
        _hold_date(one, text)


def hold_corrections(text: str) -> None:
    for part in filter(None, text.split(";")):
        hours, colon, dates = part.rpartition(":")
        expect(colon != "", f"expected SESSION:DATE, found '{part}'")
        for one in hours.split(",") if hours != "dayoff" else ():
            _hours(one, part)
        for one in dates.split(","):
            _hold_date(one, part)
        newest_first = sorted(dates.split(","), reverse=True)
        expect(dates.split(",") == newest_first, f"expected the newest date of a correction first, found '{part}'")


def _hold_date(text: str, whole: str) -> None:
    try:
        expect(_DATE.fullmatch(text) is not None, f"expected dates as YYYYMMDD, found '{text}' in '{whole}'")
        datetime.strptime(text, "%Y%m%d")
    except ValueError:
        raise Broken(f"expected a day of the calendar, found '{text}' in '{whole}'") from None
