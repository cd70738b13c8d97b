"""The two live streams of a symbol, counted and folded.

A stream loads what history shows, while ticks already arrive; they wait in a bounded list and are folded after it, each once,
because history says through which moment it has counted.
"""

from abc import ABC, abstractmethod

from trading_api.core.bars import BarFolder
from trading_api.core.depth import depth_of
from trading_api.core.history import AHEAD_MS
from trading_api.core.quotes import Day, day_of, quote_data
from trading_api.core.routes import Snapshot, TopicCallback, Update
from trading_api.core.sessions import sessions_of
from trading_api.core.symbols import Listing
from trading_api.models.base import Model
from trading_api.models.errors import TryLater
from trading_api.models.market.bars import Bar, Bars, Resolution
from trading_api.models.market.depth import Depth
from trading_api.models.market.quotes import Quote, QuoteData

LOADING_TICKS_MAX = 10_000
"""Ticks held while history loads; more than this and the subscription is refused rather than the ticks lost."""


class Stream(ABC):
    """One topic: its numbering, and what it does before and after its history is there."""

    def __init__(self, topic: str, listing: Listing, epoch: str, seq: int, publish: TopicCallback) -> None:
        self.topic = topic
        self.listing = listing
        self.seq = seq
        self._epoch = epoch
        self._publish = publish
        self._rewound = 0
        self._waiting: list[Quote] | None = []

    def take(self, quote: Quote) -> None:
        """A tick, in order."""
        if self._waiting is None:
            self._fold(quote)
        elif len(self._waiting) <= LOADING_TICKS_MAX:
            self._waiting.append(quote)

    async def load(self) -> None:
        """Start from history. What arrived meanwhile is folded in the same turn, so `state` is complete afterwards."""
        await self._load()
        waited, self._waiting = self._waiting or [], None
        if len(waited) > LOADING_TICKS_MAX:
            raise TryLater("slow_history", f"Expected at most {LOADING_TICKS_MAX} ticks while history loads, found more")
        for quote in waited:
            self._fold(quote)

    async def reload(self) -> None:
        """Ticks may have been left out (the machine slept): begin again from history, in the same numbering."""
        told = self._state()
        self._waiting = []
        await self.load()
        self._tell_since(told)

    async def rewind(self) -> None:
        """Market time has gone back: a new epoch, whose first update is the state there."""
        self._rewound += 1
        self.seq = 0
        self._waiting = []
        await self.load()
        if (state := self._state()) is not None:
            self._tell(state)

    @property
    def epoch(self) -> str:
        return f"{self._epoch}.{self._rewound}" if self._rewound else self._epoch

    def snapshot(self) -> Snapshot:
        return Snapshot(self.epoch, self.seq, self._state())

    def _tell(self, payload: Model) -> None:
        self.seq += 1
        self._publish(Update(self.topic, self.epoch, self.seq, payload))

    async def _bars(self, resolution: Resolution, count: int) -> Bars:
        market, instrument = self.listing
        return await market.bars(instrument.name, resolution, before=market.now() + AHEAD_MS, count=count)

    @abstractmethod
    async def _load(self) -> None: ...

    @abstractmethod
    def _fold(self, quote: Quote) -> None: ...

    @abstractmethod
    def _state(self) -> Model | None: ...

    @abstractmethod
    def _tell_since(self, told: Model | None) -> None:
        """After a reload: tell what differs from the last state told."""


class BarStream(Stream):
    """The open bar after every tick. The last frame of a bar is its final form."""

    def __init__(
        self, topic: str, listing: Listing, epoch: str, seq: int, publish: TopicCallback, *, resolution: Resolution
    ) -> None:
        super().__init__(topic, listing, epoch, seq, publish)
        self._resolution = resolution
        self._folder: BarFolder
        self._history = Bars((), 0)

    async def _load(self) -> None:
        self._history = await self._bars(self._resolution, 2)
        self._folder = _folder(self.listing, self._resolution, self._history)

    def _tell_since(self, told: Model | None) -> None:
        since = told.time if isinstance(told, Bar) else 0
        for bar in self._history.bars:
            if bar.time >= since and bar != told:
                self._tell(bar)

    def _fold(self, quote: Quote) -> None:
        if (folded := self._folder.add(quote)) is not None:
            self._tell(folded.current)

    def _state(self) -> Bar | None:
        return self._folder.current


class QuoteStream(Stream):
    """The best prices after every tick, with the figures of the day they belong to."""

    def __init__(self, topic: str, listing: Listing, epoch: str, seq: int, publish: TopicCallback, *, asked: str) -> None:
        super().__init__(topic, listing, epoch, seq, publish)
        self._asked = asked
        self._quote: Quote | None = None
        self._day = Day(None, None)
        self._folder: BarFolder

    async def _load(self) -> None:
        history = await self._bars(Resolution.D1, 2)
        self._day = day_of(history.bars)
        self._folder = _folder(self.listing, Resolution.D1, history)
        self._quote = await self.listing.market.quote(self.listing.instrument.name)

    def _tell_since(self, told: Model | None) -> None:
        if self._state() != told:
            self._tell(self._state())

    def _fold(self, quote: Quote) -> None:
        if self._quote is None or quote.time >= self._quote.time:
            self._quote = quote
        if (folded := self._folder.add(quote)) is not None:
            previous = folded.closed.close if folded.closed else self._day.previous_close
            self._day = Day(folded.current, previous)
        self._tell(self._state())

    def _state(self) -> QuoteData:
        return quote_data(self._asked, self.listing.instrument, self._quote, self._day)


class DepthStream(Stream):
    """The book after every tick."""

    def __init__(self, topic: str, listing: Listing, epoch: str, seq: int, publish: TopicCallback, *, asked: str) -> None:
        super().__init__(topic, listing, epoch, seq, publish)
        self._asked = asked
        self._quote: Quote | None = None

    async def _load(self) -> None:
        self._quote = await self.listing.market.quote(self.listing.instrument.name)

    def _tell_since(self, told: Model | None) -> None:
        state = self._state()
        if state is not None and state != told:
            self._tell(state)

    def _fold(self, quote: Quote) -> None:
        if self._quote is not None and quote.time < self._quote.time:
            return
        self._quote = quote
        if (state := self._state()) is not None:
            self._tell(state)

    def _state(self) -> Depth | None:
        return None if self._quote is None else depth_of(self.listing, self._quote, self._asked)


def _folder(listing: Listing, resolution: Resolution, history: Bars) -> BarFolder:
    return BarFolder(listing.instrument, resolution, sessions_of(listing.instrument), history)
