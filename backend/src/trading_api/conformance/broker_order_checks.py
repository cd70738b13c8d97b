"""Contract 4.2 and 4.7: leverage, previews, and with --allow-orders orders far from the market that are cancelled again."""

from trading_api.conformance.broker import Broker
from trading_api.conformance.broker_checks import FINAL, ORDER
from trading_api.conformance.catalogue import BROKER, check
from trading_api.conformance.shapes import (
    LIST,
    NAME,
    NUMBER,
    OBJECT,
    TEXT,
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
from trading_api.conformance.trading import FAR, brackets_of, command, far_order, order_seen, placed


@check(
    BROKER,
    section="4.2",
    rule="The three leverage calls take the order's fields as a form and answer title, leverage, min, max, step",
)
async def leverage_fields(broker: Broker) -> None:
    await broker.need_flag("supportLeverage")
    form = {"instrument": (await broker.instrument())["name"], "side": "buy", "orderType": "limit"}
    numbers = dict.fromkeys(("leverage", "min", "max", "step"), NUMBER)
    found = fields(await command(broker, "POST", "/getLeverage", form), "d of /getLeverage", {"title": TEXT, **numbers})
    expect(found["min"] <= found["leverage"] <= found["max"], f"expected leverage between min and max, found {shown(found)}")
    preview = await command(broker, "POST", "/previewLeverage", {**form, "leverage": found["leverage"]})
    fields(preview, "d of /previewLeverage", {}, dict.fromkeys(("infos", "warnings", "errors"), LIST))


@check(BROKER, section="4.7", rule="A preview takes the order as a form and answers sections of rows of title and value")
async def preview_fields(broker: Broker) -> None:
    await broker.need_flag("supportPlaceOrderPreview")
    found = await command(broker, "POST", "/previewOrder", await far_order(broker))
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
    form = await far_order(broker)
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
    form = await far_order(broker)
    async with placed(broker, form) as order_id:
        order = fields(await order_seen(broker, order_id, "working"), "the order", ORDER)
        found = {name: order.get(name) for name in ("instrument", "side", "type", "qty", "limitPrice")}
        expect(found == {name: form[name] for name in found}, f"expected the order as placed, found {shown(found)}")
        await command(broker, "DELETE", f"/orders/{order_id}")
        await order_seen(broker, order_id, "cancelled")


@check(BROKER, section="4.7", rule="PUT changes an order's price")
async def order_modify(broker: Broker) -> None:
    await broker.need_flag("supportModifyOrderPrice", default=True)
    form, lower = await far_order(broker), (await far_order(broker, FAR * FAR))["limitPrice"]
    async with placed(broker, form) as order_id:
        with needed("an order that works"):
            await order_seen(broker, order_id, "working")
        await command(broker, "PUT", f"/orders/{order_id}", {"qty": form["qty"], "limitPrice": lower})
        order = await order_seen(broker, order_id, "working")
        expect(order.get("limitPrice") == lower, f"expected limitPrice {lower}, found {shown(order)}")


@check(BROKER, section="4.7", rule="A requestId sent twice places one order")
async def order_request_id(broker: Broker) -> None:
    form, once = await far_order(broker), {"requestId": f"conformance-{int(broker.clock.now() * 1000)}"}
    async with placed(broker, form, once) as first, placed(broker, form, once) as second:
        expect(first == second, f"expected order {first} again, found another, {second}")


@check(BROKER, section="4.6", rule="Brackets of a waiting order are inactive orders with parentId and parentType order")
async def order_brackets(broker: Broker) -> None:
    await broker.need_flag("supportOrderBrackets")
    form = await far_order(broker)
    low, high = await far_order(broker, FAR * 0.9), await far_order(broker, FAR * 1.1)
    terms = {"stopLoss": low["limitPrice"], "takeProfit": high["limitPrice"]}
    async with placed(broker, {**form, **terms}) as order_id:
        with needed("an order that works"):
            await order_seen(broker, order_id, "working")
        brackets = await brackets_of(broker, order_id)
        expect(len(brackets) == 2, f"expected two brackets of {order_id}, found {len(brackets)}")
        for bracket in brackets:
            kinds = {"status": one_of(("inactive",)), "parentType": one_of(("order",)), "side": one_of(("sell",))}
            fields(bracket, f"the bracket {bracket.get('id')}", kinds)


@check(BROKER, section="4.4", rule="Each duration that is offered for limit orders is taken")
async def order_durations(broker: Broker) -> None:
    with needed("/config"):
        config = of_kind(await broker.payload("/config", steady=True), OBJECT, "d of /config")
        durations = rows((await broker.account()).get("durations") or config.get("durations") or [], "durations", {"id": NAME})
    form = await far_order(broker)
    for duration in durations:
        if "limit" not in (duration.get("supportedOrderTypes") or ["limit"]):
            continue
        terms: dict[str, Json] = {"durationType": duration["id"]}
        if duration.get("hasDatePicker") or duration.get("hasTimePicker"):
            terms["durationDateTime"] = int(broker.clock.now()) + 7 * 86_400
        async with placed(broker, {**form, **terms}) as order_id:
            order = await order_seen(broker, order_id, "working", *FINAL)
            told = (order.get("duration") or {}).get("type")
            expect(told == duration["id"], f"expected the duration {duration['id']}, found {shown(told)}")
