"""A replay tells the past tick by tick, at the speed and in the steps it is asked for."""

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal

import pytest

from fakes import FakeClock, settle
from fakes_imported import DAY, HOUR, MINUTE, MONDAY, a_library, add_bars, wavy_bars
from trading_api.core.ports import ArchivedBar
from trading_api.models.market.bars import Bar, Resolution
from trading_api.models.market.quotes import Quote
from trading_api.models.market.replays import ReplayState
from trading_api.plugins.imported.charts import Charts
from trading_api.plugins.imported.library import Library
from trading_api.plugins.imported.replay import KEEP_EVERY_S, ReplayMarket
from trading_api.plugins.imported.walk import ticks_in

NOW = MONDAY + 7 * HOUR
HOURS = 10


def a_bar(opening: str, high: str, low: str, close: str, *, volume: str = "0") -> Bar:
    prices = dict(
        zip(("open", "high", "low", "close", "volume"), map(Decimal, (opening, high, low, close, volume)), strict=True)
    )
    return Bar.model_validate({"time": NOW, **prices})


def walked(bid: Bar, ask: Bar | None = None) -> list[Quote]:
    return ticks_in(
        ArchivedBar(bid, ask), symbol="R1:X", open_in=((bid.time, bid.time + MINUTE),), spread=Decimal("0.2"), traded=False
    )


def test_a_bar_is_walked_over_its_nearer_extreme_first() -> None:
    assert [str(tick.bid) for tick in walked(a_bar("10.0", "10.5", "9.0", "9.5"))] == ["10.0", "10.5", "9.0", "9.5"]
    assert [str(tick.bid) for tick in walked(a_bar("10.0", "11.0", "9.5", "10.5"))] == ["10.0", "9.5", "11.0", "10.5"]


def test_equal_distances_go_low_first() -> None:
    assert [str(tick.bid) for tick in walked(a_bar("10.0", "10.5", "9.5", "10.1"))] == ["10.0", "9.5", "10.5", "10.1"]


def test_bid_and_ask_walk_together_and_the_bid_decides() -> None:
    bid, ask = a_bar("10.0", "10.4", "9.0", "9.5"), a_bar("10.3", "11.0", "10.2", "10.3")
    assert [(str(tick.bid), str(tick.ask)) for tick in walked(bid, ask)] == [
        ("10.0", "10.3"),
        ("10.4", "11.0"),
        ("9.0", "10.2"),
        ("9.5", "10.3"),
    ]


def test_ticks_lie_inside_their_bar_and_add_up_to_it() -> None:
    ticks = walked(a_bar("10.0", "10.5", "9.0", "9.5", volume="10.3"))
    assert [tick.time - NOW for tick in ticks] == [0, 19_999, 39_999, 59_999]
    assert sum(tick.volume for tick in ticks) == Decimal("10.3") and all(tick.volume >= 0 for tick in ticks)
    assert {str(tick.ask - tick.bid) for tick in ticks} == {"0.2"}


class Stage:
    """A replay of one or two symbols with a reader, under a clock that moves when told."""

    def __init__(self, library: Library, *, symbols: tuple[str, ...] = ("USDJPY",), at: int = NOW, speed: float = 1) -> None:
        self.clock = FakeClock()
        self.kept: list[int] = []
        self.told: list[Quote] = []
        self.market = ReplayMarket(
            library, Charts(library), self.clock, name="R1", symbols=symbols, at=at, speed=speed, keep=self._keep
        )
        self.reader: asyncio.Task[None] | None = None

    async def start(self) -> None:
        await self.market.open()
        for instrument in self.market.search():
            self.market.watch(instrument.name)
        self.reader = asyncio.create_task(self._read())
        await settle()
        self.told.clear()

    async def close(self) -> None:
        await self.market.close()
        if self.reader is not None:
            await self.reader

    async def _keep(self, now: int) -> None:
        self.kept.append(now)

    async def _read(self) -> None:
        async for quote in self.market.ticks():
            await asyncio.sleep(0)
            self.told.append(quote)


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    stage = Stage(await a_library(USDJPY=wavy_bars(minutes=HOURS * 60)))
    await stage.start()
    yield stage
    await stage.close()


