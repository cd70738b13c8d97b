"""Whatever a trader and a market do, every frame of the topic `orders` moves an order only as a Trading Terminal allows."""

import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oracle.actions import Action, play
from oracle.chances import sequences
from oracle.pair import Pair
from order_states import CANCELED, FILLED, FINAL, INACTIVE, PLACING, WORKING, OrderStates
from trading_api.core.announcer import Announcer
from trading_api.core.ledger import Ledger
from trading_api.core.notices import NOTICED
from trading_api.core.publisher import encode
from trading_api.core.routes import Update
from trading_api.models.facts import Fact

TOPICS = ("orders", "executions", "positions", "notices")


def told(facts: list[Fact]) -> list[dict[str, Any]]:
    """Every frame, in the order in which an account's listeners hear them."""
    heard: list[dict[str, Any]] = []

    def hear(update: Update) -> None:
        heard.append(json.loads(encode(update)))

    announcer = Announcer(Ledger("A1"), journal_id="j", process_epoch="p", equity=lambda: None, connection=lambda: None)
    for name in TOPICS:
        announcer.listen(name, hear)
    for fact in facts:
        announcer.apply(fact)
    return heard


@settings(max_examples=60, deadline=None, derandomize=True)
@given(sequence=sequences(50), hedging=st.booleans())
def test_order_states_move_only_as_a_terminal_allows(sequence: list[Action], hedging: bool) -> None:
    pair = Pair(hedging=hedging)
    play(pair, sequence)
    states, last = OrderStates(), dict[str, int]()
    for frame in told(pair.bench.facts):
        order = frame["payload"].get("payload")
        if frame["type"] == "orders.update" and order:
            states.see(order)
            last[order["id"]] = order["status"]
    assert {name for name, status in last.items() if status not in FINAL} == set(pair.bench.ledger.orders)


@settings(max_examples=30, deadline=None, derandomize=True)
@given(sequence=sequences(50), hedging=st.booleans())
def test_each_fact_worth_telling_makes_one_notice_and_they_are_numbered_without_a_gap(
    sequence: list[Action], hedging: bool
) -> None:
    pair = Pair(hedging=hedging)
    play(pair, sequence)
    frames = [one["payload"] for one in told(pair.bench.facts) if one["type"] == "notices.update"]
    notices = [one for one in frames if "payload" in one]
    assert len(notices) == sum(type(fact) in NOTICED for fact in pair.bench.facts)
    numbers = Counter[str]()
    for one in notices:
        numbers[one["epoch"]] += 1
        assert one["seq"] == numbers[one["epoch"]]
        assert one["payload"]["text"] and one["payload"]["id"] == f"n{one['fact']}"


def an_order(status: int, **changes: object) -> dict[str, object]:
    order = {"id": "o1", "symbol": "DEMO:EURUSD", "side": 1, "type": 1, "filledQty": 0, "status": status}
    return {**order, **({"parentId": "o0", "parentType": 1} if status == INACTIVE else {}), **changes}


@pytest.mark.parametrize(
    "wrong",
    [
        [an_order(FILLED)],
        [an_order(PLACING), an_order(WORKING), an_order(PLACING)],
        [an_order(WORKING), an_order(INACTIVE)],
        [an_order(WORKING), an_order(CANCELED), an_order(CANCELED)],
        [an_order(WORKING), an_order(WORKING, side=-1)],
        [an_order(WORKING, filledQty=2), an_order(WORKING, filledQty=1)],
        [an_order(WORKING), an_order(5, message={"text": ""})],
        [an_order(INACTIVE, parentType=2)],
    ],
)
def test_the_judge_of_states_sees_what_is_wrong(wrong: list[dict[str, object]]) -> None:
    states = OrderStates()
    for order in wrong[:-1]:
        states.see(order)
    with pytest.raises(AssertionError):
        states.see(wrong[-1])
