"""Contract 4.6 and 4.7, with --allow-orders: other kinds of orders, changing them, and their history."""

from trading_api.conformance.broker import Broker
from trading_api.conformance.catalogue import BROKER, check
from trading_api.conformance.shapes import (
    LIST,
    NAME,
    NUMBER,
    POSITIVE,
    TEXT,
    NotApplicable,
    expect,
    fields,
    needed,
    of_kind,
    rows,
    shown,
)
from trading_api.conformance.trading import FAR, brackets_of, cancelled, command, far_order, order_seen, order_to_buy, placed

ABOVE = 1.25
"""Of the bid: where an order to buy waits for a price that is not reached."""
TRAIL = 0.1
"""Of the bid: how far behind the market a trailing stop is."""


async def _hold_told(broker: Broker, kind: str, *prices: str) -> None:
    """An order to buy of this kind, above the market, is told as it was placed."""
    form = await order_to_buy(broker, kind, ABOVE, *prices)
    async with placed(broker, form) as order_id:
        order = await order_seen(broker, order_id, "working")
        found = {name: order.get(name) for name in ("type", *prices)}
        expect(found == {name: form[name] for name in found}, f"expected the order as placed, found {shown(found)}")


@check(BROKER, section="4.7", rule="A stop order is taken with its stopPrice, and told with it")
async def order_stop(broker: Broker) -> None:
    await broker.need_flag("supportStopOrders", default=True)
    await _hold_told(broker, "stop", "stopPrice")


@check(BROKER, section="4.7", rule="A stoplimit order is taken with both prices, and told with both")
async def order_stop_limit(broker: Broker) -> None:
    await broker.need_flag("supportStopLimitOrders")
    await _hold_told(broker, "stoplimit", "stopPrice", "limitPrice")


@check(BROKER, section="4.6", rule="A trailing stop is told with isTrailingStop and its trailingStopPips")
async def order_trailing_stop(broker: Broker) -> None:
    await broker.need_flag("supportOrderBrackets")
    await broker.need_flag("supportTrailingStop")
    form, instrument = await far_order(broker), await broker.instrument()
    with needed("an instrument with pipSize"):
        pips = max(1, round(form["currentBid"] * TRAIL / fields(instrument, "it", {"pipSize": POSITIVE})["pipSize"]))
    async with placed(broker, {**form, "trailingStopPips": pips}) as order_id:
        with needed("an order that works"):
            await order_seen(broker, order_id, "working")
        found = [(one.get("isTrailingStop"), one.get("trailingStopPips")) for one in await brackets_of(broker, order_id)]
        expect(found == [(True, pips)], f"expected one bracket with isTrailingStop and {pips} pips, found {shown(found)}")


@check(BROKER, section="4.7", rule="PUT changes an order's quantity")
async def order_modify_quantity(broker: Broker) -> None:
    await broker.need_flag("supportEditAmount", default=True)
    form = await far_order(broker)
    more = form["qty"] * 2
    async with placed(broker, form) as order_id:
        with needed("an order that works"):
            await order_seen(broker, order_id, "working")
        await command(broker, "PUT", f"/orders/{order_id}", {"qty": more, "limitPrice": form["limitPrice"]})
        order = await order_seen(broker, order_id, "working")
        expect(order.get("qty") == more, f"expected the quantity {more:g}, found {shown(order)}")


@check(BROKER, section="4.7", rule="PUT states an order's brackets: what is told is changed, what is absent is removed")
async def order_modify_brackets(broker: Broker) -> None:
    await broker.need_flag("supportOrderBrackets")
    await broker.need_flag("supportModifyBrackets", default=True)
    form = await far_order(broker)
    low, high, higher = [(await far_order(broker, FAR * share))["limitPrice"] for share in (0.9, 1.1, 1.15)]
    async with placed(broker, {**form, "stopLoss": low, "takeProfit": high}) as order_id:
        with needed("an order with two brackets that works"):
            await order_seen(broker, order_id, "working")
            expect(len(await brackets_of(broker, order_id)) == 2, "expected two brackets")
        terms = {"qty": form["qty"], "limitPrice": form["limitPrice"], "takeProfit": higher}
        await command(broker, "PUT", f"/orders/{order_id}", terms)
        found = [(one.get("type"), one.get("limitPrice")) for one in await brackets_of(broker, order_id)]
        expect(found == [("limit", higher)], f"expected one bracket, a limit at {higher}, found {shown(found)}")


