"""Stories of a hedging account: positions one by one, beside the net ones that are told."""

from decimal import Decimal

from fakes_market import an_instrument
from scenarios.stage import Stage, a_stage, refusal
from trading_api.models.broker.account import AccountRequest
from trading_api.models.broker.orders import ParentType, Side
from trading_api.models.broker.positions import Position

EURUSD = "DEMO:EURUSD"


def a_hedging_account(balance: int = 10_000, *, fifo: bool = False) -> AccountRequest:
    return AccountRequest(id="alice", balance=Decimal(balance), position_mode="hedging", fifo=fifo)


def held(stage: Stage) -> list[tuple[str, Side, Decimal]]:
    return [(one.id, one.side, one.quantity) for one in stage.individual]


async def test_each_opening_order_has_a_position_of_its_own() -> None:
    async with a_stage(account=a_hedging_account()) as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851")
        await stage.buy("EURUSD", 3_000)
        await stage.buy("EURUSD", 2_000)
        await stage.sell("EURUSD", 1_000)
        assert held(stage) == [("p1", Side.BUY, 3_000), ("p2", Side.BUY, 2_000), ("p3", Side.SELL, 1_000)]
        net = stage.position(EURUSD)
        assert net is not None
        assert (net.side, net.quantity, net.long_quantity, net.short_quantity) == (Side.BUY, 4_000, 5_000, 1_000)


async def test_positions_are_closed_and_protected_one_by_one() -> None:
    async with a_stage(account=a_hedging_account()) as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851")
        await stage.buy("EURUSD", 3_000, take_profit="1.0900")
        await stage.buy("EURUSD", 2_000)
        await stage.protect("p3", stop_loss="1.0800", take_profit="1.0950")
        parents = {(one.parent_id, one.parent_type) for one in stage.desk.ledger.orders.values()}
        assert parents == {("p1", ParentType.INDIVIDUAL_POSITION), ("p3", ParentType.INDIVIDUAL_POSITION)}
        await stage.close("p3", 500)
        assert held(stage) == [("p1", Side.BUY, 3_000), ("p3", Side.BUY, 1_500)]
        assert {one.quantity for one in stage.desk.ledger.orders.values() if one.parent_id == "p3"} == {1_500}
        await stage.quote("EURUSD", "1.0901", "1.0902")
        assert held(stage) == [("p3", Side.BUY, 1_500)]
        await stage.close("p3")
        assert held(stage) == [] and stage.position(EURUSD) is None and not stage.desk.ledger.orders
        assert stage.books_balance()


async def test_a_close_by_symbol_takes_the_oldest_of_the_named_side_first() -> None:
    async with a_stage(account=a_hedging_account()) as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851")
        await stage.buy("EURUSD", 3_000)
        await stage.sell("EURUSD", 1_000)
        await stage.buy("EURUSD", 2_000)
        assert (await refusal(stage.close(EURUSD, 4_000))).field == "side"
        await stage.close(EURUSD, 4_000, side=Side.BUY)
        assert held(stage) == [("p2", Side.SELL, 1_000), ("p3", Side.BUY, 1_000)]
        assert [(one.position_id, one.quantity) for one in stage.executions[-2:]] == [("p1", 3_000), ("p3", 1_000)]
        refused = await refusal(stage.close(EURUSD, 2_000, side=Side.BUY))
        assert (refused.code, refused.nearest) == ("more_than_held", 1_000)


async def test_where_fifo_is_asked_closing_out_of_order_is_refused() -> None:
    async with a_stage(account=a_hedging_account(fifo=True)) as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851")
        await stage.buy("EURUSD", 3_000)
        await stage.buy("EURUSD", 2_000)
        refused = await refusal(stage.close("p2"))
        assert (refused.code, refused.field) == ("fifo_order", "positionId")
        assert (await refusal(stage.reverse("p2"))).code == "fifo_order"
        await stage.close("p1")
        await stage.close("p2")
        assert held(stage) == []


async def test_reverse_closes_one_and_opens_another() -> None:
    async with a_stage(account=a_hedging_account()) as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851")
        await stage.buy("EURUSD", 3_000)
        await stage.buy("EURUSD", 1_000)
        answer = await stage.reverse("p1")
        assert held(stage) == [("p2", Side.BUY, 1_000), ("p3", Side.SELL, 3_000)]
        assert {one.order_id for one in stage.executions[-2:]} == {answer.order_id}


async def test_hedged_longs_and_shorts_hold_the_larger_side() -> None:
    instruments = (an_instrument("EURUSD", margin_rate="0.05"),)
    async with a_stage(account=a_hedging_account(600), instruments=instruments) as stage:
        await stage.quote("EURUSD", "1.0850", "1.0850")
        await stage.buy("EURUSD", 10_000)
        await stage.sell("EURUSD", 10_000)
        assert stage.equity.margin_used == Decimal("542.50")
        assert (await refusal(stage.sell("EURUSD", 2_000))).code == "no_margin"


async def test_a_hedged_symbol_that_nets_to_nothing_is_still_held_one_by_one() -> None:
    async with a_stage(account=a_hedging_account()) as stage:
        await stage.quote("EURUSD", "1.0850", "1.0850")
        await stage.buy("EURUSD", 1_000)
        await stage.sell("EURUSD", 1_000)
        net = stage.position(EURUSD)
        assert net is not None and (net.quantity, net.long_quantity, net.short_quantity) == (0, 1_000, 1_000)
        assert len(held(stage)) == 2


async def test_the_last_word_about_a_short_net_position_keeps_its_side() -> None:
    async with a_stage(account=a_hedging_account()) as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851")
        await stage.sell("EURUSD", 1_000)
        await stage.close(EURUSD)
        told = stage.told("positions")[-1].payload
        assert isinstance(told, Position)
        assert (told.side, told.quantity, told.average_price) == (Side.SELL, 0, Decimal("1.0850"))
        assert (told.long_quantity, told.short_quantity) == (0, 0)


async def test_a_net_position_can_be_closed_but_neither_reversed_nor_protected() -> None:
    async with a_stage(account=a_hedging_account()) as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851")
        for _ in range(7):
            await stage.buy("EURUSD", 1_000)
        before = stage.desk.ledger.sequence
        for command in (stage.reverse(EURUSD), stage.protect(EURUSD, stop_loss="1.0800")):
            refused = await refusal(command)
            assert (refused.code, refused.field) == ("net_position", "positionId")
            assert "p1, p2, p3, p4, p5 …" in refused.message and "adds them up" in refused.message
        for command in (stage.reverse("p99"), stage.protect("p99")):
            assert (await refusal(command)).code == "unknown_position"
        assert stage.desk.ledger.sequence == before
