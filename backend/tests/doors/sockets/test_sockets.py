"""The socket as its clients meet it: through a real uvicorn on a free port."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest
from websockets.exceptions import ConnectionClosedError, InvalidStatus

from fakes_sockets import House, calling, serving, until
from trading_api.models.errors import NotAllowed
from trading_api.models.sockets import MESSAGE_BYTES_MAX

ORDERS = 'orders:{"accountId":"A1"}'


@pytest.fixture
async def house() -> AsyncIterator[House]:
    house = House()
    async with serving(house):
        yield house


async def test_the_answer_to_subscribe_holds_the_state_and_updates_follow_without_a_gap(house: House) -> None:
    house.broker.tell(ORDERS)
    async with calling(house) as caller:
        answer = await caller.ask("orders.subscribe", accountId="A1")
        house.broker.tell(ORDERS, fact=7, of={"orders": 1})
        update = await caller.hear()

    assert list(answer) == ["status", "message", "topic", "epoch", "seq", "recovered", "state"]
    assert (answer["status"], answer["topic"], answer["seq"], answer["recovered"]) == ("ok", ORDERS, 1, False)
    assert [order["id"] for order in answer["state"]] == ["o1"]
    assert update["type"] == "orders.update"
    assert {name: update["payload"][name] for name in ("topic", "epoch", "seq", "fact", "of")} == {
        "topic": ORDERS,
        "epoch": answer["epoch"],
        "seq": 2,
        "fact": 7,
        "of": {"orders": 1},
    }
    assert update["payload"]["payload"]["limitPrice"] == 1.085


async def test_a_cascade_arrives_on_one_socket_in_the_order_it_was_told(house: House) -> None:
    topics = ("executions", "orders", "equity", "positions")
    async with calling(house) as caller:
        for topic in reversed(topics):
            await caller.ask(f"{topic}.subscribe", accountId="A1")
        for topic in topics:
            house.broker.tell(f'{topic}:{{"accountId":"A1"}}', fact=5)
        heard = [await caller.hear() for _ in topics]

    assert [each["type"] for each in heard] == [f"{topic}.update" for topic in topics]


async def test_many_updates_of_one_turn_reach_everyone_in_order(house: House) -> None:
    async with calling(house) as one, calling(house) as other:
        for caller in (one, other):
            await caller.ask("orders.subscribe", accountId="A1")
        for _ in range(500):
            house.broker.tell(ORDERS)
        for caller in (one, other):
            assert [(await caller.hear())["payload"]["seq"] for _ in range(500)] == list(range(1, 501))


async def test_two_subscribers_share_one_creation_and_the_last_to_leave_removes_it(house: House) -> None:
    async with calling(house) as one, calling(house) as other:
        await one.ask("quotes.subscribe", symbol="DEMO:EURUSD")
        await other.ask("quotes.subscribe", symbol="DEMO:EURUSD")
        await one.ask("quotes.unsubscribe", symbol="DEMO:EURUSD")
        assert (len(house.datafeed.created), house.datafeed.removed) == (1, [])

        await other.ask("quotes.unsubscribe", symbol="DEMO:EURUSD")
        assert house.datafeed.removed == house.datafeed.created


async def test_a_disconnect_releases_what_nobody_else_holds(house: House) -> None:
    async with calling(house) as stays:
        await stays.ask("orders.subscribe", accountId="A1")
        async with calling(house) as leaves:
            await leaves.ask("orders.subscribe", accountId="A1")
            await leaves.ask("orders.subscribe", accountId="A2")
            leaves.connection.transport.abort()
        await until(lambda: house.broker.removed)
        assert house.broker.removed == ['orders:{"accountId":"A2"}']
        house.broker.tell(ORDERS)
        assert (await stays.hear())["payload"]["seq"] == 1


async def test_a_disconnect_while_the_topic_begins_releases_it(house: House) -> None:
    house.broker.ready.clear()
    async with calling(house) as caller:
        await caller.say("orders.subscribe", accountId="A1")
        await until(lambda: house.broker.created)
        caller.connection.transport.abort()
    await until(lambda: not house.hub.sockets.connections)
    house.broker.ready.set()
    await until(lambda: house.broker.removed == [ORDERS])
    assert not house.hub.lines


async def test_accounts_are_kept_apart_and_a_foreign_one_looks_absent(house: House) -> None:
    async with calling(house, bearer="A1") as alice, calling(house, bearer="A2") as bob:
        await alice.ask("orders.subscribe", accountId="A1")
        foreign = await bob.ask("orders.subscribe", accountId="A1")
        absent = await bob.ask("orders.subscribe", accountId="A9")
        await bob.ask("orders.subscribe", accountId="A2")
        house.broker.tell(ORDERS)
        house.broker.tell('orders:{"accountId":"A2"}')

        assert (await bob.hear())["payload"]["topic"] == 'orders:{"accountId":"A2"}'
        assert (await alice.hear())["payload"]["topic"] == ORDERS
    assert foreign["status"] == absent["status"] == "error"
    assert foreign["code"] == absent["code"] == "unknown_account"
    assert foreign["message"].replace("A1", "A9") == absent["message"]


@pytest.mark.parametrize(
    ("text", "code", "field", "sentence"),
    [
        ('{"type":', "bad_request", None, "Expected JSON"),
        ("[1]", "bad_request", None, "to be an object, found a list"),
        ('{"payload":{}}', "bad_request", "type", "Expected the field type, found none"),
        ('{"type":{}}', "bad_request", "type", "found an object"),
        ('{"type":"orders.place"}', "unknown_type", "type", "Expected type to be one of bars.subscribe,"),
        ('{"type":"orders.update"}', "unknown_type", "type", "found orders.update"),
        ('{"type":"orders.subscribe"}', "bad_request", None, "Expected payload to be an object"),
        ('{"type":"orders.subscribe","payload":{}}', "bad_request", "accountId", "found none"),
        ('{"type":"orders.subscribe","payload":{"accountId":7}}', "bad_request", "accountId", "a valid string, found 7"),
        ('{"type":"orders.subscribe","payload":{"accountId":"A1","seq":-1}}', "bad_request", "seq", "found -1"),
        ('{"type":"orders.subscribe","payload":{"accountId":"A1","qty":1}}', "bad_request", "qty", "found qty"),
        ('{"type":"bars.subscribe","payload":{"symbol":"X","resolution":"7"}}', "bad_request", "resolution", "'1D'"),
        ("[" * 5000, "bad_request", None, "Expected JSON"),
        ("\x00", "bad_request", None, "Expected JSON"),
    ],
)
async def test_a_message_nobody_understands_is_answered_and_the_connection_stays(
    house: House, text: str, code: str, field: str | None, sentence: str
) -> None:
    async with calling(house) as caller:
        await caller.connection.send(text)
        heard = await caller.hear()
        assert heard["type"] == "error"
        assert (heard["payload"]["code"], heard["payload"].get("field")) == (code, field)
        assert sentence in heard["payload"]["message"]
        assert "Subscri" not in heard["payload"]["message"]
        assert (await caller.ask("orders.subscribe", accountId="A1"))["status"] == "ok"


async def test_an_error_names_the_message_it_answers(house: House) -> None:
    async with calling(house) as caller:
        await caller.say("orders.subscribe", account="A1")
        assert (await caller.hear())["payload"]["request"] == "orders.subscribe"


async def test_a_binary_frame_is_answered_and_the_connection_stays(house: House) -> None:
    async with calling(house) as caller:
        await caller.connection.send(b'{"type":"orders.subscribe"}')
        assert "binary" in (await caller.hear())["payload"]["message"]
        assert (await caller.ask("orders.subscribe", accountId="A1"))["status"] == "ok"


async def test_a_message_in_fragments_is_one_message(house: House) -> None:
    async with calling(house) as caller:
        await caller.connection.send(iter(['{"type":"orders.sub', 'scribe","payload":{"accountId"', ':"A1"}}']))
        assert (await caller.hear())["payload"]["status"] == "ok"


async def test_half_a_frame_and_silence_harm_nobody(house: House) -> None:
    async with calling(house) as half, calling(house) as whole:
        half.connection.transport.write(b"\x81\xfe\x01")
        assert (await whole.ask("orders.subscribe", accountId="A1"))["status"] == "ok"
        half.connection.transport.abort()
    await until(lambda: not house.hub.sockets.connections)


async def test_an_oversized_message_ends_its_connection_with_1009_and_no_other(house: House) -> None:
    async with calling(house) as caller, calling(house) as other:
        await caller.connection.send("x" * (MESSAGE_BYTES_MAX + 1))
        assert await caller.closed() == 1009
        assert (await other.ask("orders.subscribe", accountId="A1"))["status"] == "ok"


async def test_bytes_that_are_no_websocket_frame_harm_nobody(house: House) -> None:
    async with calling(house) as caller, calling(house) as other:
        caller.connection.transport.write(b"\xff" * 64)
        assert await caller.closed() == 1002
        assert (await other.ask("orders.subscribe", accountId="A1"))["status"] == "ok"


async def test_a_flood_is_closed_with_1008(house: House) -> None:
    async with calling(house) as caller, calling(house) as other:

        async def flood() -> None:
            while True:
                await caller.connection.send("{}")

        async def listen() -> None:
            while True:
                await caller.hear()

        ends = await asyncio.gather(flood(), listen(), return_exceptions=True)
        assert all(isinstance(end, ConnectionClosedError) for end in ends)
        assert await caller.closed() == 1008
        assert (await other.ask("orders.subscribe", accountId="A1"))["status"] == "ok"


async def test_a_fault_of_ours_closes_with_1011(house: House) -> None:
    house.broker.failure = ZeroDivisionError("a mistake")
    async with calling(house) as caller:
        await caller.say("orders.subscribe", accountId="A1")
        assert await caller.closed() == 1011


async def test_a_caller_the_doorman_refuses_does_not_get_a_socket(house: House) -> None:
    house.doorman.refusal = NotAllowed("not_allowed", "Expected a token, found none")
    with pytest.raises(InvalidStatus, match="403"):
        async with calling(house):
            pass


async def test_two_hundred_connections_leave_nothing_behind(house: House) -> None:
    async def visit(number: int) -> None:
        async with calling(house) as caller:
            await caller.ask("orders.subscribe", accountId=("A1", "A2")[number % 2])
            await caller.ask("quotes.subscribe", symbol="DEMO:EURUSD")
            if number % 3 == 0:
                caller.connection.transport.abort()

    for batch in range(10):
        await asyncio.gather(*(visit(batch * 20 + number) for number in range(20)))
    await until(lambda: not house.hub.sockets.connections)
    assert (house.hub.lines, house.hub.sockets.fanout.audiences) == ({}, {})
    assert (house.broker.live, house.datafeed.live) == ({}, {})
    assert sorted(house.broker.created) == sorted(house.broker.removed)


async def test_deflate_is_not_negotiated(house: House) -> None:
    async with calling(house, compression="deflate") as caller:
        assert caller.connection.response is not None
        assert "Sec-WebSocket-Extensions" not in caller.connection.response.headers


async def test_stopping_the_server_tells_its_clients_to_come_back() -> None:
    house = House()
    async with serving(house) as server, calling(house) as caller:
        await caller.ask("orders.subscribe", accountId="A1")
        server.should_exit = True
        assert await caller.closed() == 1012
        await until(lambda: house.broker.removed == [ORDERS])


async def test_the_document_stands_beside_the_socket(house: House) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(house.url.split(":")[2].split("/")[0]))
    writer.write(b"GET /api/v1/ws/asyncapi.json HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    writer.close()
    assert b"200 OK" in head
    assert json.loads(body)["asyncapi"] == "3.0.0"
