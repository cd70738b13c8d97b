"""Signing in by hand: the address is shown to a person, and their browser comes back to this machine."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from urllib.parse import urlsplit

from trading_api.conformance.shapes import NotApplicable
from trading_api.conformance.terms import SIGN_IN_SECONDS

LINE_BYTES_MAX = 16_384
"""Of the request that comes back."""
LINE_SECONDS = 10.0
"""For a connection to say what it came for. Browsers connect beforehand too, and say nothing."""
LOOPBACK = ("localhost", "127.0.0.1", "::1")
_THANKS = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\nYou can close this page.\n"


def can_listen(redirect: str) -> bool:
    parts = urlsplit(redirect)
    return parts.scheme == "http" and parts.hostname in LOOPBACK and bool(parts.port)


async def come_back(address: str, redirect: str, show: Callable[[str], object]) -> str:
    """Show the address; returns where at `redirect` the browser came back to."""
    parts, came = urlsplit(redirect), asyncio.get_running_loop().create_future()
    listening = dict[asyncio.Task[None], asyncio.StreamWriter]()

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, ValueError, TimeoutError):
            async with asyncio.timeout(LINE_SECONDS):
                _, target, _ = (await reader.readline()).decode("ascii", "replace").split(" ")
            if urlsplit(target).path == (parts.path or "/") and not came.done():
                came.set_result(target)
            writer.write(_THANKS)
            await writer.drain()
        writer.close()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(listen(reader, writer))
        listening[task] = writer
        task.add_done_callback(listening.pop)

    try:
        server = await asyncio.start_server(connected, parts.hostname, parts.port, limit=LINE_BYTES_MAX)
    except OSError as error:
        raise NotApplicable(f"cannot listen at {redirect}: {error.strerror}") from None
    async with server:
        show(address)
        try:
            async with asyncio.timeout(SIGN_IN_SECONDS):
                return f"{parts.scheme}://{parts.netloc}{await came}"
        except TimeoutError:
            raise NotApplicable(f"nobody signed in within {SIGN_IN_SECONDS:g} s") from None
        finally:
            for writer in listening.values():  # leaving the server waits for its connections
                writer.close()
            if listening:
                await asyncio.wait(listening)
