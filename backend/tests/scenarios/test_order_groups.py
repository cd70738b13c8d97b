"""Stories of orders that belong together: groups, trailing stops, protection, reverse, flatten."""

from decimal import Decimal

import pytest

from fakes_market import an_instrument
from scenarios.stage import a_stage, an_account_with, refusal
from trading_api.core.admission import Admission
from trading_api.models.broker.orders import OrderStatus, Side

CANCELED, FILLED, REJECTED, WORKING = OrderStatus.CANCELED, OrderStatus.FILLED, OrderStatus.REJECTED, OrderStatus.WORKING
EURUSD = "DEMO:EURUSD"


# Groups


async def test_the_first_fill_of_a_group_cancels_the_others() -> None:
    async with a_stage() as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851", sizes=(9_000, 9_000))
        below = await stage.buy("EURUSD", 2_000, limit="1.0840", oco_group="breakout", stop_loss="1.0800")
        above = await stage.buy("EURUSD", 2_000, stop="1.0860", oco_group="breakout", stop_loss="1.0800")
        await stage.quote("EURUSD", "1.0859", "1.0860", sizes=(9_000, 1_000))
        assert stage.order(above.order_id).filled_quantity == 1_000, "a part is enough"
        assert stage.order(below.order_id).status is CANCELED
        assert [one.origin for one in stage.desk.ledger.orders.values() if one.bracket] == [above.order_id]


async def test_a_group_that_a_fill_has_decided_takes_nothing_more() -> None:
    async with a_stage() as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851", sizes=(1_000, 1_000))
        whole = await stage.buy("EURUSD", 1_000, limit="1.0851", oco_group="whole")
        part = await stage.sell("EURUSD", 3_000, limit="1.0850", oco_group="part")
        assert (stage.order(whole.order_id).status, stage.order(part.order_id).filled_quantity) == (FILLED, 1_000)
        for group, order in (("whole", whole), ("part", part)):
            refused = await refusal(stage.buy("EURUSD", 1_000, stop="1.0870", oco_group=group))
            assert (refused.code, refused.field) == ("oco_group_decided", "ocoGroup")
            assert f"'{group}', which the fill of {order.order_id} has decided" in refused.message
        before = len(stage.desk.ledger.orders)
        unfilled = await stage.buy("EURUSD", 1_000, limit="1.0700", oco_group="free")
        await stage.cancel(unfilled.order_id)
        await stage.buy("EURUSD", 1_000, limit="1.0700", oco_group="free")
        assert len(stage.desk.ledger.orders) == before + 1
        await stage.reset()
        await stage.quote("EURUSD", "1.0850", "1.0851")
        await stage.buy("EURUSD", 1_000, limit="1.0700", oco_group="whole")


async def test_an_order_that_its_group_ends_repeats_no_bracket_that_went_with_the_same_fill(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Admission, "_check_group", lambda *_: None)  # as accounts hold them from before it was looked at
    async with a_stage() as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851", sizes=(1_000, 1_000))
        part = await stage.sell("EURUSD", 3_000, limit="1.0850", oco_group="late", trailing_stop_pips=20)
        assert stage.order(part.order_id).filled_quantity == 1_000
        await stage.quote("EURUSD", "1.0849", "1.0850", sizes=(9_000, 9_000))
        await stage.sell("EURUSD", 1_000, oco_group="late", trailing_stop_pips=30)
        ended = stage.order(part.order_id)
        assert (ended.status, ended.trailing_stop_pips, ended.stop_type) == (CANCELED, None, None)


async def test_a_group_has_a_limit() -> None:
    async with a_stage() as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851")
        for _ in range(10):
            await stage.buy("EURUSD", 1_000, limit="1.0800", oco_group="many")
        refused = await refusal(stage.buy("EURUSD", 1_000, limit="1.0800", oco_group="many"))
        assert (refused.code, refused.field) == ("oco_group_full", "ocoGroup")


# Trailing


