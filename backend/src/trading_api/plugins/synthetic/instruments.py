"""What the demo market lists. Prices, ranges and costs are of a plausible size; the companies are invented."""

from decimal import Decimal
from typing import Final, NamedTuple

from trading_api.core.exchange_calendars import exchange_calendar
from trading_api.models.market.instruments import Commission, Dividend, Instrument, InstrumentKind, Swap, Weekday

DEMO: Final = "DEMO"


class Listing(NamedTuple):
    """An instrument and the character of its prices."""

    instrument: Instrument
    typical_price: Decimal
    deviation: float
    """Standard deviation of a session's return."""
    gaps: bool
    """It opens away from where it closed, every day; weekends gap for all that close."""
    typical_volume: Decimal
    """Of a day; 0 for an instrument without volume."""
    volume_step: Decimal
    spread: tuple[int, int]
    """Narrowest and widest, in ticks."""


def demo_listings(market: str) -> tuple[Listing, ...]:
    """Two crypto currencies, four currency pairs that form no triangle, two shares, two indices, gold."""
    return (
        _crypto(market, "BTCUSD", "Bitcoin", "40000", 0.026, "22000", "8"),
        _crypto(market, "ETHUSD", "Ether", "2400", 0.03, "260000", "100"),
        _pair(market, "EURUSD", "Euro", "1.12", 0.0052, "0.00001", (4, 12), 3_000_000, ("-0.00008", "0.00004")),
        _pair(market, "GBPUSD", "British pound", "1.31", 0.0056, "0.00001", (7, 18), 2_000_000, ("-0.00004", "-0.00002")),
        _pair(market, "USDJPY", "US dollar", "122", 0.0058, "0.001", (6, 15), 3_000_000, ("0.011", "-0.018")),
        _pair(market, "USDCHF", "US dollar", "0.95", 0.0054, "0.00001", (8, 20), 1_500_000, ("0.00006", "-0.00011")),
        _share(
            market,
            "ACME",
            "Acme Corporation",
            "180",
            0.014,
            "8000000",
            400,
            Dividend(amount=Decimal("0.55"), months=(2, 5, 8, 11)),
        ),
        _share(
            market,
            "GLBX",
            "Globex Corporation",
            "64",
            0.017,
            "3000000",
            300,
            Dividend(amount=Decimal("0.18"), months=(3, 6, 9, 12)),
        ),
        _index(market, "US500", "US 500 index", "4200", "USD", "XCBF", 50, ("-0.75", "0.25")),
        _index(market, "GER40", "Germany 40 index", "15000", "EUR", "XETR", 25, ("-2.3", "0.6")),
        _gold(market),
    )


def _nightly(long: str, short: str) -> Swap:
    """In price, at five in New York; Wednesday's counts for the weekend."""
    return Swap(long=Decimal(long), short=Decimal(short), triple=Weekday.WEDNESDAY)


def _crypto(market: str, name: str, coin: str, price: str, deviation: float, volume: str, size: str) -> Listing:
    instrument = Instrument(
        market=market,
        name=name,
        description=f"{coin} / US dollar",
        kind=InstrumentKind.CRYPTO,
        exchange="COIN",
        timezone="Etc/UTC",
        session="24x7",
        currency="USD",
        base_currency=name[:3],
        tick_size=Decimal("0.01"),
        pip_size=Decimal("0.01"),
        quantity_min=Decimal("0.001"),
        quantity_max=Decimal(100),
        quantity_step=Decimal("0.001"),
        lot_size=Decimal(1),
        margin_rate=Decimal("0.1"),
        commission=Commission(rate=Decimal("0.0004")),
        swap=Swap(long=Decimal("-0.0003"), short=Decimal("0.0001"), unit="rate", time="00:00", timezone="Etc/UTC"),
        book_size=Decimal(size),
        bar_source="trade",
    )
    return Listing(instrument, Decimal(price), deviation, False, Decimal(volume), Decimal("0.001"), (1, 200))


