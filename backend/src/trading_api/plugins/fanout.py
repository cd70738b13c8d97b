"""One update to many readers: subscribers by topic, frames built once, and the same bytes written to every transport.

Guaranteed: a reader gets the frames of its topics in the order in which they were published, whatever their topics. What one
turn of the loop publishes leaves in one write per connection. Nobody waits for anybody.

A reader whose unsent bytes pass the high mark is *slow* until they are below the low one. Of conflated topics it is kept the
newest frame of each key; everything else queues in its transport. Whoever has more than OUTBOX_BYTES_MAX waiting when a turn's
frames come is let go, and may come back and resume.
"""

import asyncio
from collections.abc import Callable, Iterable
from functools import partial
from itertools import groupby
from operator import attrgetter

from trading_api.core.ports import Frame
from trading_api.models.sockets import OUTBOX_BYTES_MAX, TRY_LATER, TURN_BYTES_MAX
from trading_api.plugins.outlets import Link, text_frame

Write = Callable[[bytes], None]


class Reader:
    """A connection as the fan-out sees it: what it listens to, and what it has not read yet."""

    fanout: "Fanout"
    link: Link
    outlet: Write
    topics: set[str]
    slow = False
    ended = False

    def attach(self, link: Link, fanout: "Fanout") -> None:
        self.link, self.fanout = link, fanout
        # The transport may say it in the middle of a fan-out, so it is acted on before the next one.
        link.flow = partial(fanout.note, self)
        self.outlet = link.transport.write
        self._held: dict[tuple[str, str], bytes] = {}
        self._held_bytes = 0
        self._limit = OUTBOX_BYTES_MAX
        self._room: asyncio.Future[None] | None = None

    @property
    def waiting(self) -> int:
        """Bytes it has not read yet."""
        return self.link.transport.get_write_buffer_size() + self._held_bytes

    def hold(self, frames: Iterable[Frame]) -> None:
        """Queue what counts, and of the rest keep the newest; oldest first, so that `seq` rises."""
        for frame in frames:
            data = text_frame(frame.body)
            if frame.key is None:
                self.outlet(data)
            else:
                self._held_bytes += len(data) - len(self._held.pop((frame.topic, frame.key), b""))
                self._held[frame.topic, frame.key] = data

    def forget(self, topic: str) -> None:
        """What was held of a topic that now begins anew, or is no longer wanted."""
        for key in [key for key in self._held if key[0] == topic]:
            self._held_bytes -= len(self._held.pop(key))

    def release(self) -> None:
        """It has caught up: what was held leaves."""
        held, self._held, self._held_bytes = self._held, {}, 0
        if held:
            self.outlet(b"".join(held.values()))
        self._wake()

    def end(self) -> None:
        self.ended = True
        self.topics.clear()
        self._held.clear()
        self._wake()

    def _wake(self) -> None:
        if self._room is not None and not self._room.done():
            self._room.set_result(None)

    def is_over(self) -> bool:
        return self.waiting > self._limit

    def answer(self, data: bytes) -> None:
        """After what was published before. It does not count against whoever asked: it may be larger than the limit."""
        self.fanout.flush()
        self._limit = OUTBOX_BYTES_MAX + len(data)
        self.outlet(data)

    async def room(self) -> None:
        """Returns once it has caught up, or is gone."""
        if self.slow and not self.ended:
            self._room = asyncio.get_running_loop().create_future()
            await self._room


class Audience:
    """Who listens to one topic."""

    __slots__ = ("ready", "slow")

    def __init__(self) -> None:
        self.ready: dict[Reader, Write] = {}
        self.slow: dict[Reader, None] = {}

    def add(self, reader: Reader) -> None:
        if reader.slow:
            self.slow[reader] = None
        else:
            self.ready[reader] = reader.outlet

    def remove(self, reader: Reader) -> None:
        self.ready.pop(reader, None)
        self.slow.pop(reader, None)


