"""The same sockets under servers that do not show their transport: plain uvicorn, and none at all."""

import asyncio
import json
from typing import Any

from starlette.types import Message

from fakes_sockets import DEADLINE_SECONDS, House, calling, serving, until
from trading_api.plugins.outlets import TextLink
from trading_api.ws.examples import VALUES

ORDERS = 'orders:{"accountId":"A1"}'
LONG_ORDER = VALUES["orders"].model_copy(update={"client_order_id": "x" * 60_000})


async def test_plain_uvicorn_serves_the_same_messages_in_order() -> None:
    house = House()
    async with serving(house, ws="websockets-sansio"), calling(house) as caller:
        assert (await caller.ask("orders.subscribe", accountId="A1"))["status"] == "ok"
        (client,) = house.hub.sockets.fanout.audiences[ORDERS].ready
        assert isinstance(client.link, TextLink)
        for size in (1, 200, 70_000):
            house.broker.tell(ORDERS, LONG_ORDER.model_copy(update={"client_order_id": "x" * size}))
        for size in (1, 200, 70_000):
            assert len((await caller.hear())["payload"]["payload"]["clientOrderId"]) == size
    assert not house.hub.lines


async def test_plain_uvicorn_lets_a_stalled_reader_go_at_the_same_limit() -> None:
    house = House()
    async with serving(house, ws="websockets-sansio"), calling(house, max_queue=1, close_timeout=0.1) as stalled:
        await stalled.ask("orders.subscribe", accountId="A1")
        stalled.connection.transport.pause_reading()
        while house.hub.sockets.connections:
            house.broker.tell(ORDERS, LONG_ORDER)
            await asyncio.sleep(0)
        stalled.connection.transport.abort()
        await until(lambda: house.broker.removed == [ORDERS])


class Bare:
    """A socket as the ASGI specification has it, and nothing beside it: no server, no transport."""

    def __init__(self, house: House) -> None:
        self._inbox, self._outbox = asyncio.Queue[Message](), asyncio.Queue[Message]()
        scope = {
            "type": "websocket",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "scheme": "ws",
            "path": "/api/v1/ws",
            "raw_path": b"/api/v1/ws",
            "query_string": b"",
            "root_path": "",
            "headers": [(b"host", b"testserver")],
            "client": ("testclient", 50_000),
            "server": ("testserver", 80),
            "subprotocols": [],
        }
        self._inbox.put_nowait({"type": "websocket.connect"})
        self._served = asyncio.create_task(house.app(scope, self._inbox.get, self._outbox.put))

    def say(self, text: str | None = None, octets: bytes | None = None) -> None:
        self._inbox.put_nowait({"type": "websocket.receive", "text": text, "bytes": octets})

    async def told(self) -> Message:
        async with asyncio.timeout(DEADLINE_SECONDS):
            return await self._outbox.get()

    async def hear(self) -> dict[str, Any]:
        heard: dict[str, Any] = json.loads((await self.told())["text"])
        return heard

    async def leave(self) -> None:
        self._inbox.put_nowait({"type": "websocket.disconnect", "code": 1000})
        async with asyncio.timeout(DEADLINE_SECONDS):
            await self._served


async def test_a_socket_without_a_server_can_listen() -> None:
    house = House()
    async with house.app.router.lifespan_context(house.app):
        bare = Bare(house)
        assert (await bare.told())["type"] == "websocket.accept"
        bare.say(json.dumps({"type": "quotes.subscribe", "payload": {"symbol": "DEMO:EURUSD"}}))
        assert (await bare.hear())["payload"]["status"] == "ok"
        bare.say("nonsense")
        assert (await bare.hear())["type"] == "error"
        bare.say(octets=b"\x00")
        assert (await bare.hear())["type"] == "error"
        bare.say("x" * 70_000)
        assert (await bare.hear())["payload"]["code"] == "too_long"
        await bare.leave()
    assert not house.hub.lines
