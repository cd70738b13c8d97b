"""An order as it stands when its command has been admitted: on its way to the venue."""

from trading_api.models.broker.orders import OrderRequest, OrderStatus, PlacedOrder, StopType
from trading_api.models.facts import Requested


def as_placed(fact: Requested, wanted: OrderRequest) -> PlacedOrder:
    return PlacedOrder.trusted(
        id=fact.order_id,
        symbol=wanted.symbol,
        type=wanted.type,
        side=wanted.side,
        quantity=wanted.quantity,
        status=OrderStatus.PLACING,
        limit_price=wanted.limit_price,
        stop_price=wanted.stop_price,
        take_profit=wanted.take_profit,
        stop_loss=wanted.stop_loss,
        stop_type=StopType.TRAILING_STOP if wanted.trailing_stop_pips else None,
        trailing_stop_pips=wanted.trailing_stop_pips,
        oco_group=wanted.oco_group,
        duration=wanted.duration,
        is_close=wanted.is_close,
        closes=fact.position_id if fact.action in ("close", "place") else None,
        reverses=fact.position_id if fact.action == "reverse" else None,
        client_order_id=wanted.client_order_id,
        custom_fields=wanted.custom_fields,
        place_time=fact.time,
        update_time=fact.time,
    )
