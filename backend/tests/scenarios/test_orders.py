"""Stories of the four order types, how long they work, and how they are changed and cancelled."""

from decimal import Decimal

import pytest

from fakes_journal import MemoryJournal
from fakes_market import MONDAY, ScriptedMarket, an_instrument
from fakes_store import MemoryStore
from scenarios.stage import TRADER, a_stage, refusal
from trading_api.models.broker.orders import OrderStatus, Side

EURUSD = "DEMO:EURUSD"
DAY_MS = 24 * 3600 * 1000
CANCELED, FILLED, WORKING = OrderStatus.CANCELED, OrderStatus.FILLED, OrderStatus.WORKING
DAY = {"type": "DAY"}


async def test_a_market_order_lifts_the_ask_when_buying_and_hits_the_bid_when_selling() -> None:
    async with a_stage() as stage:
        await stage.quote("EURUSD", "1.0850", "1.0852")
        bought = await stage.buy("EURUSD", 1_000)
        assert stage.order(bought.order_id).average_price == Decimal("1.0852")
        sold = await stage.sell("EURUSD", 1_000)
        assert stage.order(sold.order_id).average_price == Decimal("1.0850")
        assert stage.position(EURUSD) is None
        assert stage.balance == Decimal("9999.80") and stage.books_balance()


@pytest.mark.parametrize(
    ("side", "waits", "fills", "price"),
    [
        (Side.BUY, ("1.0849", "1.0851"), ("1.0848", "1.0850"), "1.0850"),
        (Side.BUY, ("1.0849", "1.0851"), ("1.0800", "1.0802"), "1.0802"),
        (Side.SELL, ("1.0849", "1.0851"), ("1.0850", "1.0852"), "1.0850"),
        (Side.SELL, ("1.0849", "1.0851"), ("1.0900", "1.0902"), "1.0900"),
    ],
    ids=["buy at its price", "buy below it", "sell at its price", "sell above it"],
)
async def test_a_limit_fills_at_its_price_or_better(
    side: Side, waits: tuple[str, str], fills: tuple[str, str], price: str
) -> None:
    async with a_stage() as stage:
        await stage.quote("EURUSD", *waits)
        placed = await stage.place(side, "EURUSD", 1_000, limit="1.0850")
        assert stage.order(placed.order_id).status is WORKING
        await stage.quote("EURUSD", *fills)
        order = stage.order(placed.order_id)
        assert (order.status, order.average_price) == (FILLED, Decimal(price))


async def test_a_marketable_limit_is_accepted_and_fills_at_the_quote() -> None:
    async with a_stage() as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851")
        placed = await stage.buy("EURUSD", 1_000, limit="1.0900")
        assert stage.order(placed.order_id).average_price == Decimal("1.0851")


@pytest.mark.parametrize(
    ("side", "stop", "other_side_touches", "fires", "price"),
    [
        (Side.BUY, "1.0860", ("1.0855", "1.0859"), ("1.0855", "1.0860"), "1.0860"),
        (Side.BUY, "1.0860", ("1.0855", "1.0859"), ("1.0890", "1.0892"), "1.0892"),
        (Side.SELL, "1.0840", ("1.0841", "1.0843"), ("1.0840", "1.0845"), "1.0840"),
        (Side.SELL, "1.0840", ("1.0841", "1.0843"), ("1.0790", "1.0792"), "1.0790"),
    ],
    ids=["buy touched", "buy gapped", "sell touched", "sell gapped"],
)
async def test_a_stop_fires_on_the_side_it_trades_and_fills_at_the_market(
    side: Side, stop: str, other_side_touches: tuple[str, str], fires: tuple[str, str], price: str
) -> None:
    async with a_stage() as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851")
        placed = await stage.place(side, "EURUSD", 1_000, stop=stop)
        await stage.quote("EURUSD", *other_side_touches)
        assert stage.order(placed.order_id).status is WORKING
        await stage.quote("EURUSD", *fires)
        order = stage.order(placed.order_id)
        assert (order.status, order.average_price) == (FILLED, Decimal(price))


