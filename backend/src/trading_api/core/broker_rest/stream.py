"""The stream for TradingView's servers: every offered symbol's lines, encoded once, to each reader (contract 4.9).

Symbols are listened to from the first reader to the last. All readers get the same lines; a slow one is let go alone.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterable
from functools import partial

from trading_api.core.broker_rest.lines import Line, SymbolLines
from trading_api.core.broker_rest.naming import Names
from trading_api.core.broker_rest.outlet import Outlet
from trading_api.core.datafeed_service import DatafeedService
from trading_api.core.datafeed_topics import DatafeedTopics
from trading_api.core.failures import sentence
from trading_api.core.market_feed import Listener
from trading_api.core.publisher import to_wire
from trading_api.core.routes import Update
from trading_api.models.errors import NotSignedIn, TradingError, TryLater
from trading_api.models.market.bars import Bar, BarsSubscriptionRequest, Resolution
from trading_api.models.market.instruments import Instrument
from trading_api.models.market.quotes import Quote
from trading_api.models.topics import topic_string

READERS_OF_USER_MAX = 4
"""Streams of one user at the same time. TradingView opens up to so many: one more means that an older one is dead."""
READERS_MAX = 64
"""Streams in all."""
BEGUN_AT_ONCE = 32
"""Symbols whose prices are waited for together."""
LOOKS_EVERY_SECONDS = 15.0
"""Between two looks for symbols that are new, or that had no price yet."""
RENEWS_EVERY_SECONDS = 1.0
"""Between two looks whether a reader may still read."""

_log = logging.getLogger(__name__)

Offered = Callable[[], Iterable[Instrument]]
StillMay = Callable[[], object]
"""Raises NotSignedIn once the reader may not read any more."""


class Reading:
    """One reader. `close` when the reader is gone, whether or not anything was read."""

    def __init__(self, user: str, still_may: StillMay, closed: Callable[["Reading"], None]) -> None:
        self.user = user
        self.outlet = Outlet()
        self._still_may = still_may
        self._closed = closed

    async def lines(self) -> AsyncIterator[bytes]:
        while self.may():
            try:
                async with asyncio.timeout(RENEWS_EVERY_SECONDS):
                    text = await self.outlet.take()
            except TimeoutError:
                continue
            if text is None:
                return
            yield text

    def may(self) -> bool:
        try:
            self._still_may()
        except NotSignedIn:
            return False
        return True

    def close(self) -> None:
        self.outlet.end()
        self._closed(self)


class PriceStream:
    """`close` ends every reader's stream."""

    def __init__(self, datafeed: DatafeedService, names: Names, offered: Offered) -> None:
        self._datafeed = datafeed
        self._names = names
        self._offered = offered
        self._days = DatafeedTopics(datafeed.feeds, datafeed.resolve, datafeed.clock, datafeed.epoch)
        self._readings: list[Reading] = []
        self._listening: dict[str, Listener] = {}
        self._watching: asyncio.Task[None] | None = None
        self._closed = False

    def open(self, user: str, still_may: StillMay) -> Reading:
        """A further stream of a user that has as many as it may ends the oldest."""
        if self._closed:
            raise TryLater("closing", "Expected a server that goes on, found one that is being stopped")
        own = [one for one in self._readings if one.user == user]
        if len(own) >= READERS_OF_USER_MAX:
            own[0].close()
        if len(self._readings) >= READERS_MAX:
            raise TryLater("too_many_streams", f"Expected at most {READERS_MAX} streams, found one more: try again later")
        reading = Reading(user, still_may, self._leave)
        self._readings.append(reading)
        if self._watching is None:
            self._watching = asyncio.create_task(self._watch(), name="symbols of the stream")
            self._watching.add_done_callback(self._ended)
        return reading

    def _leave(self, reading: Reading) -> None:
        if reading in self._readings:
            self._readings.remove(reading)
        if not self._readings:
            self._rest()

    def reconsider(self) -> None:
        """Somebody's access may have become another: readers who may not read any more are let go."""
        for reading in tuple(self._readings):
            if not reading.may():
                reading.close()

    def close(self) -> None:
        self._closed = True
        for reading in tuple(self._readings):
            reading.close()

    def _rest(self) -> None:
        """Nobody reads: listen to nothing."""
        if self._watching is not None:
            self._watching.cancel()
            self._watching = None
        for symbol in tuple(self._listening):
            self._stop(symbol)

    def _ended(self, watching: asyncio.Task[None]) -> None:
        error = None if watching.cancelled() else watching.exception()
        if error is not None:
            _log.error("The stream has stopped, its readers may come back: %s", sentence(error), exc_info=error)
            for reading in tuple(self._readings):
                reading.close()

    # Symbols

    async def _watch(self) -> None:
        while True:
            missing = [one for one in self._offered() if one.id not in self._listening]
            for start in range(0, len(missing), BEGUN_AT_ONCE):
                await asyncio.gather(*map(self._begin, missing[start : start + BEGUN_AT_ONCE]))
            await self._datafeed.clock.sleep(LOOKS_EVERY_SECONDS)

    async def _begin(self, instrument: Instrument) -> None:
        symbol = instrument.id
        lines = SymbolLines(instrument, self._names.wire(symbol))

        async def hear(quote: Quote) -> None:
            for line in lines.of_tick(quote):
                self._tell(line)

        self._listening[symbol] = hear
        try:
            await self._days.create(_day_topic(symbol), partial(self._tell_day, lines))
            await self._datafeed.listen(symbol, hear)
        except TradingError as refusal:
            _log.info("%s is not streamed yet: %s", symbol, refusal)
            self._stop(symbol)

    def _stop(self, symbol: str) -> None:
        hear = self._listening.pop(symbol)
        self._datafeed.unlisten(symbol, hear)
        self._days.remove(_day_topic(symbol))

    def _tell_day(self, lines: SymbolLines, update: Update) -> None:
        if isinstance(update.payload, Bar):
            self._tell(lines.of_day(update.payload))

    def _tell(self, line: Line) -> None:
        text = to_wire(line) + b"\n"
        for reading in self._readings:
            reading.outlet.tell(line, text)


def _day_topic(symbol: str) -> str:
    return topic_string("bars", BarsSubscriptionRequest(symbol=symbol, resolution=Resolution.D1))
