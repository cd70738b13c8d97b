"""One market's ticks, read by one task and handed on in order: first to the streams, then to the desks.

The next tick is read when every desk has taken this one, so a market waits for its desks and no tick is lost. A symbol nobody
listens to is not watched.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from trading_api.core.ports import Market
from trading_api.core.streams import Stream
from trading_api.models.market.quotes import Quote
from trading_api.models.udf import MarketHealth, WatchedSymbol

Listener = Callable[[Quote], Awaitable[None]]
StopReport = Callable[[str, BaseException], None]

GAP_MS = 600_000
"""Between two ticks: beyond it some may have been left out, as after a laptop's sleep, and streams read history again."""

_log = logging.getLogger(__name__)


class Watch:
    """One watched symbol."""

    def __init__(self) -> None:
        self.last: Quote | None = None
        self.arrived = asyncio.Event()
        self.holds = 0
        self._asked: Quote | None = None
        self.streams: list[Stream] = []
        self.listeners: list[Listener] = []

    @property
    def needed(self) -> bool:
        return bool(self.streams or self.listeners or self.holds)

    async def first(self, market: Market, name: str) -> Quote:
        """The last tick told, else the last price shown, else the first tick to come."""
        # Asked before waiting: a desk may begin to listen while the tick that would tell the price waits for that very desk.
        if self.last is None:
            asked = await market.quote(name)
            if self.last is None and asked is not None:
                self.last = self._asked = asked
            else:
                await self.arrived.wait()
        assert self.last is not None
        return self.last

    def forget(self) -> None:
        self.last = self._asked = None
        self.arrived.clear()

    def tell(self, quote: Quote) -> bool:
        """Whether this tick is news to the listeners: those up to the price asked for are not."""
        asked = self._asked
        if asked is not None and (quote.time < asked.time or quote == asked):
            return False
        self._asked, self.last = None, quote
        self.arrived.set()
        return True


class MarketFeed:
    def __init__(self, market: Market, on_stop: StopReport) -> None:
        self.market = market
        self.watches: dict[str, Watch] = {}
        self._on_stop = on_stop
        self._pump: asyncio.Task[None] | None = None

    @property
    def streaming(self) -> bool:
        return self._pump is not None and not self._pump.done()

    def start(self) -> None:
        self._pump = asyncio.create_task(self._read(), name=f"ticks of {self.market.name}")
        self._pump.add_done_callback(self._ended)

    async def close(self) -> None:
        """End the stream and close the market."""
        pump, self._pump = self._pump, None
        if pump is not None:
            pump.cancel()
            await asyncio.wait({pump})
        self.watches.clear()
        await self.market.close()

    def watch(self, name: str) -> Watch:
        """The symbol's watch, begun if need be. Without a listener it must be left again."""
        found = self.watches.get(name)
        if found is None:
            found = self.watches[name] = Watch()
            self.market.watch(name)
        return found

    def leave(self, name: str) -> None:
        """End the watch unless somebody still needs it."""
        watch = self.watches.get(name)
        if watch is not None and not watch.needed:
            del self.watches[name]
            self.market.unwatch(name)

    def health(self) -> MarketHealth:
        market = self.market
        return MarketHealth(name=market.name, streaming=self.streaming, instruments=len(market.search()), now=market.now())

    def watched(self) -> list[WatchedSymbol]:
        now = self.market.now()
        return [
            WatchedSymbol(
                symbol=f"{self.market.name}:{name}",
                listeners=len(watch.listeners),
                topics=len(watch.streams),
                tick_age_ms=now - watch.last.time if watch.last else None,
            )
            for name, watch in self.watches.items()
        ]

    async def _read(self) -> None:
        async for quote in self.market.ticks():
            watch = self.watches.get(quote.symbol.partition(":")[2])
            if watch is not None:
                await self._hand_on(watch, quote)

    async def rewind(self) -> None:
        """Market time has gone back: nothing shown so far counts."""
        for watch in self.watches.values():
            watch.forget()
            for stream in tuple(watch.streams):
                await stream.rewind()

    @staticmethod
    async def _hand_on(watch: Watch, quote: Quote) -> None:
        if watch.last is not None and quote.time - watch.last.time > GAP_MS:
            for stream in tuple(watch.streams):
                await stream.reload()
        news = watch.tell(quote)
        for stream in watch.streams:
            stream.take(quote)
        for listener in tuple(watch.listeners) if news else ():
            await listener(quote)

    def _ended(self, pump: asyncio.Task[None]) -> None:
        error = None if pump.cancelled() else pump.exception()
        if error is not None:
            _log.critical("The ticks of %s have stopped: %s", self.market.name, error, exc_info=error)
            self._on_stop(self.market.name, error)
