"""What every market promises. A plug's tests subclass `MarketContract` and say how to open one and how to move its time."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from itertools import pairwise
from typing import NamedTuple, TypeVar

import pytest

from fakes import settle
from trading_api.core.bars import BarFolder, fold, fold_days, price_of, resolutions_of
from trading_api.core.ports import Market
from trading_api.core.sessions import DAY_MS, MINUTE_MS, sessions_of
from trading_api.models.market.bars import Bar, Bars, Resolution
from trading_api.models.market.depth import DEPTH_LEVELS_MAX
from trading_api.models.market.instruments import Instrument
from trading_api.models.market.quotes import Quote

SECONDS = [each for each in Resolution if each.width_ms and each.width_ms < MINUTE_MS]
MINUTES = [each for each in Resolution if each.width_ms and each.width_ms >= MINUTE_MS]
FROM_MINUTES = tuple(each for each in Resolution if each not in SECONDS)
LONG = [Resolution.W1, Resolution.MN1]
MEETING = [Resolution.S1, Resolution.S30, Resolution.M1, Resolution.M3, Resolution.H4, Resolution.D1, Resolution.MN1]


class Opened(NamedTuple):
    """A market in the middle of a session, with a history of at least three hours, and the hand on its clock."""

    market: Market
    name: str
    """A symbol whose price moves at least once in every minute, also in the five that follow."""
    advance: Callable[[int], Awaitable[None]]
    """Let so many milliseconds of market time pass, each tick being told at its own moment."""

    @property
    def instrument(self) -> Instrument:
        found = self.market.find(self.name)
        assert found is not None
        return found

    async def bars(self, resolution: Resolution, count: int = 60) -> Bars:
        return await self.market.bars(self.name, resolution, before=self.market.now() + 2 * DAY_MS, count=count)


@asynccontextmanager
async def listening(market: Market) -> AsyncIterator[list[Quote]]:
    """Everything the market tells from here on."""
    told: list[Quote] = []

    async def listen() -> None:
        async for quote in market.ticks():
            told.append(quote)

    task = asyncio.create_task(listen())
    await settle()
    try:
        yield told
    finally:
        task.cancel()
        await settle()


Asked = TypeVar("Asked", bound=Callable[..., Awaitable[None]])


def on_each(resolutions: Sequence[Resolution]) -> Callable[[Asked], Asked]:
    """The test runs on each of these that the market's symbols have."""

    def note(test: Asked) -> Asked:
        test.__dict__["resolutions"] = resolutions
        return test

    return note


