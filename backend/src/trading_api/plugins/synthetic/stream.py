"""The live stream: every tick of the watched symbols as it becomes due, none left out, from one pump.

After a long sleep (a laptop's lid) ticks are told late, one by one, as far as CATCH_UP_MAX_MS goes. Beyond, the stream resumes
from the present: the current quote is told, what lies between is only history.
"""

import asyncio
import heapq
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Final

from trading_api.core.ports import Clock
from trading_api.models.market.quotes import Quote

CATCH_UP_MAX_MS: Final = 600_000
"""About 750 ticks for each watched symbol."""
IDLE_WAIT_MAX_MS: Final = 30_000
"""Wall clocks get corrected, so no sleep is longer than this."""

QuotesAfter = Callable[[str, int], Iterator[Quote]]
QuoteAt = Callable[[str, int], Quote | None]


class Stream:
    """Who is watched, what was told to them last, and what comes next."""

    def __init__(self, clock: Clock, quote_at: QuoteAt, quotes_after: QuotesAfter) -> None:
        self._clock = clock
        self._quote_at = quote_at
        self._quotes_after = quotes_after
        self._watched: Counter[str] = Counter()
        self._current: dict[str, Quote | None] = {}
        self._fresh: deque[str] = deque()
        self._coming: dict[str, Iterator[Quote]] = {}
        self._due: list[tuple[int, str, Quote]] = []
        self._changed = asyncio.Event()
        self._closed = False

    def watch(self, name: str) -> None:
        self._watched[name] += 1
        if self._watched[name] == 1:
            self._current[name] = self._quote_at(name, self._clock.now())
            self._fresh.append(name)
            self._changed.set()

    def unwatch(self, name: str) -> None:
        if self._watched[name] > 1:
            self._watched[name] -= 1
            return
        del self._watched[name]
        self._current.pop(name, None)
        self._coming.pop(name, None)
        self._fresh = deque(other for other in self._fresh if other != name)
        self._due = [entry for entry in self._due if entry[1] != name]
        heapq.heapify(self._due)

    def quote(self, name: str) -> Quote | None:
        """What was told last; of a symbol nobody watches, the price now."""
        return self._current[name] if name in self._current else self._quote_at(name, self._clock.now())

    async def ticks(self) -> AsyncIterator[Quote]:
        while not self._closed:
            quote = self._next()
            if quote is not None:
                yield quote
            else:
                await self._wait()

    def close(self) -> None:
        self._closed = True
        self._changed.set()

    def _next(self) -> Quote | None:
        """The next quote that may be told by now."""
        now = self._clock.now()
        while self._fresh:
            name = self._fresh.popleft()
            quote = self._current[name]
            self._follow(name, now if quote is None else quote.time)
            if quote is not None:
                return quote
        if not self._due or self._due[0][0] > now:
            return None
        time, name, quote = heapq.heappop(self._due)
        if now - time > CATCH_UP_MAX_MS:
            quote = self._quote_at(name, now) or quote
            self._follow(name, quote.time)
        else:
            self._queue(name)
        self._current[name] = quote
        return quote

    def _follow(self, name: str, time: int) -> None:
        """Tell this symbol's ticks later than `time` from here on."""
        self._coming[name] = self._quotes_after(name, time)
        self._queue(name)

    def _queue(self, name: str) -> None:
        quote = next(self._coming[name])
        heapq.heappush(self._due, (quote.time, name, quote))

    async def _wait(self) -> None:
        """Until the next tick is due, or somebody watches, or the stream closes."""
        self._changed.clear()
        due = self._due[0][0] - self._clock.now() if self._due else IDLE_WAIT_MAX_MS
        sleep = asyncio.ensure_future(self._clock.sleep(max(1, min(due, IDLE_WAIT_MAX_MS)) / 1000))
        change = asyncio.ensure_future(self._changed.wait())
        try:
            await asyncio.wait((sleep, change), return_when=asyncio.FIRST_COMPLETED)
        finally:
            sleep.cancel()
            change.cancel()
