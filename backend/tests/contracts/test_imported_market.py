"""The imported market keeps the market's promises; that nothing in it moves is the only difference."""

from collections.abc import AsyncIterator

import pytest

from contracts.market_contract import FROM_MINUTES, MarketContract, Opened, listening
from fakes import FakeClock
from fakes_imported import DAY, MINUTE, MONDAY, a_library, wavy_bars
from trading_api.plugins.imported.charts import Charts
from trading_api.plugins.imported.market import ImportedMarket

LATER = MONDAY + 30 * DAY


class TestImportedMarket(MarketContract):
    resolutions = FROM_MINUTES

    @pytest.fixture
    async def opened(self) -> AsyncIterator[Opened]:
        library = await a_library(USDJPY=wavy_bars(minutes=5 * 1440 - 137))
        clock = FakeClock(LATER)
        market = ImportedMarket(library, Charts(library), clock)
        yield Opened(market, "USDJPY", clock.advance)
        await market.close()

    async def test_ticks_ascend_and_are_told_when_they_are_due(self, opened: Opened) -> None:
        """Only the last price is told: nothing is due."""
        async with listening(opened.market) as told:
            opened.market.watch(opened.name)
            await opened.advance(10 * MINUTE)
            assert told == [await opened.market.quote(opened.name)]

    async def test_watching_is_counted_and_unwatching_ends_it(self, opened: Opened) -> None:
        async with listening(opened.market) as told:
            opened.market.watch(opened.name)
            opened.market.watch(opened.name)
            await opened.advance(MINUTE)
            assert len(told) == 1
            opened.market.unwatch(opened.name)
            opened.market.unwatch(opened.name)
            opened.market.watch(opened.name)
            await opened.advance(MINUTE)
            assert len(told) == 2
