"""uvicorn's WebSocket protocol, opened a little: the sockets may write to its transport, and nobody can hold it for ever.

An application finds the protocol in `scope["extensions"]` under `EXTENSION`, writes finished frames to `.transport`, and sets
`.lost` to hear at once that nothing more can be sent.

uvicorn closes politely: `transport.close()` waits until the unsent bytes have left, which never happens when the other side
has stopped reading. So whatever closes here is aborted a little later. A contract test pins these internals of uvicorn.
"""

from asyncio import BaseTransport, Task, TimerHandle, Transport
from collections.abc import Callable
from typing import cast

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame
from websockets.http11 import Request

from trading_api.models.sockets import EXTENSION, OUTBOX_BYTES_MAX, TRY_LATER

LAST_WORDS_SECONDS = 2.0
"""How long a close frame and what waits before it may take to leave."""


class TransportProtocol(WebSocketsSansIOProtocol):
    """One connection."""

    lost: Callable[[], None] | None = None
    _abort: TimerHandle | None = None

    def connection_made(self, transport: BaseTransport) -> None:
        super().connection_made(transport)
        cast(Transport, transport).set_write_buffer_limits(high=OUTBOX_BYTES_MAX)

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if hasattr(self, "scope"):  # absent when the upgrade was refused
            cast(dict[str, object], self.scope["extensions"])[EXTENSION] = self

    def pause_writing(self) -> None:
        """More than the outbox holds is waiting. Decided in the next turn: this one may be in the middle of a fan-out."""
        super().pause_writing()
        self.loop.call_soon(self._let_slow_reader_go)

    def _let_slow_reader_go(self) -> None:
        if not self.writable.is_set():
            self._let_go(TRY_LATER, "slow reader")

    def _let_go(self, code: int, reason: str) -> None:
        """Say why, and leave whether or not it is heard."""
        if self.close_sent or self.transport.is_closing():
            return
        self._tell_lost()
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})
        self.conn.send_close(code, reason)
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()
        # uvicorn's own field: while it is set, a close frame from the other side ends the connection.
        self.close_timer = self.loop.call_later(LAST_WORDS_SECONDS, self.transport.abort)

    def keepalive_timeout(self) -> None:
        super().keepalive_timeout()
        self._tell_lost()
        self._abort_soon()

    def shutdown(self) -> None:
        super().shutdown()
        self._tell_lost()
        self._abort_soon()

    def handle_close(self, event: Frame) -> None:
        super().handle_close(event)
        self._tell_lost()

    def handle_parser_exception(self) -> None:
        super().handle_parser_exception()
        self._tell_lost()

    def on_task_complete(self, task: Task[None]) -> None:
        super().on_task_complete(task)
        if not self.disconnected:
            self._abort_soon()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._abort is not None:
            self._abort.cancel()
        self._tell_lost()
        super().connection_lost(exc)

    def _abort_soon(self) -> None:
        if self._abort is None:
            self._abort = self.loop.call_later(LAST_WORDS_SECONDS, self.transport.abort)

    def _tell_lost(self) -> None:
        lost, self.lost = self.lost, None
        if lost is not None:
            lost()
