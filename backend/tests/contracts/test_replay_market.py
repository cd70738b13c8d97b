"""A playing replay keeps the market's promises, over minutes of both sides, over trades and over ticks."""

from collections.abc import AsyncIterator
from decimal import Decimal
from functools import lru_cache

import pytest

from contracts.market_contract import FROM_MINUTES, MarketContract, Opened
from fakes import FakeClock, settle
from fakes_imported import DAY, HOUR, MONDAY, a_library, add_bars, add_ticks, wavy_bars
from trading_api.core.ports import ArchivedBar
from trading_api.models.market.quotes import Quote
from trading_api.plugins.imported.charts import Charts
from trading_api.plugins.imported.replay import ReplayMarket

NOW = MONDAY + DAY + 7 * HOUR + 17 * 60_000 + 21_000


async def forget(now: int) -> None:
    """Nothing is stored."""


@lru_cache
def ticks(count: int) -> tuple[Quote, ...]:
    """A quote every seven seconds, two of them at one moment now and then."""
    return tuple(
        Quote(
            symbol="IMPORT:EURUSD",
            time=NOW - 4 * HOUR + place * 7_013 - (7_013 if place % 11 == 0 else 0),
            bid=Decimal("1.300") + Decimal(place * 31 % 17) / 1000,
            ask=Decimal("1.302") + Decimal(place * 31 % 17) / 1000,
        )
        for place in range(count)
    )


async def a_replay_of(name: str) -> AsyncIterator[Opened]:
    library = await a_library(USDJPY=wavy_bars(minutes=1440 + 500))
    await add_bars(library, "BTCUSD", [ArchivedBar(bar.bid, None) for bar in wavy_bars(minutes=1440 + 500)])
    await add_ticks(library, "EURUSD", ticks(2_500))
    clock = FakeClock()
    market = ReplayMarket(
        library, Charts(library), clock, name="R1", symbols=("USDJPY", "BTCUSD", "EURUSD"), at=NOW, speed=1.0, keep=forget
    )
    await market.open()
    market.play()
    await settle()
    yield Opened(market, name, clock.advance)
    await market.close()


class TestReplayOfTicks(MarketContract):
    @pytest.fixture
    async def opened(self) -> AsyncIterator[Opened]:
        async for opened in a_replay_of("EURUSD"):
            yield opened


class TestReplayOfBars(MarketContract):
    resolutions = FROM_MINUTES

    @pytest.fixture(params=["USDJPY", "BTCUSD"])
    async def opened(self, request: pytest.FixtureRequest) -> AsyncIterator[Opened]:
        async for opened in a_replay_of(request.param):
            yield opened
