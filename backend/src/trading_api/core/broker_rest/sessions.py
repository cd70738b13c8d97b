"""Sessions as TradingView's broker REST API means them: `symbol_info`'s column, and since when an order is this session's."""

from trading_api.core.grammar import DAY_MINUTES, Window, parse_schedule
from trading_api.core.sessions import DAY_MS, MINUTE_MS, Sessions, sessions_of
from trading_api.models.market.instruments import Instrument, InstrumentKind

LISTED_MS = MINUTE_MS
"""An ended order stays listed at least so long."""
ROUND_THE_CLOCK = "24x7"


def session_column(instrument: Instrument) -> str:
    """One range a day: a break within a day is not told, and no bar falls into it."""
    if instrument.session == ROUND_THE_CLOCK:
        return ROUND_THE_CLOCK
    days: dict[str, str] = {}
    for weekday, windows in sorted(parse_schedule(instrument.session).week.items(), key=lambda one: _digit(one[0])):
        text = _range(windows)
        days[text] = days.get(text, "") + str(_digit(weekday))
    return "|".join(f"{text}:{digits}" for text, digits in days.items())


def _digit(weekday: int) -> int:
    """1 is Sunday."""
    return (weekday + 1) % 7 + 1


def _range(windows: tuple[Window, ...]) -> str:
    return f"{_clock(windows[0].start)}-{_clock(windows[-1].end)}"


def _clock(minutes: int) -> str:
    hour, minute = divmod(minutes % DAY_MINUTES, 60)
    return f"{hour:02}{minute:02}"


def listed_since(instrument: Instrument | None, now: int) -> int:
    """Ended orders from this moment on are listed: of currencies those of 24 hours, of others those of the trading day."""
    if instrument is None or instrument.kind in (InstrumentKind.FOREX, InstrumentKind.CRYPTO):
        return now - DAY_MS
    return min(_begun(sessions_of(instrument), now), now - LISTED_MS)


def _begun(sessions: Sessions, now: int) -> int:
    """When the trading day that began last did so."""
    day = sessions.trading_day(now) or sessions.trading_day(sessions.next_open(now))
    assert day is not None, "a session is open when it opens"
    if sessions.windows(day)[0][0] > now:
        day = sessions.previous_day(day)
    return sessions.windows(day)[0][0]