async def test_a_buy_stop_does_not_fire_on_a_bid_and_a_sell_stop_not_on_an_ask() -> None:
    async with a_stage() as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851")
        sold = await stage.sell("EURUSD", 1_000, stop="1.0840")
        await stage.quote("EURUSD", "1.08401", "1.08402")
        assert stage.order(sold.order_id).status is WORKING


async def test_a_stop_limit_triggers_then_waits_for_its_limit() -> None:
    async with a_stage() as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851")
        placed = await stage.buy("EURUSD", 1_000, stop="1.0860", limit="1.0862")
        await stage.quote("EURUSD", "1.0869", "1.0870")
        order = stage.order(placed.order_id)
        assert (order.status, order.triggered) == (WORKING, True)
        await stage.quote("EURUSD", "1.0860", "1.0861")
        assert stage.order(placed.order_id).average_price == Decimal("1.0861")


async def test_a_stop_limit_may_trigger_and_fill_on_one_tick() -> None:
    async with a_stage() as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851")
        placed = await stage.buy("EURUSD", 1_000, stop="1.0860", limit="1.0862")
        await stage.quote("EURUSD", "1.0860", "1.0861")
        order = stage.order(placed.order_id)
        assert (order.status, order.triggered, order.average_price) == (FILLED, True, Decimal("1.0861"))


@pytest.mark.parametrize(("side", "stop", "nearest"), [(Side.BUY, "1.0851", "1.08511"), (Side.SELL, "1.0850", "1.08499")])
async def test_a_stop_exactly_at_the_market_is_refused_with_the_next_price(side: Side, stop: str, nearest: str) -> None:
    async with a_stage() as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851")
        refused = await refusal(stage.place(side, "EURUSD", 1_000, stop=stop))
        assert (refused.code, refused.field, refused.nearest) == ("stop_wrong_side", "stopPrice", Decimal(nearest))
        await stage.place(side, "EURUSD", 1_000, stop=nearest)


async def test_orders_take_their_turns_as_they_were_placed() -> None:
    async with a_stage() as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851")
        stop = await stage.sell("EURUSD", 1_000, stop="1.0840")
        first = await stage.buy("EURUSD", 2_000, limit="1.0845")
        second = await stage.buy("EURUSD", 3_000, limit="1.0846")
        await stage.quote("EURUSD", "1.0838", "1.0839")
        assert [one.order_id for one in stage.executions] == [stop.order_id, first.order_id, second.order_id]


# How long


async def test_a_day_order_ends_with_the_day_also_when_no_price_comes() -> None:
    async with a_stage() as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851")
        day = await stage.buy("EURUSD", 1_000, limit="1.0800", duration=DAY)
        good = await stage.buy("EURUSD", 1_000, limit="1.0800")
        ends = stage.order(day.order_id).duration.datetime
        assert ends == MONDAY + DAY_MS
        await stage.pass_time(ends - stage.market.now() - 1)
        assert stage.order(day.order_id).status is WORKING
        await stage.pass_time(1)
        ended = stage.order(day.order_id)
        assert (ended.status, ended.update_time) == (CANCELED, ends)
        assert ended.message and "ended" in ended.message.text
        assert stage.order(good.order_id).status is WORKING


async def test_an_order_does_not_fill_on_the_tick_at_which_it_ends() -> None:
    async with a_stage() as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851")
        day = await stage.buy("EURUSD", 1_000, limit="1.0800", duration=DAY)
        await stage.market.tell("EURUSD", "1.0700", "1.0701", time=MONDAY + DAY_MS)
        await stage.pass_time(0)
        assert stage.order(day.order_id).status is CANCELED
        assert stage.executions == []


async def test_an_ending_entry_takes_its_brackets_along() -> None:
    async with a_stage() as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851")
        await stage.buy("EURUSD", 1_000, limit="1.0800", take_profit="1.0900", stop_loss="1.0700", duration=DAY)
        await stage.pass_time(DAY_MS)
        assert {stage.order(one).status for one in ("o1", "o2", "o3")} == {CANCELED}


