"""Small bars become large ones, and quotes become the open bar."""

import datetime
from decimal import Decimal

import pytest

from fakes_market import an_instrument
from trading_api.core.bars import BarFolder, fold, fold_days, parse_resolution
from trading_api.core.sessions import Sessions, sessions_of
from trading_api.models.errors import FixRequest
from trading_api.models.market.bars import Bar, Bars, Resolution
from trading_api.models.market.quotes import Quote

MINUTE = 60_000
EMPTY = Bars((), 0)


def at(text: str) -> int:
    return int(datetime.datetime.fromisoformat(text + "+00:00").timestamp() * 1000)


def bar(time: int, open_: float, high: float, low: float, close: float, volume: int = 1) -> Bar:
    prices = {"open": open_, "high": high, "low": low, "close": close}
    return Bar.model_validate({"time": time, "volume": volume, **prices})


def quote(time: int, bid: str, volume: str = "1", last: str | None = None) -> Quote:
    return Quote.model_validate({"symbol": "DEMO:EURUSD", "time": time, "bid": bid, "ask": bid, "volume": volume, "last": last})


def folder(resolution: Resolution = Resolution.M1, history: Bars = EMPTY, **changes: object) -> BarFolder:
    instrument = an_instrument(**changes)  # type: ignore[arg-type]  # field values of any kind
    return BarFolder(instrument, resolution, sessions_of(instrument), history)


def test_short_forms_are_read() -> None:
    assert [parse_resolution(text) for text in ("D", "W", "M", "1D", "60")] == ["1D", "1W", "1M", "1D", "60"]


@pytest.mark.parametrize("text", ["", "7", "1H", "1d", "2S", "1s", "٣"])
def test_an_unknown_resolution_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(FixRequest, match="resolution") as refused:
        parse_resolution(text)
    assert refused.value.body.code == "bad_resolution"


def test_minutes_fold_into_bars_that_start_with_the_session() -> None:
    calendar = Sessions("0931-0935", "Etc/UTC")
    first = at("2024-03-12 09:31")
    minutes = [bar(first + number * MINUTE, 10 + number, 12 + number, 9, 11 + number) for number in (0, 2, 3)]
    assert list(fold(minutes, Resolution.M3, calendar)) == [
        bar(first, 10, 14, 9, 13, 2),
        bar(first + 3 * MINUTE, 13, 15, 9, 14, 1),
    ]


def test_bars_outside_the_session_are_left_out() -> None:
    calendar = Sessions("0900-1000,1100-1200", "Etc/UTC")
    times = ["2024-03-12 08:59", "2024-03-12 09:00", "2024-03-12 10:30", "2024-03-12 11:00", "2024-03-12 12:00"]
    (day,) = fold([bar(at(time), 1, 1, 1, 1) for time in times], Resolution.D1, calendar)
    assert (day.time, int(day.volume)) == (at("2024-03-12 00:00"), 2)


def test_days_fold_into_weeks_and_months_stamped_with_the_first_trading_day() -> None:
    calendar = Sessions("0930-1600", "America/New_York", ("20240101",))
    days = [bar(at(f"2024-01-{day:02}"), day, day, day, day) for day in (2, 3, 4, 5, 8, 9)] + [
        bar(at("2024-02-01"), 1, 1, 1, 1)
    ]
    assert [(week.time, int(week.volume)) for week in fold_days(days, Resolution.W1, calendar)] == [
        (at("2024-01-02"), 4),
        (at("2024-01-08"), 2),
        (at("2024-01-29"), 1),
    ]
    assert [month.time for month in fold_days(days, Resolution.MN1, calendar)] == [at("2024-01-02"), at("2024-02-01")]


def test_the_open_bar_follows_the_bid_and_closes_at_its_boundary() -> None:
    live = folder()
    start = at("2024-03-12 10:00")
    live.add(quote(start, "1.10"))
    live.add(quote(start + 30_000, "1.12"))
    last = live.add(quote(start + MINUTE - 1, "1.09"))
    assert last is not None and last.closed is None
    nxt = live.add(quote(start + MINUTE, "1.11"))
    assert nxt is not None and nxt.closed == last.current
    assert nxt.closed == bar(start, 1.10, 1.12, 1.09, 1.09, 3)
    assert (nxt.current.time, live.end) == (start + MINUTE, start + 2 * MINUTE)


def test_trade_bars_follow_the_last_price_and_skip_quotes_without_one() -> None:
    live = folder(bar_source="trade")
    start = at("2024-03-12 10:00")
    assert live.add(quote(start, "1.10")) is None
    folded = live.add(quote(start + 1, "1.10", last="1.15"))
    assert folded is not None and folded.current.close == Decimal("1.15")


def test_quotes_that_history_already_holds_are_left_out() -> None:
    start = at("2024-03-12 10:00")
    history = Bars((bar(start, 1, 3, 1, 2, 5),), start + 20_000)
    live = folder(history=history)
    assert live.add(quote(start + 10_000, "9")) is None
    assert live.add(quote(start + 20_000, "9")) is None
    folded = live.add(quote(start + 20_001, "4"))
    assert folded is not None and folded.current == bar(start, 1, 4, 1, 4, 6)


def test_a_late_quote_never_repaints_a_closed_bar() -> None:
    live = folder()
    start = at("2024-03-12 10:00")
    live.add(quote(start + MINUTE, "1.10"))
    assert live.add(quote(start + MINUTE - 1, "9")) is None
    assert live.current is not None and live.current.high == Decimal("1.10")


def test_nothing_is_folded_outside_the_session() -> None:
    live = folder(Resolution.D1, session="0900-1000,1100-1200")
    assert live.add(quote(at("2024-03-12 08:59"), "1")) is None
    assert live.add(quote(at("2024-03-12 09:30"), "1")) is not None
    assert live.add(quote(at("2024-03-12 10:30"), "9")) is None
    assert live.add(quote(at("2024-03-12 11:30"), "2")) is not None


def test_day_week_and_month_hold_the_same_quotes() -> None:
    evening = at("2024-04-30 22:00")
    stamps = {}
    for resolution in (Resolution.D1, Resolution.W1, Resolution.MN1):
        live = folder(resolution, session="1700-1700:23456", timezone="America/New_York")
        live.add(quote(evening, "1.1"))
        folded = live.add(quote(evening + 3_600_000, "1.2"))
        assert folded is not None and folded.current.high == Decimal("1.2")
        stamps[resolution.value] = folded.current.time
    assert stamps == {"1D": at("2024-05-01"), "1W": at("2024-04-29"), "1M": at("2024-05-01")}
