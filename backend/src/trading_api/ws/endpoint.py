"""The socket's door, `/api/v1/ws`, and the document that describes it."""

from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI
from starlette.responses import Response

from trading_api.core.ports import Bus, Doorman
from trading_api.core.routes import TopicCallback, WsRouteService
from trading_api.core.versioning import API_PREFIX
from trading_api.plugins.fastws_adapter import Client, Sockets
from trading_api.ws.asyncapi import asyncapi_text
from trading_api.ws.generated import broker_ws_routers, datafeed_ws_routers
from trading_api.ws.hub import Hub

PATH = f"{API_PREFIX}/ws"


def open_hub(*, bus: Bus, publish: TopicCallback, doorman: Doorman, broker: WsRouteService, datafeed: WsRouteService) -> Hub:
    """Sockets that hear `bus` and offer the topics of both services."""
    sockets = Sockets(doorman)
    hub = Hub(sockets, publish)
    for router in (*broker_ws_routers(hub, broker), *datafeed_ws_routers(hub, datafeed)):
        sockets.include_router(router)
    bus.listen(sockets.deliver)
    return hub


def mount_sockets(app: FastAPI, hub: Hub, *, path: str = PATH) -> None:
    app.include_router(ws_router(hub, path=path))


def ws_router(hub: Hub, *, path: str = PATH) -> APIRouter:
    router = APIRouter()
    document = asyncapi_text(path=path).encode()

    @router.websocket(path)
    async def socket(client: Annotated[Client, Depends(hub.sockets.manage)]) -> None:
        await hub.sockets.serve(client)

    @router.get(f"{path}/asyncapi.json", include_in_schema=False)
    async def asyncapi() -> Response:
        return Response(document, media_type="application/json")

    return router