async def test_a_trailing_stop_follows_the_market_only_towards_it() -> None:
    async with a_stage() as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851")
        await stage.buy("EURUSD", 1_000, trailing_stop_pips=20)
        assert stage.brackets() == {"STOP_LOSS": Decimal("1.0830")}
        await stage.quote("EURUSD", "1.0870", "1.0871")
        await stage.quote("EURUSD", "1.0855", "1.0856")
        assert stage.brackets() == {"STOP_LOSS": Decimal("1.0850")}
        await stage.quote("EURUSD", "1.0850", "1.0851")
        assert stage.position(EURUSD) is None
        assert stage.executions[-1].price == Decimal("1.0850")


async def test_a_stop_loss_with_a_distance_is_one_trailing_stop_that_starts_there() -> None:
    async with a_stage() as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851")
        await stage.sell("EURUSD", 1_000, stop_loss="1.0900", trailing_stop_pips=20)
        assert stage.brackets() == {"STOP_LOSS": Decimal("1.0900")}
        await stage.quote("EURUSD", "1.0830", "1.0831")
        stop = next(one for one in stage.desk.ledger.orders.values() if one.bracket)
        assert (stop.stop_price, stop.stop_type, stop.trailing_stop_pips) == (Decimal("1.0851"), 1, 20)


async def test_a_trailing_stop_becomes_a_fixed_one_where_it_stands() -> None:
    async with a_stage() as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851")
        await stage.buy("EURUSD", 1_000, trailing_stop_pips=20)
        await stage.protect(EURUSD, stop_loss="1.0830")
        await stage.quote("EURUSD", "1.0870", "1.0871")
        assert stage.brackets() == {"STOP_LOSS": Decimal("1.0830")}
        assert (await refusal(stage.buy("EURUSD", 1_000, trailing_stop_pips="0.05"))).field == "trailingStopPips"


# Protection


async def test_protection_is_stated_whole() -> None:
    async with a_stage() as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851")
        await stage.buy("EURUSD", 1_000)
        await stage.protect(EURUSD, take_profit="1.0900", stop_loss="1.0800")
        assert stage.brackets() == {"TAKE_PROFIT": Decimal("1.0900"), "STOP_LOSS": Decimal("1.0800")}
        await stage.protect(EURUSD, stop_loss="1.0810")
        assert stage.brackets() == {"STOP_LOSS": Decimal("1.0810")}
        position = stage.position(EURUSD)
        assert position is not None and (position.take_profit, position.stop_loss) == (None, Decimal("1.0810"))
        refused = await refusal(stage.protect(EURUSD, take_profit="1.0840"))
        assert (refused.code, refused.field) == ("bracket_wrong_side", "takeProfit")
        await stage.protect(EURUSD)
        assert stage.brackets() == {}


# Reverse, cancel all, flatten


async def test_reverse_turns_a_net_position_in_one_step_and_keeps_its_id() -> None:
    async with a_stage() as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851")
        await stage.buy("EURUSD", 3_000, take_profit="1.0900")
        stage.heard.clear()
        await stage.reverse(EURUSD)
        position = stage.position(EURUSD)
        assert position is not None and (position.side, position.quantity) == (Side.SELL, 3_000)
        assert stage.brackets() == {}
        assert [one.payload.quantity for one in stage.told("positions")] == [3_000], "and never passes through nothing"  # type: ignore[union-attr]


async def test_cancel_all_leaves_what_protects_and_flatten_leaves_nothing() -> None:
    async with a_stage(instruments=(an_instrument("EURUSD"), an_instrument("GBPUSD"))) as stage:
        for name in ("EURUSD", "GBPUSD"):
            await stage.quote(name, "1.0850", "1.0851")
            await stage.buy(name, 1_000, stop_loss="1.0800")
            await stage.buy(name, 1_000, limit="1.0700")
            await stage.sell(name, 1_000, limit="1.0950")
        await stage.cancel_all("EURUSD", Side.SELL)
        assert len(stage.desk.ledger.orders) == 5
        await stage.cancel_all()
        assert {one.bracket.name for one in stage.desk.ledger.orders.values() if one.bracket} == {"STOP_LOSS"}
        await stage.buy("EURUSD", 1_000, limit="1.0700")
        await stage.flatten()
        assert not stage.desk.ledger.orders and not stage.desk.ledger.positions
        assert stage.books_balance()


# Margin when the turn comes


