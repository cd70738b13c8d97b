"""What is kept of history changes how long an answer takes, never the answer."""

import asyncio
import json
from collections.abc import Sequence
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from fakes import FakeClock
from fakes_market import MONDAY, ScriptedMarket, an_instrument
from trading_api.api import history_columns, kept_columns
from trading_api.api.history_columns import HistoryColumns
from trading_api.core.datafeed_service import DatafeedService
from trading_api.core.history import NEWEST, Window
from trading_api.models.errors import TradingError
from trading_api.models.market.bars import Bar, Resolution

MINUTE = 60_000
MINUTES = 180
NAMES = ("EURUSD", "GBPUSD")


HISTORY = {
    name: [
        Bar(time=MONDAY + n * MINUTE, open=n, high=n + 2, low=n, close=Decimal(n) + Decimal("0.5"))
        for n in range(1, MINUTES)
        if n % step
    ]
    for name, step in zip(NAMES, (7, 3), strict=True)
}


def a_market() -> ScriptedMarket:
    """A few hours of two pairs, with holes."""
    return ScriptedMarket(instruments=[an_instrument(name) for name in NAMES], now=MONDAY + MINUTES * MINUTE, history=HISTORY)


class Chart:
    """Asks the same of one who keeps and of one who never does."""

    def __init__(self) -> None:
        self.market = a_market()
        self.service = DatafeedService([self.market], FakeClock(), "epoch")
        self.keeps = HistoryColumns(self.service)

    async def ask(self, name: str, resolution: Resolution, window: Window) -> bytes:
        return await answer(self.keeps, name, resolution, window)

    async def assert_same(self, name: str, resolution: Resolution, window: Window) -> None:
        expected = await answer(HistoryColumns(self.service), name, resolution, window)
        assert await self.ask(name, resolution, window) == expected


async def answer(columns: HistoryColumns, name: str, resolution: Resolution, window: Window) -> bytes:
    try:
        return await columns.body(name, resolution, window)
    except TradingError as refusal:
        return refusal.body.model_dump_json().encode()


offsets = some.integers(-30, 2 * MINUTES)
moments = some.one_of(
    offsets.map(lambda n: MONDAY + n * MINUTE), offsets.map(lambda n: MONDAY + n * MINUTE + 1), some.just(NEWEST)
)
windows = some.one_of(
    some.builds(Window, moments, countback=some.integers(-1, 250)),
    some.builds(Window, moments, since=moments),
    some.builds(Window, moments, since=moments, countback=some.integers(1, 30)),
    some.builds(Window, moments),
)
asks = some.tuples(
    some.sampled_from(NAMES), some.sampled_from((Resolution.M1, Resolution.M5, Resolution.H1, Resolution.D1)), windows
)
moves = some.tuples(some.sampled_from(NAMES), some.integers(0, 90 * MINUTE))


@given(some.lists(some.one_of(asks, moves), max_size=15))
def test_an_answer_is_the_same_whatever_was_asked_before(steps: Sequence[tuple[object, ...]]) -> None:
    async def play() -> None:
        chart = Chart()
        for step in steps:
            if len(step) == 2:
                await chart.market.tell(str(step[0]), "9000.25", after=int(str(step[1])))
            else:
                await chart.assert_same(*step)  # type: ignore[arg-type]

    asyncio.run(play())


@given(some.lists(asks, max_size=12), some.integers(1, 40), some.integers(1, 60))
def test_so_it_is_when_little_can_be_kept(steps: Sequence[tuple[object, ...]], of_one: int, of_all: int) -> None:
    async def play() -> None:
        chart = Chart()
        for step in steps:
            await chart.assert_same(*step)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(kept_columns, "BARS_OF_ONE_MAX", of_one)
        patched.setattr(history_columns, "BARS_KEPT_MAX", of_all)
        patched.setattr(history_columns, "BARS_AT_ONCE", 7)
        asyncio.run(play())


async def test_a_second_answer_asks_only_for_what_may_have_changed() -> None:
    chart = Chart()
    asked: list[int | None] = []
    bars = chart.market.bars

    async def counted(name: str, resolution: Resolution, *, before: int, count: int, since: int | None = None) -> object:
        asked.append(since)
        return await bars(name, resolution, before=before, count=count, since=since)

    chart.market.bars = counted  # type: ignore[method-assign, assignment]
    window = Window(NEWEST, countback=100)
    assert await chart.ask("EURUSD", Resolution.M1, window) == await chart.ask("EURUSD", Resolution.M1, window)
    assert asked == [None, MONDAY + 178 * MINUTE]


async def test_an_import_that_replaces_the_series_is_seen() -> None:
    chart, window = Chart(), Window(NEWEST, countback=3)
    before = await chart.ask("EURUSD", Resolution.M1, window)
    chart.market.add(an_instrument())
    chart.market._pieces["EURUSD"] = chart.market._pieces["GBPUSD"]
    chart.market._folded.clear()
    after = await chart.ask("EURUSD", Resolution.M1, window)
    assert after != before and after == await chart.ask("GBPUSD", Resolution.M1, window)


async def test_what_a_replay_has_gone_back_before_is_not_shown() -> None:
    chart, window = Chart(), Window(NEWEST, countback=500)
    await chart.ask("EURUSD", Resolution.M1, window)
    chart.market._now = MONDAY + 100 * MINUTE
    chart.market._pieces["EURUSD"] = [piece for piece in chart.market._pieces["EURUSD"] if piece.time < chart.market.now()]
    chart.market._folded.clear()
    assert max(json.loads(await chart.ask("EURUSD", Resolution.M1, window))["t"]) * 1000 < chart.market.now()


async def test_two_who_ask_at_once_are_answered_alike() -> None:
    chart, window = Chart(), Window(NEWEST, countback=400)
    await chart.ask("EURUSD", Resolution.M1, window)
    await chart.market.tell("EURUSD", "9000", after=90 * MINUTE)
    await chart.market.tell("EURUSD", "9001", after=MINUTE)
    first, second = await asyncio.gather(*(chart.ask("EURUSD", Resolution.M1, window) for _ in range(2)))
    assert first == second
    await chart.assert_same("EURUSD", Resolution.M1, window)
