"""Exchange holidays by rule, so that no year needs a list."""

import datetime
from collections.abc import Iterable
from typing import Final

YEARS: Final = range(2000, 2050)
"""Fixed: another range would move bars that have been seen."""

_MONDAY, _THURSDAY = 0, 3
_JUNETEENTH_SINCE = 2022


def new_york() -> tuple[str, ...]:
    """The days US exchanges stay closed."""
    return _texts(day for year in YEARS for day in _new_york(year))


def frankfurt() -> tuple[str, ...]:
    return _texts(day for year in YEARS for day in _frankfurt(year))


def _new_york(year: int) -> list[datetime.date]:
    days = [
        _nth(year, 1, _MONDAY, 3),
        _nth(year, 2, _MONDAY, 3),
        easter(year) - datetime.timedelta(2),
        _last_monday_of_may(year),
        _observed(datetime.date(year, 7, 4)),
        _nth(year, 9, _MONDAY, 1),
        _nth(year, 11, _THURSDAY, 4),
        _observed(datetime.date(year, 12, 25)),
    ]
    if datetime.date(year, 1, 1).weekday() != 5:
        days.append(_observed(datetime.date(year, 1, 1)))
    if year >= _JUNETEENTH_SINCE:
        days.append(_observed(datetime.date(year, 6, 19)))
    return days


def _frankfurt(year: int) -> list[datetime.date]:
    fixed = [datetime.date(year, *day) for day in ((1, 1), (5, 1), (12, 24), (12, 25), (12, 26), (12, 31))]
    return [*fixed, easter(year) - datetime.timedelta(2), easter(year) + datetime.timedelta(1)]


def easter(year: int) -> datetime.date:
    """Easter Sunday, for the years 1900 to 2099."""
    golden = year % 19
    full_moon = (19 * golden + 24) % 30
    full_moon -= full_moon == 29 or (full_moon == 28 and golden > 10)
    march_22 = datetime.date(year, 3, 22) + datetime.timedelta(full_moon)
    return march_22 - datetime.timedelta(march_22.weekday()) + datetime.timedelta(6)


def _nth(year: int, month: int, weekday: int, number: int) -> datetime.date:
    first = datetime.date(year, month, 1)
    return first + datetime.timedelta((weekday - first.weekday()) % 7 + 7 * (number - 1))


def _last_monday_of_may(year: int) -> datetime.date:
    return _nth(year, 6, _MONDAY, 1) - datetime.timedelta(7)


def _observed(day: datetime.date) -> datetime.date:
    """A Saturday's holiday is kept on Friday, a Sunday's on Monday."""
    return day + datetime.timedelta({5: -1, 6: 1}.get(day.weekday(), 0))


def _texts(days: Iterable[datetime.date]) -> tuple[str, ...]:
    return tuple(sorted({day.strftime("%Y%m%d") for day in days if day.weekday() < 5}))
