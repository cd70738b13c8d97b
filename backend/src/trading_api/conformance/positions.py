"""Small positions at the server under test, with --allow-fills: bought at the market, and closed again whatever happens."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import NamedTuple

from trading_api.conformance.broker import Broker
from trading_api.conformance.shapes import LIST, NAME, Broken, Json, NotApplicable, expect, needed, of_kind, rows, shown
from trading_api.conformance.trading import (
    LOOK_SECONDS,
    SETTLE_SECONDS,
    appeared,
    brackets_of,
    cancel,
    command,
    is_closed,
    market_order,
    order_seen,
    orders_of,
    sent,
)


class Held(NamedTuple):
    order_id: str
    form: dict[str, Json]


async def _positions(broker: Broker) -> list[Json]:
    """Open ones of the instrument that is looked at."""
    name = (await broker.instrument())["name"]
    found = rows(await broker.of_account("/positions"), "the positions", {"id": NAME})
    return [one for one in found if one.get("instrument") == name and one.get("qty") != 0]


async def positions_become(broker: Broker, what: str, holds: Callable[[list[Json]], bool]) -> list[Json]:
    end, found = broker.clock.now() + SETTLE_SECONDS, list[Json]()
    while broker.clock.now() < end:
        found = await _positions(broker)
        if holds(found):
            return found
        await broker.clock.sleep(LOOK_SECONDS)
    raise Broken(f"expected {what} in /positions, found {shown(found)}")


async def position_seen(broker: Broker, side: str, quantity: float) -> Json:
    """The only one, once it is as it should be."""

    def holds(found: list[Json]) -> bool:
        return [(one.get("side"), one.get("qty")) for one in found] == [(side, quantity)]

    return (await positions_become(broker, f"one position, {side} {quantity:g},", holds))[0]


@asynccontextmanager
async def held(broker: Broker, *, times: int = 1, brackets: Mapping[str, float] | None = None) -> AsyncIterator[Held]:
    """Buy at the market what is smallest, so many times; afterwards nothing of it is left."""
    if not broker.terms.allow_fills:
        raise NotApplicable("trades at the market: give --allow-fills")
    for flag in ("supportMarketOrders", "supportPositions"):
        await broker.need_flag(flag, default=True)
    if await is_closed(broker):
        raise NotApplicable("the market is closed")
    with needed("positions"):
        if await _positions(broker):
            raise NotApplicable("needs an account without a position in the instrument that is looked at")
    form = {**await market_order(broker, times), **(brackets or {})}
    with needed("orders"):
        known, order_ids = await orders_of(broker), list[str]()
    try:
        order_ids = [await sent(broker, form)]
        with needed("an order that fills"):
            await order_seen(broker, order_ids[0], "filled")
        yield Held(order_ids[0], form)
    finally:
        with suppress(Broken):
            order_ids = order_ids or await appeared(broker, form, known)
        await _leave(broker, order_ids)


async def _leave(broker: Broker, order_ids: list[str]) -> None:
    """Cancel what waits, and close what is open: as positions are closed, or else by an order against it."""
    with suppress(Broken):
        await cancel(broker, order_ids)
    for one in await _positions(broker):
        with suppress(Broken, NotApplicable):
            await _close(broker, one)
        for left in [each for each in await _positions(broker) if each["id"] == one["id"]]:
            await _sell(broker, left)
        for parent in (one["id"], *order_ids):
            for bracket in await brackets_of(broker, parent):
                await command(broker, "DELETE", f"/orders/{bracket['id']}")


async def _close(broker: Broker, position: Json) -> None:
    await broker.need_flag("supportClosePosition")
    await command(broker, "DELETE", f"/positions/{position['id']}")
    await none_open(broker)


async def _sell(broker: Broker, position: Json) -> None:
    if await broker.flag("supportMultiposition"):
        raise Broken(f"expected the position to be closed again, found it open still: {shown(position)}")
    other = "sell" if position.get("side") == "buy" else "buy"
    with suppress(Broken, NotApplicable):  # whatever was answered, the position tells
        await sent(broker, {**await market_order(broker), "side": other, "qty": position.get("qty")})
    try:
        await none_open(broker)
    except Broken:
        raise Broken(f"expected the position to be closed again, found it open still: {shown(position)}") from None


async def none_open(broker: Broker) -> None:
    await positions_become(broker, "no position, or one of quantity 0,", lambda found: not found)


async def executions_of(broker: Broker, order_id: str | None = None) -> list[Json]:
    found = await broker.of_account("/executions", {"instrument": (await broker.instrument())["name"]})
    listed = [one for one in of_kind(found, LIST, "the executions") if isinstance(one, dict)]
    return [one for one in listed if order_id is None or one.get("orderId") == order_id]


async def total_of(broker: Broker, symbol: str) -> float:
    """What the account has of it."""
    listed = of_kind(await broker.of_account("/balances"), LIST, "the balances")
    found = next((one.get("total") for one in listed if isinstance(one, dict) and one.get("symbol") == symbol), 0)
    expect(isinstance(found, int | float), f"expected a number as the total of {symbol}, found {shown(found)}")
    return float(found or 0)
