"""When well-known exchanges trade: session, holidays, half days. The table is generated; nothing is computed from rules."""

from functools import lru_cache
from typing import NamedTuple

from trading_api.core.exchanges import ROWS

EXCHANGES = tuple(sorted(ROWS))
"""Their market identifier codes."""
CALENDARS_CACHED_MAX = 64
"""More than there are."""


class ExchangeCalendar(NamedTuple):
    """As an instrument has it, in TradingView's grammar."""

    timezone: str
    session: str
    holidays: tuple[str, ...]
    corrections: str
    until: str
    """YYYYMMDD; later days are known by their weekday only."""


@lru_cache(maxsize=CALENDARS_CACHED_MAX)
def exchange_calendar(code: str) -> ExchangeCalendar:
    row = ROWS[code]
    corrections = ((ranges, sorted(_dates(days), reverse=True)) for ranges, days in row.corrections.items())
    return ExchangeCalendar(
        row.timezone,
        row.session,
        tuple(_dates(row.holidays)),
        ";".join(f"{ranges}:{','.join(days)}" for ranges, days in corrections),
        row.until,
    )


def _dates(years: str) -> list[str]:
    """YYYYMMDD each."""
    named = (year.split(":") for year in years.split())
    return [year + day for year, days in named for day in days.split(",")]