def _pair(
    market: str,
    name: str,
    base: str,
    price: str,
    deviation: float,
    tick: str,
    spread: tuple[int, int],
    size: int,
    swap: tuple[str, str],
) -> Listing:
    quoted = {"USD": "US dollar", "JPY": "Japanese yen", "CHF": "Swiss franc"}[name[3:]]
    instrument = Instrument(
        market=market,
        name=name,
        description=f"{base} / {quoted}",
        kind=InstrumentKind.FOREX,
        exchange="FX",
        timezone="America/New_York",
        session="1700-1700:23456",
        currency=name[3:],
        base_currency=name[:3],
        tick_size=Decimal(tick),
        pip_size=10 * Decimal(tick),
        quantity_min=Decimal(1000),
        quantity_max=Decimal(10_000_000),
        quantity_step=Decimal(1000),
        lot_size=Decimal(100_000),
        margin_rate=Decimal("0.0333"),
        swap=_nightly(*swap),
        book_size=Decimal(size),
        bar_source="bid",
    )
    return Listing(instrument, Decimal(price), deviation, False, Decimal(9_000_000_000), Decimal(1000), spread)


def _share(
    market: str, name: str, company: str, price: str, deviation: float, volume: str, size: int, dividend: Dividend
) -> Listing:
    calendar = exchange_calendar("XNYS")
    instrument = Instrument(
        market=market,
        name=name,
        description=company,
        kind=InstrumentKind.STOCK,
        exchange="NYSE",
        timezone=calendar.timezone,
        session=calendar.session,
        holidays=calendar.holidays,
        corrections=calendar.corrections,
        currency="USD",
        tick_size=Decimal("0.01"),
        pip_size=Decimal("0.01"),
        quantity_min=Decimal(1),
        quantity_max=Decimal(100_000),
        quantity_step=Decimal(1),
        lot_size=Decimal(1),
        margin_rate=Decimal("0.2"),
        commission=Commission(per_unit=Decimal("0.005"), minimum=Decimal(1)),
        dividend=dividend,
        book_size=Decimal(size),
        bar_source="trade",
    )
    return Listing(instrument, Decimal(price), deviation, True, Decimal(volume), Decimal(1), (1, 4))


def _index(
    market: str,
    name: str,
    description: str,
    price: str,
    currency: str,
    exchange: str,
    size: int,
    swap: tuple[str, str],
) -> Listing:
    calendar = exchange_calendar(exchange)
    instrument = Instrument(
        market=market,
        name=name,
        description=description,
        kind=InstrumentKind.INDEX,
        exchange="INDEX",
        timezone=calendar.timezone,
        session=calendar.session,
        holidays=calendar.holidays,
        corrections=calendar.corrections,
        currency=currency,
        tick_size=Decimal("0.1"),
        pip_size=Decimal(1),
        quantity_min=Decimal("0.1"),
        quantity_max=Decimal(1000),
        quantity_step=Decimal("0.1"),
        lot_size=Decimal(1),
        margin_rate=Decimal("0.05"),
        swap=_nightly(*swap),
        book_size=Decimal(size),
        bar_source="bid",
        has_volume=False,
    )
    return Listing(instrument, Decimal(price), 0.0095, True, Decimal(0), Decimal(1), (4, 12))


def _gold(market: str) -> Listing:
    instrument = Instrument(
        market=market,
        name="XAUUSD",
        description="Gold / US dollar, troy ounce",
        kind=InstrumentKind.COMMODITY,
        exchange="METAL",
        timezone="America/New_York",
        session="1800-1700",
        currency="USD",
        base_currency="XAU",
        tick_size=Decimal("0.01"),
        pip_size=Decimal("0.1"),
        quantity_min=Decimal(1),
        quantity_max=Decimal(10_000),
        quantity_step=Decimal(1),
        lot_size=Decimal(100),
        margin_rate=Decimal("0.05"),
        commission=Commission(per_unit=Decimal("0.03")),
        swap=_nightly("-0.3", "0.12"),
        book_size=Decimal(500),
        bar_source="bid",
    )
    return Listing(instrument, Decimal(1850), 0.0085, False, Decimal(20_000_000), Decimal(1), (12, 35))
