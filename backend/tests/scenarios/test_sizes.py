"""Stories of sizes: what one tick can fill, and what becomes of the rest."""

from decimal import Decimal

from fakes_market import MONDAY
from scenarios.stage import a_stage, an_account_with, refusal
from trading_api.models.broker.orders import OrderStatus

CANCELED, FILLED, WORKING = OrderStatus.CANCELED, OrderStatus.FILLED, OrderStatus.WORKING
EURUSD = "DEMO:EURUSD"


async def test_a_large_order_fills_in_parts_tick_by_tick() -> None:
    async with a_stage(account=an_account_with(100_000)) as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851", sizes=(5_000, 3_000))
        placed = await stage.buy("EURUSD", 7_000)
        order = stage.order(placed.order_id)
        assert (order.status, order.filled_quantity) == (WORKING, 3_000)
        await stage.quote("EURUSD", "1.0852", "1.0853", sizes=(5_000, 3_000))
        await stage.quote("EURUSD", "1.0854", "1.0855", sizes=(5_000, 3_000))
        order = stage.order(placed.order_id)
        assert (order.status, order.filled_quantity) == (FILLED, 7_000)
        assert [(one.quantity, one.price) for one in stage.executions] == [
            (3_000, Decimal("1.0851")),
            (3_000, Decimal("1.0853")),
            (1_000, Decimal("1.0855")),
        ]
        assert order.average_price == Decimal("1.08524285714286")


async def test_orders_that_arrive_between_two_ticks_share_the_size() -> None:
    async with a_stage(account=an_account_with(100_000)) as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851", sizes=(5_000, 3_000))
        first, second = await stage.buy("EURUSD", 2_000), await stage.buy("EURUSD", 2_000)
        assert stage.order(first.order_id).status is FILLED
        assert stage.order(second.order_id).filled_quantity == 1_000
        sold = await stage.sell("EURUSD", 5_000, limit="1.0850")
        assert stage.order(sold.order_id).status is FILLED, "the bid has a size of its own"


async def test_a_size_that_was_taken_does_not_come_back_without_a_new_price() -> None:
    async with a_stage(account=an_account_with(100_000)) as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851", sizes=(5_000, 3_000))
        await stage.buy("EURUSD", 3_000)
        await stage.close(EURUSD)
        again = await stage.buy("EURUSD", 1_000, duration={"type": "IOC"})
        assert stage.order(again.order_id).filled_quantity == 0
        await stage.pass_time(1_000)
        again = await stage.buy("EURUSD", 1_000, duration={"type": "IOC"})
        assert stage.order(again.order_id).filled_quantity == 0, "also after the account had let go of the symbol"


async def test_immediate_or_cancel_takes_what_is_there_and_drops_the_rest() -> None:
    async with a_stage(account=an_account_with(100_000)) as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851", sizes=(5_000, 3_000))
        placed = await stage.buy("EURUSD", 7_000, limit="1.0851", duration={"type": "IOC"})
        order = stage.order(placed.order_id)
        assert (order.status, order.filled_quantity) == (CANCELED, 3_000)
        assert order.message and "rest" in order.message.text
        away = await stage.buy("EURUSD", 1_000, limit="1.0800", duration={"type": "IOC"})
        assert stage.order(away.order_id).status is CANCELED


async def test_fill_or_kill_needs_all_of_it() -> None:
    async with a_stage(account=an_account_with(100_000)) as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851", sizes=(5_000, 3_000))
        killed = await stage.buy("EURUSD", 4_000, duration={"type": "FOK"})
        assert (stage.order(killed.order_id).status, stage.order(killed.order_id).filled_quantity) == (CANCELED, 0)
        filled = await stage.buy("EURUSD", 3_000, duration={"type": "FOK"})
        assert stage.order(filled.order_id).status is FILLED


async def test_an_order_for_now_is_refused_outside_the_session_and_on_stops() -> None:
    async with a_stage() as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851")
        refused = await refusal(stage.buy("EURUSD", 1_000, stop="1.0900", duration={"type": "FOK"}))
        assert (refused.code, refused.field) == ("duration_not_offered", "duration")
        await stage.pass_time(61_000)
        refused = await refusal(stage.buy("EURUSD", 1_000, limit="1.0851", duration={"type": "IOC"}))
        assert (refused.code, refused.field) == ("stale_price", "symbol")


