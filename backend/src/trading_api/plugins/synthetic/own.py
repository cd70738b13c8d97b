"""One instrument of one's own, out of its table in a file: what it is, how it trades, and the character of its prices."""

import datetime
from decimal import Decimal
from typing import Final, Literal, cast

from trading_api.core.chart_zones import check_chart_zone
from trading_api.core.exchange_calendars import EXCHANGES, ExchangeCalendar, exchange_calendar
from trading_api.core.grammar import check_change
from trading_api.core.sessions import HOLIDAYS_MAX, Sessions, known_zone
from trading_api.models.errors import FixRequest
from trading_api.models.market.instruments import Commission, Dividend, Instrument, InstrumentKind, Swap, Weekday
from trading_api.plugins.synthetic.instruments import Listing
from trading_api.plugins.synthetic.prices import FIRST_DAY
from trading_api.plugins.synthetic.table import Table, shown

# fmt: off
KEYS: Final = (
    "symbol", "description", "kind", "exchange", "currency", "base", "tick", "pip", "lot", "quantity", "session",
    "zone", "holidays", "corrections", "calendar", "spread", "size", "commission", "margin", "swap", "dividend", "bars",
    "prices",
)
# fmt: on
HOLIDAYS_OF: Final = {"new-york": "XNYS", "frankfurt": "XETR"}
"""Exchanges whose holidays, without their half days, an instrument with hours of its own may keep."""
WEEKDAYS: Final[dict[str, Weekday | None]] = {"none": None} | {each.name.lower(): each for each in Weekday}
SPREAD_PART_MAX: Final = 10
"""The widest spread is at most this part of the price."""
TYPICAL_TICKS_MIN: Final = 100
TYPICAL_TICKS_MAX: Final = 10**10
"""A price may rise to many times its typical one and still be exact in a JSON number."""
OPEN_DAYS_MIN: Final = 3
OPEN_WITHIN_DAYS: Final = 31
"""Prices begin in January 2000, so the session must be open then."""

_SYMBOL = r"[A-Za-z0-9][A-Za-z0-9._-]{0,29}"
_CURRENCY = r"[A-Z]{3,5}"
_TIME = r"([01]\d|2[0-3]):[0-5]\d"
_ZERO = Decimal(0)


def listing_of(table: Table, market: str, today: datetime.date) -> Listing:
    """Raises Fault at the first thing that is wrong."""
    kind = InstrumentKind(table.choice("kind", [each.value for each in InstrumentKind]))
    tick = table.number("tick", "a number above 0", above=_ZERO)
    bars = cast(Literal["bid", "trade"], table.choice("bars", ("bid", "trade")))
    prices = table.table("prices", ("typical", "deviation", "volume", "gaps"), required=True)
    assert prices is not None, "it is required"
    typical, deviation = _typical(prices, tick), _deviation(prices)
    least, most, step = _quantities(table)
    volume = _on_grid(prices, "volume", step, default=_ZERO) if prices.has("volume") else _ZERO
    currency = table.text("currency", "a currency such as USD", _CURRENCY)
    calendar = _exchange(table) or _calendar(table, today)
    symbol = table.text("symbol", "up to 30 letters, digits, dots, dashes and underscores", _SYMBOL)
    instrument = Instrument(
        market=market,
        name=symbol,
        description=table.text("description", "a text of 1 to 200 characters", r"\S.{0,199}", default=symbol),
        kind=kind,
        exchange=table.text(
            "exchange", "up to 40 letters, digits, dots, dashes and spaces", r"\w[\w .-]{0,39}", default=market
        ),
        timezone=calendar.timezone,
        session=calendar.session,
        holidays=calendar.holidays,
        corrections=calendar.corrections,
        currency=currency,
        base_currency=_base(table, kind, currency),
        tick_size=tick,
        pip_size=_on_grid(table, "pip", tick, default=tick),
        quantity_min=least,
        quantity_max=most,
        quantity_step=step,
        lot_size=table.number("lot", "a number above 0", above=_ZERO, default=Decimal(1)),
        margin_rate=table.number("margin", "a share of the value above 0, at most 1", above=_ZERO, most=Decimal(1)),
        commission=_commission(table),
        swap=_swap(table),
        dividend=_dividend(table),
        book_size=_on_grid(table, "size", step) if table.has("size") else None,
        bar_source=bars,
        has_volume=volume > 0,
    )
    gaps = prices.flag("gaps", default=kind in (InstrumentKind.STOCK, InstrumentKind.INDEX))
    return Listing(instrument, typical, deviation, gaps, volume, step, _spread(table, typical, tick))


def _typical(prices: Table, tick: Decimal) -> Decimal:
    low, high = tick * TYPICAL_TICKS_MIN, tick * TYPICAL_TICKS_MAX
    expected = f"a price from {low.normalize():f} to {high.normalize():f} (at least {TYPICAL_TICKS_MIN} ticks)"
    typical = prices.number("typical", expected, least=low, most=high)
    if typical % tick:
        prices.refuse("typical", f"a multiple of the tick, {tick:f}")
    return typical


def _deviation(prices: Table) -> float:
    least, most = Decimal("0.0001"), Decimal("0.1")
    return float(prices.number("deviation", "a session's usual move, 0.0001 to 0.1 of the price", least=least, most=most))


def _on_grid(table: Table, key: str, step: Decimal, *, default: Decimal | None = None) -> Decimal:
    expected = f"a multiple of {step:f}"
    number = table.number(key, f"{expected}, above 0", above=None if default == 0 else _ZERO, least=_ZERO, default=default)
    if number % step:
        table.refuse(key, expected)
    return number


