"""Two ledgers of one account: the one behind takes over what the one in front has made of the same facts, and nothing else."""

from decimal import Decimal

import pytest

from trading_api.core import ahead
from trading_api.core.ledger import Ledger
from trading_api.models.broker.account import AccountProfile
from trading_api.models.broker.orders import OrderRequest, OrderType, Side
from trading_api.models.facts import FACT, Accepted, Cancelled, Configured, Executed, Fact, Requested

EURUSD = "DEMO:EURUSD"
PROFILE = AccountProfile(
    id="A1", name="", currency="USD", leverage=Decimal(30), markets=("DEMO",), opening_balance=Decimal(1_000)
)
BUY = OrderRequest(symbol=EURUSD, type=OrderType.MARKET, side=Side.BUY, quantity=Decimal(2))


def history() -> list[Fact]:
    """Bought in two parts of which the second never came."""
    fill = {"execution_id": "x1", "order_id": "o1", "position_id": EURUSD, "symbol": EURUSD, "side": Side.BUY}
    amounts = dict.fromkeys(("closed_quantity", "closed_cost", "profit", "commission"), Decimal(0))
    return [
        Configured(time=1, profile=PROFILE),
        Requested(time=2, action="place", order_id="o1", order=BUY, request_id="r1", body_hash="h"),
        Accepted(time=2, order_id="o1", request_id="r1"),
        Executed(time=3, quantity=Decimal(1), price=Decimal("1.1"), **fill, **amounts),
        Cancelled(time=4, order_id="o1"),
    ]


def read_back(facts: list[Fact]) -> list[Fact]:
    return [FACT.validate_json(FACT.dump_json(fact)) for fact in facts]


def alone(facts: list[Fact]) -> dict[str, object]:
    ledger = Ledger("A1")
    for fact in facts:
        ledger.apply(fact)
    return vars(ledger)


def test_what_is_taken_over_is_what_it_would_have_made_of_each_fact() -> None:
    behind, facts, single = Ledger("A1"), history(), Ledger("A1")
    front = behind.twin()
    told = [front.apply(fact) for fact in facts]
    assert [behind.apply(fact) for fact in facts] == told == [single.apply(fact) for fact in facts]
    assert vars(behind) == vars(front) == vars(single)
    assert behind.ended[-1] is front.ended[-1], "it was taken over, not made again"


def test_equal_facts_that_are_not_the_same_are_worked_out() -> None:
    behind, facts = Ledger("A1"), history()
    front = behind.twin()
    for fact in facts:
        front.apply(fact)
    for fact in read_back(facts):
        behind.apply(fact)
    assert vars(behind) == vars(front) and behind.ended[-1] is not front.ended[-1]


def test_a_ledger_that_was_told_something_else_goes_its_own_way() -> None:
    behind, facts = Ledger("A1"), history()
    front = behind.twin()
    for fact in facts:
        front.apply(fact)
    others = [*facts[:2], Accepted(time=2, order_id="o1"), *facts[3:]]
    for fact in others:
        behind.apply(fact)
    assert vars(behind) == alone(others)


def test_one_that_is_left_far_behind_works_everything_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ahead, "STEPS_MAX", 2)
    behind, facts = Ledger("A1"), history()
    front = behind.twin()
    for fact in facts:
        front.apply(fact)
    for fact in facts:
        behind.apply(fact)
    assert vars(behind) == alone(facts) and behind.ended[-1] is not front.ended[-1]


def test_a_fork_shares_nothing_with_a_twin() -> None:
    behind, facts = Ledger("A1"), history()
    front = behind.twin()
    forks = behind.fork(), front.fork()
    for fact in facts:
        front.apply(fact)
        for fork in forks:
            fork.apply(fact)
    assert vars(forks[0]) == vars(forks[1]) == vars(front)
    assert behind.sequence == 0