async def test_brackets_wake_with_the_first_part_and_grow_with_the_next() -> None:
    async with a_stage(account=an_account_with(100_000)) as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851", sizes=(5_000, 3_000))
        placed = await stage.buy("EURUSD", 5_000, take_profit="1.0900", stop_loss="1.0800")
        brackets = [one for one in stage.desk.ledger.orders.values() if one.bracket]
        assert [(one.status, one.quantity, one.parent_id) for one in brackets] == [(WORKING, 3_000, EURUSD)] * 2
        await stage.quote("EURUSD", "1.0850", "1.0851", sizes=(5_000, 1_000))
        await stage.cancel(placed.order_id)
        brackets = [one for one in stage.desk.ledger.orders.values() if one.bracket]
        assert [(one.status, one.quantity) for one in brackets] == [(WORKING, 4_000)] * 2, "a cancelled rest leaves them"


async def test_a_bracket_that_fills_in_part_shrinks_position_and_sibling() -> None:
    async with a_stage(account=an_account_with(100_000)) as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851")
        await stage.buy("EURUSD", 5_000, take_profit="1.0900", stop_loss="1.0800")
        await stage.quote("EURUSD", "1.0901", "1.0902", sizes=(2_000, 2_000))
        position = stage.position(EURUSD)
        assert position is not None and position.quantity == 3_000
        remaining = {one.bracket.name: one.remaining for one in stage.desk.ledger.orders.values() if one.bracket}
        assert remaining == {"TAKE_PROFIT": 3_000, "STOP_LOSS": 3_000}
        await stage.quote("EURUSD", "1.0901", "1.0902", sizes=(9_000, 9_000))
        assert stage.position(EURUSD) is None and not stage.desk.ledger.orders


async def test_a_bracket_that_closes_the_position_ends_the_rest_of_its_order() -> None:
    async with a_stage(account=an_account_with(100_000)) as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851", sizes=(9_000, 2_000))
        placed = await stage.buy("EURUSD", 5_000, limit="1.0851", take_profit="1.0900", stop_loss="1.0800")
        await stage.quote("EURUSD", "1.0901", "1.0902", sizes=(9_000, 9_000))
        order = stage.order(placed.order_id)
        assert (order.status, order.filled_quantity) == (CANCELED, 2_000)
        assert stage.position(EURUSD) is None and not stage.desk.ledger.orders


async def test_a_modification_that_crosses_a_fill_changes_what_is_left() -> None:
    async with a_stage(account=an_account_with(100_000)) as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851", sizes=(9_000, 2_000))
        placed = await stage.buy("EURUSD", 5_000, limit="1.0851")
        refused = await refusal(stage.modify(placed.order_id, quantity=2_000))
        assert (refused.code, refused.field) == ("qty_already_filled", "qty")
        await stage.modify(placed.order_id, quantity=3_000, limit_price="1.0840")
        await stage.modify(placed.order_id, stop_loss="1.0800")
        assert stage.brackets() == {"STOP_LOSS": Decimal("1.0800")}, "what has filled is protected at once"
        await stage.quote("EURUSD", "1.0839", "1.0840", sizes=(9_000, 9_000))
        assert stage.order(placed.order_id).status is FILLED
        assert (await refusal(stage.modify(placed.order_id, quantity=4_000))).code == "order_ended"
        stop = next(one for one in stage.desk.ledger.orders.values() if one.bracket)
        assert stop.quantity == 3_000


async def test_good_till_date_ends_at_its_time() -> None:
    async with a_stage() as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851")
        ends = stage.market.now() + 5_000
        placed = await stage.buy("EURUSD", 1_000, limit="1.0800", duration={"type": "GTD", "datetime": ends})
        await stage.market.tell("EURUSD", "1.0700", "1.0701", time=ends)
        await stage.pass_time(0)
        ended = stage.order(placed.order_id)
        assert (ended.status, ended.update_time) == (CANCELED, ends)
        for wrong in ({"type": "GTD"}, {"type": "GTD", "datetime": MONDAY}):
            assert (await refusal(stage.buy("EURUSD", 1_000, limit="1.0600", duration=wrong))).field == "duration"
