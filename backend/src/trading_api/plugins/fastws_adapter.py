"""FastWS with its connections replaced: its routers, validation and replies stay, its sending does not.

Answers and updates of a connection leave in the order they were made (`plugins/fanout.py`). A message that cannot be understood
is answered by an error frame; only a flood ends the connection, after such a frame. A connection that has not read what it was
told is heard again when it has. A mistake of ours is never swallowed: it closes the connection with 1011 and is logged.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable

from fastapi import WebSocketException
from fastws import Client as FastWSClient
from fastws import FastWS, Message, OperationRouter
from fastws.broker import run_handler_function
from fastws.routing import NoMatchingOperation, Operation
from pydantic import BaseModel, ValidationError
from starlette.websockets import WebSocket

from trading_api.core.access import Credentials, Principal
from trading_api.core.pace import Pace
from trading_api.core.ports import Doorman, Frame
from trading_api.core.publisher import to_wire
from trading_api.core.wording import worded
from trading_api.models.errors import ErrorBody, NotSignedIn, TradingError
from trading_api.models.sockets import (
    CONNECTIONS_MAX,
    EXTENSION,
    FAULT,
    FLOOD,
    MESSAGE_BYTES_MAX,
    MESSAGES_BURST_MAX,
    MESSAGES_PER_SECOND_MAX,
    TRY_LATER,
    ErrorFrame,
    SocketError,
)
from trading_api.plugins.fanout import Fanout, Reader
from trading_api.plugins.outlets import Link, TextLink, text_frame


class Client(FastWSClient, Reader):
    """One connection, and who is behind it."""

    def __init__(self, ws: WebSocket, principal: Principal, fanout: Fanout, lost: Callable[["Client"], None]) -> None:
        super().__init__(ws)
        self.principal = principal
        self.gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._lost = lost
        self._owed: list[bytes] = []
        shown: Link | None = ws.scope.get("extensions", {}).get(EXTENSION)
        self.attach(shown or TextLink(ws), fanout)
        self.link.lost = self.leave

    def leave(self) -> None:
        """Nothing more can be sent; whatever it held is released now."""
        if not self.gone.done():
            self.gone.set_result(None)
            self._lost(self)

    def stop(self) -> None:
        self.leave()
        self.link.lost = None

    def owe(self, bodies: Iterable[bytes]) -> None:
        """Messages that follow the next answer, and nothing comes between."""
        self._owed.extend(bodies)

    def write(self, body: bytes) -> None:
        bodies, self._owed = [body, *self._owed], []
        if not self.gone.done():
            self.answer(b"".join([text_frame(one) for one in bodies]))

    async def send(self, message: str) -> None:
        self.write(message.encode())

    def refuse(self, error: ErrorBody, request: str | None = None) -> None:
        payload = SocketError(code=error.code, field=error.field, message=error.message, nearest=error.nearest, request=request)
        self.write(to_wire(ErrorFrame(payload=payload)))


class Sockets(FastWS):
    """All connections of this process. `lost` hears of every connection once, as soon as it is gone."""

    def __init__(self, doorman: Doorman) -> None:
        super().__init__(asyncapi_url=None, asyncapi_docs_url=None)
        self.fanout = Fanout()
        self.deliver: Callable[[Frame], None] = self.fanout.deliver
        self.lost: Callable[[Client], None] = lambda client: None
        self._doorman = doorman
        self._routes: dict[str, Operation] = {}

    def adopt(self, router: OperationRouter) -> None:
        """Its operations as they are; `include_router` would build each a second time, for the sake of a prefix."""
        assert not router.prefix, f"expected operations with their whole names, found the prefix {router.prefix}"
        self.router.routes.extend(router.routes)

    async def broadcast(self, topic: str, message: BaseModel) -> None:
        self.deliver(Frame(topic, None, to_wire(message)))

    # A connection's life.

    async def manage(self, ws: WebSocket) -> AsyncGenerator[Client, None]:
        """Let one caller in, or refuse the handshake. Exceptions pass through it and keep their close code."""
        try:
            principal = await self._doorman.admit(credentials_of(ws))
        except NotSignedIn:
            raise
        except TradingError as refusal:
            raise WebSocketException(FLOOD, refusal.body.message) from None
        if len(self.connections) >= CONNECTIONS_MAX:
            raise WebSocketException(TRY_LATER, "too many connections")
        client = Client(ws, principal, self.fanout, self._gone)
        self._connect(client)
        try:
            await ws.accept()
            yield client
        finally:
            client.stop()

    def renew(self, principal: Principal) -> Principal:
        """The same caller as things are now; raises NotSignedIn."""
        return self._doorman.renew(principal)

    def _gone(self, client: FastWSClient) -> None:
        assert isinstance(client, Client)
        self._disconnect(client)
        self.fanout.exit(client)
        self.lost(client)

    async def serve(self, client: FastWSClient) -> None:
        """Hear messages, one after another, until the connection ends."""
        assert isinstance(client, Client)
        try:
            await self._hear(client)
        except Exception:
            client.link.let_go(FAULT, "a fault of the server")
            raise
        finally:
            await client.link.farewell()

    async def _hear(self, client: Client) -> None:
        clock = asyncio.get_running_loop().time
        pace = Pace(clock(), burst=MESSAGES_BURST_MAX, per_second=MESSAGES_PER_SECOND_MAX)
        while (said := await client.ws.receive())["type"] != "websocket.disconnect":
            if not pace.spend(clock()):
                return self._end_flood(client)
            text = said.get("text")
            if text is None:
                client.refuse(ErrorBody(code="bad_request", message="Expected a text frame with JSON, found a binary one"))
            else:
                await self._answer(text, client)
            await client.room()

    def _end_flood(self, client: Client) -> None:
        limit = f"at most {MESSAGES_BURST_MAX} messages at once and then {MESSAGES_PER_SECOND_MAX} a second"
        client.refuse(ErrorBody(code="flood", message=f"Expected {limit}, found more"))
        client.link.let_go(FLOOD, "a flood")

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
    """The header's token, or a ticket from the address, which is taken out of it: addresses are logged."""
    scheme, _, token = ws.headers.get("authorization", "").partition(" ")
    ticket = ws.query_params.get("ticket")
    ws.scope["query_string"] = b""
    return Credentials(bearer=token.strip() if scheme.lower() == "bearer" and token.strip() else None, ticket=ticket)
