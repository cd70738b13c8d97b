"""What a trader is told in words says the same thing the same way."""

from decimal import Decimal

import pytest

from trading_api.core.notices import notice_of
from trading_api.models.broker.orders import OrderStatus, OrderType, PlacedOrder, Side
from trading_api.models.facts import Cancelled, Executed


@pytest.mark.parametrize(("quantity", "told"), [("0.1", "0.1"), ("0.10", "0.1"), ("1000", "1000"), ("1E+3", "1000")])
def test_a_quantity_is_told_one_way_however_it_was_written(quantity: str, told: str) -> None:
    fill = Executed(
        time=1,
        execution_id="x1",
        order_id="o1",
        position_id="DEMO:BTCUSD",
        symbol="DEMO:BTCUSD",
        side=Side.SELL,
        quantity=Decimal(quantity),
        price=Decimal("71000.10"),
        closed_quantity=Decimal(0),
        closed_cost=Decimal(0),
        profit=Decimal(0),
        commission=Decimal(0),
    )
    order = PlacedOrder(
        id="o1",
        symbol="DEMO:BTCUSD",
        type=OrderType.MARKET,
        side=Side.SELL,
        quantity=Decimal(quantity),
        status=OrderStatus.CANCELED,
        place_time=1,
        update_time=1,
    )
    notices = [notice_of(fact, 1, (order,), "USD") for fact in (fill, Cancelled(time=2, order_id="o1"))]
    assert [one.text for one in notices if one] == [
        f"Sold {told} DEMO:BTCUSD at 71000.10",
        f"Cancelled: market order o1 to sell {told} DEMO:BTCUSD",
    ]