class Fanout:
    def __init__(self) -> None:
        self.audiences: dict[str, Audience] = {}
        self._turn: list[Frame] = []
        self._bytes = 0
        self._turned: list[tuple[Reader, bool]] = []
        self._due = False

    def exit(self, reader: Reader) -> None:
        reader.link.flow = None
        for topic in reader.topics:
            self._remove(topic, reader)
        reader.end()

    def join(self, topic: str, reader: Reader) -> None:
        """From here on; what was published before is written to those who listened before."""
        self.flush()
        reader.forget(topic)
        reader.topics.add(topic)
        self.audiences.setdefault(topic, Audience()).add(reader)

    def leave(self, topic: str, reader: Reader) -> None:
        """What was published before is still written to it."""
        self.flush()
        reader.forget(topic)
        reader.topics.discard(topic)
        self._remove(topic, reader)

    def _remove(self, topic: str, reader: Reader) -> None:
        audience = self.audiences.get(topic)
        if audience is not None:
            audience.remove(reader)
            if not audience.ready and not audience.slow:
                del self.audiences[topic]

    def deliver(self, frame: Frame) -> None:
        """Write a frame, with the others of this turn, to all who listen to its topic."""
        if frame.topic in self.audiences:
            self._turn.append(frame)
            self._bytes += len(frame.body)
            if self._bytes > TURN_BYTES_MAX:
                self.flush()
            else:
                self._flush_soon()

    def flush(self) -> None:
        """Write what has been published so far."""
        if self._turned:
            self._settle()
        if self._turn:
            turn, self._turn, self._bytes = self._turn, [], 0
            runs = [
                (audience, list(frames))
                for topic, frames in groupby(turn, attrgetter("topic"))
                if (audience := self.audiences.get(topic)) is not None
            ]
            if len(runs) == 1:
                self._write_run(*runs[0])
            else:
                self._write_runs(runs)

    def _write_run(self, audience: Audience, frames: list[Frame]) -> None:
        data = _joined(frames)
        for reader, write in audience.ready.items():
            try:
                write(data)
            except RuntimeError:  # uvloop's word for a handle that has been closed
                self._end(reader)
        self._hold(audience, frames)

    def _write_runs(self, runs: list[tuple[Audience, list[Frame]]]) -> None:
        """Several topics: collect what each connection gets, so that it is one write and keeps its order."""
        chunks: dict[Reader, list[bytes]] = {}
        for audience, frames in runs:
            data = _joined(frames)
            for reader in audience.ready:
                if reader in chunks:
                    chunks[reader].append(data)
                else:
                    chunks[reader] = [data]
            self._hold(audience, frames)
        for reader, found in chunks.items():
            try:
                reader.outlet(b"".join(found))
            except RuntimeError:
                self._end(reader)

    def _hold(self, audience: Audience, frames: list[Frame]) -> None:
        for reader in audience.slow:
            try:
                if reader.is_over():
                    self._end(reader)
                elif not reader.ended:
                    reader.hold(frames)
            except RuntimeError:
                self._end(reader)

    def _end(self, reader: Reader) -> None:
        """In the next turn: its leaving tells services, and one of them may be publishing just now."""
        if not reader.ended:
            reader.ended = True
            asyncio.get_running_loop().call_soon(reader.link.let_go, TRY_LATER, "slow reader")

    def note(self, reader: Reader, slow: bool) -> None:
        self._turned.append((reader, slow))
        self._flush_soon()

    def _settle(self) -> None:
        turned, self._turned = self._turned, []
        for reader, slow in turned:
            if reader.ended or reader.slow == slow:
                continue
            reader.slow = slow
            for topic in reader.topics:
                self.audiences[topic].remove(reader)
                self.audiences[topic].add(reader)
            if not slow:
                self._release(reader)

    def _release(self, reader: Reader) -> None:
        try:
            reader.release()
        except RuntimeError:
            self._end(reader)

    def _flush_soon(self) -> None:
        if not self._due:
            self._due = True
            asyncio.get_running_loop().call_soon(self._flush_due)

    def _flush_due(self) -> None:
        self._due = False
        self.flush()


def _joined(frames: list[Frame]) -> bytes:
    return b"".join([text_frame(frame.body) for frame in frames])
