"""A replay: imported prices told again, as a market of its own with a time of its own.

Kept: a tick is told when its time has come, none is left out except by `seek`, and market time never runs past a tick that has
not been told. The next tick is told after the reader of `ticks` has come back from the one before, so whoever awaits `step` or
`seek` finds their effect done. Whoever waits `until` a moment hears of it before the first tick at that moment is told.

Not kept: market time goes back when `rewind` says so, and only then.
"""

import asyncio
import heapq
import itertools
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

from trading_api.core.depth import best_only
from trading_api.core.ports import Clock
from trading_api.core.sessions import sessions_of
from trading_api.models.market.bars import Bars, Resolution
from trading_api.models.market.depth import Depth
from trading_api.models.market.instruments import Instrument
from trading_api.models.market.quotes import Quote
from trading_api.models.market.replays import STEP_TICKS_MAX, ReplayState
from trading_api.plugins.imported.charts import EMPTY, Charts
from trading_api.plugins.imported.library import Holding, Library
from trading_api.plugins.imported.reader import Merge, TickReader

KEEP_EVERY_S = 2.0
"""While playing, `now` is stored this often: what a crash may lose."""
LAG_S = 1.0
"""Further behind than this, a replay goes on from where it is instead of hurrying after."""
UNREAD_MAX = 1_024
"""Ticks told before anybody reads them; then the replay waits for its reader."""

Keep = Callable[[int], Awaitable[None]]


