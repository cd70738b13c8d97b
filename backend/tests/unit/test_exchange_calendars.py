"""Calendars of exchanges: what the table says, against the package it was made from and against what is known of them."""

import datetime
import sys
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from trading_api.core.exchange_calendars import EXCHANGES, exchange_calendar
from trading_api.core.sessions import Sessions, Windows

sys.path.insert(0, str(Path(__file__).parents[2] / "scripts"))

from exchange_table import Ranges, days_of


def sessions(code: str) -> Sessions:
    calendar = exchange_calendar(code)
    return Sessions(calendar.session, calendar.timezone, calendar.holidays, calendar.corrections)


def hours(code: str, day: str) -> list[str]:
    zone = ZoneInfo(exchange_calendar(code).timezone)
    windows = sessions(code).windows(datetime.date.fromisoformat(day))
    return [f"{_clock(start, zone)}-{_clock(end, zone)}" for start, end in windows]


def _clock(time: int, zone: ZoneInfo) -> str:
    return datetime.datetime.fromtimestamp(time // 1000, zone).strftime("%H%M")


@pytest.mark.parametrize(
    ("code", "day", "expected"),
    [
        ("XNYS", "2024-11-28", []),  # Thanksgiving
        ("XNYS", "2024-11-29", ["0930-1300"]),
        ("XNYS", "2024-07-03", ["0930-1300"]),
        ("XNYS", "2025-01-09", []),  # a day of mourning, which no rule knows
        ("XNYS", "2001-09-12", []),
        ("XNYS", "2021-12-31", ["0930-1600"]),  # New Year's Day fell on a Saturday
        ("XLON", "2024-12-24", ["0800-1230"]),
        ("XLON", "2022-09-19", []),
        ("XETR", "2024-12-24", []),
        ("XTKS", "2024-11-01", ["0900-1130", "1230-1500"]),
        ("XTKS", "2024-11-05", ["0900-1130", "1230-1530"]),  # since this day half an hour longer
        ("XHKG", "2024-12-24", ["0930-1200"]),
        ("XSAU", "2024-07-21", ["1000-1500"]),  # a Sunday
        ("XSAU", "2024-07-19", []),  # a Friday
        ("CMES", "2024-11-29", ["1700-1200"]),
    ],
)
def test_known_days(code: str, day: str, expected: list[str]) -> None:
    assert hours(code, day) == expected


QUICK = ("XNYS", "XLON", "XTKS", "CMES")


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::pandas.errors.Pandas4Warning")
@pytest.mark.parametrize("code", [pytest.param(one, marks=() if one in QUICK else pytest.mark.long) for one in EXCHANGES])
def test_every_day_is_as_the_package_has_it(code: str) -> None:
    told, ours = days_of(code), sessions(code)
    zone = ZoneInfo(told.timezone)
    assert f"{told.last:%Y%m%d}" == exchange_calendar(code).until
    days = (told.first + datetime.timedelta(place) for place in range((told.last - told.first).days + 1))
    wrong = [day for day in days if day.day % 3 == 0 and ours.windows(day) != _moments(day, told.open.get(day, ()), zone)]
    assert wrong == []


def _moments(day: datetime.date, ranges: Ranges, zone: ZoneInfo) -> Windows:
    midnight = datetime.datetime.combine(day, datetime.time())
    minutes = [[(midnight + datetime.timedelta(minutes=edge)).replace(tzinfo=zone) for edge in one] for one in ranges]
    return tuple((int(start.timestamp()) * 1000, int(end.timestamp()) * 1000) for start, end in minutes)
