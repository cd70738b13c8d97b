"""FastWS with its connections replaced: its routers, validation and replies stay, its sending does not.

It keeps: subscribers indexed by topic; a message encoded and framed once, and the same bytes written to every transport,
without a task and without waiting; answers and updates of a connection leaving in the order they were made. A message that
cannot be understood is answered by an error frame; only a flood ends the connection. A mistake of ours is never swallowed: it
closes the connection with 1011 and is logged. Under a server that does not show its transport (`plugins/transport.py` does),
each connection gets a bounded outbox and a task that empties it.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
from typing import Protocol

from fastapi import WebSocketDisconnect, WebSocketException
from fastws import Client as FastWSClient
from fastws import FastWS, Message
from fastws.broker import run_handler_function
from fastws.routing import NoMatchingOperation, Operation
from pydantic import BaseModel, ValidationError
from starlette.websockets import WebSocket, WebSocketState

from trading_api.core.access import Credentials, Principal
from trading_api.core.ports import Doorman, Frame
from trading_api.core.publisher import to_wire
from trading_api.core.wording import worded
from trading_api.models.errors import ErrorBody, TradingError
from trading_api.models.sockets import (
    CONNECTIONS_MAX,
    EXTENSION,
    FAULT,
    FLOOD,
    MESSAGE_BYTES_MAX,
    MESSAGES_BURST_MAX,
    MESSAGES_PER_SECOND_MAX,
    OUTBOX_BYTES_MAX,
    TRY_LATER,
    ErrorFrame,
    SocketError,
)


def text_frame(body: bytes) -> bytes:
    """A finished server-to-client text frame (RFC 6455: unmasked, unfragmented, uncompressed)."""
    size = len(body)
    if size < 126:
        return bytes((0x81, size)) + body
    if size < 65536:
        return b"\x81\x7e" + size.to_bytes(2, "big") + body
    return b"\x81\x7f" + size.to_bytes(8, "big") + body


def body_of(frame: bytes) -> bytes:
    return frame[{126: 4, 127: 10}.get(frame[1], 2) :]


class Outlet(Protocol):
    """Takes finished frames without waiting: a transport, or the stand-in for one."""

    def write(self, data: bytes, /) -> None: ...


class OpenTransport(Protocol):
    """What `plugins/transport.py` puts into the scope."""

    transport: asyncio.Transport
    lost: Callable[[], None] | None


class TextOutlet:
    """The stand-in: a bounded outbox, emptied through `send_text` by one task."""

    def __init__(self, ws: WebSocket, lost: Callable[[], None]) -> None:
        self._ws, self._lost = ws, lost
        self._waiting: asyncio.Queue[bytes] = asyncio.Queue()
        self._bytes = 0
        self._task = asyncio.create_task(self._empty())

    def write(self, data: bytes, /) -> None:
        self._bytes += len(data)
        if self._bytes > OUTBOX_BYTES_MAX:
            self.stop()
            self._task = asyncio.create_task(self._ws.close(TRY_LATER, "slow reader"))
            # Later: this write may be in the middle of a fan-out.
            asyncio.get_running_loop().call_soon(self._lost)
        else:
            self._waiting.put_nowait(data)

    def stop(self) -> None:
        self._task.cancel()

    async def _empty(self) -> None:
        while True:
            frame = await self._waiting.get()
            try:
                await self._ws.send_text(body_of(frame).decode())
            except WebSocketDisconnect:
                return
            self._bytes -= len(frame)


class Client(FastWSClient):
    """One connection, and who is behind it."""

    def __init__(self, ws: WebSocket, principal: Principal, lost: Callable[["Client"], None]) -> None:
        super().__init__(ws)
        self.principal = principal
        self.gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._lost = lost
        opened: OpenTransport | None = ws.scope.get("extensions", {}).get(EXTENSION)
        self._text = None if opened else TextOutlet(ws, self.leave)
        if opened:
            opened.lost = self.leave
        self.outlet: Outlet = opened.transport if opened else self._text  # type: ignore[assignment]  # one of the two

    def leave(self) -> None:
        """Nothing more can be sent; whatever it held is released now."""
        if not self.gone.done():
            self.gone.set_result(None)
            self._lost(self)

    def stop(self) -> None:
        self.leave()
        if self._text is not None:
            self._text.stop()

    def write(self, body: bytes) -> None:
        if not self.gone.done():
            self.outlet.write(text_frame(body))

    async def send(self, message: str) -> None:
        self.write(message.encode())

    def refuse(self, error: ErrorBody, request: str | None = None) -> None:
        payload = SocketError(code=error.code, field=error.field, message=error.message, nearest=error.nearest, request=request)
        self.write(to_wire(ErrorFrame(payload=payload)))


class Pace:
    """How fast one connection may speak: a burst, refilled steadily."""

    def __init__(self, now: float) -> None:
        self._left, self._at = float(MESSAGES_BURST_MAX), now

    def spend(self, now: float) -> bool:
        refilled = self._left + (now - self._at) * MESSAGES_PER_SECOND_MAX
        self._left, self._at = min(MESSAGES_BURST_MAX, refilled) - 1, now
        return self._left >= 0


class Sockets(FastWS):
    """All connections of this process. `lost` hears of every connection once, as soon as it is gone."""

    def __init__(self, doorman: Doorman) -> None:
        super().__init__(asyncapi_url=None, asyncapi_docs_url=None)
        self.readers: dict[str, dict[Client, Outlet]] = {}
        self.lost: Callable[[Client], None] = lambda client: None
        self._doorman = doorman
        self._routes: dict[str, Operation] = {}

    # Fan-out.

    def join(self, topic: str, client: Client) -> None:
        client.subscribe(topic)
        self.readers.setdefault(topic, {})[client] = client.outlet

    def leave(self, topic: str, client: Client) -> None:
        client.unsubscribe(topic)
        readers = self.readers.get(topic)
        if readers is not None and readers.pop(client, None) is not None and not readers:
            del self.readers[topic]

    def deliver(self, frame: Frame) -> None:
        """Write one frame to all who listen to its topic; the bus calls this."""
        readers = self.readers.get(frame.topic)
        if not readers:
            return
        data = text_frame(frame.body)
        closed = []
        for client, outlet in readers.items():
            try:
                outlet.write(data)
            except RuntimeError:  # uvloop's word for a handle that has been closed
                closed.append(client)
        for client in closed:
            client.leave()

    async def broadcast(self, topic: str, message: BaseModel) -> None:
        self.deliver(Frame(topic, None, to_wire(message)))

    # A connection's life.

    async def manage(self, ws: WebSocket) -> AsyncGenerator[Client, None]:
        """Let one caller in, or refuse the handshake. A dependency: exceptions pass through it and keep their close code."""
        if len(self.connections) >= CONNECTIONS_MAX:
            raise WebSocketException(TRY_LATER, "too many connections")
        try:
            principal = await self._doorman.admit(credentials_of(ws))
        except TradingError as refusal:
            raise WebSocketException(FLOOD, refusal.body.message) from None
        await ws.accept()
        client = Client(ws, principal, self._gone)
        self._connect(client)
        try:
            yield client
        finally:
            client.stop()

    def _gone(self, client: FastWSClient) -> None:
        assert isinstance(client, Client)
        self._disconnect(client)
        self.lost(client)
        for topic in tuple(client.topics):
            self.leave(topic, client)

    async def serve(self, client: FastWSClient) -> None:
        """Hear messages, one after another, until the connection ends."""
        assert isinstance(client, Client)
        try:
            await self._hear(client)
        except WebSocketException:
            raise
        except Exception:
            client.leave()
            if client.ws.application_state is WebSocketState.CONNECTED:
                await client.ws.close(FAULT, "a fault of the server")
            raise

    async def _hear(self, client: Client) -> None:
        clock = asyncio.get_running_loop().time
        pace = Pace(clock())
        while (said := await client.ws.receive())["type"] != "websocket.disconnect":
            if not pace.spend(clock()):
                raise WebSocketException(FLOOD, f"more than {MESSAGES_PER_SECOND_MAX} messages a second")
            text = said.get("text")
            if text is None:
                client.refuse(ErrorBody(code="bad_request", message="Expected a text frame with JSON, found a binary one"))
            else:
                await self._answer(text, client)

    async def _answer(self, text: str, client: Client) -> None:
        if len(text) > MESSAGE_BYTES_MAX:
            found = f"Expected a message of at most {MESSAGE_BYTES_MAX} bytes, found {len(text)}"
            return client.refuse(ErrorBody(code="too_long", message=found))
        try:
            message: Message[str, object] = Message.model_validate_json(text)
        except ValidationError as error:
            return client.refuse(worded(error))
        await self.client_send(message, client=client)

    async def client_send(self, message: Message[str, object], *, client: FastWSClient) -> None:
        """Answer one message. The answer is written in the same loop turn in which its handler returned."""
        assert isinstance(client, Client)
        request = str(message.type)
        try:
            route = self._match_route(request, "SEND")
            values = route.convert_params(message=message, params={"client": client, "app": self})
        except NoMatchingOperation:
            return client.refuse(ErrorBody(code="unknown_type", field="type", message=self._expected(request)), request)
        except ValidationError as error:
            return client.refuse(worded(error, whole="payload"), request)
        try:
            result = await run_handler_function(handler=route.handler, values=values)
        except TradingError as refusal:
            return client.refuse(refusal.body, request)
        client.write(to_wire(route.reply_payload.model_validate({"type": route.reply_operation, "payload": result})))

    def _match_route(self, operation: str, method: str) -> Operation:
        if len(self._routes) != len(self.router.routes):
            self._routes = {route.operation: route for route in self.router.routes}
        route = self._routes.get(operation)
        if route is None or route.method != method:
            raise NoMatchingOperation(operation)
        return route

    def _expected(self, found: str) -> str:
        kinds = sorted(route.operation for route in self.router.routes if route.method == "SEND")
        return f"Expected type to be one of {', '.join(kinds)}; found {found[:40]}"


def credentials_of(ws: WebSocket) -> Credentials:
    scheme, _, token = ws.headers.get("authorization", "").partition(" ")
    return Credentials(bearer=token.strip() if scheme.lower() == "bearer" and token.strip() else None)
