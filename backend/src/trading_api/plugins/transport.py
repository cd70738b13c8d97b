"""uvicorn's WebSocket protocol, opened a little: the sockets may write to its transport, and nobody can hold it for ever.

An application finds the protocol in `scope["extensions"]` under `EXTENSION` and writes finished frames to `.transport`. It sets
`.lost` to hear at once that nothing more can be sent, and `.flow` to hear when unsent bytes pass the high mark and when they
have left.

uvicorn closes politely: `transport.close()` waits until the unsent bytes have left, which never happens when the other side
has stopped reading. So whatever closes here is aborted a little later. A contract test pins these internals of uvicorn.
"""

from asyncio import BaseTransport, Task, TimerHandle, Transport
from collections.abc import Callable
from typing import cast

from uvicorn._types import ASGISendEvent
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame
from websockets.http11 import Request
from websockets.protocol import State

from trading_api.core.pace import Pace
from trading_api.models.sockets import (
    EXTENSION,
    FLOOD,
    FRAGMENTS_MAX,
    HIGH_MARK_BYTES,
    LAST_WORDS_SECONDS,
    LOW_MARK_BYTES,
    MESSAGES_BURST_MAX,
    MESSAGES_PER_SECOND_MAX,
    NO_TEXT,
    TOO_LONG,
)


class TransportProtocol(WebSocketsSansIOProtocol):
    """One connection."""

    lost: Callable[[], None] | None = None
    flow: Callable[[bool], None] | None = None
    _abort: TimerHandle | None = None
    _pings: Pace | None = None

    def connection_made(self, transport: BaseTransport) -> None:
        super().connection_made(transport)
        cast(Transport, transport).set_write_buffer_limits(high=HIGH_MARK_BYTES, low=LOW_MARK_BYTES)

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if hasattr(self, "scope"):  # absent when the upgrade was refused
            cast(dict[str, object], self.scope["extensions"])[EXTENSION] = self

    def start_keepalive(self) -> None:
        """The handshake is over; what it was made of would stay in memory as long as the connection."""
        super().start_keepalive()
        del self.request, self.response

    async def send(self, message: ASGISendEvent) -> None:
        await super().send(message)
        if self.initial_response is not None and self.close_sent:
            # uvicorn forgets it of a handshake that was refused with a body, and would log a fault for each.
            self.handshake_complete = True

    # What the other side has not read

    def pause_writing(self) -> None:
        super().pause_writing()
        if self.flow is not None:
            self.flow(True)

    def resume_writing(self) -> None:
        super().resume_writing()
        if self.flow is not None:
            self.flow(False)

    # What the other side says

    def handle_ping(self) -> None:
        now = self.loop.time()
        if self._pings is None:
            self._pings = Pace(now, burst=MESSAGES_BURST_MAX, per_second=MESSAGES_PER_SECOND_MAX)
        if self._pings.spend(now):
            super().handle_ping()
        else:
            self.conn.data_to_send()  # the pong that is not sent
            self.let_go(FLOOD, "a flood of pings")

    def handle_cont(self, event: Frame) -> None:
        if len(self.frames) >= FRAGMENTS_MAX:
            self.frames = []
            self.let_go(TOO_LONG, f"more than {FRAGMENTS_MAX} fragments")
        elif not self.close_sent:
            super().handle_cont(event)

    def send_receive_event_to_app(self) -> None:
        if self.curr_msg_data_type == "text" and not _is_text(b"".join(self.frames)):
            self.frames = []
            self.let_go(NO_TEXT, "no UTF-8")
        else:
            super().send_receive_event_to_app()

    # The end

    def let_go(self, code: int, reason: str) -> None:
        """Say why, and leave whether or not it is heard."""
        self._tell_lost()
        if self.close_sent or self.transport.is_closing():
            return
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})
        if self.conn.state is State.OPEN:  # the other side may have closed it further on in the same bytes
            self.conn.send_close(code, reason)
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()
        # uvicorn's own field: while it is set, a close frame from the other side ends the connection.
        self.close_timer = self.loop.call_later(LAST_WORDS_SECONDS, self.transport.abort)

    async def farewell(self) -> None:
        """Nothing to wait for: the close frame has been written, and a timer ends the rest."""

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
        self.flow = None

    def _abort_soon(self) -> None:
        if self._abort is None:
            self._abort = self.loop.call_later(LAST_WORDS_SECONDS, self.transport.abort)

    def _tell_lost(self) -> None:
        lost, self.lost = self.lost, None
        if lost is not None:
            lost()


def _is_text(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
