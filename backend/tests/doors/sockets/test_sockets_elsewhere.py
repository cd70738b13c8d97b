"""The same sockets under servers that do not show their transport: plain uvicorn, and the test client."""

import asyncio

from starlette.testclient import TestClient

from fakes_sockets import House, calling, serving, until
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


def test_the_test_client_can_listen() -> None:
    house = House()
    with TestClient(house.app) as client, client.websocket_connect("/api/v1/ws") as socket:
        socket.send_json({"type": "quotes.subscribe", "payload": {"symbol": "DEMO:EURUSD"}})
        assert socket.receive_json()["payload"]["status"] == "ok"
        socket.send_text("nonsense")
        assert socket.receive_json()["type"] == "error"
        socket.send_bytes(b"\x00")
        assert socket.receive_json()["type"] == "error"
        socket.send_text("x" * 70_000)
        assert socket.receive_json()["payload"]["code"] == "too_long"
    assert not house.hub.lines
