"""A keep-alive connection for asyncio: just enough HTTP for the bench's own traders."""

import asyncio
import json
from typing import Any, NamedTuple, Self

from bench.order_rows import request


class Answer(NamedTuple):
    status: int
    text: str

    @property
    def value(self) -> Any:  # Any: JSON
        return json.loads(self.text)


class Connection:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def open(cls, port: int) -> Self:
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def ask(self, method: str, path: str, body: object | None = None) -> Answer:
        return await self.send(request(path, body, method))

    async def send(self, text: str) -> Answer:
        self._writer.write(text.encode())
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        length = int(head.partition("content-length:")[2].split()[0]) if "content-length:" in head else 0
        return Answer(int(head.split()[1]), (await self._reader.readexactly(length)).decode())

    async def close(self) -> None:
        self._writer.close()
        await self._writer.wait_closed()
