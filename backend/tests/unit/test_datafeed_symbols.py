"""Search, and instruments as charts want them described."""

from decimal import Decimal

import pytest

from fakes_market import an_instrument
from trading_api.core.chart_zones import CHART_ZONES, chart_zone
from trading_api.core.search import search
from trading_api.core.symbol_information import price_grid, symbol_information
from trading_api.models.market.instruments import InstrumentKind

LISTED = [
    an_instrument("EURUSD", description="Euro / US Dollar"),
    an_instrument("USDJPY", description="US Dollar / Japanese Yen"),
    an_instrument("USD", description="A share", kind="stock", exchange="NYSE"),
    an_instrument("BTCUSD", description="Bitcoin / US Dollar", kind="crypto", exchange="COIN"),
]


def names(query: str, kind: str = "", exchange: str = "", limit: int = 30) -> list[str]:
    return [row.symbol for row in search(LISTED, query, kind=kind, exchange=exchange, limit=limit)]


def test_search_ranks_exact_then_prefix_then_inside_the_name_then_the_description() -> None:
    assert names("usd") == ["USD", "USDJPY", "EURUSD", "BTCUSD"]
    assert names("yen") == ["USDJPY"]
    assert names("US DOLLAR") == ["USDJPY", "EURUSD", "BTCUSD"]


def test_search_filters_and_limits() -> None:
    assert names("") == ["EURUSD", "USDJPY", "USD", "BTCUSD"]
    assert names("", kind="crypto") == ["BTCUSD"]
    assert names("usd", exchange="NYSE") == ["USD"]
    assert names("usd", limit=2) == ["USD", "USDJPY"]
    assert names("nothing like it") == []
    assert names("demo:usdj") == ["USDJPY"]


def test_a_row_names_the_ticker_that_resolves() -> None:
    (row,) = search(LISTED, "usdjpy", kind="", exchange="", limit=1)
    assert row.model_dump(mode="json") == {
        "symbol": "USDJPY",
        "full_name": "FX:USDJPY",
        "ticker": "DEMO:USDJPY",
        "description": "US Dollar / Japanese Yen",
        "exchange": "FX",
        "type": "forex",
    }


@pytest.mark.parametrize(
    ("tick", "scale", "moves"),
    [
        ("0.01", 100, 1),
        ("0.25", 100, 25),
        ("0.0125", 10_000, 125),
        ("0.00001", 100_000, 1),
        ("1", 1, 1),
        ("5", 1, 5),
        ("10", 1, 10),
    ],
)
def test_the_tick_is_minmov_over_pricescale(tick: str, scale: int, moves: int) -> None:
    assert price_grid(Decimal(tick)) == (scale, moves)


def test_pips_are_shown_for_forex_with_a_finer_tick_only() -> None:
    def pip_ticks(tick: str, pip: str, kind: InstrumentKind = InstrumentKind.FOREX) -> int:
        return symbol_information(an_instrument(tick_size=tick, pip_size=pip, kind=kind)).pip_ticks

    assert pip_ticks("0.00001", "0.0001") == 10
    assert pip_ticks("0.001", "0.01") == 10
    assert pip_ticks("0.01", "0.01") == 0
    assert pip_ticks("0.01", "0.1", InstrumentKind.COMMODITY) == 0


def test_what_an_instrument_lacks_is_left_out() -> None:
    plain = symbol_information(an_instrument(has_volume=False)).model_dump(mode="json", by_alias=True, exclude_none=True)
    closed = symbol_information(an_instrument(holidays=("20240101", "20241225"), quantity_step="0.001"))
    assert "session_holidays" not in plain and "s" not in plain
    assert plain["visible_plots_set"] == "ohlc"
    assert (closed.session_holidays, closed.volume_precision, closed.visible_plots_set) == ("20240101,20241225", 3, "ohlcv")


@pytest.mark.parametrize(
    ("zone", "shown"),
    [
        ("America/New_York", "America/New_York"),
        ("US/Eastern", "America/New_York"),
        ("EST5EDT", "America/New_York"),
        ("America/Detroit", "America/New_York"),
        ("UTC", "Etc/UTC"),
        ("GMT", "Etc/UTC"),
        ("Asia/Calcutta", "Asia/Kolkata"),
        ("Etc/GMT+5", "America/Bogota"),
        ("Europe/Helsinki", "Europe/Helsinki"),
        ("Asia/Pyongyang", "Etc/UTC"),
    ],
)
def test_a_zone_charts_do_not_know_is_shown_as_one_with_the_same_clock(zone: str, shown: str) -> None:
    assert chart_zone(zone) == shown
    assert shown in CHART_ZONES
