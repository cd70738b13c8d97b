"""The crash test is worth what its judge notices: each fault planted here is one a careless server could have."""

from collections.abc import Callable
from copy import deepcopy
from decimal import Decimal

import pytest
from crash_judge import CANCELED, FILLED, INACTIVE, WORKING, Seen, differences, lost_facts
from crash_record import Heard, Json, Kind, Record, Sent

BTC = "DEMO:BTCUSD"


def answered(
    client_id: str, kind: Kind, body: Json | None, fact: int, order_id: str | None = None, about: str | None = None
) -> Sent:
    answer = {"status": "ok", "fact": fact} | ({"orderId": order_id} if order_id else {})
    return Sent(client_id, kind, "POST", "/", body, about, Heard(200, answer))


def a_record() -> Record:
    """A fill, a limit that was moved, a limit that was cancelled, a deposit, a refusal; an order and a deposit unanswered."""
    return Record(
        "A",
        Decimal(1_000),
        [
            answered("c1", "market", {}, 4, "o1"),
            answered("c2", "limit", {"limitPrice": Decimal(50), "stopLoss": Decimal(20)}, 6, "o2"),
            answered("c3", "modify", {"limitPrice": Decimal(55)}, 8, about="o2"),
            answered("c4", "limit", {"limitPrice": Decimal(51)}, 10, "o4"),
            answered("c5", "cancel", None, 12, about="o4"),
            answered("c6", "fund", {"amount": Decimal("9.5")}, 13),
            Sent("c7", "close", "POST", "/", {}, heard=Heard(422, {"code": "more_than_held"})),
            Sent("c8", "limit", "POST", "/", {"limitPrice": Decimal(60)}),
            Sent("c9", "fund", "POST", "/", {"amount": Decimal(7)}),
        ],
    )


def as_it_should_be() -> Seen:
    return Seen(
        orders=[
            {
                "id": "o2",
                "clientOrderId": "c2",
                "status": WORKING,
                "limitPrice": Decimal(55),
                "stopLoss": Decimal(20),
                "qty": 1,
            },
            {"id": "o3", "status": INACTIVE, "stopPrice": Decimal(20), "parentId": "o2", "qty": 1},
        ],
        history=[
            {"id": "o1", "clientOrderId": "c1", "status": FILLED, "qty": 2, "filledQty": 2},
            {"id": "o4", "clientOrderId": "c4", "status": CANCELED, "qty": 1, "filledQty": 0},
        ],
        executions=[
            {"id": "x1", "orderId": "o1", "symbol": BTC, "side": 1, "qty": 2, "profit": 0, "commission": Decimal("0.25")},
        ],
        positions=[{"symbol": BTC, "side": 1, "qty": 2}],
        state={"balance": Decimal("1009.25")},
    )


def test_a_server_that_kept_everything_has_no_differences() -> None:
    assert differences(a_record(), as_it_should_be()) == []


def test_what_was_never_answered_may_be_there_whole() -> None:
    seen = as_it_should_be()
    seen.orders.append({"id": "o5", "clientOrderId": "c8", "status": WORKING, "limitPrice": Decimal(60), "qty": 1})
    seen.state["balance"] += 7
    assert differences(a_record(), seen) == []


Fault = Callable[[Seen], object]

FAULTS: dict[str, tuple[Fault, str]] = {
    "a fill lost": (lambda seen: (seen.history.pop(0), seen.executions.clear(), seen.positions.clear()), "acknowledged as o1"),
    "a waiting order lost": (lambda seen: seen.orders.pop(0), "acknowledged as o2"),
    "a cancel lost": (lambda seen: seen.history[1].update(status=WORKING), "o4 was cancelled"),
    "a modification lost": (lambda seen: seen.orders[0].update(limitPrice=Decimal(50)), "limitPrice of o2"),
    "a bracket lost": (lambda seen: seen.orders.pop(1), "brackets of o2"),
    "a bracket awake": (lambda seen: seen.orders[1].update(status=WORKING), "brackets of o2"),
    "a deposit lost": (lambda seen: seen.state.update(balance=Decimal("999.75")), "the balance"),
    "a deposit twice": (lambda seen: seen.state.update(balance=Decimal("1018.75")), "the balance"),
    "an unanswered deposit twice": (lambda seen: seen.state.update(balance=Decimal("1023.25")), "the balance"),
    "an order twice": (lambda seen: seen.history.append(seen.history[0] | {"id": "o9"}), "found ['o1', 'o9']"),
    "an unanswered order twice": (
        lambda seen: seen.orders.extend({"id": name, "clientOrderId": "c8", "status": WORKING, "qty": 1} for name in "ab"),
        "c8 was sent once",
    ),
    "another id": (lambda seen: seen.history[1].update(id="o9"), "acknowledged as o4"),
    "a refused order there": (
        lambda seen: seen.orders.append({"id": "o9", "clientOrderId": "c7", "status": WORKING, "qty": 1}),
        "c7 was refused",
    ),
    "an order nobody sent": (
        lambda seen: seen.orders.append({"id": "o9", "clientOrderId": "c0", "status": WORKING, "qty": 1}),
        "nobody sent",
    ),
    "an execution lost": (lambda seen: seen.executions.clear(), "o1 says 2 filled"),
    "an execution twice": (lambda seen: seen.executions.append(seen.executions[0]), "execution x1 is there 2 times"),
    "an execution of nothing": (
        lambda seen: seen.executions.append(seen.executions[0] | {"orderId": "o7"}),
        "executions of o7",
    ),
    "a position forgotten": (lambda seen: seen.positions.clear(), "positions should be"),
    "a position turned": (lambda seen: seen.positions[0].update(side=-1), "positions should be"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_noticed(name: str) -> None:
    plant, sentence = FAULTS[name]
    seen = deepcopy(as_it_should_be())
    plant(seen)
    assert any(sentence in difference for difference in differences(a_record(), seen)), differences(a_record(), seen)


def test_a_journal_that_ends_before_an_acknowledged_fact_is_noticed() -> None:
    assert lost_facts(a_record(), 13) == []
    assert lost_facts(a_record(), 12) == ["A: fact 13 was acknowledged and the journal ends at 12"]


def test_one_fact_cannot_answer_two_commands() -> None:
    record = a_record()
    record.sent.append(answered("c10", "fund", {"amount": Decimal(0)}, 13))
    assert differences(record, as_it_should_be()) == ["A: fact 13 answered 2 commands"]
