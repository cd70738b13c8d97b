"""Order, conflation and limits of the fan-out, on links moved by hand."""

import asyncio
import json
from typing import Any

import pytest

from fakes import settle
from trading_api.core.ports import Frame
from trading_api.models.sockets import HIGH_MARK_BYTES, OUTBOX_BYTES_MAX, TRY_LATER, TURN_BYTES_MAX
from trading_api.plugins.fanout import Fanout, Reader
from trading_api.plugins.outlets import bodies_of, text_frame

QUOTES, BARS, ORDERS = "quotes:x", "bars:x", "orders:x"


class HandLink:
    """Remembers its writes; `waiting` is moved by hand and never by what is written."""

    def __init__(self) -> None:
        self.lost: Any = None
        self.flow: Any = None
        self.writes: list[list[Any]] = []
        self.waiting = 0
        self.end: tuple[int, str] | None = None

    @property
    def transport(self) -> "HandLink":
        return self

    def write(self, data: bytes) -> None:
        self.writes.append([json.loads(body) for body in bodies_of(data)])

    def get_write_buffer_size(self) -> int:
        return self.waiting

    def let_go(self, code: int, reason: str) -> None:
        self.end = (code, reason)

    async def farewell(self) -> None:
        """Nothing to wait for."""

    @property
    def heard(self) -> list[Any]:
        return [each for write in self.writes for each in write]


class Hearer(Reader):
    def __init__(self, fanout: Fanout, *topics: str) -> None:
        self.topics: set[str] = set()
        self.hand = HandLink()
        self.attach(self.hand, fanout)
        for topic in topics:
            fanout.join(topic, self)

    def stall(self) -> None:
        self.hand.waiting = HIGH_MARK_BYTES + 1
        self.hand.flow(True)

    def drain(self) -> None:
        self.hand.waiting = 0
        self.hand.flow(False)


@pytest.fixture
async def fanout() -> Fanout:
    return Fanout()


def tell(fanout: Fanout, topic: str, number: int, key: str | None = None, size: int = 0) -> None:
    fanout.deliver(Frame(topic, key, json.dumps([topic[0], number, "x" * size]).encode()))


def numbers(hearer: Hearer) -> list[tuple[str, int]]:
    return [(topic, number) for topic, number, _ in hearer.hand.heard]


async def test_what_one_turn_tells_is_one_write_in_the_order_told_whatever_the_topics(fanout: Fanout) -> None:
    both, one = Hearer(fanout, QUOTES, ORDERS), Hearer(fanout, ORDERS)
    for number in range(6):
        tell(fanout, (QUOTES, ORDERS, BARS)[number % 3], number)
    assert both.hand.writes == one.hand.writes == []
    await settle()
    assert (numbers(both), len(both.hand.writes)) == ([("q", 0), ("o", 1), ("q", 3), ("o", 4)], 1)
    assert (numbers(one), len(one.hand.writes)) == ([("o", 1), ("o", 4)], 1)


async def test_the_frames_of_one_topic_are_one_write(fanout: Fanout) -> None:
    one = Hearer(fanout, ORDERS)
    for number in range(10):
        tell(fanout, ORDERS, number)
    await settle()
    assert (numbers(one), len(one.hand.writes)) == ([("o", number) for number in range(10)], 1)


