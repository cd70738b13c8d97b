"""Topics begin once, end once, and nobody is told of a moment twice or not at all."""

import asyncio
import json
from typing import Any

import pytest
from fastws import Message

from fakes import settle
from fakes_sockets import FakeDoorman, FakeTopics
from trading_api.core.access import Principal, no_account
from trading_api.core.publisher import Publisher
from trading_api.core.routes import Snapshot
from trading_api.models.broker.orders import PlacedOrder
from trading_api.models.errors import TryLater
from trading_api.models.sockets import EXTENSION
from trading_api.plugins.bus_memory import MemoryBus
from trading_api.plugins.fastws_adapter import Client, Sockets
from trading_api.plugins.outlets import bodies_of
from trading_api.ws import hub as hub_module
from trading_api.ws.examples import VALUES
from trading_api.ws.generated import broker_ws_routers, datafeed_ws_routers
from trading_api.ws.hub import Hub

EVERYONE = Principal("somebody", frozenset({"read"}))
ORDERS = 'orders:{"accountId":"A1"}'
QUOTES = 'quotes:{"symbol":"DEMO:EURUSD"}'


class FakeLink:
    """Keeps what is written; once shut it refuses, as a closed transport does."""

    def __init__(self) -> None:
        self.lost: Any = None
        self.flow: Any = None
        self.transport = self
        self.heard: list[dict[str, Any]] = []
        self.shut = False

    def write(self, data: bytes) -> None:
        if self.shut:
            raise RuntimeError("the handler is closed")
        self.heard.extend(map(json.loads, bodies_of(data)))

    def get_write_buffer_size(self) -> int:
        return 0

    def let_go(self, code: int, reason: str) -> None:
        self.lost()


class Room:
    """A hub, its sockets and its service, without a network."""

    def __init__(self) -> None:
        self.topics, bus = FakeTopics(), MemoryBus()
        self.sockets = Sockets(FakeDoorman())
        self.hub = Hub(self.sockets, Publisher(bus).publish)
        for router in (*broker_ws_routers(self.hub, self.topics), *datafeed_ws_routers(self.hub, self.topics)):
            self.sockets.adopt(router)
        bus.listen(self.sockets.deliver)

    def enter(self) -> "Seat":
        return Seat(self)


class Seat:
    """One client."""

    def __init__(self, room: Room) -> None:
        self.link = FakeLink()
        socket: Any = type("Socket", (), {"scope": {"extensions": {EXTENSION: self.link}}})
        self.client = Client(socket, EVERYONE, room.sockets.fanout, room.sockets._gone)
        self._room = room

    async def say(self, kind: str, **payload: Any) -> None:
        await self._room.sockets.client_send(Message(type=kind, payload=payload), client=self.client)

    async def ask(self, kind: str, **payload: Any) -> dict[str, Any]:
        await self.say(kind, **payload)
        return self.last

    @property
    def heard(self) -> list[dict[str, Any]]:
        """Everything, as if the turn of the loop were over."""
        self._room.sockets.fanout.flush()
        return self.link.heard

    @property
    def last(self) -> dict[str, Any]:
        payload: dict[str, Any] = self.heard[-1]["payload"]
        return payload

    @property
    def sequence(self) -> list[int]:
        return [frame["payload"]["seq"] for frame in self.heard]


@pytest.fixture
async def room() -> Room:
    return Room()


async def test_no_update_is_lost_or_repeated_between_the_state_and_what_follows(room: Room) -> None:
    async def tell() -> None:
        for _ in range(30):
            room.topics.tell(ORDERS)
            await asyncio.sleep(0)

    seats = [room.enter() for _ in range(10)]

    async def join(number: int, seat: Seat) -> None:
        for _ in range(number):
            await asyncio.sleep(0)
        await seat.say("orders.subscribe", accountId="A1")

    await asyncio.gather(tell(), *(join(number, seat) for number, seat in enumerate(seats)))

    for seat in seats:
        assert seat.sequence == list(range(seat.sequence[0], 31))
        assert len(seat.heard[0]["payload"]["state"]) == seat.sequence[0]


async def test_all_who_ask_at_once_share_one_creation(room: Room) -> None:
    room.topics.ready.clear()
    seats = [room.enter() for _ in range(3)]
    asked = asyncio.gather(*(seat.ask("orders.subscribe", accountId="A1") for seat in seats))
    await settle()
    room.topics.ready.set()

    assert [answer["status"] for answer in await asked] == ["ok"] * 3
    assert room.topics.created == [ORDERS]


