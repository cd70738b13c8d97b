"""Prices in another currency: at which rate, to how many digits, and what cannot be told."""

import asyncio
from collections.abc import Coroutine, Sequence
from decimal import Decimal
from typing import TypeVar

import pytest

from fakes import FakeClock
from fakes_market import MONDAY, ScriptedMarket, an_instrument
from trading_api.core import conversion
from trading_api.core.conversion import currencies_of
from trading_api.core.datafeed_service import DatafeedService
from trading_api.core.history import NEWEST, Window
from trading_api.core.symbol_information import symbol_information
from trading_api.models.errors import FixRequest
from trading_api.models.market.bars import Bar, Resolution

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
SHARE = an_instrument("ACME", kind="stock", currency="USD", base_currency=None, tick_size="0.01")
PAIRS = (an_instrument("EURUSD"), an_instrument("USDJPY", currency="JPY", base_currency="USD", tick_size="0.001"))
GOLD = an_instrument("XAUUSD", kind="commodity", base_currency="XAU", tick_size="0.01")

Answer = TypeVar("Answer")


def bars(step: int, *prices: str, since: int = MONDAY) -> list[Bar]:
    """Each opens at its price, reaches twice that, falls to half and closes at the price."""
    return [
        Bar(time=since + n * step, open=one, high=one * 2, low=one / 2, close=one, volume=Decimal(7))
        for n, one in enumerate(map(Decimal, prices))
    ]


def service(**history: Sequence[Bar]) -> DatafeedService:
    listed = (SHARE, *PAIRS, GOLD)
    market = ScriptedMarket(instruments=listed, now=MONDAY + 2 * DAY, history=history)
    return DatafeedService([market], FakeClock(MONDAY), "epoch")


def run(work: Coroutine[None, None, Answer]) -> Answer:
    return asyncio.run(work)


def told(datafeed: DatafeedService, currency: str | None, resolution: Resolution, count: int = 10) -> list[Bar]:
    window = Window(before=NEWEST, countback=count)
    return list(run(datafeed.history("ACME", resolution, window, currency)).bars)


def test_a_bar_takes_the_rate_at_which_its_hour_opened() -> None:
    euro = bars(HOUR, "1.25", "1.6")
    datafeed = service(ACME=bars(30 * MINUTE, "100", "100", "100", "100"), EURUSD=euro)
    found = told(datafeed, "EUR", Resolution.M30)
    assert [str(bar.open) for bar in found] == ["80.0000", "80.0000", "62.5000", "62.5000"]
    assert (found[0].high, found[0].low, found[0].close, found[0].volume) == (160, 40, 80, 7)
    assert [bar.time for bar in found] == [MONDAY + n * 30 * MINUTE for n in range(4)]


def test_what_the_rate_does_later_changes_no_bar_that_has_begun() -> None:
    share = bars(30 * MINUTE, "100", "100")
    before = told(service(ACME=share, EURUSD=bars(MINUTE, "1.25")), "EUR", Resolution.M30)
    after = told(service(ACME=share, EURUSD=bars(MINUTE, "1.25", *["2"] * 50)), "EUR", Resolution.M30)
    assert before == after


def test_days_and_longer_take_the_rate_at_which_the_day_opened() -> None:
    share = [*bars(MINUTE, "100"), *bars(MINUTE, "100", since=MONDAY + DAY)]
    euro = [*bars(HOUR, "1.25", "5"), *bars(HOUR, "2", since=MONDAY + DAY)]
    datafeed = service(ACME=share, EURUSD=euro)
    assert [bar.open for bar in told(datafeed, "EUR", Resolution.D1)] == [80, 50]
    assert [bar.open for bar in told(datafeed, "EUR", Resolution.W1)] == [80]


def test_without_a_pair_of_its_own_a_currency_is_crossed_through_the_dollar() -> None:
    history = {"EURUSD": bars(MINUTE, "1.25"), "USDJPY": bars(MINUTE, "150")}
    datafeed = service(**history)
    found = run(datafeed.history("EURUSD", Resolution.M1, Window(before=NEWEST, countback=1), "JPY")).bars
    assert [bar.open for bar in found] == [Decimal("187.5")]
    back = run(datafeed.history("USDJPY", Resolution.M1, Window(before=NEWEST, countback=1), "EUR")).bars
    assert [bar.open for bar in back] == [Decimal("0.8")]


def test_while_the_pair_is_closed_its_last_rate_holds_and_before_its_first_there_are_no_bars() -> None:
    share = bars(HOUR, *["100"] * 5)
    found = told(service(ACME=share, EURUSD=bars(MINUTE, "1.25", since=MONDAY + 2 * HOUR)), "EUR", Resolution.H1)
    assert [bar.time for bar in found] == [MONDAY + n * HOUR for n in (2, 3, 4)]
    assert {bar.open for bar in found} == {Decimal(80)}


def test_the_symbol_says_how_fine_converted_prices_are_and_they_lie_on_that_grid() -> None:
    own, yen = symbol_information(SHARE), symbol_information(SHARE, "JPY")
    assert (own.currency_code, own.price_scale, own.original_currency_code) == ("USD", 100, "USD")
    assert (yen.currency_code, yen.price_scale, yen.minimum_movement) == ("JPY", 10_000, 1)
    assert (yen.original_currency_code, yen.ticker, yen.pip_ticks) == ("USD", own.ticker, 0)
    (bar,) = told(service(ACME=bars(MINUTE, "100"), EURUSD=bars(MINUTE, "1.12345")), "EUR", Resolution.M1)
    assert str(bar.open) == "89.0115"


def test_a_currency_without_a_rate_is_refused_and_the_refusal_names_those_with_one() -> None:
    datafeed = service(ACME=bars(MINUTE, "100"))
    with pytest.raises(FixRequest, match="Expected a currencyCode of EUR, JPY, USD for DEMO:ACME, found 'GBP'"):
        told(datafeed, "GBP", Resolution.M1)
    assert currencies_of((SHARE, *PAIRS, GOLD)) == ("EUR", "JPY", "USD")
    assert told(datafeed, "USD", Resolution.M1) == told(datafeed, None, Resolution.M1) != []


def test_only_so_many_rates_are_read_for_one_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conversion, "RATES_MAX", 3)
    datafeed = service(ACME=bars(HOUR, *["100"] * 6), EURUSD=bars(HOUR, *["1.25"] * 6))
    assert len(told(datafeed, "EUR", Resolution.H1, count=4)) == 4
    with pytest.raises(FixRequest, match="at most 3 rates"):
        told(datafeed, "EUR", Resolution.H1)
