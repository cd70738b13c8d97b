"""The lines of an answer without end, however long a stranger makes them."""

from collections.abc import AsyncIterator
from typing import NamedTuple

LINE_BYTES_MAX = 4 << 10
"""Kept of one line; what is beyond is read and left out."""


class Text(NamedTuple):
    text: str
    whole: bool = True


async def lines_of(pieces: AsyncIterator[bytes]) -> AsyncIterator[Text]:
    """Lines end with a line feed. One that is too long is told as soon as it is."""
    begun, told = b"", False
    async for piece in pieces:
        *ended, begun = (begun + piece).split(b"\n")
        for line in ended:
            if not told:
                yield _text(line)
            told = False
        if told:
            begun = b""
        elif len(begun) > LINE_BYTES_MAX:
            yield _text(begun)
            begun, told = b"", True
    if begun:
        yield _text(begun)


def _text(line: bytes) -> Text:
    return Text(line[:LINE_BYTES_MAX].decode("utf-8", "replace").removesuffix("\r"), len(line) <= LINE_BYTES_MAX)
