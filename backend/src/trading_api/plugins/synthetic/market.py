"""The demo market: prices that never run out, the same for everyone who asks, history and live from one function."""

from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Final

from trading_api.core.ports import Clock
from trading_api.models.errors import NotFound
from trading_api.models.market.bars import Bar, Bars, Resolution
from trading_api.models.market.depth import Depth
from trading_api.models.market.instruments import Instrument
from trading_api.models.market.quotes import Quote
from trading_api.plugins.synthetic.history import History
from trading_api.plugins.synthetic.instruments import DEMO, Listing, demo_listings
from trading_api.plugins.synthetic.prices import Prices, Tick
from trading_api.plugins.synthetic.quoting import Quoter
from trading_api.plugins.synthetic.stream import Stream

UNTIL_WAIT_MAX_MS: Final = 30_000
"""Wall clocks get corrected, so no sleep is longer than this."""


class SyntheticMarket:
    """The port `Market` over drawn prices. Its time is wall time."""

    def __init__(self, clock: Clock, seed: int, instruments: Sequence[Listing] | None = None, *, name: str = DEMO) -> None:
        listings = demo_listings(name) if instruments is None else instruments
        self._name = name
        self._clock = clock
        self._listings = {listing.instrument.name: listing for listing in listings}
        self._prices = {each: Prices(listing, seed) for each, listing in self._listings.items()}
        self._history = {each: History(listing, self._prices[each]) for each, listing in self._listings.items()}
        self._quoters = {each: Quoter(listing, seed) for each, listing in self._listings.items()}
        self._stream = Stream(clock, self._quote_at, self._quotes_after)

    @property
    def name(self) -> str:
        return self._name

    def now(self) -> int:
        return self._clock.now()

    async def until(self, time: int) -> None:
        while (left := time - self._clock.now()) > 0:
            await self._clock.sleep(min(left, UNTIL_WAIT_MAX_MS) / 1000)

    def find(self, name: str) -> Instrument | None:
        listing = self._listings.get(name)
        return listing.instrument if listing else None

    def search(self) -> Sequence[Instrument]:
        return [listing.instrument for listing in self._listings.values()]

    async def bars(self, name: str, resolution: Resolution, *, before: int, count: int, since: int | None = None) -> Bars:
        history = self._history[self._known(name)]
        now = self._clock.now()
        newest_first: list[Bar] = []
        for batch in history.batches(resolution, now=now, before=before, count=count, since=since):
            if newest_first:
                await self._clock.sleep(0)
            newest_first += batch
        return history.answer(newest_first, resolution, now)

    async def quote(self, name: str) -> Quote | None:
        return self._stream.quote(self._known(name))

    def depth(self, quote: Quote) -> Depth | None:
        return self._quoters[self._known(quote.symbol.partition(":")[2])].depth(quote)

    def watch(self, name: str) -> None:
        self._stream.watch(self._known(name))

    def unwatch(self, name: str) -> None:
        self._stream.unwatch(self._known(name))

    def ticks(self) -> AsyncIterator[Quote]:
        return self._stream.ticks()

    async def close(self) -> None:
        self._stream.close()

    def _known(self, name: str) -> str:
        if name not in self._listings:
            raise NotFound("unknown_symbol", f"Expected a symbol of {self._name}, found '{name}'.", field="symbol")
        return name

    def _quote_at(self, name: str, time: int) -> Quote | None:
        tick = self._prices[name].last_tick(time)
        return None if tick is None else self._quote(name, tick)

    def _quotes_after(self, name: str, time: int) -> Iterator[Quote]:
        return (self._quote(name, tick) for tick in self._prices[name].ticks_after(time))

    def _quote(self, name: str, tick: Tick) -> Quote:
        return self._quoters[name].quote(tick)
