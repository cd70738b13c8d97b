"""A WebSocket client made of bytes, for what no library would send, and for being cut anywhere."""

import asyncio
import json
import os
import random
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

HANDSHAKE = (
    b"GET /api/v1/ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
GONE = (OSError, RuntimeError, asyncio.IncompleteReadError)


def client_frame(payload: bytes, *, opcode: int = TEXT, fin: bool = True, reserved: int = 0, masked: bool = True) -> bytes:
    size, mark = len(payload), 0x80 if masked else 0
    head = bytes((fin << 7 | reserved << 4 | opcode,))
    if size < 126:
        head += bytes((mark | size,))
    elif size < 65_536:
        head += bytes((mark | 126,)) + size.to_bytes(2, "big")
    else:
        head += bytes((mark | 127,)) + size.to_bytes(8, "big")
    if not masked:
        return head + payload
    key = os.urandom(4)
    return head + key + bytes(byte ^ key[at % 4] for at, byte in enumerate(payload))


def message(kind: str, **payload: object) -> bytes:
    return client_frame(json.dumps({"type": kind, "payload": payload}).encode())


class RawSocket:
    """`received` is every byte so far; `cut` ends the connection between any two of them."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self.received = b""

    @classmethod
    async def open(cls, port: int) -> "RawSocket":
        one = cls(*await asyncio.open_connection("127.0.0.1", port))
        one.send(HANDSHAKE)
        return one

    def send(self, data: bytes) -> None:
        with suppress(*GONE):
            self._writer.write(data)

    async def drain(self) -> None:
        with suppress(*GONE):
            await self._writer.drain()

    async def read(self, most: int = 65_536) -> bool:
        """Whatever comes next, at most so many bytes; False at the end."""
        try:
            data = await self._reader.read(most)
        except GONE:
            return False
        self.received += data
        return bool(data)

    async def read_until(self, done: Callable[[], object]) -> bool:
        while not done():
            if not await self.read():
                return False
        return True

    @property
    def is_open(self) -> bool:
        return b"\r\n\r\n" in self.received

    async def opened(self) -> bool:
        return await self.read_until(lambda: self.is_open)

    def frames(self) -> Iterator[tuple[int, bytes]]:
        """Opcode and payload of every whole frame received."""
        at = self.received.find(b"\r\n\r\n") + 4
        while at >= 4 and at + 2 <= len(self.received):
            opcode, size, begin = self.received[at] & 15, self.received[at + 1], at + 2
            if size >= 126:
                width = 2 if size == 126 else 8
                size, begin = int.from_bytes(self.received[begin : begin + width], "big"), begin + width
            if begin + size > len(self.received):
                return
            yield opcode, self.received[begin : begin + size]
            at = begin + size

    @property
    def messages(self) -> list[dict[str, Any]]:
        return [json.loads(payload) for opcode, payload in self.frames() if opcode == TEXT]

    @property
    def close_code(self) -> int | None:
        return next((int.from_bytes(payload[:2], "big") for opcode, payload in self.frames() if opcode == CLOSE), None)

    def cut(self) -> None:
        self._writer.transport.abort()

    async def gone(self) -> None:
        self.cut()
        with suppress(*GONE):
            await self._writer.wait_closed()


WORDS = ("quotes", "bars", "orders", "subscribe", "unsubscribe", "response", "update", ".", "{", "}", "[", "]", '"', ":", ",")
MESSAGES = (
    {"type": "quotes.subscribe", "payload": {"symbol": "DEMO:EURUSD"}},
    {"type": "bars.subscribe", "payload": {"symbol": "DEMO:XAUUSD", "resolution": "1"}},
    {"type": "orders.subscribe", "payload": {"accountId": "DEMO-ACCOUNT", "epoch": "x", "seq": 7}},
    {"type": "executions.unsubscribe", "payload": {"accountId": "DEMO-ACCOUNT"}},
)


def random_frame(chance: random.Random) -> bytes:
    """Anything: noise, frames that break a rule, halves, fragments, and messages with something wrong in them."""
    kind = chance.choices(("noise", "rules", "half", "huge", "control", "fragment", "words", "bent", "whole"), RARE)[0]
    match kind:
        case "noise":
            return chance.randbytes(chance.randint(1, 200))
        case "rules":
            return client_frame(
                chance.randbytes(chance.randint(0, 300)),
                opcode=chance.randint(0, 15),
                fin=chance.random() < 0.7,
                reserved=chance.choice((0, 0, 0, 1, 4, 7)),
                masked=chance.random() < 0.8,
            )
        case "half":
            whole = client_frame(_bent(chance))
            return whole[: chance.randint(1, len(whole) - 1)]
        case "huge":
            return bytes((0x81, 0xFF)) + chance.choice((70_000, 2**31, 2**63 - 1, 2**64 - 1)).to_bytes(8, "big")
        case "control":
            return client_frame(chance.randbytes(chance.randint(0, 130)), opcode=chance.choice((CLOSE, PING, PONG)))
        case "fragment":
            return client_frame(
                _bent(chance)[: chance.randint(0, 40)], opcode=chance.choice((0, 1, 2)), fin=chance.random() < 0.5
            )
        case "words":
            return client_frame("".join(chance.choices(WORDS, k=chance.randint(0, 60))).encode())
        case "bent":
            return client_frame(_bent(chance), opcode=chance.choice((TEXT, TEXT, TEXT, BINARY)))
        case _:
            return client_frame(json.dumps(chance.choice(MESSAGES)).encode())


RARE = (1, 1, 1, 1, 4, 1, 40, 80, 40)
"""Most frames leave the connection open, so that what follows them is heard."""


def _bent(chance: random.Random) -> bytes:
    text = bytearray(json.dumps(chance.choice(MESSAGES)).encode())
    for _ in range(chance.randint(0, 3)):
        at = chance.randrange(len(text))
        match chance.randint(0, 2):
            case 0:
                text[at] = chance.randint(0, 127) if chance.random() < 0.95 else 255
            case 1:
                del text[at : at + chance.randint(1, 9)]
            case _:
                text[at:at] = chance.choice(
                    (b"null", b"-1e999", b'"\\ud800"', b"[" * 500, b'{"a":', b"\xf0\x9f\x92\xa5", b"\x00")
                )
        text = text or bytearray(b"x")
    return bytes(text)
