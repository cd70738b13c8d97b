"""What is checked last: signing out, and what stays of an order for a minute after it is over (contract 4.2, 4.6)."""

from trading_api.conformance.broker import Broker
from trading_api.conformance.broker_checks import FINAL
from trading_api.conformance.catalogue import BROKER, check
from trading_api.conformance.shapes import LIST, Json, expect, needed, of_kind, shown
from trading_api.conformance.trading import cancelled

LISTED = 58.0
"""Seconds after its end at which an order is looked for: one minute, without the time that requests take."""


@check(BROKER, section="4.6", rule="An order that is over stays in /orders for a minute at least, and stays over")
async def orders_ended_stay(broker: Broker) -> None:
    if broker.ended is not None and broker.clock.now() - broker.ended[1] > LISTED:
        broker.ended = None
    with needed("an order that can be cancelled"):
        order_id, since = await cancelled(broker)
    await broker.clock.sleep(max(0, since + LISTED - broker.clock.now()))
    orders = of_kind(await broker.of_account("/orders"), LIST, "the orders")
    found: Json = next((one for one in orders if isinstance(one, dict) and one.get("id") == order_id), None)
    expect(found is not None, f"expected the order {order_id} for a minute after it was cancelled, found it gone")
    expect(found.get("status") in FINAL, f"expected it to stay cancelled, found {shown(found)}")


@check(BROKER, section="4.2", rule="/logout ends the token it is sent with: 401 from then on")
async def logout_ends_token(broker: Broker) -> None:
    await broker.need_flag("supportLogout")
    with needed("another token"):
        token = await broker.another_token()
        opened = await broker.wire.get("/accounts", {"locale": "en"}, token=token)
        expect(opened.status == 200, f"expected it to be good, found status {opened.status}")
    answer = await broker.wire.ask("POST", "/logout", {"locale": "en"}, form={}, token=token)
    try:
        body = answer.json()
        told = answer.status == 200 and isinstance(body, dict) and body.get("s") == "ok"
        expect(told, f"expected s ok with status 200 from /logout, found {answer.status} {shown(body)}")
        after = await broker.wire.get("/accounts", {"locale": "en"}, token=token)
        expect(after.status == 401, f"expected 401 with the token that was signed out, found {after.status}")
    finally:
        await broker.stay_signed_in()
