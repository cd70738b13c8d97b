"""When an imported instrument is open, as its owner says it."""

from trading_api.core.chart_zones import check_chart_zone
from trading_api.core.exchange_calendars import EXCHANGES, exchange_calendar
from trading_api.core.grammar import check_change
from trading_api.core.sessions import day_of, known_zone
from trading_api.models.errors import FixRequest
from trading_api.models.market.imports import InstrumentChange

HOURS = ("timezone", "session", "holidays", "corrections")
"""What an exchange's calendar says."""


def check_hours(change: InstrumentChange, now: int) -> None:
    """Raise FixRequest for what charts could not show. The rest is checked with the instrument it changes."""
    if change.calendar is not None:
        exchange_hours(change.calendar)
        beside = next((name for name in HOURS if getattr(change, name) is not None), None)
        if beside is not None:
            message = f"Expected no {beside} beside calendar, which says when {change.calendar} is open, found one."
            raise FixRequest("calendar_and_hours", message, field=beside)
    if change.timezone is not None and known_zone(change.timezone):
        check_chart_zone(change.timezone)
    if change.session is not None and "#" in change.session:
        check_change(change.session, day_of(now))


def exchange_hours(code: str) -> dict[str, object]:
    """An exchange's own zone, session, holidays and half days."""
    if code not in EXCHANGES:
        message = f"Expected the code of an exchange, one of {', '.join(EXCHANGES)}, found '{code}'."
        raise FixRequest("bad_calendar", message, field="calendar")
    found = exchange_calendar(code)
    return {name: getattr(found, name) for name in HOURS}
