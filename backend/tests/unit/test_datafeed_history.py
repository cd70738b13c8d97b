"""Which bars an answer of history holds, whatever window is asked for."""

import asyncio
from collections.abc import Coroutine
from itertools import pairwise
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as some

from fakes import FakeClock
from fakes_market import MONDAY, ScriptedMarket, an_instrument
from trading_api.core.datafeed_service import DatafeedService
from trading_api.core.history import HISTORY_BARS_MAX, HISTORY_SECONDS, NEWEST, History, Window
from trading_api.models.errors import FixRequest, TryLater
from trading_api.models.market.bars import Bar, Resolution

MINUTE = 60_000
HOURS_SHOWN = 30
SHARE = an_instrument("AAPL", kind="stock", exchange="NASDAQ", timezone="America/New_York", session="0930-1600", currency="USD")

Answer = TypeVar("Answer")


def minutes(*offsets: int) -> list[Bar]:
    return [Bar(time=MONDAY + n * MINUTE, open=n, high=n + 2, low=n, close=n + 1, volume=1) for n in offsets]


def a_market() -> ScriptedMarket:
    """A day and a quarter of EURUSD with holes in it, and three days of a share with its nights; now is Thursday noon."""
    holed = minutes(*(n for n in range(1, HOURS_SHOWN * 60) if n % 7 and not 300 < n < 420))
    shares = minutes(*range(1, 4 * 1440, 5))
    history = {"EURUSD": holed, "AAPL": shares}
    return ScriptedMarket(instruments=[an_instrument(), SHARE], now=MONDAY + 84 * 60 * MINUTE, history=history)


def run(work: Coroutine[None, None, Answer]) -> Answer:
    """The answer of work that never has to wait for anything outside."""
    return asyncio.run(work)


SERVICE = DatafeedService([a_market()], FakeClock(), "epoch")


async def ask(symbol: str, resolution: Resolution, window: Window) -> History:
    return await SERVICE.history(symbol, resolution, window)


moments = some.integers(-600, 100 * 60).map(lambda n: MONDAY + n * MINUTE // 2)
symbols = some.sampled_from(["EURUSD", "AAPL"])
resolutions = some.sampled_from(Resolution)


@given(symbols, resolutions, some.lists(moments, min_size=2, max_size=5))
def test_neighbouring_windows_together_are_one_window(symbol: str, resolution: Resolution, edges: list[int]) -> None:
    edges = sorted(edges)
    parts = [bar for since, before in pairwise(edges) for bar in run(ask(symbol, resolution, Window(before, since=since))).bars]
    assert parts == list(run(ask(symbol, resolution, Window(edges[-1], since=edges[0]))).bars)


@given(symbols, resolutions, moments, some.integers(1, 400))
def test_countback_is_exact(symbol: str, resolution: Resolution, before: int, count: int) -> None:
    everything = run(ask(symbol, resolution, Window(before, since=0))).bars
    answer = run(ask(symbol, resolution, Window(before, since=before + 1, countback=count))).bars
    assert answer == everything[-count:]
    assert len(answer) == min(count, len(everything))


@given(symbols, resolutions, moments, moments)
def test_bars_ascend_inside_their_window(symbol: str, resolution: Resolution, one: int, other: int) -> None:
    since, before = sorted((one, other))
    times = [bar.time for bar in run(ask(symbol, resolution, Window(before, since=since))).bars]
    assert times == sorted(set(times))
    assert all(since <= time < before for time in times)


@given(symbols, resolutions, moments, moments)
def test_only_left_of_all_data_is_there_nothing_older(symbol: str, resolution: Resolution, one: int, other: int) -> None:
    since, before = sorted((one, other))
    answer = run(ask(symbol, resolution, Window(before, since=since)))
    first = run(ask(symbol, resolution, Window(NEWEST, since=0))).bars[0].time
    if not answer.bars:
        assert answer.older == (first < since)


async def test_the_open_bar_is_part_of_the_answer() -> None:
    market = a_market()
    service = DatafeedService([market], FakeClock(), "epoch")
    await market.tell("EURUSD", "5000", after=1_500)
    for resolution in Resolution:
        last = (await service.history("EURUSD", resolution, Window(market.now(), countback=2))).bars[-1]
        assert last.close == 5000 and last.time < market.now()


@pytest.mark.parametrize("edge", [NEWEST, NEWEST * 1000, 10**30])
async def test_the_right_edge_may_lie_in_the_future(edge: int) -> None:
    assert len((await ask("EURUSD", Resolution.H1, Window(edge, countback=5))).bars) == 5


@pytest.mark.parametrize("edge", [0, -1, -NEWEST, -(10**30)])
async def test_far_to_the_left_there_is_nothing(edge: int) -> None:
    assert await ask("EURUSD", Resolution.D1, Window(edge, countback=5)) == (an_instrument(), (), False)
    assert await ask("EURUSD", Resolution.D1, Window(edge, since=edge)) == (an_instrument(), (), False)


@pytest.mark.parametrize(
    ("window", "code"),
    [
        (Window(MONDAY, since=MONDAY + 1), "reversed_range"),
        (Window(MONDAY), "no_window"),
        (Window(MONDAY, countback=0), "bad_countback"),
        (Window(MONDAY, countback=-5), "bad_countback"),
        (Window(MONDAY, countback=HISTORY_BARS_MAX + 1), "bad_countback"),
    ],
)
async def test_a_window_that_makes_no_sense_is_refused(window: Window, code: str) -> None:
    with pytest.raises(FixRequest) as refusal:
        await ask("EURUSD", Resolution.M1, window)
    assert refusal.value.body.code == code


async def test_too_many_bars_are_refused_and_the_bound_is_named() -> None:
    long = ScriptedMarket(
        now=MONDAY + 2 * HISTORY_BARS_MAX * MINUTE, history={"EURUSD": minutes(*range(1, HISTORY_BARS_MAX + 2))}
    )
    service = DatafeedService([long], FakeClock(), "epoch")
    with pytest.raises(FixRequest, match=str(HISTORY_BARS_MAX)):
        await service.history("EURUSD", Resolution.M1, Window(NEWEST, since=0))
    fitting = await service.history("EURUSD", Resolution.M1, Window(NEWEST, since=MONDAY + 2 * MINUTE))
    assert len(fitting.bars) == HISTORY_BARS_MAX


async def test_a_market_that_does_not_answer_is_not_waited_for_forever() -> None:
    market, clock = a_market(), FakeClock()
    market.gate.clear()
    asking = asyncio.create_task(
        DatafeedService([market], clock, "epoch").history("EURUSD", Resolution.M1, Window(NEWEST, countback=1))
    )
    await clock.advance(int(HISTORY_SECONDS * 1000))
    with pytest.raises(TryLater, match="within 10 s"):
        await asking
