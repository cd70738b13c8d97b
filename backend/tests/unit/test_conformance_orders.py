"""What the checks send to trade, and that nothing of it is left where an answer does not come."""

from collections.abc import Sequence
from typing import NamedTuple

import httpx
import pytest
from faults import payload
from reference_broker import BrokerServer
from reference_trading import Trading
from reference_wire import Asked, Change, FakeClock, Reply, Server

from trading_api.conformance.broker import Broker
from trading_api.conformance.runner import Finding, Outcome, run
from trading_api.conformance.table import CHECKS
from trading_api.conformance.terms import Terms
from trading_api.conformance.wire import Wire

A1 = "/accounts/A1"
TERMS = Terms(login="demo", password="demo", allow_orders=True, allow_fills=True)


class Tried(NamedTuple):
    findings: list[Finding]
    left: list[str]
    """Ids of open orders and positions that were not there before."""


async def tried(only: Sequence[str], *changes: Change) -> Tried:
    clock = FakeClock()
    async with httpx.AsyncClient(transport=Server(BrokerServer(clock), clock, changes)) as client:
        broker = Broker(Wire(client, "http://server"), TERMS, clock)
        await broker.sign_in()
        before = await _open(broker)
        found = [one async for one in run(broker, [check for check in CHECKS if check.name in only])]
        return Tried(found, [one for one in await _open(broker) if one not in before])


async def _open(broker: Broker) -> list[str]:
    listed = [*await broker.of_account("/orders"), *await broker.of_account("/positions")]
    return [one["id"] for one in listed if one.get("status") in (None, "working", "inactive")]


def unanswered(method: str, path: str) -> Change:
    """What is asked is done; that it was, is never told."""

    def change(asked: Asked, reply: Reply) -> None:
        if (asked.method, asked.path) == (method, A1 + path):
            raise httpx.ReadTimeout("no answer")

    return change


@pytest.mark.parametrize(
    ("least", "sent"),
    [(1000, {"1000", "2000"}), (1000.0, {"1000", "2000"}), (0.00001, {"0.00001", "0.00002"})],
)
async def test_quantities_and_prices_are_sent_as_plain_decimals(least: float, sent: set[str]) -> None:
    forms: list[dict[str, str]] = []
    await tried(
        ["orderModifyQuantity", "positionPartialClose"],
        payload(f"{A1}/instruments", lambda told: told[0].update(minQty=least, minTick=0.00000001)),
        payload("/quotes", lambda told: told[0]["v"].update(bid=0.00002, ask=0.00003)),
        lambda asked, reply: forms.append(asked.form),
    )
    assert {form["qty"] for form in forms if "qty" in form} == sent
    assert {form["amount"] for form in forms if "amount" in form} == {min(sent)}
    assert {form["limitPrice"] for form in forms if "limitPrice" in form} == {"0.000016"}


@pytest.mark.parametrize("name", ["orderPlaceAndCancel", "orderBrackets", "orderRequestId", "orderTrailingStop"])
async def test_an_order_whose_answer_does_not_come_is_cancelled(name: str) -> None:
    (finding,), left = await tried([name], unanswered("POST", "/orders"))
    assert finding.outcome is Outcome.FAILED and "found no answer" in finding.why
    assert left == []


@pytest.mark.parametrize("name", ["marketOrderFills", "marketOrderBrackets", "positionPartialClose", "positionClose"])
async def test_what_was_bought_without_an_answer_is_closed(name: str) -> None:
    (finding,), left = await tried([name], unanswered("POST", "/orders"))
    assert finding.outcome is Outcome.FAILED and "found no answer" in finding.why
    assert left == []


async def test_where_what_was_bought_cannot_be_closed_the_finding_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Trading, "_add", lambda *given: None)
    (finding,), left = await tried(["marketOrderFills"], unanswered("POST", "/orders"))
    assert finding.outcome is Outcome.FAILED and "found it open still" in finding.why
    assert len(left) == 1


@pytest.mark.parametrize("name", ["marketOrderFills", "marketOrderBrackets", "positionBrackets", "orderStop"])
async def test_of_a_broker_without_limit_orders_the_other_orders_are_tried(name: str) -> None:
    no_limits = payload("/accounts", lambda told: told[0]["config"].update(supportLimitOrders=False))
    (finding,), left = await tried([name], no_limits)
    assert (finding.outcome, finding.why, left) == (Outcome.PASSED, "", [])