async def test_a_day_that_ended_while_the_house_was_down_ends_its_orders_at_their_time() -> None:
    journal, store, market = MemoryJournal(), MemoryStore(), ScriptedMarket()
    async with a_stage(journal=journal, store=store, market=market) as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851")
        placed = await stage.buy("EURUSD", 1_000, limit="1.0800", duration=DAY)
    later = ScriptedMarket(now=market.now())
    await later.tell("EURUSD", "1.0850", "1.0851", after=2 * DAY_MS)
    async with a_stage(journal=journal, store=store, market=later) as stage:
        await stage.pass_time(0)
        ended = stage.order(placed.order_id)
        assert (ended.status, ended.update_time) == (CANCELED, MONDAY + DAY_MS)


async def test_after_downtime_an_order_past_its_time_does_not_fill_on_the_last_price_before_it() -> None:
    journal, store, market = MemoryJournal(), MemoryStore(), ScriptedMarket()
    async with a_stage(journal=journal, store=store, market=market) as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851")
        placed = await stage.buy("EURUSD", 1_000, limit="1.0800", duration=DAY)
    later = ScriptedMarket(now=market.now())
    await later.tell("EURUSD", "1.0700", "1.0701", time=MONDAY + DAY_MS - 10_000)
    later.set_now(MONDAY + DAY_MS + 10_000)
    async with a_stage(journal=journal, store=store, market=later) as stage:
        await stage.pass_time(0)
        assert stage.order(placed.order_id).status is CANCELED
        assert stage.executions == []


async def test_after_downtime_nothing_fills_on_a_stale_price() -> None:
    journal, store, market = MemoryJournal(), MemoryStore(), ScriptedMarket()
    async with a_stage(journal=journal, store=store, market=market) as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851")
        placed = await stage.buy("EURUSD", 1_000, limit="1.0800")
    later = ScriptedMarket(now=market.now())
    await later.tell("EURUSD", "1.0700", "1.0701", after=60_000)
    later.set_now(later.now() + 3_600_000)
    async with a_stage(journal=journal, store=store, market=later) as stage:
        await stage.pass_time(0)
        assert stage.order(placed.order_id).status is WORKING
        await stage.quote("EURUSD", "1.0750", "1.0751")
        assert stage.order(placed.order_id).average_price == Decimal("1.0751")


async def test_triggers_are_armed_again_after_a_restart_and_gap_to_the_current_price() -> None:
    journal, store, market = MemoryJournal(), MemoryStore(), ScriptedMarket()
    async with a_stage(journal=journal, store=store, market=market) as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851")
        await stage.buy("EURUSD", 1_000, take_profit="1.0900", stop_loss="1.0840")
        before = (stage.order("o2"), stage.order("o3"), stage.position(EURUSD), stage.balance)
    later = ScriptedMarket(now=market.now())
    await later.tell("EURUSD", "1.0845", "1.0846")
    async with a_stage(journal=journal, store=store, market=later) as stage:
        assert (stage.order("o2"), stage.order("o3"), stage.position(EURUSD), stage.balance) == before
        await stage.quote("EURUSD", "1.0820", "1.0821")
        assert stage.order("o3").average_price == Decimal("1.0820")
        assert stage.order("o2").status is CANCELED and stage.position(EURUSD) is None
        assert stage.balance == Decimal("9996.90") and stage.books_balance()


# Changing and cancelling


async def test_price_quantity_and_duration_can_be_changed() -> None:
    async with a_stage() as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851")
        placed = await stage.buy("EURUSD", 1_000, limit="1.0800")
        await stage.modify(placed.order_id, limit_price="1.0810", quantity=2_000, duration=DAY)
        order = stage.order(placed.order_id)
        assert (order.limit_price, order.quantity, order.duration.datetime) == (Decimal("1.0810"), 2_000, MONDAY + DAY_MS)
        await stage.modify(placed.order_id, duration={"type": "GTC"})
        assert (order := stage.order(placed.order_id)).duration.datetime is None and order.quantity == 2_000
        await stage.modify(placed.order_id, limit_price="1.0860")
        assert stage.order(placed.order_id).average_price == Decimal("1.0851")


