"""Speaks for all markets: symbols, history, quotes, the live topics `bars` and `quotes`, and the ticks desks trade on.

It guarantees that a topic's updates are numbered without gaps, that its state and its updates count every tick once, that the
last frame of a bar is the bar history will show, and that a symbol is watched only while somebody needs it.
"""

from collections.abc import Iterable, Sequence

from trading_api.core.access import Principal
from trading_api.core.configuration import configuration
from trading_api.core.conversion import converted, legs_of
from trading_api.core.datafeed_topics import DatafeedTopics
from trading_api.core.history import HISTORY_SECONDS, NEWEST, History, Window, read_history
from trading_api.core.limits import within
from trading_api.core.market_feed import Listener, MarketFeed, StopReport, Watch
from trading_api.core.ports import Clock, Market
from trading_api.core.quotes import day_of, no_quote, quote_data
from trading_api.core.routes import Snapshot, TopicCallback, Update
from trading_api.core.search import SEARCH_ROWS, search
from trading_api.core.symbols import Listing, resolve
from trading_api.models.errors import NotFound, TradingError, TryLater
from trading_api.models.market.bars import Resolution
from trading_api.models.market.configuration import DatafeedConfiguration
from trading_api.models.market.instruments import Instrument
from trading_api.models.market.quotes import Quote, QuoteData
from trading_api.models.market.search import SymbolMatch
from trading_api.models.udf import DatafeedHealth

FIRST_QUOTE_SECONDS = 5.0
"""How long a desk waits for a symbol's first price; a live market tells it at once."""


def _ignore(name: str, error: BaseException) -> None:
    """A stopped market shows in `health`."""


