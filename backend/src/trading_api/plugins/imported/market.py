"""The imported market: charts of what has been imported. Nothing in it moves, and nothing in it trades; a replay of it does."""

import asyncio
from collections.abc import AsyncIterator, Sequence

from trading_api.core.depth import best_only
from trading_api.core.ports import Clock
from trading_api.models.market.bars import Bars, Resolution
from trading_api.models.market.depth import Depth
from trading_api.models.market.instruments import Instrument
from trading_api.models.market.quotes import Quote
from trading_api.plugins.imported.charts import EMPTY, Charts
from trading_api.plugins.imported.guess import MARKET
from trading_api.plugins.imported.library import Library

LONGEST_SLEEP_S = 3_600.0
"""A clock may be set anew while one waits for it."""


class ImportedMarket:
    """The port `Market`. Its time is wall time."""

    name = MARKET

    def __init__(self, library: Library, charts: Charts, clock: Clock) -> None:
        self._library = library
        self._charts = charts
        self._clock = clock
        self._outbox: asyncio.Queue[str | None] = asyncio.Queue()
        self._watched: dict[str, int] = {}

    def now(self) -> int:
        return self._clock.now()

    async def until(self, time: int) -> None:
        while (left := time - self._clock.now()) > 0:
            await self._clock.sleep(min(left / 1000, LONGEST_SLEEP_S))

    def find(self, name: str) -> Instrument | None:
        holding = self._library.find(name)
        return holding.instrument if holding else None

    def search(self) -> Sequence[Instrument]:
        return tuple(holding.instrument for holding in self._library.all())

    async def bars(self, name: str, resolution: Resolution, *, before: int, count: int, since: int | None = None) -> Bars:
        holding = self._library.find(name)
        if holding is None:
            return EMPTY
        return await self._charts.bars(holding, resolution, before=before, count=count, since=since, now=self.now())

    async def quote(self, name: str) -> Quote | None:
        holding = self._library.find(name)
        return await self._library.last_tick(holding, self.name, self.now()) if holding else None

    def depth(self, quote: Quote) -> Depth | None:
        return best_only(quote)

    def watch(self, name: str) -> None:
        self._watched[name] = self._watched.get(name, 0) + 1
        if self._watched[name] == 1:
            self._outbox.put_nowait(name)

    def unwatch(self, name: str) -> None:
        self._watched[name] -= 1
        if not self._watched[name]:
            del self._watched[name]

    async def ticks(self) -> AsyncIterator[Quote]:
        while (name := await self._outbox.get()) is not None:
            quote = await self.quote(name)
            if quote is not None and name in self._watched:
                yield quote

    async def close(self) -> None:
        self._outbox.put_nowait(None)
