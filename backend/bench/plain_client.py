"""The load client where there is no compiler: same words, same answer. Frames are counted by `bytes.count`, which is C.

Every update of a run begins alike, so counting that beginning counts frames. A beginning cut in two by two reads is found again
through the last bytes kept. It is soon too busy to count: then its share says so, and the figure is void.
"""

import json
import re
import select
import socket
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

BUFFER = 1 << 18
UPDATE = b'.update"'
KEY = "dGhlIHNhbXBsZSBub25jZQ=="
PING = re.compile(rb"\x89([\x00-\x7d])")
"""A ping's first bytes, which are in no text."""
PONG = 10


class Window:
    """Counts only between two moments."""

    def __init__(self, warm_ms: str, count_ms: str) -> None:
        self._begin = time.monotonic() + int(warm_ms) / 1000
        self._seconds = int(count_ms) / 1000
        self.seconds = 0.0
        self.share = 0.0

    def run(self, look: Callable[[bool], None]) -> None:
        while time.monotonic() < self._begin:
            look(False)
        begun, busy = time.monotonic(), time.thread_time()
        while (now := time.monotonic()) - begun < self._seconds:
            look(True)
        self.seconds = now - begun
        self.share = (time.thread_time() - busy) / self.seconds


class Poll:
    def __init__(self) -> None:
        self._poll = select.epoll()
        self._takes: dict[int, tuple[socket.socket, Callable[[bytes, bool], None]]] = {}
        self.failed = 0

    def attend(self, one: socket.socket, take: Callable[[bytes, bool], None]) -> None:
        self._takes[one.fileno()] = one, take
        self._poll.register(one, select.EPOLLIN)

    def look(self, counting: bool) -> None:
        for descriptor, _ in self._poll.poll(0.01):
            one, take = self._takes[descriptor]
            if data := one.recv(BUFFER):
                take(data, counting)
            else:
                self.failed += 1
                self._poll.unregister(descriptor)


class Listener:
    """A socket's frames."""

    def __init__(self, poll: Poll, port: str, path: str, messages: Sequence[bytes]) -> None:
        self.frames = 0
        self.socket = dial(port)
        self.socket.sendall(
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {KEY}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += self.socket.recv(1)
        for message in messages:
            self.socket.sendall(masked(message))
        self._kept = b""
        self._poll = poll

    def attend(self) -> None:
        self._poll.attend(self.socket, self._take)

    def _take(self, data: bytes, counting: bool) -> None:
        for ping in PING.finditer(data):
            self.socket.sendall(masked(data[ping.end() : ping.end() + ping[1][0]], PONG))
        if counting:
            self.frames += (self._kept + data).count(UPDATE)
        self._kept = data[-len(UPDATE) + 1 :]


class Asker:
    """Sends the next request when the last is answered."""

    def __init__(self, poll: Poll, port: str, requests: Sequence[bytes], first: int) -> None:
        self.answers = self.refused = 0
        self._requests, self._next = requests, first
        self._socket = dial(port)
        self._left = 0
        self._head = b""
        poll.attend(self._socket, self._take)
        self._ask()

    def _ask(self) -> None:
        self._next = (self._next + 1) % len(self._requests)
        self._socket.sendall(self._requests[self._next])

    def _take(self, data: bytes, counting: bool) -> None:
        if self._left:
            self._left -= len(data)
        else:
            self._head += data
            head, end, body = self._head.partition(b"\r\n\r\n")
            if not end:
                return
            self._left = int(head.lower().partition(b"content-length:")[2].split()[0]) - len(body)
            if counting and int(head[9:12]) >= 300:
                self.refused += 1
            self._head = b""
        if not self._left:
            self.answers += counting
            self._ask()


def masked(message: bytes, opcode: int = 1) -> bytes:
    """A client's frame, masked with zeros, which changes nothing."""
    size = len(message)
    length = bytes((0x80 | size,)) if size < 126 else b"\xfe" + size.to_bytes(2, "big")
    return bytes((0x80 | opcode,)) + length + bytes(4) + message


def dial(port: str) -> socket.socket:
    one = socket.create_connection(("127.0.0.1", int(port)))
    one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return one


def readers(port: str, path: str, messages: str, count: str, stalled: str, warm: str, window: str, spin: str) -> object:
    poll, counted = Poll(), Window(warm, window)
    everyone = [Listener(poll, port, path, parts(messages)) for _ in range(int(count))]
    others = everyone[int(stalled) :]
    for one in others:
        one.attend()
    counted.run(poll.look)
    frames = [one.frames for one in others]
    return said(counted, count=sum(frames), least=min(frames), failed=poll.failed)


def post(
    port: str, requests: str, connections: str, warm: str, window: str, spin: str, path: str = "", messages: str = ""
) -> object:
    poll, counted = Poll(), Window(warm, window)
    if path:
        Listener(poll, port, path, parts(messages)).attend()
    askers = [Asker(poll, port, parts(requests), number) for number in range(int(connections))]
    counted.run(poll.look)
    refused = sum(one.refused for one in askers)
    return said(counted, count=sum(one.answers for one in askers), failed=poll.failed + refused)


def fill(port: str, requests: str, rounds: str, path: str, messages: str, needle: str) -> object:
    listener, asker, waits = Listener(Poll(), port, path, parts(messages)), dial(port), list[float]()
    asked = parts(requests)
    for number in range(int(rounds)):
        drain(listener.socket)
        drain(asker)
        begun, kept = time.perf_counter(), b""
        asker.sendall(asked[number % len(asked)])
        while needle.encode() not in kept:
            kept += listener.socket.recv(BUFFER)
        waits.append((time.perf_counter() - begun) * 1000)
    waits.sort()
    return {"count": len(waits), "p50": waits[len(waits) // 2], "p99": waits[len(waits) * 99 // 100]}


def drain(one: socket.socket) -> None:
    time.sleep(0.002)
    while select.select([one], [], [], 0)[0]:
        one.recv(BUFFER)


def parts(path: str) -> list[bytes]:
    return Path(path).read_bytes().rstrip(b"\0").split(b"\0")


def said(window: Window, **counts: int) -> object:
    return {**counts, "seconds": window.seconds, "share": window.share}


if __name__ == "__main__":
    mode, *given = sys.argv[1:]
    modes: dict[str, Callable[..., object]] = {"readers": readers, "post": post, "fill": fill}
    sys.stdout.write(json.dumps(modes[mode](*given)))
