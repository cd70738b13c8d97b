"""A trailing distance so wide that the stop would not lie above zero is refused, however it is given."""

from collections.abc import Awaitable, Callable
from decimal import Decimal

import pytest

from scenarios.stage import Stage, a_stage, refusal
from trading_api.models.broker.account import AccountRequest
from trading_api.models.broker.orders import OrderRequest, OrderStatus, OrderType, Side

EURUSD = "DEMO:EURUSD"
WIDE = 1_000_000_000
MOST = 10_850 - Decimal("0.1")
"""Pips from the bid of 1.0850 down to one tick."""

Command = Callable[[Stage], Awaitable[object]]


async def entry(stage: Stage, **terms: object) -> str:
    return (await stage.buy("EURUSD", 1_000, limit="1.0800", **terms)).order_id or ""


async def held(stage: Stage, **terms: object) -> str:
    await stage.buy("EURUSD", 1_000, **terms)
    return stage.holdings[0].id


def stop_of(stage: Stage) -> str:
    return next(one.id for one in stage.desk.ledger.orders.values() if one.bracket is not None)


async def modify_entry(stage: Stage) -> object:
    return await stage.modify(await entry(stage), trailing_stop_pips=WIDE)


async def move_entry(stage: Stage) -> object:
    return await stage.modify(await entry(stage, trailing_stop_pips=9_000), limit_price="0.8000")


async def modify_waiting_stop(stage: Stage) -> object:
    await entry(stage, trailing_stop_pips=100)
    return await stage.modify(stop_of(stage), trailing_stop_pips=WIDE)


async def modify_working_stop(stage: Stage) -> object:
    await held(stage, trailing_stop_pips=100)
    return await stage.modify(stop_of(stage), trailing_stop_pips=WIDE)


async def protect(stage: Stage) -> object:
    return await stage.protect(await held(stage), trailing_stop_pips=WIDE)


COMMANDS: dict[str, Command] = {
    "a market order": lambda stage: stage.buy("EURUSD", 1_000, trailing_stop_pips=WIDE),
    "a limit order": lambda stage: entry(stage, trailing_stop_pips=WIDE),
    "a stop order": lambda stage: stage.buy("EURUSD", 1_000, stop="1.0900", trailing_stop_pips=WIDE),
    "an order's change": modify_entry,
    "a lower price of an order": move_entry,
    "a waiting stop's change": modify_waiting_stop,
    "a working stop's change": modify_working_stop,
    "a position": protect,
}


@pytest.mark.parametrize("given", COMMANDS)
@pytest.mark.parametrize("mode", ["netting", "hedging"])
async def test_it_is_refused_at_its_field(given: str, mode: str) -> None:
    account = AccountRequest.model_validate({"id": "alice", "balance": 10_000, "positionMode": mode})
    async with a_stage(account=account) as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851")
        refused = await refusal(COMMANDS[given](stage))
        assert (refused.code, refused.field) == ("trail_too_wide", "trailingStopPips")
        assert all((one.stop_price or 1) > 0 for one in stage.desk.ledger.orders.values())


async def test_previews_say_so_too() -> None:
    async with a_stage() as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851")
        for kind, limit in ((OrderType.MARKET, None), (OrderType.LIMIT, "1.0800")):
            order = {"symbol": "EURUSD", "side": Side.BUY, "type": kind, "quantity": 1_000, "limit_price": limit}
            told = await stage.preview(OrderRequest.model_validate({**order, "trailing_stop_pips": WIDE}))
            assert [one.field for one in told.refusals] == ["trailingStopPips"]
        told = await stage.preview_change(await entry(stage), trailing_stop_pips=WIDE)
        assert [one.field for one in told.refusals] == ["trailingStopPips"]


async def test_the_widest_that_is_left_is_named_and_taken() -> None:
    async with a_stage() as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851")
        refused = await refusal(stage.buy("EURUSD", 1_000, trailing_stop_pips=MOST + Decimal("0.1")))
        assert refused.nearest == MOST
        position = await held(stage, trailing_stop_pips=MOST)
        assert stage.order(stop_of(stage)).stop_price == Decimal("0.00001")
        await stage.quote("EURUSD", "1.0750", "1.0751")
        await stage.protect(position, trailing_stop_pips=MOST, take_profit="1.0900")


async def test_an_order_moves_as_far_as_its_stop_stays_above_zero_or_with_a_distance_that_fits() -> None:
    async with a_stage() as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851")
        order = await entry(stage, trailing_stop_pips=9_000)
        await stage.modify(order, limit_price="0.9001")
        refused = await refusal(stage.modify(order, limit_price="0.9000"))
        assert refused.nearest == MOST - 1_850
        told = await stage.preview_change(order, limit_price="0.9000")
        assert [one.field for one in told.refusals] == ["trailingStopPips"]
        await stage.modify(stop_of(stage), trailing_stop_pips=8_000)
        await stage.modify(order, limit_price="0.9000")
        await stage.modify(order, limit_price="0.0100", trailing_stop_pips=None)


async def test_above_a_short_no_distance_is_too_wide() -> None:
    async with a_stage() as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851")
        await stage.sell("EURUSD", 1_000, trailing_stop_pips=20_000)
        assert stage.order(stop_of(stage)).stop_price == Decimal("3.0851")


async def test_a_fill_far_below_leaves_the_stop_above_zero() -> None:
    async with a_stage() as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851")
        await entry(stage, trailing_stop_pips=10_000)
        await stage.quote("EURUSD", "0.5000", "0.5001")
        stop = stage.order(stop_of(stage))
        assert (stop.status, stop.stop_price) == (OrderStatus.WORKING, Decimal("0.00001"))
