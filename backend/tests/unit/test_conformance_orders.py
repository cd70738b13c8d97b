"""What the checks send to trade, and that nothing of it is left where an answer does not come."""

from collections.abc import Sequence

import httpx
import pytest
from faults import payload
from reference_broker import BrokerServer
from reference_wire import Change, FakeClock, Server

from trading_api.conformance.broker import Broker
from trading_api.conformance.runner import Finding, run
from trading_api.conformance.table import CHECKS
from trading_api.conformance.terms import Terms
from trading_api.conformance.wire import Wire

A1 = "/accounts/A1"
TERMS = Terms(login="demo", password="demo", allow_orders=True, allow_fills=True)


async def findings(only: Sequence[str], *changes: Change) -> list[Finding]:
    clock = FakeClock()
    async with httpx.AsyncClient(transport=Server(BrokerServer(clock), clock, changes)) as client:
        broker = Broker(Wire(client, "http://server"), TERMS, clock)
        await broker.sign_in()
        return [one async for one in run(broker, [check for check in CHECKS if check.name in only])]


@pytest.mark.parametrize(
    ("least", "sent"),
    [(1000, {"1000", "2000"}), (1000.0, {"1000", "2000"}), (0.00001, {"0.00001", "0.00002"})],
)
async def test_quantities_and_prices_are_sent_as_plain_decimals(least: float, sent: set[str]) -> None:
    forms: list[dict[str, str]] = []
    await findings(
        ["orderModifyQuantity", "positionPartialClose"],
        payload(f"{A1}/instruments", lambda told: told[0].update(minQty=least, minTick=0.00000001)),
        payload("/quotes", lambda told: told[0]["v"].update(bid=0.00002, ask=0.00003)),
        lambda asked, reply: forms.append(asked.form),
    )
    assert {form["qty"] for form in forms if "qty" in form} == sent
    assert {form["amount"] for form in forms if "amount" in form} == {min(sent)}
    assert {form["limitPrice"] for form in forms if "limitPrice" in form} == {"0.000016"}
