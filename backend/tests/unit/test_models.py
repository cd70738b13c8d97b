"""Models made and copied on the hot path are the same as those that pydantic makes with all its care."""

from decimal import Decimal

from trading_api.models.broker.executions import Execution
from trading_api.models.broker.orders import OrderStatus, OrderType, PlacedOrder, Side
from trading_api.models.facts import FACT, Executed

FILL = {
    "id": "x1",
    "order_id": "o1",
    "position_id": "DEMO:EURUSD",
    "symbol": "DEMO:EURUSD",
    "side": Side.BUY,
    "quantity": Decimal("1000"),
    "price": Decimal("1.0851"),
    "time": 5,
    "commission": Decimal("0.10"),
    "profit": Decimal("0"),
}


def test_a_trusted_model_is_the_checked_one() -> None:
    trusted, checked = Execution.trusted(**FILL), Execution(**FILL)
    assert trusted == checked
    assert trusted.model_dump_json() == checked.model_dump_json()
    assert trusted.model_fields_set == set(Execution.model_fields)


def test_absent_fields_take_their_defaults_in_the_models_order() -> None:
    some = {
        "id": "o1",
        "symbol": "S",
        "type": OrderType.LIMIT,
        "side": Side.SELL,
        "quantity": Decimal(1),
        "status": OrderStatus.WORKING,
    }
    trusted, checked = PlacedOrder.trusted(**some), PlacedOrder(**some)
    assert trusted == checked
    assert list(trusted.model_dump()) == list(checked.model_dump())
    assert trusted.model_dump_json() == checked.model_dump_json()


def test_a_replaced_model_is_the_copied_one() -> None:
    order = PlacedOrder.trusted(
        id="o1", symbol="S", type=OrderType.LIMIT, side=Side.SELL, quantity=Decimal(1), status=OrderStatus.WORKING
    )
    changes = {"status": OrderStatus.FILLED, "filled_quantity": Decimal(1)}
    assert order.replaced(changes) == order.model_copy(update=changes)
    assert order.status is OrderStatus.WORKING


def test_a_trusted_fact_reads_back_from_the_journal() -> None:
    names = ("order_id", "position_id", "symbol", "side", "quantity", "price", "time", "commission", "profit")
    fact = Executed.trusted(
        execution_id="x1", closed_quantity=Decimal(0), closed_cost=Decimal(0), **{name: FILL[name] for name in names}
    )
    assert FACT.validate_json(FACT.dump_json(fact)) == fact