class DatafeedService:
    """`markets` are closed with the service. `on_stop` hears of a market whose ticks have failed."""

    def __init__(self, markets: Iterable[Market], clock: Clock, epoch: str, *, on_stop: StopReport = _ignore) -> None:
        self.clock = clock
        self.epoch = epoch
        self.feeds: dict[str, MarketFeed] = {}
        self.markets: dict[str, Market] = {}
        self._on_stop = on_stop
        self._started = False
        self._topics = DatafeedTopics(self.feeds, self.resolve, clock, epoch)
        for market in markets:
            self.add_market(market)

    async def start(self) -> None:
        self._started = True
        for feed in self.feeds.values():
            feed.start()

    async def close(self) -> None:
        self._started = False
        for name in tuple(self.feeds):
            await self.remove_market(name)

    def add_market(self, market: Market) -> None:
        assert market.name not in self.feeds, f"two markets named {market.name}"
        feed = self.feeds[market.name] = MarketFeed(market, self._on_stop)
        self.markets[market.name] = market
        if self._started:
            feed.start()

    async def remove_market(self, name: str) -> None:
        """Close the market. Its topics fall silent; they are removed by whoever created them."""
        del self.markets[name]
        await self.feeds.pop(name).close()

    async def rewind_market(self, name: str) -> None:
        """The market's time has gone back: whatever was folded from its ticks begins anew."""
        await self.feeds[name].rewind()

    # Symbols.

    @property
    def instruments(self) -> list[Instrument]:
        return [instrument for feed in self.feeds.values() for instrument in feed.market.search()]

    def resolve(self, symbol: str) -> Listing:
        return resolve(symbol, self.markets)

    def instrument(self, symbol_id: str) -> Instrument:
        prefix, _, name = symbol_id.partition(":")
        market = self.markets.get(prefix)
        return (market and market.find(name)) or self.resolve(symbol_id).instrument

    def market(self, name: str) -> Market:
        if name not in self.feeds:
            known = ", ".join(self.feeds) or "none"
            raise NotFound("unknown_market", f"Expected one of the markets {known}, found '{name}'", field="markets")
        return self.feeds[name].market

    def search(self, query: str = "", *, kind: str = "", exchange: str = "", limit: int = SEARCH_ROWS) -> list[SymbolMatch]:
        return search(self.instruments, query, kind=kind, exchange=exchange, limit=limit)

    def configuration(self) -> DatafeedConfiguration:
        return configuration(self.instruments)

    def now(self, symbol_id: str) -> int:
        """Market time of the symbol."""
        return self.resolve(symbol_id).market.now()

    async def until(self, symbol_id: str, time: int) -> None:
        await self.resolve(symbol_id).market.until(time)

    # Prices.

    async def history(self, symbol: str, resolution: Resolution, window: Window, currency: str | None = None) -> History:
        """Prices are told in `currency`, without one in the instrument's own."""
        listing = self.resolve(symbol)
        try:
            return await within(self.clock, HISTORY_SECONDS, _read(listing, resolution, window, currency))
        except TimeoutError:
            raise TryLater(
                "slow_history",
                f"Expected the bars of {listing.instrument.id} within {HISTORY_SECONDS:g} s, found no answer yet",
            ) from None

    def last(self, symbol: str) -> Quote | None:
        """The last tick told to listeners; None unless somebody listens."""
        watch = self._watch(self.resolve(symbol))
        return watch.last if watch else None

    async def quote(self, symbol: str) -> Quote | None:
        """The last price shown."""
        listing = self.resolve(symbol)
        watch = self._watch(listing)
        return watch.last if watch and watch.last else await listing.market.quote(listing.instrument.name)

    async def quotes(self, symbols: Sequence[str]) -> list[QuoteData]:
        """One entry for each symbol, in order; an unknown symbol has an entry that says so."""
        return [await self._quote_data(symbol) for symbol in symbols]

    async def _quote_data(self, symbol: str) -> QuoteData:
        try:
            instrument = self.instrument(symbol)
            quote = await self.quote(symbol)
            days = await self.history(symbol, Resolution.D1, Window(before=NEWEST, countback=2))
        except TradingError as error:
            return no_quote(symbol, error.body.message)
        return quote_data(symbol, instrument, quote, day_of(days.bars))

    def _watch(self, listing: Listing) -> Watch | None:
        return self.feeds[listing.market.name].watches.get(listing.instrument.name)

    def health(self) -> DatafeedHealth:
        """Degraded when a market's ticks are not being read."""
        return DatafeedHealth(
            status="ok" if all(feed.streaming for feed in self.feeds.values()) else "degraded",
            epoch=self.epoch,
            markets=tuple(feed.health() for feed in self.feeds.values()),
            watched=tuple(watched for feed in self.feeds.values() for watched in feed.watched()),
        )

    # Desks.

    async def listen(self, symbol_id: str, listener: Listener) -> Quote:
        """The price known now, waiting for the first if need be; every tick after it goes to `listener`."""
        market, instrument = self.resolve(symbol_id)
        feed = self.feeds[market.name]
        watch = feed.watch(instrument.name)
        watch.holds += 1
        try:
            await within(self.clock, FIRST_QUOTE_SECONDS, watch.first(market, instrument.name))
            # In this turn nothing is told: the listener's next tick is the one after the quote returned.
            watch.listeners.append(listener)
        except TimeoutError:
            raise _no_price(instrument) from None
        finally:
            watch.holds -= 1
            feed.leave(instrument.name)
        assert watch.last is not None
        return watch.last

    def unlisten(self, symbol_id: str, listener: Listener) -> None:
        """Undo one `listen`; nothing happens where the market is gone."""
        name, _, bare = symbol_id.partition(":")
        feed = self.feeds.get(name)
        watch = feed.watches.get(bare) if feed else None
        if feed and watch and listener in watch.listeners:
            watch.listeners.remove(listener)
            feed.leave(bare)

    # Topics.

    def admit(self, topic: str, principal: Principal) -> None:
        self._topics.admit(topic, principal)

    async def create_topic(self, topic: str, callback: TopicCallback) -> None:
        await self._topics.create(topic, callback)

    def snapshot(self, topic: str) -> Snapshot:
        return self._topics.snapshot(topic)

    def since(self, topic: str, epoch: str, seq: int) -> Sequence[Update] | None:
        """Prices are told anew: the latest is all that counts."""
        return None

    def remove_topic(self, topic: str) -> None:
        self._topics.remove(topic)


async def _read(listing: Listing, resolution: Resolution, window: Window, currency: str | None) -> History:
    market, instrument = listing
    if currency is None:
        return await read_history(market, instrument, resolution, window)
    legs_of(market, instrument, currency)
    found = await read_history(market, instrument, resolution, window)
    return found._replace(bars=await converted(market, instrument, currency, found.bars, resolution))


def _no_price(instrument: Instrument) -> TryLater:
    return TryLater(
        "no_price",
        f"Expected a price of {instrument.id} within {FIRST_QUOTE_SECONDS:g} s, found none",
        field="symbol",
    )
