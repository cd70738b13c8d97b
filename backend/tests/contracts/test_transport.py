"""The internals of uvicorn and websockets `plugins/transport.py` stands on: a release that changes them fails here first."""

import asyncio
import inspect
import logging
from pathlib import Path

import pytest
import websockets
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from fakes_people import guarded_house
from fakes_sockets import House, calling, serving
from trading_api.models.sockets import EXTENSION, HIGH_MARK_BYTES
from trading_api.plugins.outlets import bodies_of, text_frame
from trading_api.plugins.transport import TransportProtocol

ORDERS = 'orders:{"accountId":"A1"}'


def test_every_overridden_method_exists_with_the_same_parameters() -> None:
    ours = {name: value for name, value in vars(TransportProtocol).items() if inspect.isfunction(value)}
    added = {"let_go", "farewell", "_abort_soon", "_tell_lost"}
    for name in ours.keys() - added:
        theirs = inspect.signature(getattr(WebSocketsSansIOProtocol, name))
        assert list(inspect.signature(ours[name]).parameters) == list(theirs.parameters), name
    assert not added & vars(WebSocketsSansIOProtocol).keys()


async def test_the_scope_shows_a_transport_that_is_bounded_and_whose_frames_clients_read() -> None:
    house = House()
    async with serving(house), calling(house) as caller:
        await caller.ask("orders.subscribe", accountId="A1")
        (client,) = house.hub.sockets.fanout.audiences[ORDERS].ready
        protocol = client.ws.scope["extensions"][EXTENSION]

        assert isinstance(protocol, TransportProtocol)
        assert isinstance(protocol.transport, asyncio.Transport)
        assert protocol.transport.get_write_buffer_limits()[1] == HIGH_MARK_BYTES
        assert client.link is protocol
        assert {"close_sent", "read_paused", "close_timer", "queue", "writable", "conn"} <= vars(protocol).keys()
        assert protocol.conn.extensions == []

        for size in (0, 1, 125, 126, 65_535, 65_536, 200_000):
            protocol.transport.write(text_frame(b"x" * size))
            assert await caller.connection.recv() == "x" * size


async def test_answers_through_asgi_and_frames_through_the_transport_keep_their_order() -> None:
    house = House()
    async with serving(house), calling(house) as caller:
        await caller.ask("orders.subscribe", accountId="A1")
        (client,) = house.hub.sockets.fanout.audiences[ORDERS].ready
        for number in range(0, 50, 2):
            await client.ws.send_text(str(number))
            client.link.transport.write(text_frame(str(number + 1).encode()))
        assert [await caller.connection.recv() for _ in range(50)] == [str(number) for number in range(50)]


async def test_the_house_hears_of_a_lost_connection_before_its_transport_refuses_writes() -> None:
    house = House()
    async with serving(house), calling(house) as caller:
        await caller.ask("orders.subscribe", accountId="A1")
        (client,) = house.hub.sockets.fanout.audiences[ORDERS].ready
        caller.connection.transport.abort()
        while not client.gone.done():
            house.broker.tell(ORDERS)
            await asyncio.sleep(0)
        assert ORDERS not in house.hub.sockets.fanout.audiences


@pytest.mark.parametrize("path", ["", "elsewhere", "?ticket=invented"])
async def test_a_refused_handshake_is_complete_and_no_fault(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, path: str
) -> None:
    caplog.set_level(logging.INFO)
    async with guarded_house(tmp_path) as house, serving(house):  # type: ignore[arg-type]  # it has what is used of a house
        for headers in ({}, {"Authorization": "Bearer invented"}, {"Origin": "https://evil.example"}):
            with pytest.raises(websockets.InvalidStatus) as refusal:
                async with websockets.connect(house.url + path, additional_headers=headers):
                    pass
            assert refusal.value.response.status_code in (401, 403)
    assert [one for one in caplog.records if one.levelno >= logging.WARNING] == []


def test_frames_give_their_bodies_back() -> None:
    bodies = [b"x" * size for size in (0, 125, 126, 65_535, 65_536)]
    assert list(bodies_of(b"".join(map(text_frame, bodies)))) == bodies