@check(BROKER, section="4.7", rule="PUT changes an order's duration")
async def order_modify_duration(broker: Broker) -> None:
    await broker.need_flag("supportModifyDuration")
    with needed("durations"):
        listed = (await broker.account()).get("durations") or (await broker.payload("/config", steady=True)).get("durations")
        found = rows(listed or [], "durations", {"id": NAME})
    plain = [one for one in found if not one.get("hasDatePicker") and not one.get("hasTimePicker")]
    names = [one["id"] for one in plain if "limit" in (one.get("supportedOrderTypes") or ["limit"])]
    if len(names) < 2:
        raise NotApplicable("needs two durations without a date for limit orders")
    form = await far_order(broker)
    async with placed(broker, {**form, "durationType": names[0]}) as order_id:
        with needed("an order that works"):
            await order_seen(broker, order_id, "working")
        terms = {"qty": form["qty"], "limitPrice": form["limitPrice"], "durationType": names[1]}
        await command(broker, "PUT", f"/orders/{order_id}", terms)
        told = (await order_seen(broker, order_id, "working")).get("duration")
        expect(isinstance(told, dict) and told.get("type") == names[1], f"expected {names[1]}, found {shown(told)}")


@check(BROKER, section="4.7", rule="A preview of a change takes the order's id, answers sections, and changes nothing")
async def preview_of_change(broker: Broker) -> None:
    await broker.need_flag("supportModifyOrderPreview")
    form, lower = await far_order(broker), (await far_order(broker, FAR * FAR))["limitPrice"]
    async with placed(broker, form) as order_id:
        with needed("an order that works"):
            before = await order_seen(broker, order_id, "working")
        told = await command(broker, "POST", "/previewOrder", {**form, "id": order_id, "limitPrice": lower})
        fields(told, "d of /previewOrder", {"sections": LIST})
        after = (await order_seen(broker, order_id, "working")).get("limitPrice")
        expect(after == before.get("limitPrice"), f"expected the order as it was, found it at {shown(after)}")


@check(BROKER, section="4.2", rule="An order that was previewed is taken with the confirmId of its preview")
async def order_confirm_id(broker: Broker) -> None:
    await broker.need_flag("supportPlaceOrderPreview")
    form = await far_order(broker)
    with needed("a preview"):
        told = fields(await command(broker, "POST", "/previewOrder", form), "d of /previewOrder", {}, {"confirmId": TEXT})
    if not told.get("confirmId"):
        raise NotApplicable("previews come without a confirmId")
    async with placed(broker, form, {"confirmId": told["confirmId"]}) as order_id:
        await order_seen(broker, order_id, "working")


@check(BROKER, section="4.2", rule="/setLeverage sets what it is told, and answers it (tried with what is set already)")
async def leverage_set(broker: Broker) -> None:
    await broker.need_flag("supportLeverage")
    if not broker.terms.allow_orders:
        raise NotApplicable("sets the leverage: give --allow-orders")
    form = {"instrument": (await broker.instrument())["name"], "side": "buy", "orderType": "limit"}
    with needed("/getLeverage"):
        now = fields(await command(broker, "POST", "/getLeverage", form), "d of /getLeverage", {"leverage": NUMBER})["leverage"]
    told = await command(broker, "POST", "/setLeverage", {**form, "leverage": now})
    found = fields(told, "d of /setLeverage", {"leverage": NUMBER})["leverage"]
    expect(found == now, f"expected the leverage {now:g}, found {found:g}")


@check(BROKER, section="4.2", rule="An order that is over appears in /ordersHistory")
async def orders_history_grows(broker: Broker) -> None:
    await broker.need_flag("supportOrdersHistory")
    with needed("an order that can be cancelled"):
        order_id, _ = await cancelled(broker)
    found = of_kind(await broker.of_account("/ordersHistory"), LIST, "the history")
    there = any(isinstance(one, dict) and one.get("id") == order_id for one in found)
    expect(there, f"expected the cancelled order {order_id} in the history, found {len(found)} others")


@check(BROKER, section="4.2", rule="maxCount bounds the rows of /ordersHistory")
async def orders_history_max_count(broker: Broker) -> None:
    await broker.need_flag("supportOrdersHistory")
    with needed("/ordersHistory"):
        listed = len(of_kind(await broker.of_account("/ordersHistory"), LIST, "the history"))
    if listed < 2:
        raise NotApplicable("needs two orders in the history")
    found = len(of_kind(await broker.of_account("/ordersHistory", {"maxCount": 1}), LIST, "the history"))
    expect(found <= 1, f"expected one row with maxCount=1, found {found}")
