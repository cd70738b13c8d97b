"""Days as an account counts them: from midnight to midnight in a zone, however clocks are put forward or back."""

import datetime
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from trading_api.core.times import FIRST

DAYS_CACHED_MAX = 4_096
"""Moments that were worked out lately, over all accounts."""


class Day(NamedTuple):
    """A day's name, YYYY-MM-DD, and the time it covers, end exclusive."""

    name: str
    start: int
    end: int


def day_at(time: int, timezone: str) -> Day:
    date = date_at(time, timezone)
    midnight = datetime.time()
    start, end = (moment(one, midnight, timezone) for one in (date, date + datetime.timedelta(1)))
    return Day(date.isoformat(), start, end)


def date_at(time: int, timezone: str) -> datetime.date:
    return datetime.datetime.fromtimestamp(max(FIRST, time) // 1000, ZoneInfo(timezone)).date()


@lru_cache(DAYS_CACHED_MAX)
def moment(date: datetime.date, clock: datetime.time, timezone: str) -> int:
    """UTC milliseconds; a time that clocks skip is as much later, one that comes twice is the first."""
    return int(datetime.datetime.combine(date, clock, ZoneInfo(timezone)).timestamp()) * 1000