async def test_a_turn_that_tells_much_is_written_before_it_ends(fanout: Fanout) -> None:
    one = Hearer(fanout, ORDERS)
    for number in range(10):
        tell(fanout, ORDERS, number, size=TURN_BYTES_MAX // 4)
    assert len(one.hand.writes) == 2
    await settle()
    assert numbers(one) == [("o", number) for number in range(10)]


async def test_who_joins_is_not_told_what_was_told_before(fanout: Fanout) -> None:
    early = Hearer(fanout, ORDERS)
    tell(fanout, ORDERS, 1)
    late = Hearer(fanout, ORDERS)
    tell(fanout, ORDERS, 2)
    await settle()
    assert (numbers(early), numbers(late)) == ([("o", 1), ("o", 2)], [("o", 2)])


async def test_who_leaves_is_told_what_was_told_before(fanout: Fanout) -> None:
    one = Hearer(fanout, ORDERS)
    tell(fanout, ORDERS, 1)
    fanout.leave(ORDERS, one)
    tell(fanout, ORDERS, 2)
    await settle()
    assert (numbers(one), fanout.audiences) == ([("o", 1)], {})


async def test_an_answer_comes_after_what_was_told_before_it(fanout: Fanout) -> None:
    one = Hearer(fanout, ORDERS)
    tell(fanout, ORDERS, 1)
    one.answer(text_frame(b'["a", 0, ""]'))
    tell(fanout, ORDERS, 2)
    await settle()
    assert numbers(one) == [("o", 1), ("a", 0), ("o", 2)]


async def test_a_slow_reader_is_kept_the_newest_of_each_key_and_everything_that_counts(fanout: Fanout) -> None:
    slow, quick = Hearer(fanout, QUOTES, BARS, ORDERS), Hearer(fanout, QUOTES, BARS, ORDERS)
    slow.stall()
    for number in range(1, 10):
        tell(fanout, QUOTES, number, key="")
        tell(fanout, BARS, number, key=str(number // 5))
        tell(fanout, ORDERS, number)
        await settle()
    assert numbers(slow) == [("o", number) for number in range(1, 10)]

    slow.drain()
    tell(fanout, QUOTES, 10, key="")
    await settle()
    assert numbers(slow)[9:] == [("b", 4), ("q", 9), ("b", 9), ("q", 10)]
    assert len(numbers(quick)) == 28


async def test_a_reader_that_has_caught_up_gets_everything_again(fanout: Fanout) -> None:
    one = Hearer(fanout, QUOTES)
    one.stall()
    await settle()
    one.drain()
    await settle()
    for number in range(3):
        tell(fanout, QUOTES, number, key="")
    await settle()
    assert numbers(one) == [("q", 0), ("q", 1), ("q", 2)]


async def test_what_was_kept_of_a_topic_is_forgotten_when_it_begins_anew(fanout: Fanout) -> None:
    one = Hearer(fanout, QUOTES)
    one.stall()
    tell(fanout, QUOTES, 1, key="")
    await settle()
    fanout.join(QUOTES, one)
    one.drain()
    await settle()
    assert numbers(one) == []


async def test_who_has_too_much_waiting_is_let_go_and_told_nothing_more(fanout: Fanout) -> None:
    slow, quick = Hearer(fanout, ORDERS), Hearer(fanout, ORDERS)
    slow.stall()
    slow.hand.waiting = OUTBOX_BYTES_MAX + 1
    tell(fanout, ORDERS, 1)
    assert slow.hand.end is None
    await settle()
    assert (slow.hand.end, numbers(slow)) == ((TRY_LATER, "slow reader"), [])
    tell(fanout, ORDERS, 2)
    await settle()
    assert (numbers(slow), numbers(quick)) == ([], [("o", 1), ("o", 2)])


async def test_what_is_kept_counts_too(fanout: Fanout) -> None:
    slow = Hearer(fanout, BARS)
    slow.stall()
    kept = 0
    while slow.hand.end is None:
        kept += 1
        tell(fanout, BARS, kept, key=str(kept), size=10_000)
        await settle()
    assert OUTBOX_BYTES_MAX < HIGH_MARK_BYTES + kept * 10_000 < OUTBOX_BYTES_MAX + 40_000


async def test_an_answer_does_not_count_against_whoever_asked(fanout: Fanout) -> None:
    one = Hearer(fanout, ORDERS)
    one.answer(text_frame(json.dumps(["a", 0, "x" * OUTBOX_BYTES_MAX]).encode()))
    one.hand.waiting = OUTBOX_BYTES_MAX + 5_000
    one.hand.flow(True)
    tell(fanout, ORDERS, 1)
    await settle()
    assert (one.hand.end, numbers(one)[-1]) == (None, ("o", 1))


async def test_whoever_must_catch_up_first_waits_until_it_has_or_is_gone(fanout: Fanout) -> None:
    caught_up, gone = Hearer(fanout, ORDERS), Hearer(fanout, ORDERS)
    for each in (caught_up, gone):
        each.stall()
    await settle()
    waits = [asyncio.create_task(each.room()) for each in (caught_up, gone)]
    await settle()
    assert not any(wait.done() for wait in waits)
    caught_up.drain()
    fanout.exit(gone)
    await settle()
    assert all(wait.done() for wait in waits)


async def test_a_reader_that_ends_is_nowhere_any_more(fanout: Fanout) -> None:
    one = Hearer(fanout, ORDERS, QUOTES)
    tell(fanout, ORDERS, 1)
    fanout.exit(one)
    await settle()
    assert (fanout.audiences, one.topics, one.hand.writes, one.hand.flow) == ({}, set(), [], None)


async def test_a_reader_that_stalls_and_recovers_within_a_turn_is_none_the_wiser(fanout: Fanout) -> None:
    one = Hearer(fanout, QUOTES)
    one.stall()
    one.drain()
    tell(fanout, QUOTES, 1, key="")
    tell(fanout, QUOTES, 2, key="")
    await settle()
    assert numbers(one) == [("q", 1), ("q", 2)]
