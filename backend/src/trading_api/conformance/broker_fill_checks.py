"""Contract 4.2 and 4.6, with --allow-fills: what a fill does to orders, positions, executions and balances."""

import math

from trading_api.conformance.broker import Broker
from trading_api.conformance.catalogue import BROKER, check
from trading_api.conformance.positions import executions_of, held, none_open, position_seen, total_of
from trading_api.conformance.shapes import (
    NAME,
    NUMBER,
    POSITIVE,
    Broken,
    Json,
    NotApplicable,
    expect,
    fields,
    needed,
    one_of,
    shown,
)
from trading_api.conformance.trading import LOOK_SECONDS, SETTLE_SECONDS, brackets_of, command, order_seen, order_to_buy

LOW, HIGH = 0.8, 1.25
"""Of the bid: brackets that are not reached."""


async def _bracket_prices(broker: Broker) -> dict[str, float]:
    shares = (("stopLoss", LOW), ("takeProfit", HIGH))
    return {name: (await order_to_buy(broker, "market", share, name))[name] for name, share in shares}


async def _hold_brackets(broker: Broker, position_id: str, prices: dict[str, float]) -> None:
    """Two working orders of the position that close it, once they are there."""
    wanted = {"stop": prices["stopLoss"], "limit": prices["takeProfit"]}
    end, found = broker.clock.now() + SETTLE_SECONDS, list[Json]()
    while broker.clock.now() < end and len(found) < len(wanted):
        found = await brackets_of(broker, position_id)
        await broker.clock.sleep(LOOK_SECONDS)
    told = {one.get("type"): one.get("stopPrice" if one.get("type") == "stop" else "limitPrice") for one in found}
    expect(told == wanted and len(found) == 2, f"expected brackets of {position_id} at {shown(wanted)}, found {shown(found)}")
    for one in found:
        kinds = {"status": one_of(("working",)), "parentType": one_of(("position",)), "side": one_of(("sell",))}
        fields(one, f"the bracket {one.get('id')}", kinds)


@check(BROKER, section="4.6", rule="A market order that is filled is told so, with filledQty and avgPrice")
async def market_order_fills(broker: Broker) -> None:
    async with held(broker) as one:
        order = await order_seen(broker, one.order_id, "filled")
        fields(order, "the filled order", {"filledQty": NUMBER, "avgPrice": POSITIVE})
        expect(order["filledQty"] == one.form["qty"], f"expected filledQty {one.form['qty']:g}, found {order['filledQty']}")


@check(BROKER, section="4.6", rule="What was bought is a position: instrument, side, qty, avgPrice")
async def position_of_fill(broker: Broker) -> None:
    async with held(broker) as one:
        found = await position_seen(broker, "buy", one.form["qty"])
        price = fields(found, "the position", {"avgPrice": POSITIVE})["avgPrice"]
        near = abs(price / one.form["currentBid"] - 1) < 0.1
        expect(near, f"expected avgPrice near the market, {one.form['currentBid']}, found {price}")


@check(BROKER, section="4.6", rule="A fill has executions: of its order, with its side and quantity, in seconds of now")
async def executions_of_fill(broker: Broker) -> None:
    await broker.need_flag("supportExecutions")
    async with held(broker) as one:
        end, found = broker.clock.now() + SETTLE_SECONDS, list[Json]()
        while broker.clock.now() < end and not found:
            found = await executions_of(broker, one.order_id)
            await broker.clock.sleep(LOOK_SECONDS)
        expect(bool(found), f"expected executions of order {one.order_id}, found none")
        for each in found:
            fields(each, "the execution", {"id": NAME, "side": one_of(("buy",)), "qty": POSITIVE, "time": POSITIVE})
            age = broker.clock.now() - each["time"]
            expect(abs(age) < 300, f"expected the time of now in seconds, found {each['time']}")
            expect(each.get("isClose") is False, f"expected isClose false of what opens, found {shown(each)}")
        total = sum(each["qty"] for each in found)
        expect(math.isclose(total, one.form["qty"]), f"expected executions of {one.form['qty']:g} in all, found {total:g}")


@check(BROKER, section="3.6", rule="What was bought is in /balances")
async def balances_of_fill(broker: Broker) -> None:
    await broker.need_flag("supportBalances")
    symbol = (await broker.instrument()).get("baseCurrency")
    if not symbol:
        raise NotApplicable("the instrument names no baseCurrency")
    with needed("balances"):
        before = await total_of(broker, symbol)
    async with held(broker) as one:
        grown = await total_of(broker, symbol) - before
        # A fee may be taken of what is bought.
        held_to = 0.9 * one.form["qty"] <= grown <= one.form["qty"] * 1.000001
        expect(held_to, f"expected {one.form['qty']:g} more {symbol}, found {grown:g}")


@check(BROKER, section="4.6", rule="Brackets of a market order that is filled are working orders of its position")
async def market_order_brackets(broker: Broker) -> None:
    await broker.need_flag("supportOrderBrackets")
    await broker.need_flag("supportMarketBrackets", default=True)
    prices = await _bracket_prices(broker)
    async with held(broker, brackets=prices) as one:
        with needed("a position"):
            position = await position_seen(broker, "buy", one.form["qty"])
        await _hold_brackets(broker, position["id"], prices)


@check(BROKER, section="4.2", rule="PUT of a position sets its brackets: working orders with parentType position")
async def position_brackets(broker: Broker) -> None:
    await broker.need_flag("supportPositionBrackets")
    prices = await _bracket_prices(broker)
    async with held(broker) as one:
        with needed("a position"):
            position = await position_seen(broker, "buy", one.form["qty"])
        await command(broker, "PUT", f"/positions/{position['id']}", prices)
        await _hold_brackets(broker, position["id"], prices)


@check(BROKER, section="4.2", rule="PUT of a position with the other side turns it round: the same quantity, on the other side")
async def position_reverse(broker: Broker) -> None:
    await broker.need_flag("supportNativeReversePosition")
    async with held(broker) as one:
        with needed("a position"):
            position = await position_seen(broker, "buy", one.form["qty"])
        await command(broker, "PUT", f"/positions/{position['id']}", {"side": "sell"})
        await position_seen(broker, "sell", one.form["qty"])


@check(BROKER, section="4.2", rule="DELETE of a position with amount closes so much of it")
async def position_partial_close(broker: Broker) -> None:
    for flag in ("supportClosePosition", "supportPartialClosePosition"):
        await broker.need_flag(flag)
    async with held(broker, times=2) as one:
        half = one.form["qty"] / 2
        with needed("a position"):
            position = await position_seen(broker, "buy", one.form["qty"])
        await command(broker, "DELETE", f"/positions/{position['id']}", {"amount": half})
        await position_seen(broker, "buy", half)


@check(BROKER, section="4.2", rule="DELETE of a position closes it; its execution says isClose")
async def position_close(broker: Broker) -> None:
    await broker.need_flag("supportClosePosition")
    async with held(broker) as one:
        with needed("a position"):
            position = await position_seen(broker, "buy", one.form["qty"])
        await command(broker, "DELETE", f"/positions/{position['id']}")
        await none_open(broker)
        if await broker.flag("supportExecutions"):
            with needed("executions"):
                found = [each for each in await executions_of(broker) if each.get("side") == "sell"]
            if not any(each.get("isClose") is True for each in found):
                raise Broken(f"expected an execution that sold, with isClose true, found {shown(found[-3:])}")
