"""TradingView's session grammar (contract 1.10), read into windows of one trading day.

A window is a pair of minutes counted from the trading day's local midnight: 1700-1700 on Monday is (-420, 1020), Sunday evening
to Monday evening. Not read: the first-day-of-week digit and changes in the past (`;` and `#`), which no instrument here needs.
"""

import re
from itertools import pairwise
from typing import NamedTuple, NoReturn

from trading_api.models.errors import FixRequest

DAY_MINUTES = 1440
WEEK_MINUTES = 7 * DAY_MINUTES
HOUR_MAX = 47
PARTS_MAX = 32

_RANGE = re.compile(r"(\d\d)(\d\d)(F[1-6]?)?-(\d\d)(\d\d)(F[1-6]?)?", re.ASCII)
_DAYS = re.compile(r"[1-7]+", re.ASCII)
_WORKING_DAYS = "23456"


class Window(NamedTuple):
    """Minutes from the trading day's local midnight; the end is exclusive."""

    start: int
    end: int


Week = dict[int, tuple[Window, ...]]
"""Windows by Python's weekday of the trading day (Monday is 0)."""


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
