"""uvicorn's HTTP protocol with the limits its parser leaves open: the head of a request, and how long it may take to arrive.

Without them one client could fill the memory with a header that never ends, or hold connections by saying nothing or by not
reading its answer. Whoever is refused gets the error body every refusal has, and a moment to read it. A contract test pins
these internals of uvicorn.
"""

from asyncio import BaseTransport, TimerHandle, Transport
from http import HTTPStatus
from typing import cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from trading_api.models.errors import ErrorBody

HEAD_BYTES_MAX = 64 * 1024
"""Request line and headers; of a chunked body also everything that is not body."""
HEAD_SECONDS = 15.0
"""From the first byte of a request, or from the connection, to the end of its headers."""
CONNECTIONS_OPEN_MAX = 12_000
"""Connections of one process, sockets among them; fewer where the system allows fewer open files."""
UNREAD_SECONDS = 30.0
"""How long an answer may wait for a client that does not read, before the connection is cut."""
LINGER_SECONDS = 1.0
"""For the other side to read why it was refused."""


class BoundedHttp(HttpToolsProtocol):
    """One connection."""

    connections_max = CONNECTIONS_OPEN_MAX

    _head_open = True
    _unaccounted = 0
    """Bytes of the current request that are not body."""
    _alarm: TimerHandle | None = None
    _unread: TimerHandle | None = None
    _refused = False

    def connection_made(self, transport: BaseTransport) -> None:
        super().connection_made(cast(Transport, transport))
        if len(self.connections) > self.connections_max:
            message = f"Expected at most {self.connections_max} connections, found one more: try again later"
            self._refuse(HTTPStatus.SERVICE_UNAVAILABLE, ErrorBody(code="too_many_connections", message=message))
        else:
            self._await_head()

    def data_received(self, data: bytes) -> None:
        if self._refused:
            return
        self._unaccounted += len(data)
        super().data_received(data)
        if self._unaccounted > HEAD_BYTES_MAX:
            self._refuse_head()
        elif self._head_open and self._alarm is None and self._unaccounted:
            self._await_head()

    def on_headers_complete(self) -> None:
        self._head_open, self._unaccounted = False, 0
        self._forget_alarm()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._unaccounted -= len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._head_open, self._unaccounted = True, 0
        super().on_message_complete()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._unread = self._unread or self.loop.call_later(UNREAD_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        self._forget_unread()
        super().resume_writing()

    def timeout_keep_alive_handler(self) -> None:
        if self.transport.get_write_buffer_size():
            self.transport.abort()  # what nobody has read by now would keep `close` waiting for ever
        else:
            super().timeout_keep_alive_handler()

    def connection_lost(self, exc: Exception | None) -> None:
        self._forget_alarm()
        self._forget_unread()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        self._refuse(HTTPStatus.BAD_REQUEST, ErrorBody(code="bad_http", message="Expected an HTTP request, found none"))

    def _await_head(self) -> None:
        self._alarm = self.loop.call_later(HEAD_SECONDS, self._head_late)

    def _forget_alarm(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None

    def _forget_unread(self) -> None:
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None

    def _head_late(self) -> None:
        message = f"Expected the head of a request within {HEAD_SECONDS:g} s, found no end of it"
        self._refuse(HTTPStatus.REQUEST_TIMEOUT, ErrorBody(code="head_too_slow", message=message))

    def _refuse_head(self) -> None:
        part, status = "headers", HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
        if not self.headers:
            part, status = "path", HTTPStatus.REQUEST_URI_TOO_LONG
        message = f"Expected a request line and headers of at most {HEAD_BYTES_MAX} bytes, found longer {part}"
        self._refuse(status, ErrorBody(code="head_too_large", message=message))

    def _refuse(self, status: HTTPStatus, body: ErrorBody) -> None:
        self._refused = True
        self._forget_alarm()
        self._unset_keepalive_if_required()
        if self.transport.is_closing():
            return
        if self.cycle is None or self.cycle.response_complete:
            self.transport.write(_response(status, body))
        self.loop.call_later(LINGER_SECONDS, self.transport.close)


def _response(status: HTTPStatus, body: ErrorBody) -> bytes:
    content = body.model_dump_json(exclude_none=True).encode()
    head = (
        f"HTTP/1.1 {status.value} {status.phrase}\r\ncontent-type: application/json\r\n"
        f"content-length: {len(content)}\r\nconnection: close\r\n\r\n"
    )
    return head.encode() + content
