"""Small stand-ins for the outside world, shared by all tests."""

import asyncio
import heapq
from itertools import count

SETTLE_TURNS = 50


class FakeClock:
    """A clock that moves only when told. Sleepers wake in the order of their times, each seeing its own moment as now."""

    def __init__(self, now: int = 1_700_000_000_000) -> None:
        self._now = now
        self._started = now
        self._sleepers: list[tuple[int, int, asyncio.Future[None]]] = []
        self._order = count()

    def now(self) -> int:
        return self._now

    def monotonic(self) -> float:
        return (self._now - self._started) / 1000

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        wakes = self._now + max(1, round(seconds * 1000))
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (wakes, next(self._order), future))
        await future

    @property
    def sleeping(self) -> int:
        return sum(not future.done() for _, _, future in self._sleepers)

    def jump(self, milliseconds: int) -> None:
        """Move at once, as after a laptop's sleep: all sleepers due wake late, at the new time."""
        self._now += milliseconds
        while self._sleepers and self._sleepers[0][0] <= self._now:
            self._wake(heapq.heappop(self._sleepers)[2])

    async def advance(self, milliseconds: int) -> None:
        """Move step by step, letting each sleeper act at its own time."""
        target = self._now + milliseconds
        await settle()
        while self._sleepers and self._sleepers[0][0] <= target:
            wakes, _, future = heapq.heappop(self._sleepers)
            if not future.done():
                self._now = max(self._now, wakes)
                self._wake(future)
                await settle()
        self._now = max(self._now, target)
        await settle()

    @staticmethod
    def _wake(future: asyncio.Future[None]) -> None:
        if not future.done():
            future.set_result(None)


async def settle() -> None:
    """Let every task that can run do so."""
    for _ in range(SETTLE_TURNS):
        await asyncio.sleep(0)