class MarketContract:
    """A subclass has an async fixture `opened`."""

    resolutions: tuple[Resolution, ...] = tuple(Resolution)
    """Those every opened symbol has."""

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        if wanted := getattr(metafunc.function, "resolutions", None):
            metafunc.parametrize("resolution", [each for each in wanted if each in self.resolutions])

    async def test_a_symbol_has_the_resolutions_its_bars_add_up_to(self, opened: Opened) -> None:
        assert resolutions_of(opened.instrument) == self.resolutions

    async def test_instruments_are_listed_in_a_stable_order_and_found_by_name(self, opened: Opened) -> None:
        market = opened.market
        listed = market.search()
        assert [each.name for each in listed] == [each.name for each in market.search()]
        assert all(market.find(each.name) == each and each.market == market.name for each in listed)
        assert len({each.name for each in listed}) == len(listed)
        assert market.find(opened.name.lower()) is None and market.find("") is None

    @on_each(tuple(Resolution))
    async def test_bars_are_ascending_whole_and_where_the_session_puts_them(
        self, opened: Opened, resolution: Resolution
    ) -> None:
        answer = await opened.bars(resolution)
        assert 0 < len(answer.bars) <= 60
        assert all(earlier.time < later.time for earlier, later in pairwise(answer.bars))
        sessions = sessions_of(opened.instrument)
        for bar in answer.bars:
            start, _ = sessions.bar_span(bar.time, resolution)
            assert start <= opened.market.now() and sessions.bar_start(start, resolution) == bar.time
            assert 0 < bar.low <= min(bar.open, bar.close) <= max(bar.open, bar.close) <= bar.high
            assert bar.volume >= 0
            assert all(price % opened.instrument.tick_size == 0 for price in (bar.open, bar.high, bar.low, bar.close))

    @on_each(tuple(Resolution))
    async def test_the_last_bar_holds_the_last_price(self, opened: Opened, resolution: Resolution) -> None:
        quote = await opened.market.quote(opened.name)
        answer = await opened.bars(resolution, 1)
        assert quote is not None and answer.through == quote.time <= opened.market.now()
        assert answer.bars[-1].close == price_of(quote, opened.instrument)

    @on_each([Resolution.S5, Resolution.M1, Resolution.M15, Resolution.D1])
    async def test_count_before_and_since_cut_the_same_bars(self, opened: Opened, resolution: Resolution) -> None:
        market, name, now = opened.market, opened.name, opened.market.now()
        whole = (await opened.bars(resolution, 10)).bars
        assert (await opened.bars(resolution, 3)).bars == whole[-3:]
        assert (await opened.bars(resolution, 0)).bars == ()
        earlier = await market.bars(name, resolution, before=whole[-1].time, count=9)
        assert earlier.bars == whole[:-1][-9:]
        assert not earlier.bars or earlier.through < now
        since = await market.bars(name, resolution, before=now + 2 * DAY_MS, count=10, since=whole[-2:][0].time)
        assert since.bars == whole[-2:]

    async def test_before_all_history_there_is_nothing(self, opened: Opened) -> None:
        for before in (0, -(10**15)):
            assert await opened.market.bars(opened.name, Resolution.M1, before=before, count=5) == Bars((), 0)

    async def test_a_far_future_is_answered_like_now(self, opened: Opened) -> None:
        answer = await opened.market.bars(opened.name, Resolution.M5, before=10**15, count=5)
        assert answer == await opened.bars(Resolution.M5, 5)

    @on_each([*SECONDS, Resolution.M1, Resolution.M5])
    async def test_bars_are_the_fold_of_the_finest(self, opened: Opened, resolution: Resolution) -> None:
        finest = self.resolutions[0]
        base = (await opened.bars(finest, 3000)).bars
        folded = list(fold(base, resolution, sessions_of(opened.instrument)))[1:]
        self._same_end(folded, (await opened.bars(resolution, len(folded))).bars)

    @on_each(MINUTES)
    async def test_large_bars_are_the_fold_of_minutes(self, opened: Opened, resolution: Resolution) -> None:
        minutes = (await opened.bars(Resolution.M1, 3000)).bars
        folded = list(fold(minutes, resolution, sessions_of(opened.instrument)))[1:]
        self._same_end(folded, (await opened.bars(resolution, len(folded))).bars)

    @on_each(LONG)
    async def test_weeks_and_months_are_the_fold_of_days(self, opened: Opened, resolution: Resolution) -> None:
        days = (await opened.bars(Resolution.D1, 200)).bars
        folded = list(fold_days(days, resolution, sessions_of(opened.instrument)))
        whole = len(folded) == len((await opened.bars(resolution, len(folded) + 1)).bars)
        folded = folded if whole else folded[1:]
        self._same_end(folded, (await opened.bars(resolution, len(folded))).bars)

    @staticmethod
    def _same_end(folded: Sequence[Bar], answer: Sequence[Bar]) -> None:
        assert list(answer) == list(folded)

    async def test_watching_tells_the_current_quote_at_once(self, opened: Opened) -> None:
        async with listening(opened.market) as told:
            quote = await opened.market.quote(opened.name)
            opened.market.watch(opened.name)
            await settle()
            assert told == [quote]

    async def test_the_book_ascends_around_the_best_prices_and_is_the_same_each_time(self, opened: Opened) -> None:
        instrument, market = opened.instrument, opened.market
        for _ in range(3):
            quote = await market.quote(opened.name)
            assert quote is not None
            book = market.depth(quote)
            assert book == market.depth(quote)
            if quote.bid_size is None or quote.ask_size is None:
                assert book is None
                return
            assert book is not None and (book.symbol, book.time) == (instrument.id, quote.time)
            assert (book.bids[-1].price, book.bids[-1].volume) == (quote.bid, quote.bid_size)
            assert (book.asks[0].price, book.asks[0].volume) == (quote.ask, quote.ask_size)
            for side in (book.bids, book.asks):
                assert all(lower.price < upper.price for lower, upper in pairwise(side)) and len(side) <= DEPTH_LEVELS_MAX
                assert all(one.price > 0 and one.price % instrument.tick_size == 0 for one in side)
                assert all(one.volume > 0 and one.volume % instrument.quantity_step == 0 for one in side)
            await opened.advance(MINUTE_MS)

    async def test_ticks_ascend_and_are_told_when_they_are_due(self, opened: Opened) -> None:
        late: list[int] = []
        async with listening(opened.market) as told:
            opened.market.watch(opened.name)
            for _ in range(10):
                await opened.advance(MINUTE_MS // 10)
                late += [quote.time for quote in told if quote.time > opened.market.now()]
                assert await opened.market.quote(opened.name) == told[-1]
        assert len(told) > 1 and not late
        assert all(earlier.time <= later.time for earlier, later in pairwise(told))
        assert {quote.symbol for quote in told} == {opened.instrument.id}
        assert all(0 < quote.bid <= quote.ask for quote in told)

    @on_each(MEETING)
    async def test_history_and_live_meet_and_what_closes_live_is_history(self, opened: Opened, resolution: Resolution) -> None:
        async with listening(opened.market) as told:
            opened.market.watch(opened.name)
            await opened.advance(MINUTE_MS // 3)
            history = await opened.bars(resolution, 2)
            live = BarFolder(opened.instrument, resolution, sessions_of(opened.instrument), history)
            await opened.advance(5 * MINUTE_MS)
        seen = {bar.time: bar for bar in history.bars}
        for quote in told:
            if folded := live.add(quote):
                seen[folded.current.time] = folded.current
        asked = await opened.bars(resolution, len(seen))
        assert list(asked.bars) == list(seen.values())
        assert asked.through == told[-1].time

    async def test_closed_bars_never_change(self, opened: Opened) -> None:
        before = {each: (await opened.bars(each, 20)).bars[:-1] for each in resolutions_of(opened.instrument)}
        await opened.advance(3 * MINUTE_MS)
        for each, bars in before.items():
            later = (await opened.bars(each, 250)).bars
            assert [bar for bar in later if bars and bars[0].time <= bar.time <= bars[-1].time] == list(bars)

    async def test_watching_is_counted_and_unwatching_ends_it(self, opened: Opened) -> None:
        market, name = opened.market, opened.name
        async with listening(market) as told:
            market.watch(name)
            market.watch(name)
            await settle()
            assert len(told) == 1
            market.unwatch(name)
            await opened.advance(MINUTE_MS)
            assert len(told) > 1
            market.unwatch(name)
            await settle()
            told.clear()
            await opened.advance(MINUTE_MS)
            assert told == []
            market.watch(name)
            await settle()
            assert told == [await market.quote(name)]

    async def test_until_waits_for_market_time(self, opened: Opened) -> None:
        waiting = asyncio.create_task(opened.market.until(opened.market.now() + MINUTE_MS))
        await opened.advance(MINUTE_MS - 1000)
        assert not waiting.done()
        await opened.advance(2000)
        await asyncio.wait_for(waiting, 5)
        await asyncio.wait_for(opened.market.until(opened.market.now() - 1), 5)

    async def test_closing_ends_the_stream(self, opened: Opened) -> None:
        async def listen() -> list[Quote]:
            return [quote async for quote in opened.market.ticks()]

        task = asyncio.create_task(listen())
        opened.market.watch(opened.name)
        await settle()
        await opened.market.close()
        assert len(await asyncio.wait_for(task, 5)) == 1
