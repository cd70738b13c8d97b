"""A command's body, read before its route is asked: all of it, in time, and no more than it may have.

A body that is too large is read a little further before it is refused: closing while the other side still sends would cost it
the answer.
"""

import asyncio
from typing import Literal

from starlette.types import Message, Receive

BODY_SECONDS = 30.0
"""How long a body may take to arrive."""
DISCARDED_BYTES_MAX = 1024 * 1024
"""Read and thrown away of a body that is too large; beyond it the connection is closed while it still sends."""

Fault = Literal["too large", "too slow"]


async def read_body(receive: Receive, bytes_max: int) -> Receive | Fault:
    """What to read the body from, in one message."""
    try:
        async with asyncio.timeout(BODY_SECONDS):
            return await _read(receive, bytes_max)
    except TimeoutError:
        return "too slow"


async def _read(receive: Receive, bytes_max: int) -> Receive | Fault:
    body, size = bytearray(), 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return _replay(message, receive)
        piece = message.get("body", b"")
        size += len(piece)
        if size <= bytes_max:
            body += piece
        if size > bytes_max + DISCARDED_BYTES_MAX:
            return "too large"
        if not message.get("more_body", False):
            whole: Message = {"type": "http.request", "body": bytes(body), "more_body": False}
            return _replay(whole, receive) if size <= bytes_max else "too large"


def _replay(first: Message, receive: Receive) -> Receive:
    waiting = [first]

    async def replay() -> Message:
        return waiting.pop() if waiting else await receive()

    return replay
