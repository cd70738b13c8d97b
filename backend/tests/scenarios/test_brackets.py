"""Stories of orders with a take profit and a stop loss."""

from decimal import Decimal

from scenarios.stage import a_stage
from trading_api.models.broker.orders import OrderStatus, ParentType

EURUSD = "DEMO:EURUSD"


async def test_take_profit_closes_the_position_and_cancels_the_stop_loss() -> None:
    async with a_stage() as stage:
        await stage.quote("EURUSD", "1.0860", "1.0861")
        placed = await stage.buy("EURUSD", 10_000, limit="1.0850", take_profit="1.0900", stop_loss="1.0830")
        assert [(one.id, one.status) for one in stage.desk.ledger.orders.values()] == [
            ("o1", OrderStatus.WORKING),
            ("o2", OrderStatus.INACTIVE),
            ("o3", OrderStatus.INACTIVE),
        ]

        await stage.quote("EURUSD", "1.0848", "1.0849")
        assert stage.order(placed.order_id).average_price == Decimal("1.0849")
        brackets = [stage.order("o2"), stage.order("o3")]
        assert {(one.status, one.parent_type, one.parent_id) for one in brackets} == {
            (OrderStatus.WORKING, ParentType.POSITION, EURUSD)
        }
        position = stage.position(EURUSD)
        assert position and (position.quantity, position.take_profit, position.stop_loss) == (
            10_000,
            Decimal("1.0900"),
            Decimal("1.0830"),
        )

        await stage.quote("EURUSD", "1.0905", "1.0906")
        assert (stage.order("o2").status, stage.order("o3").status) == (OrderStatus.FILLED, OrderStatus.CANCELED)
        assert stage.position(EURUSD) is None
        assert stage.balance == Decimal("10056.00")
        assert stage.books_balance()


async def test_the_cascade_is_announced_execution_order_equity_position() -> None:
    async with a_stage() as stage:
        await stage.quote("EURUSD", "1.0860", "1.0861")
        await stage.buy("EURUSD", 10_000, take_profit="1.0900", stop_loss="1.0830")
        fact = stage.desk.ledger.sequence
        heard = [one for one in stage.heard if one.fact == fact]
        assert [one.topic.partition(":")[0] for one in heard] == [
            "executions",
            "orders",
            "orders",
            "orders",
            "equity",
            "positions",
        ]
        assert {tuple((one.of or {}).items()) for one in heard} == {
            (("executions", 1), ("orders", 3), ("equity", 1), ("positions", 1))
        }
