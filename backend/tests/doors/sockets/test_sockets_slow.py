"""A reader that stops reading: it is let go at the byte limit, and nobody else notices."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from fakes_sockets import Caller, House, calling, serving, until
from trading_api.models.sockets import LAST_WORDS_SECONDS, OUTBOX_BYTES_MAX
from trading_api.plugins.outlets import Link
from trading_api.ws.examples import VALUES

ORDERS = 'orders:{"accountId":"A1"}'
QUOTES = 'quotes:{"symbol":"DEMO:EURUSD"}'
STALLS = {"max_queue": 1, "close_timeout": 0.1}
LONG_ORDER = VALUES["orders"].model_copy(update={"client_order_id": "x" * 60_000})


@pytest.fixture
async def house() -> AsyncIterator[House]:
    house = House()
    async with serving(house):
        yield house


def the_link(house: House, topic: str = ORDERS) -> Link:
    (client,) = house.hub.sockets.fanout.audiences[topic].ready
    return client.link


async def fall_behind(house: House, reader: Caller) -> None:
    """Tell long updates, a few per turn, until the stalled connection has been let go; the reader keeps up."""
    for _ in range(2000):
        house.broker.tell(ORDERS, LONG_ORDER)
        await reader.hear()
        if len(house.hub.sockets.connections) == 1:
            return
    raise AssertionError("Expected the stalled connection to be let go, found it still there")


async def test_a_stalled_reader_is_let_go_while_others_get_every_update(house: House) -> None:
    async with calling(house) as reader, calling(house, **STALLS) as stalled:
        await reader.ask("orders.subscribe", accountId="A1")
        await stalled.ask("orders.subscribe", accountId="A1")
        stalled.connection.transport.pause_reading()
        await fall_behind(house, reader)

        house.broker.tell(ORDERS)
        assert (await reader.hear())["payload"]["seq"] == house.broker.seq[ORDERS]


async def test_what_a_stalled_reader_may_cost_is_bounded(house: House) -> None:
    async with calling(house, **STALLS) as stalled:
        await stalled.ask("orders.subscribe", accountId="A1")
        outlet = the_link(house).transport
        stalled.connection.transport.pause_reading()
        most = 0
        while house.hub.sockets.connections:
            house.broker.tell(ORDERS, LONG_ORDER)
            await asyncio.sleep(0)
            most = max(most, outlet.get_write_buffer_size())
        assert OUTBOX_BYTES_MAX < most < OUTBOX_BYTES_MAX + 4 * 60_000
        await until(lambda: outlet.get_write_buffer_size() == 0)


async def test_a_slow_reader_that_wakes_in_time_hears_why(house: House) -> None:
    async with calling(house) as reader, calling(house, **STALLS) as slow:
        await reader.ask("orders.subscribe", accountId="A1")
        await slow.ask("orders.subscribe", accountId="A1")
        slow.connection.transport.pause_reading()
        await fall_behind(house, reader)
        slow.connection.transport.resume_reading()

        async def drain() -> None:
            async for _ in slow.connection:
                pass

        await asyncio.gather(drain(), return_exceptions=True)
        assert await slow.closed() == 1013


async def test_a_silent_connection_is_dropped_although_its_bytes_cannot_leave() -> None:
    house = House()
    async with serving(house, ws_ping_interval=0.1, ws_ping_timeout=0.1), calling(house, **STALLS) as stalled:
        await stalled.ask("orders.subscribe", accountId="A1")
        await stall(house, stalled)
        await until(lambda: not house.hub.sockets.connections)
        assert house.broker.removed == [ORDERS]


async def stall(house: House, caller: Caller) -> None:
    """Stop reading, and tell updates until the kernel takes no more."""
    link = the_link(house)
    caller.connection.transport.pause_reading()
    while link.transport.get_write_buffer_size() == 0:
        house.broker.tell(ORDERS, LONG_ORDER)
        await asyncio.sleep(0)


async def test_a_server_stops_although_a_reader_is_stalled() -> None:
    house = House()
    async with serving(house) as server, calling(house, **STALLS) as stalled:
        await stalled.ask("orders.subscribe", accountId="A1")
        await stall(house, stalled)
        began = asyncio.get_running_loop().time()
        server.should_exit = True
        await until(lambda: not server.server_state.connections)
        assert asyncio.get_running_loop().time() - began < LAST_WORDS_SECONDS + 2


async def test_a_slow_reader_of_prices_skips_to_the_newest_and_stays(house: House) -> None:
    async with calling(house, **STALLS) as slow:
        await slow.ask("quotes.subscribe", symbol="DEMO:EURUSD")
        link = the_link(house, QUOTES)
        slow.connection.transport.pause_reading()
        audience = house.hub.sockets.fanout.audiences[QUOTES]
        while not audience.slow:
            house.datafeed.tell(QUOTES)
            await asyncio.sleep(0)
        waiting = link.transport.get_write_buffer_size()
        for _ in range(5_000):
            house.datafeed.tell(QUOTES)
            await asyncio.sleep(0)
        assert link.transport.get_write_buffer_size() <= waiting

        slow.connection.transport.resume_reading()
        newest = house.datafeed.seq[QUOTES]
        heard = [(await slow.hear())["payload"]["seq"]]
        while heard[-1] < newest:
            heard.append((await slow.hear())["payload"]["seq"])
        assert heard[:-1] == list(range(1, len(heard)))
        assert len(heard) < newest - 4_000
        house.datafeed.tell(QUOTES)
        assert (await slow.hear())["payload"]["seq"] == newest + 1


READERS = 20
STALL_SECONDS = 50
"""Longer than a ping and its patience, 40 s, with the last words."""


@pytest.mark.long
@pytest.mark.parametrize("topic", [ORDERS, QUOTES])
async def test_a_reader_that_does_not_read_for_a_minute_disturbs_nobody(house: House, topic: str) -> None:
    service, kind, request = (
        (house.broker, "orders.subscribe", {"accountId": "A1"})
        if topic == ORDERS
        else (house.datafeed, "quotes.subscribe", {"symbol": "DEMO:EURUSD"})
    )
    clock = asyncio.get_running_loop().time
    told_at: dict[int, float] = {}
    delays: list[float] = []

    async def listen(last: asyncio.Future[int]) -> None:
        async with calling(house) as reader:
            seen = (await reader.ask(kind, **request))["seq"]
            while not last.done() or seen < last.result():
                update = (await reader.hear())["payload"]
                assert update["seq"] == seen + 1
                seen = update["seq"]
                delays.append(clock() - told_at[seen])

    async with calling(house, ping_interval=None, **STALLS) as stalled:
        await stalled.ask(kind, **request)
        stalled.connection.transport.pause_reading()
        last: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        readers = [asyncio.create_task(listen(last)) for _ in range(READERS)]
        await until(lambda: len(house.hub.sockets.connections) == READERS + 1)
        end = clock() + STALL_SECONDS
        while clock() < end:
            told_at[service.seq.get(topic, 0) + 1] = clock()
            service.tell(topic)
            await asyncio.sleep(0.005)
        assert len(house.hub.sockets.connections) == READERS
        told_at[service.seq[topic] + 1] = clock()
        last.set_result(service.seq[topic] + 1)
        service.tell(topic)
        await asyncio.gather(*readers)
    assert len(delays) > READERS * STALL_SECONDS * 50
    assert sorted(delays)[len(delays) * 99 // 100] < 0.25