async def test_a_step_returns_when_its_ticks_have_been_dealt_with(stage: Stage) -> None:
    await stage.market.step_ticks(3)
    assert [tick.time - NOW for tick in stage.told] == [19_999, 39_999, 59_999]
    assert stage.market.now() == NOW + 59_999
    assert stage.market.state is ReplayState.PAUSED
    assert stage.kept[-1] == NOW + 59_999


async def test_a_step_by_bars_tells_each_to_its_end(stage: Stage) -> None:
    await stage.market.step_bars(1, Resolution.M1)
    assert stage.market.now() == NOW + MINUTE - 1 and len(stage.told) == 3
    await stage.market.step_bars(2, Resolution.M5)
    assert stage.market.now() == NOW + 10 * MINUTE - 1 and len(stage.told) == 3 + 36
    (bar,) = (await stage.market.bars("USDJPY", Resolution.M5, before=NOW + DAY, count=1)).bars
    assert bar.time == NOW + 5 * MINUTE and bar.close == stage.told[-1].bid


async def test_playing_tells_ticks_as_they_come_due(stage: Stage) -> None:
    stage.market.play()
    await stage.clock.advance(19_998)
    assert stage.told == [] and stage.market.now() == NOW + 19_998
    await stage.clock.advance(2)
    assert len(stage.told) == 1
    await stage.market.pause()
    await stage.clock.advance(HOUR)
    assert len(stage.told) == 1 and stage.market.now() == NOW + 20_000


async def test_speed_is_market_time_over_wall_time(stage: Stage) -> None:
    stage.market.set_speed(60)
    stage.market.play()
    await stage.clock.advance(60_001)
    assert 0 <= stage.market.now() - NOW - HOUR <= 60 and len(stage.told) == 240
    stage.market.set_speed(0.5)
    await stage.clock.advance(60_000)
    assert 0 <= stage.market.now() - NOW - HOUR - 30_000 <= 60
    assert [tick.time for tick in stage.told] == sorted(tick.time for tick in stage.told)


async def test_none_is_left_out_at_the_highest_speed(stage: Stage) -> None:
    stage.market.set_speed(3_600)
    stage.market.play()
    await stage.clock.advance(2_000)
    assert len(stage.told) == 2 * 60 * 4


async def test_the_end_of_the_data_pauses_by_itself(stage: Stage) -> None:
    stage.market.set_speed(3_600)
    stage.market.play()
    await stage.clock.advance(10_000)
    assert stage.market.state is ReplayState.ENDED
    assert stage.market.now() == stage.market.last == MONDAY + HOURS * HOUR - 1
    assert len(stage.told) == 3 * 60 * 4 - 1
    await stage.market.step_ticks(5)
    assert stage.market.now() == stage.market.last


async def test_seeking_forward_skips_and_tells_the_price_there(stage: Stage) -> None:
    await stage.market.seek(NOW + HOUR + 30_000)
    assert [tick.time for tick in stage.told] == [NOW + HOUR + 19_999]
    assert stage.market.now() == NOW + HOUR + 30_000
    await stage.market.step_ticks(1)
    assert stage.told[-1].time == NOW + HOUR + 39_999


async def test_going_back_is_silent_until_told_again(stage: Stage) -> None:
    await stage.market.step_bars(3, Resolution.M5)
    stage.told.clear()
    await stage.market.rewind(NOW - HOUR)
    assert stage.told == [] and stage.market.now() == NOW - HOUR
    quote = await stage.market.quote("USDJPY")
    await stage.market.retell()
    assert stage.told == [quote]
    bars = await stage.market.bars("USDJPY", Resolution.M1, before=NOW + DAY, count=5)
    assert bars.bars[-1].time == NOW - HOUR and bars.through == quote.time if quote else False


async def test_whoever_waits_for_a_moment_acts_before_its_tick(stage: Stage) -> None:
    seen: list[int] = []

    async def expire() -> None:
        await stage.market.until(NOW + 39_999)
        seen.append(len(stage.told))

    waiting = asyncio.create_task(expire())
    await settle()
    await stage.market.step_ticks(4)
    await waiting
    assert seen == [1]