async def test_a_marketable_limit_needs_the_margin_of_what_it_opens() -> None:
    async with a_stage(account=an_account_with(1_000), instruments=(an_instrument("EURUSD", margin_rate="0.05"),)) as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851")
        refused = await refusal(stage.sell("EURUSD", 100_000, limit="0.0001"))
        assert (refused.code, refused.nearest) == ("no_margin", Decimal(18_433))


async def test_an_order_whose_margin_is_gone_when_its_turn_comes_is_rejected_with_the_figures() -> None:
    async with a_stage(account=an_account_with(600), instruments=(an_instrument("EURUSD", margin_rate="0.05"),)) as stage:
        await stage.quote("EURUSD", "1.0850", "1.0850")
        await stage.buy("EURUSD", 10_000)
        waiting = await stage.sell("EURUSD", 20_000, limit="1.0860")
        await stage.close(EURUSD)
        assert stage.equity.margin_available < 0
        await stage.quote("EURUSD", "1.0860", "1.0860")
        order = stage.order(waiting.order_id)
        assert (order.status, order.filled_quantity) == (REJECTED, 0)
        assert order.message and "1086.00 USD" in order.message.text and "found 600.00" in order.message.text
        assert stage.equity.margin_used == 0


async def test_a_position_is_not_turned_beyond_what_the_equity_carries() -> None:
    async with a_stage(account=an_account_with(600), instruments=(an_instrument("EURUSD", margin_rate="0.05"),)) as stage:
        await stage.quote("EURUSD", "1.0850", "1.0850")
        await stage.buy("EURUSD", 10_000)
        stopped = await stage.sell("EURUSD", 20_000, stop="1.0760")
        await stage.quote("EURUSD", "1.0760", "1.0760")
        assert stage.order(stopped.order_id).status is REJECTED
        for turned in (stage.reverse(EURUSD), stage.sell("EURUSD", 20_000)):
            refused = await refusal(turned)
            assert (refused.code, refused.field, refused.nearest) == ("no_margin", "qty", 10_000)
        await stage.close(EURUSD)
        assert stage.position(EURUSD) is None


async def test_closing_is_never_refused_for_margin() -> None:
    async with a_stage(account=an_account_with(600), instruments=(an_instrument("EURUSD", margin_rate="0.05"),)) as stage:
        await stage.quote("EURUSD", "1.0850", "1.0850")
        await stage.buy("EURUSD", 10_000)
        await stage.sell("EURUSD", 10_000, limit="1.0900")
        await stage.sell("EURUSD", 10_000, is_close=True)
        assert stage.position(EURUSD) is None


async def test_an_order_sent_to_close_closes_at_most_what_is_held_or_turns_it_round_exactly() -> None:
    async with a_stage() as stage:
        await stage.quote("EURUSD", "1.0850", "1.0850")
        await stage.buy("EURUSD", 1_000)
        refused = await refusal(stage.sell("EURUSD", 3_000, is_close=True))
        assert (refused.code, refused.field, refused.nearest) == ("more_than_held", "qty", 1_000)
        await stage.sell("EURUSD", 2_000, is_close=True)
        position = stage.position(EURUSD)
        assert position is not None and (position.side, position.quantity) == (Side.SELL, 1_000)


async def test_an_order_sent_to_close_is_made_larger_only_as_far_as_there_is_something_to_close() -> None:
    async with a_stage() as stage:
        await stage.quote("EURUSD", "1.0850", "1.0850")
        await stage.buy("EURUSD", 3_000)
        waiting = await stage.sell("EURUSD", 1_000, limit="1.0900", is_close=True)
        await stage.modify(waiting.order_id, quantity=3_000)
        refused = await refusal(stage.modify(waiting.order_id, quantity=4_000))
        assert (refused.code, refused.field, refused.nearest) == ("more_than_held", "qty", 3_000)


async def test_an_order_made_to_close_never_begins_a_position() -> None:
    async with a_stage() as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851")
        await stage.buy("EURUSD", 1_000)
        waiting = await stage.sell("EURUSD", 1_000, limit="1.0900", is_close=True)
        await stage.close(EURUSD)
        await stage.quote("EURUSD", "1.0900", "1.0901")
        assert stage.order(waiting.order_id).status is CANCELED
        assert stage.position(EURUSD) is None
