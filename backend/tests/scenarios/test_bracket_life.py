"""Stories of brackets that move with their order or position: growing, shrinking, replaced, moved and removed."""

from decimal import Decimal

import pytest

from scenarios.stage import Stage, a_stage, refusal
from trading_api.models.broker.orders import OrderStatus, ParentType, PlacedOrder

EURUSD = "DEMO:EURUSD"
CANCELED, FILLED, WORKING, INACTIVE = OrderStatus.CANCELED, OrderStatus.FILLED, OrderStatus.WORKING, OrderStatus.INACTIVE


def open_brackets(stage: Stage) -> list[tuple[str, str, int]]:
    """Of the position: id, price, quantity."""
    found = [one for one in stage.desk.ledger.orders.values() if one.parent_type is ParentType.POSITION]
    return [(one.id, str(_price(one)), int(one.quantity)) for one in found]


def _price(order: PlacedOrder) -> Decimal | None:
    return order.limit_price if order.limit_price is not None else order.stop_price


async def test_the_stop_loss_closes_the_position_and_cancels_the_take_profit() -> None:
    async with a_stage() as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851")
        await stage.buy("EURUSD", 10_000, take_profit="1.0900", stop_loss="1.0840")
        await stage.quote("EURUSD", "1.0835", "1.0836")
        assert (stage.order("o3").status, stage.order("o3").average_price) == (FILLED, Decimal("1.0835"))
        assert stage.order("o2").status is CANCELED and stage.position(EURUSD) is None
        assert stage.balance == Decimal("9984.00") and stage.books_balance()


async def test_brackets_of_a_sale_are_the_other_way_round() -> None:
    async with a_stage() as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851")
        await stage.sell("EURUSD", 10_000, take_profit="1.0800", stop_loss="1.0870")
        await stage.quote("EURUSD", "1.0869", "1.08699")
        assert stage.position(EURUSD) is not None
        await stage.quote("EURUSD", "1.0798", "1.0799")
        assert stage.order("o2").average_price == Decimal("1.0799")
        assert stage.position(EURUSD) is None and stage.balance == Decimal("10051.00")


async def test_brackets_wait_for_their_order_whatever_the_price_does() -> None:
    async with a_stage() as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851")
        await stage.buy("EURUSD", 10_000, limit="1.0700", take_profit="1.0800", stop_loss="1.0600")
        await stage.quote("EURUSD", "1.0900", "1.0901")
        assert {stage.order(one).status for one in ("o2", "o3")} == {INACTIVE} and stage.executions == []
        for one in ("o2", "o3"):
            assert (stage.order(one).parent_id, stage.order(one).parent_type) == ("o1", ParentType.ORDER)


async def test_a_bracket_may_fill_on_the_tick_that_wakes_it() -> None:
    async with a_stage() as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851")
        await stage.buy("EURUSD", 10_000, limit="1.0800", stop_loss="1.0790")
        await stage.quote("EURUSD", "1.0770", "1.0771")
        assert [(one.order_id, one.price) for one in stage.executions] == [
            ("o1", Decimal("1.0771")),
            ("o2", Decimal("1.0770")),
        ]
        assert stage.position(EURUSD) is None


async def test_adding_grows_the_brackets_and_closing_part_shrinks_them() -> None:
    async with a_stage() as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851")
        await stage.buy("EURUSD", 10_000, take_profit="1.0900", stop_loss="1.0840")
        await stage.buy("EURUSD", 5_000)
        assert open_brackets(stage) == [("o2", "1.0900", 15_000), ("o3", "1.0840", 15_000)]
        await stage.sell("EURUSD", 6_000)
        assert open_brackets(stage) == [("o2", "1.0900", 9_000), ("o3", "1.0840", 9_000)]
        await stage.close(EURUSD, 4_000)
        assert open_brackets(stage) == [("o2", "1.0900", 5_000), ("o3", "1.0840", 5_000)]
        await stage.close(EURUSD)
        assert {stage.order(one).status for one in ("o2", "o3")} == {CANCELED}


async def test_a_later_order_replaces_only_the_kinds_it_brings() -> None:
    async with a_stage() as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851")
        await stage.buy("EURUSD", 1_000, take_profit="1.0900", stop_loss="1.0840")
        await stage.buy("EURUSD", 1_000, take_profit="1.0950")
        assert sorted(open_brackets(stage)) == [("o3", "1.0840", 2_000), ("o5", "1.0950", 2_000)]
        assert stage.order("o2").status is CANCELED
        position = stage.position(EURUSD)
        assert position and (position.take_profit, position.stop_loss) == (Decimal("1.0950"), Decimal("1.0840"))


async def test_brackets_of_an_order_that_only_reduces_fall_at_its_fill() -> None:
    async with a_stage() as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851")
        await stage.buy("EURUSD", 10_000, take_profit="1.0900", stop_loss="1.0840")
        await stage.sell("EURUSD", 4_000, take_profit="1.0800", stop_loss="1.0890")
        assert open_brackets(stage) == [("o2", "1.0900", 6_000), ("o3", "1.0840", 6_000)]
        assert {stage.order(one).status for one in ("o5", "o6")} == {CANCELED}


