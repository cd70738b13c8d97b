"""Where a connection's frames leave: finished WebSocket frames, written without waiting.

A *link* is what the sockets hold of a connection: it writes, knows how many bytes wait, says when they pass the high mark and
when they have left, and can be let go with a close code. `plugins/transport.py` is one; `TextLink` stands in for it under a
server that does not show its transport.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Protocol

from fastapi import WebSocketDisconnect
from starlette.websockets import WebSocket

from trading_api.models.sockets import HIGH_MARK_BYTES, LAST_WORDS_SECONDS, LOW_MARK_BYTES


def text_frame(body: bytes) -> bytes:
    """A finished server-to-client text frame (RFC 6455: unmasked, unfragmented, uncompressed)."""
    size = len(body)
    if size < 126:
        return bytes((0x81, size)) + body
    if size < 65536:
        return b"\x81\x7e" + size.to_bytes(2, "big") + body
    return b"\x81\x7f" + size.to_bytes(8, "big") + body


def bodies_of(frames: bytes) -> Iterator[bytes]:
    """What `text_frame` framed, one after another."""
    at = 0
    while at < len(frames):
        size, at = frames[at + 1], at + 2
        if size >= 126:
            width = 2 if size == 126 else 8
            size, at = int.from_bytes(frames[at : at + width], "big"), at + width
        yield frames[at : at + size]
        at += size


class Outlet(Protocol):
    """Takes finished frames without waiting."""

    def write(self, data: bytes, /) -> None: ...

    def get_write_buffer_size(self) -> int:
        """Bytes that wait to leave."""


class Link(Protocol):
    """A connection as the sockets hold it."""

    @property
    def transport(self) -> Outlet: ...

    lost: Callable[[], None] | None
    """Called once, when nothing more can be sent."""
    flow: Callable[[bool], None] | None
    """Called with True when the waiting bytes pass the high mark, with False when they are back below the low one."""

    def let_go(self, code: int, reason: str) -> None:
        """Say why, and end the connection soon, whether or not it is heard."""

    async def farewell(self) -> None:
        """Returns when nothing more has to be said; the connection may be torn down then."""


class TextLink:
    """The stand-in: an outbox, emptied through `send_text` by one task."""

    def __init__(self, ws: WebSocket) -> None:
        self.lost: Callable[[], None] | None = None
        self.flow: Callable[[bool], None] | None = None
        self._ws = ws
        self._waiting: deque[bytes] = deque()
        self._bytes = 0
        self._over = False
        self._filled = asyncio.Event()
        self._task = asyncio.create_task(self._empty())
        self._closing: asyncio.Task[None] | None = None

    @property
    def transport(self) -> "TextLink":
        return self

    def write(self, data: bytes, /) -> None:
        self._waiting.append(data)
        self._bytes += len(data)
        self._filled.set()
        if not self._over and self._bytes > HIGH_MARK_BYTES:
            self._turn(over=True)

    def get_write_buffer_size(self) -> int:
        return self._bytes

    def let_go(self, code: int, reason: str) -> None:
        self._task.cancel()
        self._closing = self._closing or asyncio.create_task(self._close(code, reason))
        lost, self.lost = self.lost, None
        if lost is not None:
            lost()

    async def farewell(self) -> None:
        self._task.cancel()
        if self._closing is not None:
            await asyncio.wait({self._closing}, timeout=LAST_WORDS_SECONDS)
            self._closing.cancel()

    async def _close(self, code: int, reason: str) -> None:
        # RuntimeError: the other side, or the server, has closed it meanwhile.
        with suppress(WebSocketDisconnect, RuntimeError):
            await self._ws.close(code, reason)

    def _turn(self, *, over: bool) -> None:
        self._over = over
        if self.flow is not None:
            self.flow(over)

    async def _empty(self) -> None:
        while True:
            await self._filled.wait()
            while self._waiting:
                frames = self._waiting.popleft()
                for body in bodies_of(frames):
                    try:
                        await self._ws.send_text(body.decode())
                    except WebSocketDisconnect:
                        return
                self._bytes -= len(frames)
                if self._over and self._bytes <= LOW_MARK_BYTES:
                    self._turn(over=False)
            self._filled.clear()
