"""TradingView's session grammar (contract 1.10), read into windows of one trading day.

A window is a pair of minutes counted from the trading day's local midnight: 1700-1700 on Monday is (-420, 1020), Sunday evening
to Monday evening. Not read: the first-day-of-week digit (`;`), of which public descriptions disagree.
"""

import datetime
import re
from itertools import pairwise
from typing import NamedTuple, NoReturn

from trading_api.models.errors import FixRequest

DAY_MINUTES = 1440
WEEK_MINUTES = 7 * DAY_MINUTES
HOUR_MAX = 47
PARTS_MAX = 32
CORRECTIONS_MAX = 5_000
"""Days of one instrument that end early, begin late or are open by exception."""

_RANGE = re.compile(r"(\d\d)(\d\d)(F[1-6]?)?-(\d\d)(\d\d)(F[1-6]?)?", re.ASCII)
_DAYS = re.compile(r"[1-7]+", re.ASCII)
_WORKING_DAYS = "23456"
_CHANGE = re.compile(r"([^#]*)#(\d{8})/([^#]*)", re.ASCII)


class Window(NamedTuple):
    """Minutes from the trading day's local midnight; the end is exclusive."""

    start: int
    end: int


Week = dict[int, tuple[Window, ...]]
"""Windows by Python's weekday of the trading day (Monday is 0)."""

Corrections = dict[datetime.date, tuple[Window, ...]]
"""Windows of single trading days, instead of their weekday's; they beat holidays."""


class Schedule(NamedTuple):
    """The week that applies now, and the one that applied before `since`, where there was another."""

    week: Week
    since: datetime.date = datetime.date.min
    earlier: Week | None = None

    def windows(self, day: datetime.date) -> tuple[Window, ...]:
        week = self.earlier if self.earlier is not None and day < self.since else self.week
        return week.get(day.weekday(), ())


def parse_schedule(text: str) -> Schedule:
    """A session, or `OLD#YYYYMMDD/NEW`: the new one applies from the Monday of that date's week."""
    if "#" not in text:
        return Schedule(parse_session(text))
    match = _CHANGE.fullmatch(text)
    since = read_date(match[2]) if match else None
    if match is None or since is None:
        _refuse(text, "a change is written OLD#YYYYMMDD/NEW")
    return Schedule(parse_session(match[3]), since - datetime.timedelta(since.weekday()), parse_session(match[1]))


def check_change(text: str, today: datetime.date) -> None:
    """Raise FixRequest for a session that changes in a week to come: charts know no such change."""
    since = parse_schedule(text).since
    if since > today:
        message = f"Expected a session whose change lies in the past, found one that changes on {since}."
        raise FixRequest("future_session", message, field="session")


def parse_corrections(text: str) -> Corrections:
    """`RANGES:DATE,DATE` joined by `;`, as in 0930-1300:20241224,20241129."""
    found: Corrections = {}
    for part in text.split(";") if text else ():
        ranges, colon, dates = part.partition(":")
        windows = _corrected(text, ranges)
        for name in dates.split(",") if colon else ("",):
            day = read_date(name)
            if day is None or day in found or len(found) >= CORRECTIONS_MAX:
                raise _bad_corrections(f"more than {CORRECTIONS_MAX} days" if day and day not in found else f"'{name}'")
            found[day] = windows
    return found


def newest_first(corrections: str) -> str:
    """The same days, each part's in the order that charts want."""
    parts = (part.partition(":") for part in corrections.split(";") if part)
    return ";".join(f"{ranges}:{','.join(sorted(dates.split(','), reverse=True))}" for ranges, _, dates in parts)


def _corrected(text: str, ranges: str) -> tuple[Window, ...]:
    try:
        return tuple(sorted(_window(text, one) for one in ranges.split(",")))
    except FixRequest:
        raise _bad_corrections(f"'{ranges}'") from None


def _bad_corrections(found: str) -> FixRequest:
    message = f"Expected corrections such as 0930-1300:20241224,20241129, each day once, found {found}."
    return FixRequest("bad_corrections", message, field="corrections")


def read_date(text: str) -> datetime.date | None:
    """YYYYMMDD; None when it is no date."""
    if len(text) != 8 or not (text.isascii() and text.isdigit()):
        return None
    try:
        return datetime.date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None


def parse_session(text: str) -> Week:
    """The windows of each weekday; days without any are absent."""
    if text == "24x7":
        return dict.fromkeys(range(7), (Window(0, DAY_MINUTES),))
    parts = text.split("|")
    if len(parts) > PARTS_MAX:
        _refuse(text, f"it has {len(parts)} parts, at most {PARTS_MAX} are read")
    week: dict[int, list[Window]] = {}
    for digit, windows in _by_digit(text, parts).items():
        week[(int(digit) + 5) % 7] = windows
    result = {weekday: tuple(sorted(windows)) for weekday, windows in sorted(week.items())}
    _check_apart(text, result)
    return result


def _by_digit(text: str, parts: list[str]) -> dict[str, list[Window]]:
    """Windows by TradingView's day digit (1 is Sunday). A part without days covers the working days that no other names."""
    named: dict[str, list[Window]] = {}
    rest: list[Window] = []
    for part in parts:
        ranges, colon, days = part.partition(":")
        windows = [_window(text, one) for one in ranges.split(",")]
        if not colon:
            rest += windows
            continue
        if not _DAYS.fullmatch(days):
            _refuse(text, f"'{days}' are not days (1 is Sunday, 7 is Saturday)")
        for digit in sorted(set(days)):
            named.setdefault(digit, []).extend(windows)
    others = {digit: list(rest) for digit in _WORKING_DAYS if digit not in named} if rest else {}
    return named | others


def _window(text: str, one: str) -> Window:
    match = _RANGE.fullmatch(one)
    if match is None:
        _refuse(text, f"'{one}' is not a range such as 0930-1600")
    hour, minute, flag, end_hour, end_minute, end_flag = match.groups()
    start, end = _minutes(text, hour, minute), _minutes(text, end_hour, end_minute)
    if flag or end_flag:
        start -= _days_before(flag) * DAY_MINUTES
        end -= _days_before(end_flag) * DAY_MINUTES
    elif start == end == 0:
        end = DAY_MINUTES
    elif start >= end:
        start -= DAY_MINUTES
    if start >= end:
        _refuse(text, f"'{one}' ends before it starts")
    return Window(start, end)


def _minutes(text: str, hour: str, minute: str) -> int:
    if int(hour) > HOUR_MAX or int(minute) > 59:
        _refuse(text, f"'{hour}{minute}' is not a time of day")
    return int(hour) * 60 + int(minute)


def _days_before(flag: str | None) -> int:
    if not flag:
        return 0
    return int(flag[1:] or 1)


def _check_apart(text: str, week: Week) -> None:
    """One moment belongs to one window: no two of a week may overlap, the next week's first included."""
    laid = sorted(
        (weekday * DAY_MINUTES + window.start, weekday * DAY_MINUTES + window.end)
        for weekday, windows in week.items()
        for window in windows
    )
    laid.append((laid[0][0] + WEEK_MINUTES, laid[0][1] + WEEK_MINUTES))
    if any(later[0] < earlier[1] for earlier, later in pairwise(laid)):
        _refuse(text, "two of its ranges overlap")


def _refuse(text: str, found: str) -> NoReturn:
    raise FixRequest(
        "bad_session",
        f"Expected a session such as 24x7, 0930-1600 or 1700-1700:23456, found '{text}': {found}.",
        field="session",
    )