async def test_a_stop_can_be_moved_but_not_past_the_market() -> None:
    async with a_stage() as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851")
        placed = await stage.buy("EURUSD", 1_000, stop="1.0900")
        refused = await refusal(stage.modify(placed.order_id, stop_price="1.0851"))
        assert (refused.code, refused.nearest) == ("stop_wrong_side", Decimal("1.08511"))
        await stage.modify(placed.order_id, stop_price="1.0860")
        await stage.quote("EURUSD", "1.0859", "1.0860")
        assert stage.order(placed.order_id).status is FILLED


async def test_a_cancelled_order_is_ended_for_good() -> None:
    async with a_stage() as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851")
        placed = await stage.buy("EURUSD", 1_000, limit="1.0800")
        await stage.cancel(placed.order_id)
        assert stage.order(placed.order_id).status is CANCELED
        await stage.quote("EURUSD", "1.0700", "1.0701")
        assert stage.executions == []
        for again in (stage.cancel(placed.order_id), stage.modify(placed.order_id, limit_price="1.0810")):
            refused = await refusal(again)
            assert (refused.code, refused.field) == ("order_ended", "orderId")


# When nothing may fill

SHARE = an_instrument(
    "ACME", session="0930-1600", timezone="America/New_York", currency="USD", base_currency=None, tick_size="0.01"
)
OPENS = MONDAY + DAY_MS + (14 * 60 + 30) * 60_000
"""Tuesday 2024-01-02 09:30 in New York."""


async def test_outside_the_session_market_orders_are_refused_and_pending_ones_wait_and_say_so() -> None:
    market = ScriptedMarket(instruments=(SHARE,), now=OPENS - 3_600_000)
    async with a_stage(market=market, instruments=(SHARE,)) as stage:
        await stage.quote("ACME", "180.00", "180.02")
        refused = await refusal(stage.buy("ACME", 1))
        assert (refused.code, refused.field) == ("market_closed", "symbol")
        assert "2024-01-02 14:30:00 UTC" in refused.message
        placed = await stage.buy("ACME", 1, limit="181")
        order = stage.order(placed.order_id)
        assert order.status is WORKING and order.message and "2024-01-02 14:30:00 UTC" in order.message.text
        await stage.quote("ACME", "170.00", "170.02")
        assert stage.executions == []
        await stage.market.tell("ACME", "179.00", "179.02", time=OPENS)
        await stage.pass_time(0)
        order = stage.order(placed.order_id)
        assert (order.average_price, order.message) == (Decimal("179.02"), None)


async def test_a_position_cannot_be_closed_outside_the_session() -> None:
    market = ScriptedMarket(instruments=(SHARE,), now=OPENS)
    async with a_stage(market=market, instruments=(SHARE,)) as stage:
        await stage.quote("ACME", "180.00", "180.02")
        await stage.buy("ACME", 1)
        await stage.market.tell("ACME", "180.00", "180.02", time=OPENS + 7 * 3_600_000)
        refused = await refusal(stage.close("DEMO:ACME"))
        assert refused.code == "market_closed" and "2024-01-03" in refused.message


async def test_on_a_stale_price_market_orders_are_refused_with_its_age_and_pending_ones_wait() -> None:
    async with a_stage() as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851")
        await stage.pass_time(60_000)
        await stage.buy("EURUSD", 1_000)
        await stage.pass_time(60_000)
        refused = await refusal(stage.buy("EURUSD", 1_000))
        assert (refused.code, refused.field) == ("stale_price", "symbol") and "120 s" in refused.message
        waiting = await stage.buy("EURUSD", 1_000, limit="1.0900")
        assert stage.order(waiting.order_id).status is WORKING
        await stage.quote("EURUSD", "1.0860", "1.0861")
        assert stage.order(waiting.order_id).average_price == Decimal("1.0861")


# Execution delay