async def test_the_topic_ends_once_after_its_last_reader(room: Room) -> None:
    one, other = room.enter(), room.enter()
    for seat in (one, other):
        await seat.say("orders.subscribe", accountId="A1")
    one.client.leave()
    assert room.topics.removed == []
    other.client.leave()
    other.client.leave()
    assert room.topics.removed == [ORDERS]
    assert (room.hub.lines, room.sockets.fanout.audiences) == ({}, {})


async def test_a_reader_who_leaves_while_the_topic_begins_takes_it_along(room: Room) -> None:
    room.topics.ready.clear()
    seat = room.enter()
    asked = asyncio.create_task(seat.say("orders.subscribe", accountId="A1"))
    await settle()
    seat.client.leave()
    await asked
    room.topics.ready.set()
    await settle()

    assert (room.topics.removed, room.hub.lines, seat.heard) == ([ORDERS], {}, [])


async def test_one_who_waits_keeps_the_topic_when_another_who_waited_leaves(room: Room) -> None:
    room.topics.ready.clear()
    leaves, stays = room.enter(), room.enter()
    asked = asyncio.gather(*(seat.say("orders.subscribe", accountId="A1") for seat in (leaves, stays)))
    await settle()
    leaves.client.leave()
    room.topics.ready.set()
    await asked
    room.topics.tell(ORDERS)

    assert (room.topics.removed, stays.sequence) == ([], [0, 1])


async def test_a_refused_creation_is_told_to_all_who_waited_and_the_next_one_tries_again(room: Room) -> None:
    room.topics.failure = TryLater("no_market", "Expected the market to answer, found silence")
    answers = await asyncio.gather(*(room.enter().ask("orders.subscribe", accountId="A1") for _ in range(2)))
    assert [(answer["status"], answer["code"]) for answer in answers] == [("error", "no_market")] * 2
    assert (room.topics.created, room.topics.removed, room.hub.lines) == ([ORDERS], [], {})

    room.topics.failure = None
    assert (await room.enter().ask("orders.subscribe", accountId="A1"))["status"] == "ok"


async def test_a_topic_that_does_not_begin_in_time_is_refused(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "CREATE_SECONDS_MAX", 0.01)
    room.topics.ready.clear()
    answer = await room.enter().ask("orders.subscribe", accountId="A1")
    assert (answer["status"], answer["code"], room.hub.lines) == ("error", "slow_topic", {})


async def test_a_topic_whose_owner_has_no_state_to_tell_is_refused_and_let_go(room: Room) -> None:
    def gone(topic: str) -> Snapshot:
        raise no_account("A1")

    room.topics.snapshot = gone  # type: ignore[method-assign]  # the account went while its topic began
    answer = await room.enter().ask("orders.subscribe", accountId="A1")
    assert (answer["status"], answer["code"]) == ("error", "unknown_account")
    assert (room.topics.removed, room.hub.lines) == ([ORDERS], {})


async def test_subscribing_twice_gives_the_state_anew_and_updates_once(room: Room) -> None:
    seat = room.enter()
    await seat.say("orders.subscribe", accountId="A1")
    room.topics.tell(ORDERS)
    again = await seat.ask("orders.subscribe", accountId="A1")
    room.topics.tell(ORDERS)
    assert (again["status"], len(again["state"])) == ("ok", 1)
    assert seat.sequence == [0, 1, 1, 2]

    await seat.say("orders.unsubscribe", accountId="A1")
    assert room.topics.removed == [ORDERS]


async def test_after_unsubscribe_nothing_more_arrives(room: Room) -> None:
    seat, other = room.enter(), room.enter()
    for each in (seat, other):
        await each.say("orders.subscribe", accountId="A1")
    assert (await seat.ask("orders.unsubscribe", accountId="A1"))["status"] == "ok"
    room.topics.tell(ORDERS)
    assert (len(seat.heard), other.sequence) == (2, [0, 1])


async def test_unsubscribing_what_one_never_had_is_answered_politely(room: Room) -> None:
    seat, other = room.enter(), room.enter()
    await other.say("orders.subscribe", accountId="A1")
    answer = await seat.ask("orders.unsubscribe", accountId="A1")
    assert (answer["status"], answer["code"], room.topics.removed) == ("error", "not_subscribed", [])