def _quantities(table: Table) -> tuple[Decimal, Decimal, Decimal]:
    quantity = table.table("quantity", ("min", "max", "step"), required=True)
    assert quantity is not None, "it is required"
    step = quantity.number("step", "a number above 0", above=_ZERO)
    least = _on_grid(quantity, "min", step, default=step)
    most = _on_grid(quantity, "max", step)
    if most < least:
        quantity.refuse("max", f"at least the min, {least:f}")
    return least, most, step


def _base(table: Table, kind: InstrumentKind, currency: str) -> str | None:
    if kind is not InstrumentKind.FOREX and not table.has("base"):
        return None
    expected = f"the currency that is priced in {currency}, such as EUR"
    base = table.text("base", expected, _CURRENCY)
    if base == currency:
        table.refuse("base", expected)
    return base


def _exchange(table: Table) -> ExchangeCalendar | None:
    """An exchange's own hours, holidays and half days."""
    if not table.has("calendar"):
        return None
    code = table.choice("calendar", EXCHANGES)
    for key in ("session", "zone", "holidays", "corrections"):
        if table.has(key):
            table.refuse(key, f"none beside calendar, which says when {code} is open")
    return exchange_calendar(code)


def _calendar(table: Table, today: datetime.date) -> ExchangeCalendar:
    zone = table.text("zone", "an IANA time zone such as America/New_York", r"\S+")
    session = table.text("session", "a session such as 24x7, 0930-1600 or 1700-1700:23456", r"\S+")
    closed = _holidays(table) if table.has("holidays") else ()
    corrections = table.text("corrections", "days with hours of their own such as 0930-1300:20241129", r"\S*", default="")
    try:
        sessions = Sessions(session, zone, closed, corrections)
        check_chart_zone(zone)
        check_change(session, today)
    except FixRequest as error:
        expected, _, found = error.body.message.removeprefix("Expected ").removesuffix(".").partition(", found ")
        table.refuse({"timezone": "zone"}.get(error.body.field or "", error.body.field or "session"), expected, found)
    days = (FIRST_DAY + datetime.timedelta(place) for place in range(OPEN_WITHIN_DAYS))
    open_days = sum(1 for day in days if sessions.windows(day))
    if open_days < OPEN_DAYS_MIN:
        expected = f"at least {OPEN_DAYS_MIN} open days in the month from {FIRST_DAY} on, where prices begin"
        table.refuse("holidays" if closed else "session", expected, str(open_days))
    return ExchangeCalendar(zone, session, closed, corrections, "")


def _holidays(table: Table) -> tuple[str, ...]:
    expected = f"a list of dates such as 2026-12-25, or one of {', '.join(HOLIDAYS_OF)}"
    exchange = HOLIDAYS_OF.get(str(table.value("holidays")))
    if exchange is not None:
        return exchange_calendar(exchange).holidays
    days = table.listed("holidays", expected, most=HOLIDAYS_MAX)
    return tuple(sorted({_holiday(table, day, expected) for day in days}))


def _holiday(table: Table, day: object, expected: str) -> str:
    if isinstance(day, datetime.date) and not isinstance(day, datetime.datetime):
        return day.strftime("%Y%m%d")
    table.refuse("holidays", expected, f"{shown(day)} in it")


def _spread(table: Table, typical: Decimal, tick: Decimal) -> tuple[int, int]:
    spread = table.table("spread", ("narrowest", "widest"), required=True)
    assert spread is not None, "it is required"
    most = int(typical / tick / SPREAD_PART_MAX)
    narrowest = spread.whole("narrowest", f"ticks, a whole number from 0 to {most}", least=0, most=most)
    widest = spread.whole("widest", f"ticks, a whole number from {narrowest} to {most}", least=narrowest, most=most)
    return narrowest, widest


def _commission(table: Table) -> Commission:
    given = table.table("commission", ("rate", "per_unit", "minimum"))
    if given is None:
        return Commission()
    amount = "an amount of 0 or more"
    return Commission(
        rate=given.number("rate", "a share of the value, 0 to 1", least=_ZERO, most=Decimal(1), default=_ZERO),
        per_unit=given.number("per_unit", amount, least=_ZERO, default=_ZERO),
        minimum=given.number("minimum", amount, least=_ZERO, default=_ZERO),
    )


def _swap(table: Table) -> Swap | None:
    given = table.table("swap", ("long", "short", "unit", "time", "zone", "triple"))
    if given is None:
        return None
    unit = cast(Literal["price", "rate"], given.choice("unit", ("price", "rate"), default="price"))
    most = Decimal(1) if unit == "rate" else None
    expected = "what a night earns, or costs below 0" + (", as a share of the value" if unit == "rate" else ", in price")
    zone = given.text("zone", "an IANA time zone such as America/New_York", r"\S+", default="America/New_York")
    if not known_zone(zone):
        given.refuse("zone", "an IANA time zone such as America/New_York")
    triple = given.choice("triple", WEEKDAYS, default="none")
    return Swap(
        long=given.number("long", expected, least=most and -most, most=most),
        short=given.number("short", expected, least=most and -most, most=most),
        unit=unit,
        time=given.text("time", "a time of day such as 17:00", _TIME, default="17:00"),
        timezone=zone,
        triple=WEEKDAYS[triple],
    )


def _dividend(table: Table) -> Dividend | None:
    given = table.table("dividend", ("amount", "months", "day"))
    if given is None:
        return None
    expected = "months from 1 to 12 in a list, each once"
    months = given.listed("months", expected, most=12)
    if len(set(map(str, months))) < len(months) or not all(type(one) is int and 1 <= one <= 12 for one in months):
        given.refuse("months", expected, str(months))
    return Dividend(
        amount=given.number("amount", "an amount above 0, per unit", above=_ZERO),
        months=tuple(sorted(cast(list[int], months))),
        day=given.whole("day", "a day of the month from 1 to 28", least=1, most=28, default=15),
    )
