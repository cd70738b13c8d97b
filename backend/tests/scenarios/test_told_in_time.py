"""Every command about a position or an order is told within ten seconds, whatever comes of it (contract 3.9)."""

from decimal import Decimal

import pytest

from fakes import settle
from fakes_venue import FarVenue
from scenarios.stage import TRADER, Stage, a_stage
from trading_api.core.outgoing import SILENCE_S
from trading_api.models.broker.account import AccountRequest
from trading_api.models.broker.orders import OrderStatus, Side
from trading_api.models.broker.positions import Position
from trading_api.models.facts import Accepted, Executed

EURUSD = "DEMO:EURUSD"
HEDGING = AccountRequest(id="alice", balance=Decimal(10_000), position_mode="hedging")
SILENCE_MS = int(SILENCE_S * 1000)


async def a_position(stage: Stage, *, on_demand: bool = False) -> str:
    """Its id."""
    await stage.quote("EURUSD", "1.0850", "1.0851")
    placed = await stage.buy("EURUSD", 1_000)
    if on_demand:
        await stage.service.execute(TRADER, "alice", placed.order_id or "")
    stage.heard.clear()
    return stage.holdings[0].id


async def test_a_protection_that_changes_nothing_tells_the_position_as_it_stands() -> None:
    async with a_stage() as stage:
        await stage.protect(await a_position(stage))
        (told,) = [one.payload for one in stage.told("positions")]
        assert told == stage.position(EURUSD)
        assert stage.told("orders") == []
        await stage.protect(EURUSD, take_profit="1.0900")
        await stage.protect(EURUSD, take_profit="1.0900")
        assert [one.payload.take_profit for one in stage.told("positions") if isinstance(one.payload, Position)] == [
            None,
            Decimal("1.0900"),
            Decimal("1.0900"),
        ]


async def test_so_does_that_of_an_individual_position() -> None:
    async with a_stage(account=HEDGING) as stage:
        await stage.protect(await a_position(stage))
        assert [one.payload for one in stage.told("individual-positions")] == stage.individual


@pytest.mark.parametrize("action", ["close", "reverse"])
async def test_a_close_or_reverse_that_has_yet_to_execute_tells_the_position_with_a_message(action: str) -> None:
    async with a_stage(delay=None) as stage:
        held = await a_position(stage, on_demand=True)
        order = await (stage.close(held) if action == "close" else stage.reverse(held))
        await stage.clock.advance(SILENCE_MS - 1)
        assert stage.told("positions") == []
        await stage.clock.advance(1)
        (told,) = [one.payload for one in stage.told("positions")]
        assert isinstance(told, Position) and (told.id, told.quantity) == (EURUSD, 1_000)
        assert told.message is not None and "until it has been" in told.message.text
        assert len(stage.told("orders")) == 2, "placing and working"
        await stage.service.execute(TRADER, "alice", order.order_id or "")
        last = stage.told("positions")[-1].payload
        assert isinstance(last, Position) and last.message is None
        assert (last.side, last.quantity) == ((Side.BUY, 0) if action == "close" else (Side.SELL, 1_000))


async def test_a_close_on_a_hedging_account_tells_both_kinds_of_positions() -> None:
    async with a_stage(delay=None, account=HEDGING) as stage:
        held = await a_position(stage, on_demand=True)
        await stage.close(held)
        await stage.clock.advance(SILENCE_MS)
        assert [len(stage.told(topic)) for topic in ("positions", "individual-positions")] == [1, 1]


async def test_prices_from_before_the_message_still_count() -> None:
    async with a_stage(delay=None) as stage:
        held = await a_position(stage, on_demand=True)
        await stage.close(held)
        asked = stage.desk.ledger.time
        await stage.pass_time(SILENCE_MS)
        await stage.clock.advance(SILENCE_MS)
        assert len(stage.told("positions")) == 1
        assert stage.desk.ledger.time == asked, "a fact may carry any time from here on"


async def test_what_has_executed_in_time_leaves_nothing_to_tell() -> None:
    async with a_stage() as stage:
        await stage.close(await a_position(stage))
        told = list(stage.heard)
        await stage.clock.advance(2 * SILENCE_MS)
        assert stage.heard == told


async def far(stage: Stage, venue: FarVenue) -> str:
    """A working order, and a position beside it, at a venue outside the house."""
    await stage.quote("EURUSD", "1.0850", "1.0851")
    first, second = [await stage.buy("EURUSD", 1_000, limit="1.0800") for _ in range(2)]
    now = stage.market.now()
    accepted = [Accepted(time=now, order_id=one.order_id or "") for one in (first, second)]
    fill = Executed(
        time=now,
        execution_id="x1",
        order_id=first.order_id or "",
        position_id=EURUSD,
        symbol=EURUSD,
        side=Side.BUY,
        quantity=Decimal(1_000),
        price=Decimal("1.08"),
        closed_quantity=Decimal(0),
        closed_cost=Decimal(0),
        profit=Decimal(0),
        commission=Decimal(0),
    )
    venue.tells.put_nowait((*accepted, fill))
    await stage.desk.catch_up()
    await stage.pass_time(0)
    stage.heard.clear()
    return second.order_id or ""


async def test_what_asks_a_far_venue_for_what_is_there_already_is_told_at_once() -> None:
    venue = FarVenue()
    async with a_stage(stranger=lambda: venue) as stage:
        order = await far(stage, venue)
        await stage.modify(order, limit_price="1.0800")
        await stage.protect(EURUSD)
        assert [one.payload for one in stage.told("orders")] == [stage.order(order)]
        assert [one.payload for one in stage.told("positions")] == [stage.position(EURUSD)]
        await settle()
        assert len(venue.sent) == 4, "the venue is asked all the same"


async def test_a_far_close_that_was_accepted_and_not_filled_tells_the_position() -> None:
    venue = FarVenue()
    async with a_stage(stranger=lambda: venue) as stage:
        await far(stage, venue)
        close = await stage.close(EURUSD)
        venue.tells.put_nowait((Accepted(time=stage.market.now(), order_id=close.order_id or ""),))
        await stage.clock.advance(SILENCE_MS)
        assert stage.order(close.order_id).status is OrderStatus.WORKING
        (told,) = [one.payload for one in stage.told("positions")]
        assert isinstance(told, Position) and told.message is not None
