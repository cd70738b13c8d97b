"""Contract 4.2 and 4.7: leverage, previews, and with --allow-orders orders far from the market that are cancelled again."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from trading_api.conformance.bars import is_open
from trading_api.conformance.broker import Broker, payload
from trading_api.conformance.broker_checks import FINAL, ORDER
from trading_api.conformance.catalogue import BROKER, check
from trading_api.conformance.shapes import (
    LIST,
    NAME,
    NUMBER,
    OBJECT,
    TEXT,
    Broken,
    Json,
    NotApplicable,
    expect,
    fields,
    needed,
    of_kind,
    one_of,
    refusal,
    rows,
    shown,
)

FAR = 0.8
"""Of the bid: where an order to buy waits."""
SETTLE_SECONDS = 10.0
"""Until an order is seen as it was told to be; a client waits so long."""
LOOK_SECONDS = 0.2
"""Between two looks at the orders."""


async def _far_order(broker: Broker, share: float = FAR) -> dict[str, object]:
    """A limit order to buy, at a price that is not reached."""
    if not await broker.flag("supportLimitOrders", True):
        raise NotApplicable("the account says no supportLimitOrders")
    one, quote = await broker.instrument(), await broker.quote()
    with needed("an instrument with minTick, and a quote with bid"):
        fields(one, "the instrument", {"name": NAME, "minTick": NUMBER})
        fields(quote, "the quote", {"bid": NUMBER, "ask": NUMBER})
    price = round(round(quote["bid"] * share / one["minTick"]) * one["minTick"], 10)
    quantity = one.get("minQty") or one.get("qtyStep") or 1
    limits = {"limitPrice": price, "currentAsk": quote["ask"], "currentBid": quote["bid"]}
    return {"instrument": one["name"], "side": "buy", "type": "limit", "qty": quantity, **limits}


async def _command(broker: Broker, method: str, path: str, form: Json = None, query: Json = None) -> Json:
    below = f"/accounts/{(await broker.account())['id']}{path}"
    return payload(await broker.wire.ask(method, below, {"locale": "en", **(query or {})}, form=form), f"{method} {path}")


async def _orders(broker: Broker) -> list[Json]:
    return [order for order in of_kind(await broker.of_account("/orders"), LIST, "the orders") if isinstance(order, dict)]


async def _seen(broker: Broker, order_id: str, *statuses: str) -> Json:
    """The order in /orders, once it has one of these statuses."""
    end, found = broker.clock.now() + SETTLE_SECONDS, None
    while broker.clock.now() < end:
        found = next((order for order in await _orders(broker) if order.get("id") == order_id), None)
        if found is not None and found.get("status") in statuses:
            return found
        await broker.clock.sleep(LOOK_SECONDS)
    raise Broken(f"expected order {order_id} in /orders as {' or '.join(statuses)}, found {shown(found)}")


async def _closed(broker: Broker) -> bool:
    try:
        traded = await broker.traded()
        return traded.ticker == (await broker.instrument())["name"] and not is_open(traded, broker.clock.now())
    except NotApplicable:
        return False


@asynccontextmanager
async def _placed(broker: Broker, form: dict[str, object], query: Json = None) -> AsyncIterator[str]:
    """Place, and cancel whatever happens."""
    if not broker.terms.allow_orders:
        raise NotApplicable("places an order: give --allow-orders")
    try:
        told = await _command(broker, "POST", "/orders", form, query)
    except Broken as broken:
        if await _closed(broker):
            raise NotApplicable(f"the market is closed: {broken}") from None
        raise
    order_id = str(fields(told, "d of the placed order", {"orderId": NAME})["orderId"])
    try:
        yield order_id
    finally:
        if any(o.get("id") == order_id and o.get("status") not in FINAL for o in await _orders(broker)):
            await _command(broker, "DELETE", f"/orders/{order_id}")


@check(
    BROKER,
    section="4.2",
    rule="The three leverage calls take the order's fields as a form and answer title, leverage, min, max, step",
)
async def leverage_fields(broker: Broker) -> None:
    await broker.need_flag("supportLeverage")
    form = {"instrument": (await broker.instrument())["name"], "side": "buy", "orderType": "limit"}
    numbers = dict.fromkeys(("leverage", "min", "max", "step"), NUMBER)
    found = fields(await _command(broker, "POST", "/getLeverage", form), "d of /getLeverage", {"title": TEXT, **numbers})
    expect(found["min"] <= found["leverage"] <= found["max"], f"expected leverage between min and max, found {shown(found)}")
    preview = await _command(broker, "POST", "/previewLeverage", {**form, "leverage": found["leverage"]})
    fields(preview, "d of /previewLeverage", {}, dict.fromkeys(("infos", "warnings", "errors"), LIST))


@check(BROKER, section="4.7", rule="A preview takes the order as a form and answers sections of rows of title and value")
async def preview_fields(broker: Broker) -> None:
    await broker.need_flag("supportPlaceOrderPreview")
    found = await _command(broker, "POST", "/previewOrder", await _far_order(broker))
    more = {"confirmId": TEXT, "warnings": LIST, "errors": LIST}
    for section in rows(fields(found, "d of /previewOrder", {"sections": LIST}, more)["sections"], "sections", {"rows": LIST}):
        rows(section["rows"], "rows of a section", {"title": TEXT, "value": TEXT})


@check(
    BROKER,
    section="4.1",
    rule="Forms are decoded: what is escaped arrives as it was, what is missing is refused with status 200",
)
async def form_decoding(broker: Broker) -> None:
    if not broker.terms.allow_orders:
        raise NotApplicable("sends orders: give --allow-orders")
    form = await _far_order(broker)
    account = (await broker.account())["id"]
    for wrong in (
        {**form, "instrument": "NO SUCH&INSTRUMENT=1"},
        {**form, "side": "sideways"},
        {"instrument": form["instrument"]},
    ):
        answer = await broker.wire.ask("POST", f"/accounts/{account}/orders", {"locale": "en"}, form=wrong)
        expect(answer.status == 200, f"expected status 200 with an error, found {answer.status}")
        refusal(answer.json(), "the answer to an order that cannot be")


@check(
    BROKER,
    section="4.6",
    rule="A placed order gets an orderId, appears in /orders as working, and cancelled it is 'cancelled' there",
)
async def order_place_and_cancel(broker: Broker) -> None:
    form = await _far_order(broker)
    async with _placed(broker, form) as order_id:
        order = fields(await _seen(broker, order_id, "working"), "the order", ORDER)
        found = {name: order.get(name) for name in ("instrument", "side", "type", "qty", "limitPrice")}
        expect(found == {name: form[name] for name in found}, f"expected the order as placed, found {shown(found)}")
        await _command(broker, "DELETE", f"/orders/{order_id}")
        await _seen(broker, order_id, "cancelled")


@check(BROKER, section="4.7", rule="PUT changes an order's price and quantity")
async def order_modify(broker: Broker) -> None:
    await broker.need_flag("supportModifyOrderPrice", default=True)
    form, lower = await _far_order(broker), (await _far_order(broker, FAR * FAR))["limitPrice"]
    async with _placed(broker, form) as order_id:
        with needed("an order that works"):
            await _seen(broker, order_id, "working")
        await _command(broker, "PUT", f"/orders/{order_id}", {"qty": form["qty"], "limitPrice": lower})
        order = await _seen(broker, order_id, "working")
        expect(order.get("limitPrice") == lower, f"expected limitPrice {lower}, found {shown(order)}")


@check(BROKER, section="4.7", rule="A requestId sent twice places one order")
async def order_request_id(broker: Broker) -> None:
    form, once = await _far_order(broker), {"requestId": f"conformance-{int(broker.clock.now() * 1000)}"}
    async with _placed(broker, form, once) as first, _placed(broker, form, once) as second:
        expect(first == second, f"expected order {first} again, found another, {second}")


@check(BROKER, section="4.6", rule="Brackets of a waiting order are inactive orders with parentId and parentType order")
async def order_brackets(broker: Broker) -> None:
    await broker.need_flag("supportOrderBrackets")
    form = await _far_order(broker)
    low, high = await _far_order(broker, FAR * 0.9), await _far_order(broker, FAR * 1.1)
    terms = {"stopLoss": low["limitPrice"], "takeProfit": high["limitPrice"]}
    async with _placed(broker, {**form, **terms}) as order_id:
        with needed("an order that works"):
            await _seen(broker, order_id, "working")
        brackets = [order for order in await _orders(broker) if order.get("parentId") == order_id]
        expect(len(brackets) == 2, f"expected two brackets of {order_id}, found {len(brackets)}")
        for bracket in brackets:
            kinds = {"status": one_of(("inactive",)), "parentType": one_of(("order",)), "side": one_of(("sell",))}
            fields(bracket, f"the bracket {bracket.get('id')}", kinds)


@check(BROKER, section="4.4", rule="Each duration that is offered for limit orders is taken")
async def order_durations(broker: Broker) -> None:
    with needed("/config"):
        config = of_kind(await broker.payload("/config", steady=True), OBJECT, "d of /config")
        durations = rows((await broker.account()).get("durations") or config.get("durations") or [], "durations", {"id": NAME})
    form = await _far_order(broker)
    for duration in durations:
        if "limit" not in (duration.get("supportedOrderTypes") or ["limit"]):
            continue
        terms: dict[str, object] = {"durationType": duration["id"]}
        if duration.get("hasDatePicker") or duration.get("hasTimePicker"):
            terms["durationDateTime"] = int(broker.clock.now()) + 7 * 86_400
        async with _placed(broker, {**form, **terms}) as order_id:
            order = await _seen(broker, order_id, "working", *FINAL)
            told = (order.get("duration") or {}).get("type")
            expect(told == duration["id"], f"expected the duration {duration['id']}, found {shown(told)}")
