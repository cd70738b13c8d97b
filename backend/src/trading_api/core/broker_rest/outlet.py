"""What one reader of the stream has still to be sent: bounded, whatever the reader does."""

import asyncio

from trading_api.core.broker_rest.lines import Line
from trading_api.models.tradingview.market import TradeLine

WAITING_BYTES_MAX = 1024 * 1024
"""Trades of one reader that wait: about 15,000. Prices and days wait as their latest only."""


class Outlet:
    """`take` waits for lines, and gives None once there will be no more."""

    def __init__(self) -> None:
        self._lines: list[bytes] = []
        self._size = 0
        self._latest: dict[tuple[str, str], bytes] = {}
        self._news = asyncio.Event()
        self.ended = False

    def tell(self, line: Line, text: bytes) -> None:
        if self.ended:
            return
        if isinstance(line, TradeLine):
            self._lines.append(text)
            self._size += len(text)
            if self._size > WAITING_BYTES_MAX:
                self.end()
        else:
            self._latest.pop((line.f, line.id), None)
            self._latest[line.f, line.id] = text
        self._news.set()

    def end(self) -> None:
        """A reader that is too slow is let go with what it has not read; it comes back by itself."""
        self.ended = True
        self._lines, self._size = [], 0
        self._latest = {}
        self._news.set()

    async def take(self) -> bytes | None:
        await self._news.wait()
        if self.ended:
            return None
        self._news.clear()
        text = b"".join((*self._lines, *self._latest.values()))
        self._lines, self._size = [], 0
        self._latest = {}
        return text
