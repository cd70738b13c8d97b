"""What a file does not say is guessed from its name, prices and times."""

from decimal import Decimal

import pytest

from fakes_imported import DAY, HOUR, MONDAY
from trading_api.models.market.instruments import InstrumentKind
from trading_api.plugins.imported.guess import from_file_name, money_of, session_of, tick_size
from trading_api.plugins.imported.parse import Traits

HALF_HOUR = HOUR // 2


@pytest.mark.parametrize(
    ("name", "symbol", "side", "step"),
    [
        ("usdjpy-m1-bid-2013.csv", "USDJPY", "bid", 60_000),
        ("usdjpy-m1-ask-2013.csv", "USDJPY", "ask", 60_000),
        ("btc-perp-20211231-20220201_1m.csv", "BTCPERP", None, 60_000),
        ("usdjpy-ticks.csv", "USDJPY", None, None),
        ("EUR_USD_h4.csv", "EURUSD", None, 4 * HOUR),
        ("DAT_ASCII_EURUSD_M1_2013.csv", "EURUSD", None, 60_000),
        ("Binance/ETHUSDT-5m-2022-01.csv", "ETHUSDT", None, 300_000),
        ("2013.csv", None, None, None),
    ],
)
def test_file_names(name: str, symbol: str | None, side: str | None, step: int | None) -> None:
    assert from_file_name(name) == (symbol, side, step)


@pytest.mark.parametrize(
    ("symbol", "kind", "base", "quote"),
    [
        ("USDJPY", InstrumentKind.FOREX, "USD", "JPY"),
        ("EUR-USD", InstrumentKind.FOREX, "EUR", "USD"),
        ("XAUUSD", InstrumentKind.COMMODITY, "XAU", "USD"),
        ("BTCPERP", InstrumentKind.CRYPTO, "BTC", "USD"),
        ("ETHUSDT", InstrumentKind.CRYPTO, "ETH", "USDT"),
        ("DOGEEUR", InstrumentKind.CRYPTO, "DOGE", "EUR"),
        ("ACME", InstrumentKind.STOCK, None, "USD"),
    ],
)
def test_currencies(symbol: str, kind: InstrumentKind, base: str | None, quote: str) -> None:
    assert money_of(symbol) == (kind, base, quote)


def seen(*texts: str, times: int = 1) -> Traits:
    traits = Traits()
    for text in texts * times:
        traits.see(Decimal(text), text)
    return traits


@pytest.mark.parametrize(
    ("texts", "tick"),
    [
        (("91.540", "91.541"), "0.001"),
        (("91.540", "91.550"), "0.001"),
        (("46319.0", "46320.0"), "1"),
        (("4500", "4600"), "1"),
        (("1.30015", "1.3"), "0.00001"),
    ],
)
def test_few_prices_are_taken_as_they_are_written(texts: tuple[str, ...], tick: str) -> None:
    assert tick_size(seen(*texts)) == Decimal(tick)


@pytest.mark.parametrize(
    ("texts", "tick"),
    [
        (("4500.25", "4500.50"), "0.25"),
        (("91.540", "91.541"), "0.001"),
        (("46319.0", "46320.5"), "0.5"),
        (("46319.0", "46321.0"), "1"),
        (("46819.25", "43613.875"), "0.001"),
        (("1200", "1300"), "1"),
    ],
)
def test_many_prices_show_their_step(texts: tuple[str, ...], tick: str) -> None:
    assert tick_size(seen(*texts, times=600)) == Decimal(tick)


def half_hours(start: int, end: int, *, days: int = 12, closed: tuple[int, ...] = (5, 6)) -> list[int]:
    """Half hours of the day in UTC, from Monday on."""
    found: list[int] = []
    for day in range(days):
        if day % 7 not in closed:
            found += range(MONDAY + day * DAY + start, MONDAY + day * DAY + end, HALF_HOUR)
    return found


FX = [
    time for time in range(MONDAY - 2 * HOUR, MONDAY + 12 * DAY, HALF_HOUR) if (time - MONDAY + 2 * HOUR) % (7 * DAY) < 5 * DAY
]


@pytest.mark.parametrize(
    ("kind", "times", "session"),
    [
        (InstrumentKind.FOREX, FX, ("America/New_York", "1700-1700")),
        (InstrumentKind.FOREX, half_hours(0, DAY, closed=()), ("Etc/UTC", "24x7")),
        (InstrumentKind.CRYPTO, half_hours(0, DAY, days=1), ("Etc/UTC", "24x7")),
        (InstrumentKind.STOCK, half_hours(14 * HOUR + HALF_HOUR, 21 * HOUR), ("America/New_York", "0930-1600")),
        (InstrumentKind.STOCK, half_hours(8 * HOUR, 16 * HOUR + HALF_HOUR), ("Europe/London", "0800-1630")),
        (InstrumentKind.STOCK, half_hours(0, 6 * HOUR), ("Asia/Tokyo", "0900-1530")),
        (InstrumentKind.STOCK, half_hours(2 * HOUR, 22 * HOUR), ("Etc/UTC", "0200-2200")),
        (InstrumentKind.STOCK, half_hours(0, DAY), ("Etc/UTC", "0000-0000")),
    ],
)
def test_sessions(kind: InstrumentKind, times: list[int], session: tuple[str, str]) -> None:
    assert session_of(kind, times, 60_000) == session


def test_day_bars_have_whole_days() -> None:
    assert session_of(InstrumentKind.STOCK, half_hours(0, HALF_HOUR), DAY) == ("Etc/UTC", "0000-0000")
