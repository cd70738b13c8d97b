"""Orders as they are told, and which of them: contract 4.6."""

from collections.abc import Iterable, Iterator

from trading_api.core.broker_rest.naming import Names
from trading_api.core.broker_rest.words import PARENTS, SIDES, STATUSES, TYPES, seconds, to_wire_pips
from trading_api.models.broker.orders import Duration, PlacedOrder, StopType
from trading_api.models.market.instruments import Instrument
from trading_api.models.tradingview.orders import Message, OrderDuration, WireOrder


def told_order(order: PlacedOrder, names: Names, instrument: Instrument | None) -> WireOrder:
    """`instrument` is None when it is no longer listed."""
    trails = order.bracket is not None and order.stop_type is StopType.TRAILING_STOP
    pips = order.trailing_stop_pips if trails else None
    return WireOrder(
        id=order.id,
        instrument=names.wire(order.symbol),
        quantity=order.quantity,
        side=SIDES[order.side],
        type=TYPES[order.type],
        status=STATUSES[order.status],
        filled_quantity=order.filled_quantity,
        average_price=order.average_price,
        limit_price=order.limit_price,
        stop_price=order.stop_price,
        trailing_stop_pips=None if pips is None or instrument is None else to_wire_pips(instrument, pips),
        is_trailing_stop=True if trails else None,
        parent_id=order.parent_id if order.parent_type else None,
        parent_type=PARENTS[order.parent_type] if order.parent_type and order.parent_id else None,
        duration=_duration(order.duration),
        last_modified=seconds(order.update_time),
        message=Message(text=order.message.text, type=order.message.type) if order.message else None,
    )


def _duration(duration: Duration) -> OrderDuration:
    ends = duration.datetime if duration.type == "GTD" else None
    return OrderDuration(type=duration.type, datetime=None if ends is None else seconds(ends))


def latest(orders: Iterable[PlacedOrder]) -> Iterator[PlacedOrder]:
    """Each order once, as it stood last."""
    yield from {one.id: one for one in orders}.values()