async def test_waiting_in_a_paused_replay_lasts_until_time_moves(stage: Stage) -> None:
    waiting = asyncio.create_task(stage.market.until(NOW + 30_000))
    await stage.clock.advance(HOUR)
    assert not waiting.done()
    stage.market.play()
    await stage.clock.advance(29_999)
    assert not waiting.done()
    await stage.clock.advance(1)
    assert waiting.done()
    cut = asyncio.create_task(stage.market.until(NOW + HOUR))
    await settle()
    cut.cancel()
    await stage.clock.advance(HOUR)


async def test_now_is_kept_while_playing_so_a_crash_loses_little(stage: Stage) -> None:
    stage.market.play()
    for _ in range(60):
        await stage.clock.advance(1_000)
        assert not stage.kept or stage.market.now() - stage.kept[-1] <= 2 * KEEP_EVERY_S * 1000
    assert 20 <= len(stage.kept) <= 40


async def test_a_laptop_that_slept_goes_on_where_it_was(stage: Stage) -> None:
    stage.market.play()
    await stage.clock.advance(5_000)
    stage.clock.jump(HOUR)
    await settle()
    assert len(stage.told) <= 1 and stage.market.now() <= NOW + 20_000


async def test_a_hole_in_the_data_is_waited_through() -> None:
    bars = wavy_bars(minutes=HOURS * 60)
    library = await a_library(USDJPY=[*bars[:420], *bars[480:]])
    stage = Stage(library)
    await stage.start()
    stage.market.set_speed(60)
    stage.market.play()
    await stage.clock.advance(30_000)
    assert stage.told == [] and stage.market.now() == NOW + 30 * MINUTE
    await stage.clock.advance(30_000)
    assert len(stage.told) == 1
    await stage.close()


async def test_several_symbols_share_one_time() -> None:
    library = await a_library(USDJPY=wavy_bars(minutes=HOURS * 60))
    await add_bars(library, "EURUSD", [ArchivedBar(bar.bid, None) for bar in wavy_bars(MONDAY + HOUR, HOURS * 60)])
    stage = Stage(library, symbols=("USDJPY", "EURUSD"))
    await stage.start()
    await stage.market.step_ticks(4)
    assert [(tick.symbol, tick.time - NOW) for tick in stage.told] == [
        ("R1:USDJPY", 19_999),
        ("R1:EURUSD", 19_999),
        ("R1:USDJPY", 39_999),
        ("R1:EURUSD", 39_999),
    ]
    assert all(instrument.tradable and instrument.market == "R1" for instrument in stage.market.search())
    await stage.close()


async def test_no_bar_and_no_quote_is_later_than_now(stage: Stage) -> None:
    everything = wavy_bars(minutes=HOURS * 60)
    for _ in range(40):
        await stage.market.step_ticks(7)
        now = stage.market.now()
        shown = [
            tick
            for bar in everything
            for tick in ticks_in(
                bar, symbol="", open_in=((bar.bid.time, bar.bid.time + MINUTE),), spread=Decimal(0), traded=False
            )
        ]
        shown = [tick for tick in shown if tick.time <= now]
        for resolution in (Resolution.M1, Resolution.H1, Resolution.D1, Resolution.W1, Resolution.MN1):
            answer = await stage.market.bars("USDJPY", resolution, before=now + DAY, count=1)
            (bar,) = answer.bars
            assert (bar.close, answer.through) == (shown[-1].bid, shown[-1].time)
            inside = [tick.bid for tick in shown if tick.time >= bar.time] if resolution.width_ms else None
            assert inside is None or (bar.high, bar.low) == (max(inside), min(inside))


async def test_days_of_a_long_series_are_read_once() -> None:
    library = await a_library(USDJPY=wavy_bars(minutes=12 * 1440))
    charts = Charts(library)
    holding = library.get("USDJPY")

    async def ask(resolution: Resolution) -> int:
        before = library.archive.asked  # type: ignore[attr-defined]  # the fake counts
        await charts.bars(holding, resolution, before=MONDAY * 2, count=100, since=None, now=MONDAY * 2)
        return int(library.archive.asked - before)  # type: ignore[attr-defined]  # the fake counts

    assert await ask(Resolution.D1) == 12 * 96
    assert [await ask(one) for one in (Resolution.D1, Resolution.W1, Resolution.MN1)] == [0, 0, 0]
