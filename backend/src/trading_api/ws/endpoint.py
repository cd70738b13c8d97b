"""The socket's door, `/api/v1/ws`, and the document that describes it."""

import asyncio
from contextlib import asynccontextmanager

from fastapi import APIRouter, FastAPI, WebSocketException
from starlette.responses import JSONResponse, Response
from starlette.routing import WebSocketRoute
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket

from trading_api.core.ports import Bus, Doorman
from trading_api.core.routes import TopicCallback, WsRouteService
from trading_api.core.versioning import API_PREFIX
from trading_api.models.errors import NotSignedIn
from trading_api.models.sockets import FLOOD
from trading_api.plugins.fastws_adapter import Sockets
from trading_api.ws.asyncapi import asyncapi_text
from trading_api.ws.generated import broker_ws_routers, datafeed_ws_routers
from trading_api.ws.hub import Hub

PATH = f"{API_PREFIX}/ws"


def open_hub(*, bus: Bus, publish: TopicCallback, doorman: Doorman, broker: WsRouteService, datafeed: WsRouteService) -> Hub:
    """Sockets that hear `bus` and offer the topics of both services."""
    sockets = Sockets(doorman)
    hub = Hub(sockets, publish)
    for router in (*broker_ws_routers(hub, broker), *datafeed_ws_routers(hub, datafeed)):
        sockets.adopt(router)
    bus.listen(sockets.deliver)
    return hub


class Door:
    """An ASGI application by itself: FastAPI's dependencies would keep a quarter more memory for each connection."""

    def __init__(self, sockets: Sockets) -> None:
        self._sockets = sockets
        self._manage = asynccontextmanager(sockets.manage)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        ws = WebSocket(scope, receive, send)
        try:
            async with self._manage(ws) as client:
                await self._sockets.serve(client)
        except NotSignedIn as refusal:
            await _refuse(ws, refusal)


async def _refuse(ws: WebSocket, refusal: NotSignedIn) -> None:
    if "websocket.http.response" not in ws.scope.get("extensions", {}):
        raise WebSocketException(FLOOD, refusal.body.message)
    body = refusal.body.model_dump(mode="json", exclude_none=True)
    await ws.send_denial_response(JSONResponse(body, 401, headers={"WWW-Authenticate": "Bearer"}))


class Document:
    """What describes the topics, made when somebody asks for it."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._made: str | None = None

    def text(self) -> str:
        if self._made is None:
            self._made = asyncapi_text(path=self._path)
        return self._made


def mount_sockets(app: FastAPI, hub: Hub, *, path: str = PATH) -> None:
    app.include_router(ws_router(hub, path=path))


def ws_router(hub: Hub, *, path: str = PATH) -> APIRouter:
    router = APIRouter()
    document = Document(path)

    router.routes.append(WebSocketRoute(path, Door(hub.sockets), name="socket"))

    @router.get(f"{path}/asyncapi.json", include_in_schema=False)
    async def asyncapi() -> Response:
        return Response(await asyncio.to_thread(document.text), media_type="application/json")

    return router
