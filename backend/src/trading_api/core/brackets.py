"""Brackets of a netting account: what they do when their parent fills, changes or falls (rules B1 to B12 of the contract).

Before the fill they belong to the order and wait; after it they belong to the position: one take profit and one stop loss,
always the position's whole size. Pure: each function looks at the ledger and answers with patches.
"""

from decimal import Decimal
from typing import Literal

from trading_api.core.ledger import Ledger
from trading_api.core.ports import Ids
from trading_api.models.broker.orders import (
    BracketKind,
    OrderChange,
    OrderStatus,
    OrderType,
    ParentType,
    PlacedOrder,
)
from trading_api.models.facts import OrderPatch

CANCELED = OrderStatus.CANCELED
Removable = Literal["take_profit", "stop_loss"]


def waiting(order: PlacedOrder, ids: Ids, at: int) -> tuple[PlacedOrder, ...]:
    """The inactive brackets that come with an order: take profit first."""
    wanted = ((BracketKind.TAKE_PROFIT, order.take_profit), (BracketKind.STOP_LOSS, order.stop_loss))
    return tuple(_bracket(order, kind, price, ids, at) for kind, price in wanted if price is not None)


def _bracket(order: PlacedOrder, kind: BracketKind, price: Decimal, ids: Ids, at: int) -> PlacedOrder:
    takes = kind is BracketKind.TAKE_PROFIT
    return PlacedOrder(
        id=ids.order(),
        symbol=order.symbol,
        type=OrderType.LIMIT if takes else OrderType.STOP,
        side=order.side.opposite,
        quantity=order.quantity,
        status=OrderStatus.INACTIVE,
        limit_price=price if takes else None,
        stop_price=None if takes else price,
        parent_id=order.id,
        parent_type=ParentType.ORDER,
        bracket=kind,
        place_time=at,
        update_time=at,
    )


def fallen_with(ledger: Ledger, order: PlacedOrder) -> tuple[OrderPatch, ...]:
    """What falls when an order is cancelled or ends: its waiting brackets; of a bracket, the price its parent repeats."""
    if order.bracket is None:
        return tuple(_cancel(one) for one in ledger.brackets_of(order.id, ParentType.ORDER))
    parent = ledger.orders.get(order.parent_id or "")
    if order.parent_type is not ParentType.ORDER or parent is None:
        return ()
    field: Removable = "take_profit" if order.bracket is BracketKind.TAKE_PROFIT else "stop_loss"
    return (OrderPatch(order_id=parent.id, removed=(field,)),)


def after_fill(ledger: Ledger, order: PlacedOrder, reduces: Decimal) -> tuple[OrderPatch, ...]:
    """What a whole fill of `order`, of which `reduces` closed, does to the other brackets."""
    position_id = order.symbol
    old = [one for one in ledger.brackets_of(position_id, ParentType.POSITION) if one.id != order.id]
    own = ledger.brackets_of(order.id, ParentType.ORDER)
    holding = ledger.positions.get(position_id)
    held = abs(holding.quantity) if holding else Decimal(0)
    opens = order.remaining - reduces
    if reduces and not opens:
        return (*_resized(old, held - reduces), *map(_cancel, own))
    if reduces:
        return (*map(_cancel, old), *(_activated(one, position_id, opens) for one in own))
    replaced = {one.bracket for one in own}
    kept = [one for one in old if one.bracket not in replaced]
    dropped = [one for one in old if one.bracket in replaced]
    size = held + opens
    return (*map(_cancel, dropped), *(_activated(one, position_id, size) for one in own), *_resized(kept, size))


def _resized(orders: list[PlacedOrder], quantity: Decimal) -> tuple[OrderPatch, ...]:
    if quantity == 0:
        return tuple(map(_cancel, orders))
    return tuple(OrderPatch(order_id=one.id, quantity=quantity) for one in orders)


def _activated(order: PlacedOrder, position_id: str, quantity: Decimal) -> OrderPatch:
    return OrderPatch(
        order_id=order.id,
        status=OrderStatus.WORKING,
        quantity=quantity,
        parent_id=position_id,
        parent_type=ParentType.POSITION,
    )


def _cancel(order: PlacedOrder) -> OrderPatch:
    return OrderPatch(order_id=order.id, status=CANCELED)


def modified(
    ledger: Ledger, order: PlacedOrder, change: OrderChange, removes: tuple[Removable, ...], ids: Ids
) -> tuple[tuple[OrderPatch, ...], tuple[PlacedOrder, ...]]:
    """The patches of a modification, the order itself first, and the brackets it brings."""
    if order.bracket is not None:
        return _moved_bracket(ledger, order, change), ()
    own = {one.bracket: one for one in ledger.brackets_of(order.id, ParentType.ORDER)}
    patches: list[OrderPatch] = []
    created: list[PlacedOrder] = []
    after = order.model_copy(update={"quantity": change.quantity or order.quantity})
    for kind, field in ((BracketKind.TAKE_PROFIT, "take_profit"), (BracketKind.STOP_LOSS, "stop_loss")):
        price, child = getattr(change, field), own.get(kind)
        if field in removes:
            patches.extend([_cancel(child)] if child else [])
        elif child is not None and (price is not None or change.quantity is not None):
            patches.append(_repriced(child, price, after.quantity))
        elif price is not None:
            created.append(_bracket(after, kind, price, ids, ledger.time))
    first = OrderPatch(
        order_id=order.id,
        quantity=change.quantity,
        limit_price=change.limit_price,
        stop_price=change.stop_price,
        take_profit=change.take_profit,
        stop_loss=change.stop_loss,
        removed=removes,
        duration=change.duration,
    )
    return (first, *patches), tuple(created)


def _repriced(order: PlacedOrder, price: Decimal | None, quantity: Decimal | None) -> OrderPatch:
    takes = order.bracket is BracketKind.TAKE_PROFIT
    return OrderPatch(
        order_id=order.id,
        quantity=quantity,
        limit_price=price if takes else None,
        stop_price=None if takes else price,
    )


def _moved_bracket(ledger: Ledger, order: PlacedOrder, change: OrderChange) -> tuple[OrderPatch, ...]:
    takes = order.bracket is BracketKind.TAKE_PROFIT
    price = change.limit_price if takes else change.stop_price
    first = _repriced(order, price, None)
    if order.parent_type is not ParentType.ORDER or order.parent_id is None:
        return (first,)
    parent = OrderPatch(order_id=order.parent_id, take_profit=price if takes else None, stop_loss=None if takes else price)
    return first, parent