async def test_a_delayed_order_fills_at_the_price_of_its_own_moment() -> None:
    async with a_stage(delay=(2, 2)) as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851")
        placed = await stage.buy("EURUSD", 1_000)
        assert stage.order(placed.order_id).status is WORKING
        await stage.quote("EURUSD", "1.0860", "1.0861", after=1_999)
        assert stage.order(placed.order_id).status is WORKING
        await stage.pass_time(1)
        assert stage.order(placed.order_id).average_price == Decimal("1.0861")


async def test_an_order_on_its_way_still_is_after_a_restart() -> None:
    journal, store, market = MemoryJournal(), MemoryStore(), ScriptedMarket()
    async with a_stage(journal=journal, store=store, market=market, delay=(20, 20)) as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851")
        placed = await stage.buy("EURUSD", 1_000)
        stop = await stage.buy("EURUSD", 1_000, stop="1.0860")
        await stage.quote("EURUSD", "1.0859", "1.0860", after=5_000)
        assert stage.order(stop.order_id).triggered
    later = ScriptedMarket(now=market.now())
    await later.tell("EURUSD", "1.0859", "1.0860", after=5_000)
    async with a_stage(journal=journal, store=store, market=later, delay=(20, 20)) as stage:
        await stage.quote("EURUSD", "1.0870", "1.0871", after=9_999)
        assert {stage.order(one.order_id).status for one in (placed, stop)} == {WORKING}
        await stage.pass_time(1)
        assert (stage.order(placed.order_id).average_price, stage.order(stop.order_id).status) == (Decimal("1.0871"), WORKING)
        await stage.quote("EURUSD", "1.0880", "1.0881", after=4_999)
        await stage.pass_time(1)
        assert stage.order(stop.order_id).average_price == Decimal("1.0881")


async def test_an_order_whose_moment_came_while_nothing_ran_fills_at_the_next_price() -> None:
    journal, store, market = MemoryJournal(), MemoryStore(), ScriptedMarket()
    async with a_stage(journal=journal, store=store, market=market, delay=(20, 20)) as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851")
        placed = await stage.buy("EURUSD", 1_000)
        at_once = [await stage.buy("EURUSD", 1_000, duration={"type": kind}) for kind in ("IOC", "FOK")]
    later = ScriptedMarket(now=market.now())
    await later.tell("EURUSD", "1.0870", "1.0871", after=3_600_000)
    async with a_stage(journal=journal, store=store, market=later, delay=(20, 20)) as stage:
        await stage.pass_time(0)
        assert stage.order(placed.order_id).average_price == Decimal("1.0871")
        assert {stage.order(one.order_id).status for one in at_once} == {CANCELED}


async def test_a_range_of_delay_is_kept_on_both_sides() -> None:
    async with a_stage(delay=(1, 2)) as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851")
        start = stage.market.now()
        placed = [(await stage.buy("EURUSD", 1_000)).order_id for _ in range(20)]
        for _ in range(250):
            await stage.market.tell("EURUSD", "1.0850", "1.0851", after=10)
        await stage.pass_time(0)
        waits = [stage.order(one).update_time - start for one in placed]
        assert all(1_000 <= wait <= 2_010 for wait in waits) and len(set(waits)) > 5


async def test_without_a_delay_orders_execute_only_on_demand() -> None:
    async with a_stage(delay=None) as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851")
        market = await stage.buy("EURUSD", 1_000)
        limit = await stage.buy("EURUSD", 1_000, limit="1.0900")
        await stage.quote("EURUSD", "1.0860", "1.0861")
        assert {stage.order(one.order_id).status for one in (market, limit)} == {WORKING}
        assert market.order_id and limit.order_id
        await stage.service.execute(TRADER, "alice", market.order_id)
        assert stage.order(market.order_id).status is FILLED and stage.order(limit.order_id).status is WORKING
        await stage.service.execute(TRADER, "alice", limit.order_id)
        assert stage.order(limit.order_id).average_price == Decimal("1.0861")
        refused = await refusal(stage.service.execute(TRADER, "alice", "o99"))
        assert (refused.code, refused.field) == ("unknown_order", "orderId")
