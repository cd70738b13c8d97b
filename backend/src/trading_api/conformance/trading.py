"""Placing orders at the server under test: far from the market, and never left behind."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from trading_api.conformance.bars import is_open
from trading_api.conformance.broker import Broker, payload
from trading_api.conformance.broker_checks import FINAL
from trading_api.conformance.shapes import (
    LIST,
    NAME,
    NUMBER,
    Broken,
    Json,
    NotApplicable,
    fields,
    needed,
    of_kind,
    shown,
)

FAR = 0.8
"""Of the bid: where an order to buy waits."""
SETTLE_SECONDS = 10.0
"""Until an order is seen as it was told to be; a client waits so long."""
LOOK_SECONDS = 0.2
"""Between two looks at the orders."""


async def order_to_buy(broker: Broker, kind: str, share: float = FAR, *prices: str) -> dict[str, Json]:
    """The smallest, with these prices at a share of the bid."""
    one, quote = await broker.instrument(), await broker.quote()
    with needed("an instrument with minTick, and a quote with bid"):
        fields(one, "the instrument", {"name": NAME, "minTick": NUMBER})
        fields(quote, "the quote", {"bid": NUMBER, "ask": NUMBER})
    price = round(round(quote["bid"] * share / one["minTick"]) * one["minTick"], 10)
    told = {**dict.fromkeys(prices, price), "currentAsk": quote["ask"], "currentBid": quote["bid"]}
    return {"instrument": one["name"], "side": "buy", "type": kind, "qty": smallest(one), **told}


async def far_order(broker: Broker, share: float = FAR) -> dict[str, Json]:
    """A limit order to buy, at a price that is not reached."""
    await broker.need_flag("supportLimitOrders", default=True)
    return await order_to_buy(broker, "limit", share, "limitPrice")


async def market_order(broker: Broker, times: int = 1) -> dict[str, Json]:
    """The smallest to buy, so many times."""
    form = await order_to_buy(broker, "market")
    return {**form, "qty": form["qty"] * times}


def smallest(instrument: Json) -> int | float:
    """Quantity of an order, as the server writes it."""
    found: int | float = instrument.get("minQty") or instrument.get("qtyStep") or 1
    return found if NUMBER.holds(found) else 1


async def command(broker: Broker, method: str, path: str, form: Json = None, query: Json = None) -> Json:
    below = f"/accounts/{(await broker.account())['id']}{path}"
    return payload(await broker.wire.ask(method, below, {"locale": "en", **(query or {})}, form=form), f"{method} {path}")


async def orders_of(broker: Broker) -> list[Json]:
    return [order for order in of_kind(await broker.of_account("/orders"), LIST, "the orders") if isinstance(order, dict)]


async def order_seen(broker: Broker, order_id: str, *statuses: str) -> Json:
    """The order in /orders, once it has one of these statuses."""
    end, found = broker.clock.now() + SETTLE_SECONDS, None
    while broker.clock.now() < end:
        found = next((order for order in await orders_of(broker) if order.get("id") == order_id), None)
        if found is not None and found.get("status") in statuses:
            return found
        await broker.clock.sleep(LOOK_SECONDS)
    raise Broken(f"expected order {order_id} in /orders as {' or '.join(statuses)}, found {shown(found)}")


async def is_closed(broker: Broker) -> bool:
    try:
        traded = await broker.traded()
        return traded.ticker == (await broker.instrument())["name"] and not is_open(traded, broker.clock.now())
    except NotApplicable:
        return False


async def sent(broker: Broker, form: dict[str, Json], query: Json = None) -> str:
    """Its id."""
    try:
        told = await command(broker, "POST", "/orders", form, query)
    except Broken as broken:
        if await is_closed(broker):
            raise NotApplicable(f"the market is closed: {broken}") from None
        raise
    return str(fields(told, "d of the placed order", {"orderId": NAME})["orderId"])


async def brackets_of(broker: Broker, parent_id: str) -> list[Json]:
    """Those that are not over."""
    return [one for one in await orders_of(broker) if one.get("parentId") == parent_id and one.get("status") not in FINAL]


async def appeared(broker: Broker, form: dict[str, Json], known: list[Json]) -> list[str]:
    """Orders like this one that are not among the known: where no answer told its id."""
    ids, alike = [one.get("id") for one in known], ("instrument", "side", "type")
    found = [one for one in await orders_of(broker) if all(one.get(name) == form.get(name) for name in alike)]
    return [one["id"] for one in found if NAME.holds(one.get("id")) and one["id"] not in ids]


async def cancel(broker: Broker, order_ids: list[str]) -> None:
    """Those that are not over."""
    for one in await orders_of(broker):
        if one.get("id") in order_ids and one.get("status") not in FINAL:
            await command(broker, "DELETE", f"/orders/{one['id']}")
            broker.ended = one["id"], broker.clock.now()


@asynccontextmanager
async def placed(broker: Broker, form: dict[str, Json], query: Json = None) -> AsyncIterator[str]:
    """Place, and cancel whatever happens."""
    if not broker.terms.allow_orders:
        raise NotApplicable("places an order: give --allow-orders")
    known, order_ids = await orders_of(broker), list[str]()
    try:
        order_ids = [await sent(broker, form, query)]
        yield order_ids[0]
    finally:
        await cancel(broker, order_ids or await appeared(broker, form, known))


async def cancelled(broker: Broker) -> tuple[str, float]:
    """The order that was cancelled last, and when."""
    if broker.ended is None:
        async with placed(broker, await far_order(broker)):
            pass
    if broker.ended is None:
        raise NotApplicable("needs an order that works, and can be cancelled")
    return broker.ended