class ReplayMarket:
    """The port `Market`, and the controls of a replay. Controls are called one at a time."""

    def __init__(
        self,
        library: Library,
        charts: Charts,
        clock: Clock,
        *,
        name: str,
        symbols: Sequence[str],
        at: int,
        speed: float,
        keep: Keep,
    ) -> None:
        self.name = name
        self.speed = speed
        self._library, self._charts, self._clock, self._keep = library, charts, clock, keep
        self._holdings = {symbol: library.get(symbol) for symbol in symbols}
        self._instruments = {symbol: _traded(holding, name) for symbol, holding in self._holdings.items()}
        self._reached = at
        self._ended = False
        self._playing: asyncio.Task[None] | None = None
        self._moved_at = 0.0
        self._next_tick = at
        self._turn = asyncio.Event()
        self._kept_at = 0.0
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self._order = itertools.count()
        self._quotes: dict[str, Quote] = {}
        self._watched: Counter[str] = Counter()
        self._outbox = _Outbox()
        self._merge = self._readers()
        for symbol in symbols:
            library.use(symbol, name)

    async def open(self) -> None:
        """Look up the prices at its beginning. Before anything else."""
        await self._look()

    # What it says of itself.

    @property
    def first(self) -> int:
        return min(holding.first for holding in self._holdings.values())

    @property
    def last(self) -> int:
        return max(holding.end for holding in self._holdings.values())

    @property
    def state(self) -> ReplayState:
        if self._playing is not None:
            return ReplayState.PLAYING
        return ReplayState.ENDED if self._ended else ReplayState.PAUSED

    # The port.

    def now(self) -> int:
        if self._playing is not None:
            flown = self._reached + int((self._clock.monotonic() - self._moved_at) * 1000 * self.speed)
            # Time stands still before a tick until the tick has been told.
            return max(self._reached, min(flown, self._next_tick - 1))
        return self._reached

    async def until(self, time: int) -> None:
        if time <= self.now():
            return
        waiter = (time, next(self._order), asyncio.get_running_loop().create_future())
        heapq.heappush(self._waiting, waiter)
        self._turn.set()
        try:
            await waiter[2]
        finally:
            if waiter in self._waiting:
                self._waiting.remove(waiter)
                heapq.heapify(self._waiting)

    def find(self, name: str) -> Instrument | None:
        return self._instruments.get(name)

    def search(self) -> Sequence[Instrument]:
        return tuple(self._instruments.values())

    async def bars(self, name: str, resolution: Resolution, *, before: int, count: int, since: int | None = None) -> Bars:
        holding = self._holdings.get(name)
        if holding is None:
            return EMPTY
        return await self._charts.bars(holding, resolution, before=before, count=count, since=since, now=self._shown(name))

    async def quote(self, name: str) -> Quote | None:
        return self._quotes.get(name)

    def depth(self, quote: Quote) -> Depth | None:
        return best_only(quote)

    def watch(self, name: str) -> None:
        self._watched[name] += 1
        if self._watched[name] == 1 and name in self._quotes:
            self._outbox.put(self._quotes[name])

    def unwatch(self, name: str) -> None:
        self._watched[name] -= 1

    def ticks(self) -> AsyncIterator[Quote]:
        return self._outbox.read()

    async def close(self) -> None:
        self._outbox.close()
        await self.pause()
        for symbol in self._holdings:
            self._library.release(symbol, self.name)

    # The controls.

    def play(self) -> None:
        if self._playing is None:
            self._moved_at = self._clock.monotonic()
            self._next_tick = self._reached + 1
            self._playing = asyncio.create_task(self._play(), name=f"replay {self.name}")

    async def pause(self) -> None:
        playing = self._playing
        if playing is None:
            return
        self._reached, self._playing = self.now(), None
        self._turn.set()
        await asyncio.wait({playing})
        await self._keep(self._reached)

    def set_speed(self, speed: float) -> None:
        self._reached, self._moved_at = self.now(), self._clock.monotonic()
        self.speed = speed
        self._turn.set()

    async def step_ticks(self, count: int) -> None:
        """Tell the next ticks, of whichever symbol."""
        await self.pause()
        for _ in range(count):
            if not await self._tell_next():
                break
        await self._keep(self._reached)

    async def step_bars(self, count: int, resolution: Resolution) -> None:
        """Tell the rest of the bar that comes next, `count` times; at most STEP_TICKS_MAX ticks in all."""
        await self.pause()
        left = STEP_TICKS_MAX
        for _ in range(count):
            end = await self._bar_end(resolution)
            while left and (tick := await self._merge.peek()) is not None and tick.time < end:
                await self._tell_next()
                left -= 1
            if not left or self._ended or end == 0:
                break
            await self._move(end - 1)
        await self._keep(self._reached)

    async def seek(self, time: int) -> None:
        """Go forward. What lies between is not told; the price there is, where it is another one."""
        assert time >= self.now(), "a replay goes back with rewind"
        playing = self._playing is not None
        await self.pause()
        told = dict(self._quotes)
        self._merge = self._readers(time + 1)
        await self._move(time)
        await self._look()
        await self._tell([quote for symbol, quote in self._quotes.items() if quote != told.get(symbol)])
        await self._keep(self._reached)
        if playing:
            self.play()

    async def rewind(self, time: int) -> None:
        """Go back and pause there, telling nothing: the account begins anew before the prices of `retell` reach it."""
        await self.pause()
        self._reached, self._ended = time, False
        self._outbox.drop()
        self._merge = self._readers(time + 1)
        await self._look()
        await self._keep(time)

    async def retell(self) -> None:
        """Tell the prices as they stand."""
        await self._tell(list(self._quotes.values()))

    # How time goes by.

    async def _play(self) -> None:
        try:
            while self._playing is not None:
                tick = await self._merge.peek()
                if tick is None:
                    break
                self._next_tick = tick.time
                if not await self._wait_for(tick.time):
                    continue
                await self._tell_next()
                await self._keep_now_and_then()
        except Exception as error:
            self._outbox.fail(error)
            raise
        if self._playing is not None:
            self._ended, self._playing = True, None
            await self._keep(self._reached)

    async def _wait_for(self, time: int) -> bool:
        """Let market time run up to the tick at `time`. False when something else is to be looked at first."""
        now = self.now()
        await self._wake(now)
        target = min(time, self._waiting[0][0]) if self._waiting else time
        elapsed = self._clock.monotonic() - self._moved_at
        left = (target - self._reached) / 1000 / self.speed - elapsed
        if left <= 0:
            late = -left if target == time else 0.0
            self._moved_at = self._clock.monotonic() - (late if late < LAG_S else 0.0)
            self._reached = max(self._reached, min(target, time - 1))
            return target == time
        await self._sleep(min(left, KEEP_EVERY_S))
        await self._keep_now_and_then()
        return False

    async def _sleep(self, seconds: float) -> None:
        """Until then, or until a control or a new waiter wants to be seen."""
        self._turn.clear()
        sleeping = asyncio.ensure_future(self._clock.sleep(seconds))
        turning = asyncio.ensure_future(self._turn.wait())
        try:
            await asyncio.wait({sleeping, turning}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            sleeping.cancel()
            turning.cancel()

    async def _tell_next(self) -> bool:
        tick = await self._merge.peek()
        if tick is None:
            self._ended = True
            return False
        await self._move(tick.time)
        self._quotes[tick.symbol.partition(":")[2]] = self._merge.pop()
        self._ended = tick.time >= self.last
        await self._tell([tick])
        await self._clock.sleep(0)
        return True

    async def _tell(self, quotes: Sequence[Quote]) -> None:
        for quote in quotes:
            if self._watched[quote.symbol.partition(":")[2]]:
                self._outbox.put(quote)
                await self._outbox.handled()

    async def _move(self, time: int) -> None:
        """Market time is `time` now; those who waited for it act before its tick is told."""
        self._reached = max(self._reached, time)
        await self._wake(time)

    async def _wake(self, time: int) -> None:
        woken = False
        while self._waiting and self._waiting[0][0] <= time:
            waiter = heapq.heappop(self._waiting)[2]
            if not waiter.done():
                waiter.set_result(None)
                woken = True
        if woken:
            await self._clock.sleep(0)

    async def _keep_now_and_then(self) -> None:
        if self._clock.monotonic() - self._kept_at >= KEEP_EVERY_S:
            self._kept_at = self._clock.monotonic()
            await self._keep(self.now())

    async def _bar_end(self, resolution: Resolution) -> int:
        """Where the bar of the next tick ends; 0 at the end of the data."""
        tick = await self._merge.peek()
        if tick is None:
            self._ended = True
            return 0
        name = tick.symbol.partition(":")[2]
        sessions = sessions_of(self._instruments[name])
        stamp = sessions.bar_start(tick.time, resolution)
        if stamp is None:
            step = self._holdings[name].step_ms
            return tick.time // step * step + step
        return sessions.bar_span(stamp, resolution)[1]

    async def _look(self) -> None:
        """The prices as they stand at the moment reached."""
        self._quotes = {}
        for symbol, holding in self._holdings.items():
            quote = await self._library.last_tick(holding, self.name, self._reached)
            if quote is not None:
                self._quotes[symbol] = quote
        self._ended = self._reached >= self.last

    def _readers(self, since: int | None = None) -> Merge:
        start = self._reached + 1 if since is None else since
        return Merge({symbol: TickReader(self._library, one, self.name, start) for symbol, one in self._holdings.items()})

    def _shown(self, name: str) -> int:
        """Up to when this symbol's prices have been shown: another symbol's tick at the same moment may have come first."""
        now, ahead = self.now(), self._merge.head(name)
        return now if ahead is None or ahead.time > now else ahead.time - 1


def _traded(holding: Holding, market: str) -> Instrument:
    changes = {"market": market, "exchange": market, "tradable": True}
    return holding.instrument.model_copy(update=changes)


class _Outbox:
    """Ticks between the replay and their one reader, who has dealt with one when it asks for the next."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[Quote | Exception | None] = asyncio.Queue()
        self._reading = False
        self._closed = False
        self._open = 0
        self._calm = asyncio.Event()
        self._calm.set()

    def put(self, quote: Quote) -> None:
        self._open += 1
        self._calm.clear()
        self._queue.put_nowait(quote)

    async def handled(self) -> None:
        """All told ticks are dealt with; without a reader, no more than UNREAD_MAX are left."""
        if not self._closed and (self._reading or self._open >= UNREAD_MAX):
            await self._calm.wait()

    def drop(self) -> None:
        """Forget what nobody has read."""
        while not self._queue.empty():
            self._queue.get_nowait()
            self._done()

    def fail(self, error: Exception) -> None:
        self._queue.put_nowait(error)

    def close(self) -> None:
        self._closed = True
        self._calm.set()
        self._queue.put_nowait(None)

    async def read(self) -> AsyncIterator[Quote]:
        self._reading = True
        try:
            while (quote := await self._queue.get()) is not None:
                if isinstance(quote, Exception):
                    raise quote
                yield quote
                self._done()
        finally:
            self._reading = False
            self._calm.set()

    def _done(self) -> None:
        self._open -= 1
        if self._open <= 0:
            self._calm.set()