async def test_a_flip_cancels_the_old_brackets_keeps_the_id_and_never_passes_through_nothing() -> None:
    async with a_stage() as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851")
        await stage.buy("EURUSD", 10_000, take_profit="1.0900", stop_loss="1.0840")
        stage.heard.clear()
        await stage.sell("EURUSD", 15_000, stop_loss="1.0890")
        assert {stage.order(one).status for one in ("o2", "o3")} == {CANCELED}
        assert open_brackets(stage) == [("o5", "1.0890", 5_000)]
        told = [(one.payload.id, one.payload.side, one.payload.quantity) for one in stage.told("positions")]  # type: ignore[attr-defined]
        assert told == [(EURUSD, -1, 5_000)]
        position = stage.position(EURUSD)
        assert position and (position.average_price, position.take_profit) == (Decimal("1.0850"), None)


async def test_a_cancelled_parent_takes_its_brackets_along() -> None:
    async with a_stage() as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851")
        placed = await stage.buy("EURUSD", 10_000, limit="1.0800", take_profit="1.0900", stop_loss="1.0700")
        stage.heard.clear()
        await stage.cancel(placed.order_id)
        told = [(one.payload.id, one.payload.status, one.fact) for one in stage.told("orders")]  # type: ignore[attr-defined]
        assert [each[:2] for each in told] == [("o1", CANCELED), ("o2", CANCELED), ("o3", CANCELED)]
        assert len({fact for *_, fact in told}) == 1


async def test_null_removes_one_bracket_and_its_parent_is_told_without_the_price() -> None:
    async with a_stage() as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851")
        placed = await stage.buy("EURUSD", 10_000, limit="1.0800", take_profit="1.0900", stop_loss="1.0700")
        await stage.modify(placed.order_id, take_profit=None)
        assert stage.order("o2").status is CANCELED and stage.order("o3").status is INACTIVE
        order = stage.order(placed.order_id)
        assert (order.take_profit, order.stop_loss) == (None, Decimal("1.0700"))


async def test_cancelling_one_bracket_leaves_its_sibling_and_tells_its_parent_again() -> None:
    async with a_stage() as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851")
        await stage.buy("EURUSD", 10_000, limit="1.0800", take_profit="1.0900", stop_loss="1.0700")
        await stage.cancel("o3")
        assert (stage.order("o1").stop_loss, stage.order("o1").take_profit) == (None, Decimal("1.0900"))
        await stage.quote("EURUSD", "1.0799", "1.0800")
        await stage.cancel("o2")
        position = stage.position(EURUSD)
        assert position and (position.take_profit, position.stop_loss) == (None, None)
        last = stage.told("positions")[-1].payload
        assert last == position


async def test_a_waiting_bracket_is_moved_through_its_parent_and_by_its_own_id() -> None:
    async with a_stage() as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851")
        placed = await stage.buy("EURUSD", 10_000, limit="1.0800", take_profit="1.0900", stop_loss="1.0700")
        await stage.modify(placed.order_id, take_profit="1.0950", quantity=20_000)
        assert [(one.quantity, _price(one)) for one in map(stage.order, ("o2", "o3"))] == [
            (20_000, Decimal("1.0950")),
            (20_000, Decimal("1.0700")),
        ]
        await stage.modify("o3", stop_price="1.0750")
        assert (stage.order("o3").stop_price, stage.order("o1").stop_loss) == (Decimal("1.0750"), Decimal("1.0750"))


async def test_a_bracket_can_be_added_to_a_working_order() -> None:
    async with a_stage() as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851")
        placed = await stage.buy("EURUSD", 10_000, limit="1.0800")
        await stage.modify(placed.order_id, stop_loss="1.0700")
        assert (stage.order("o2").status, stage.order("o2").parent_id) == (INACTIVE, "o1")
        await stage.quote("EURUSD", "1.0799", "1.0800")
        assert open_brackets(stage) == [("o2", "1.0700", 10_000)]


async def test_a_working_bracket_is_moved_by_its_own_id_and_the_position_repeats_it() -> None:
    async with a_stage() as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851")
        await stage.buy("EURUSD", 10_000, take_profit="1.0900", stop_loss="1.0840")
        await stage.modify("o3", stop_price="1.0845")
        position = stage.position(EURUSD)
        assert position and position.stop_loss == Decimal("1.0845")
        assert stage.told("positions")[-1].payload == position
        await stage.quote("EURUSD", "1.0845", "1.0846")
        assert stage.order("o3").status is FILLED


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"quantity": 5_000}, "qty_fixed", "qty"),
        ({"stop_price": "1.0850"}, "bracket_wrong_side", "stopLoss"),
        ({"stop_price": "1.084501"}, "price_off_tick", "stopPrice"),
        ({"limit_price": "1.0900"}, "price_not_used", "limitPrice"),
        ({"stop_loss": "1.0800"}, "bracket_of_bracket", "stopLoss"),
        ({"duration": {"type": "DAY"}}, "duration_fixed", "duration"),
    ],
)
async def test_a_bracket_is_not_moved_where_it_cannot_be(changes: dict[str, object], code: str, field: str) -> None:
    async with a_stage() as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851")
        await stage.buy("EURUSD", 10_000, take_profit="1.0900", stop_loss="1.0840")
        refused = await refusal(stage.modify("o3", **changes))
        assert (refused.code, refused.field) == (code, field)
        assert stage.order("o3").stop_price == Decimal("1.0840")


async def test_a_flip_by_a_pending_order_activates_its_own_brackets_for_what_it_opened() -> None:
    async with a_stage() as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851")
        await stage.buy("EURUSD", 10_000)
        await stage.sell("EURUSD", 12_000, limit="1.0900", take_profit="1.0800", stop_loss="1.0950")
        await stage.quote("EURUSD", "1.0900", "1.0901")
        assert sorted(open_brackets(stage)) == [("o3", "1.0800", 2_000), ("o4", "1.0950", 2_000)]
        assert stage.books_balance()
