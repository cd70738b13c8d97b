"""Several symbols' ticks in one order of time, read ahead a window at a time."""

from collections import deque
from collections.abc import Mapping

from trading_api.models.market.quotes import Quote
from trading_api.plugins.imported.library import Holding, Library

WINDOW_STEPS = 250
"""Base bars read at once: a thousand ticks."""
WINDOW_STEPS_MAX = 64_000
"""How far a window grows over a hole in the data."""


class TickReader:
    """One symbol's ticks from a moment on."""

    def __init__(self, library: Library, holding: Holding, market: str, since: int) -> None:
        self._library, self._holding, self._market = library, holding, market
        self._next = since
        self._steps = WINDOW_STEPS
        self._ticks: deque[Quote] = deque()

    @property
    def head(self) -> Quote | None:
        """The next tick as far as has been read."""
        return self._ticks[0] if self._ticks else None

    async def read(self) -> None:
        """Make `head` the next tick; None only at the end of the data."""
        while not self._ticks and self._next <= self._holding.end:
            before = self._next + self._steps * self._holding.step_ms
            self._ticks.extend(await self._library.ticks(self._holding, self._market, since=self._next, before=before))
            self._next = before
            self._steps = WINDOW_STEPS if self._ticks else min(self._steps * 2, WINDOW_STEPS_MAX)

    def pop(self) -> Quote:
        return self._ticks.popleft()


class Merge:
    """Several readers as one, ascending; of ticks at one moment the first symbol's first."""

    def __init__(self, readers: Mapping[str, TickReader]) -> None:
        self._readers = readers

    async def peek(self) -> Quote | None:
        """The next tick of all; None at the end of the data."""
        for reader in self._readers.values():
            await reader.read()
        first = self._first()
        return first.head if first else None

    def pop(self) -> Quote:
        """The tick just peeked at. It awaits nothing, so it cannot be lost between two steps of its caller."""
        first = self._first()
        assert first is not None, "popped after the end"
        return first.pop()

    def head(self, symbol: str) -> Quote | None:
        """The symbol's next tick, None when it lies ahead of what has been read."""
        return self._readers[symbol].head

    def _first(self) -> TickReader | None:
        heads = [(reader.head.time, place) for place, reader in enumerate(self._readers.values()) if reader.head]
        return list(self._readers.values())[min(heads)[1]] if heads else None
