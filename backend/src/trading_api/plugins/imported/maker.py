"""Makes replay markets out of the library."""

from collections.abc import Sequence

from trading_api.core.ports import Clock
from trading_api.models.market.instruments import Instrument
from trading_api.plugins.imported.charts import Charts
from trading_api.plugins.imported.library import Library
from trading_api.plugins.imported.replay import Keep, ReplayMarket


class LibraryReplays:
    """The core's `ReplayMaker`."""

    def __init__(self, library: Library, charts: Charts, clock: Clock) -> None:
        self._library, self._charts, self._clock = library, charts, clock

    def instrument(self, symbol: str) -> Instrument | None:
        holding = self._library.find(symbol)
        return holding.instrument if holding else None

    def begins(self, symbol: str) -> int:
        return self._library.get(symbol).first

    async def make(self, name: str, symbols: Sequence[str], at: int, speed: float, keep: Keep) -> ReplayMarket:
        market = ReplayMarket(
            self._library, self._charts, self._clock, name=name, symbols=symbols, at=at, speed=speed, keep=keep
        )
        await market.open()
        return market