async def test_whoever_comes_back_is_told_what_it_missed_and_nothing_else(room: Room) -> None:
    for _ in range(5):
        room.topics.tell(ORDERS)
    for seen in (0, 3, 5):
        seat = room.enter()
        await seat.say("orders.subscribe", accountId="A1", epoch="e1", seq=seen)
        room.topics.tell(ORDERS)
        answer = seat.heard[0]["payload"]
        assert (answer["recovered"], answer["seq"], "state" in answer) == (True, seen, False)
        assert seat.sequence == list(range(seen, room.topics.seq[ORDERS] + 1))
        room.topics.told[ORDERS].pop()
        room.topics.seq[ORDERS] -= 1


async def test_what_is_told_again_is_what_was_told_the_first_time(room: Room) -> None:
    live = room.enter()
    await live.say("orders.subscribe", accountId="A1")
    room.topics.tell(ORDERS)
    room.topics.tell(ORDERS)
    back = room.enter()
    await back.say("orders.subscribe", accountId="A1", epoch="e1", seq=0)
    assert back.heard[1:] == live.heard[1:]


@pytest.mark.parametrize(("epoch", "seq"), [("e0", 1), ("e1", 201), ("e1", 99), (None, 150), ("e1", None)])
async def test_whoever_cannot_be_told_what_it_missed_is_given_the_state(room: Room, epoch: str | None, seq: int | None) -> None:
    for _ in range(200):
        room.topics.tell(ORDERS)
    asked = {name: value for name, value in (("epoch", epoch), ("seq", seq)) if value is not None}
    answer = await room.enter().ask("orders.subscribe", accountId="A1", **asked)
    assert (answer["recovered"], answer["seq"], len(answer["state"])) == (False, 200, 200)


async def test_a_single_value_is_always_told_anew(room: Room) -> None:
    room.topics.tell(QUOTES)
    first = await room.enter().ask("quotes.subscribe", symbol="DEMO:EURUSD")
    again = await room.enter().ask("quotes.subscribe", symbol="DEMO:EURUSD", epoch=first["epoch"], seq=first["seq"])
    assert (again["recovered"], again["state"]["n"]) == (False, "DEMO:EURUSD")


async def test_a_topic_without_a_value_yet_answers_without_state(room: Room) -> None:
    answer = await room.enter().ask("quotes.subscribe", symbol="DEMO:EURUSD")
    assert (answer["status"], "state" in answer) == ("ok", False)


async def test_a_refusal_names_code_field_and_topic(room: Room) -> None:
    answer = await room.enter().ask("quotes.subscribe", symbol="NOPE")
    assert answer == {
        "status": "error",
        "message": "Expected a known symbol, found 'NOPE'",
        "topic": 'quotes:{"symbol":"NOPE"}',
        "code": "unknown_symbol",
        "field": "symbol",
    }


async def test_a_connection_holds_a_bounded_number_of_topics(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "SUBSCRIPTIONS_MAX", 1)
    seat = room.enter()
    await seat.say("orders.subscribe", accountId="A1")
    assert (await seat.ask("orders.subscribe", accountId="A2"))["code"] == "too_many_topics"
    assert (await seat.ask("orders.subscribe", accountId="A1"))["status"] == "ok"


async def test_a_dead_connection_does_not_keep_the_others_from_hearing(room: Room) -> None:
    seats = [room.enter() for _ in range(3)]
    for seat in seats:
        await seat.say("orders.subscribe", accountId="A1")
    seats[1].link.shut = True
    room.topics.tell(ORDERS)

    assert (seats[0].sequence, seats[2].sequence) == ([0, 1], [0, 1])
    await settle()
    assert seats[1].client.gone.done()


async def test_fastws_can_send_through_the_same_way(room: Room) -> None:
    seat = room.enter()
    await seat.say("orders.subscribe", accountId="A1")
    order = VALUES["orders"]
    assert isinstance(order, PlacedOrder)
    payload = {"topic": ORDERS, "epoch": "e1", "seq": 1, "payload": order.model_dump(mode="json", exclude_none=True)}
    await room.sockets.server_send(Message(type="orders.update", payload=payload), topic=ORDERS)
    room.topics.tell(ORDERS)
    assert seat.heard[1] == seat.heard[2]
