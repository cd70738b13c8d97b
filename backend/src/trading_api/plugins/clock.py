"""The one clock of a running house."""

import asyncio
import time


class WallClock:
    """Wall time from the operating system."""

    def now(self) -> int:
        return time.time_ns() // 1_000_000

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
