"""Brackets: what they do when their parent fills, changes or falls (rules B1 to B12 of the contract).

Before the fill they belong to the order and wait; the first part fill hands them to the position, later ones grow them. A
netting account has one take profit and one stop loss per position, always its whole size; a later order replaces the kinds it
brings. A hedging account has them per individual position. Pure: each function looks at the ledger and answers with patches.
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from trading_api.core.allocation import Part, own_position
from trading_api.core.holdings import ZERO, Holding
from trading_api.core.ledger import Ledger
from trading_api.core.ports import Ids
from trading_api.models.broker.orders import (
    BracketKind,
    OrderChange,
    OrderStatus,
    OrderType,
    ParentType,
    PlacedOrder,
    Side,
    StopType,
)
from trading_api.models.broker.positions import ProtectRequest
from trading_api.models.facts import OrderPatch, Removable
from trading_api.models.market.instruments import Instrument
from trading_api.models.market.quotes import Quote

CANCELED = OrderStatus.CANCELED
TAKE_PROFIT, STOP_LOSS = BracketKind.TAKE_PROFIT, BracketKind.STOP_LOSS


class Wanted(NamedTuple):
    """One bracket as it is asked for: its price, or the distance at which it trails, or both."""

    kind: BracketKind
    price: Decimal | None
    trail: Decimal | None = None


def wanted(source: PlacedOrder | ProtectRequest) -> list[Wanted]:
    """Take profit first."""
    both = (
        Wanted(TAKE_PROFIT, source.take_profit),
        Wanted(STOP_LOSS, source.stop_loss, source.trailing_stop_pips),
    )
    return [one for one in both if one.price is not None or one.trail is not None]


# Birth


def waiting(order: PlacedOrder, ids: Ids, at: int) -> tuple[PlacedOrder, ...]:
    """The inactive brackets that come with an order."""
    return tuple(_waiting(order, one, ids, at) for one in wanted(order))


def _waiting(order: PlacedOrder, one: Wanted, ids: Ids, at: int) -> PlacedOrder:
    return _bracket(
        order.symbol,
        order.side.opposite,
        order.quantity,
        one,
        ids,
        at,
        status=OrderStatus.INACTIVE,
        parent_id=order.id,
        parent_type=ParentType.ORDER,
        origin=order.id,
    )


def _protecting(holding: Holding, one: Wanted, level: Decimal | None, ids: Ids, at: int, hedging: bool) -> PlacedOrder:
    """A bracket of a position, at work from the start."""
    kind = ParentType.INDIVIDUAL_POSITION if hedging else ParentType.POSITION
    size, side = abs(holding.quantity), holding.side.opposite
    return _bracket(holding.symbol, side, size, one._replace(price=level), ids, at, parent_id=holding.id, parent_type=kind)


def _bracket(symbol: str, side: Side, quantity: Decimal, one: Wanted, ids: Ids, at: int, **link: object) -> PlacedOrder:
    """At work unless its link says otherwise."""
    takes = one.kind is TAKE_PROFIT
    return PlacedOrder.trusted(
        id=ids.order(),
        symbol=symbol,
        type=OrderType.LIMIT if takes else OrderType.STOP,
        side=side,
        quantity=quantity,
        limit_price=one.price if takes else None,
        stop_price=None if takes else one.price,
        stop_type=StopType.TRAILING_STOP if one.trail else None,
        trailing_stop_pips=one.trail,
        bracket=one.kind,
        place_time=at,
        update_time=at,
        **{"status": OrderStatus.WORKING, **link},
    )


# Trailing


def trailing_level(side: Side, trail: Decimal, instrument: Instrument, quote: Quote) -> Decimal:
    """Where a trailing stop of this side lies now: its distance from the price at which it would close, and above zero."""
    return max(quote.price_for(side) - side.opposite * trail * instrument.pip_size, instrument.tick_size)


def trailed(orders: Iterable[PlacedOrder], instrument: Instrument, quote: Quote) -> tuple[OrderPatch, ...]:
    """The trailing stops that this price moves; they move only towards the market."""
    moved: list[OrderPatch] = []
    for one in orders:
        if one.trailing_stop_pips is None or one.status is not OrderStatus.WORKING or one.bracket is None or one.triggered:
            continue
        level = trailing_level(one.side, one.trailing_stop_pips, instrument, quote)
        if one.stop_price is None or one.side.opposite * (level - one.stop_price) > 0:
            moved.append(OrderPatch.trusted(order_id=one.id, stop_price=level))
    return tuple(moved)


# A fill


def after_fill(
    ledger: Ledger, order: PlacedOrder, part: Part, *, complete: bool, instrument: Instrument, quote: Quote
) -> tuple[OrderPatch, ...]:
    """What one execution does to the brackets around it. `complete`: nothing of the order is left."""
    patches = _after_fill(ledger, order, part, complete=complete, instrument=instrument, quote=quote)
    if all(one.status is not CANCELED for one in patches):
        return patches
    ended = {one.order_id for one in patches if one.status is CANCELED} | ({order.id} if complete else set())
    forgotten: dict[str, tuple[Removable, ...]] = {}
    for bracket in (ledger.orders[one.order_id] for one in patches if one.status is CANCELED):
        if bracket.origin in ledger.orders and bracket.origin not in ended:
            forgotten[bracket.origin] = (*forgotten.get(bracket.origin, ()), *_repeated(bracket))
    return (*patches, *(OrderPatch.trusted(order_id=parent, removed=removed) for parent, removed in forgotten.items()))


def _after_fill(
    ledger: Ledger, order: PlacedOrder, part: Part, *, complete: bool, instrument: Instrument, quote: Quote
) -> tuple[OrderPatch, ...]:
    holding = ledger.positions.get(part.position_id)
    old = [one for one in ledger.brackets_of(holding) if one.id != order.id] if holding else []
    own = [one for one in ledger.brackets_of(order) if one.status is OrderStatus.INACTIVE]
    held = abs(holding.quantity) if holding else ZERO
    if part.closes and not part.opens:
        left = held - part.closes
        return (*_resized(old, left), *(_orphaned(ledger, order) if not left else ()), *map(cancel, own if complete else ()))
    if part.closes:
        return (*map(cancel, old), *(_activated(ledger, one, part.position_id, part.opens, instrument, quote) for one in own))
    replaced = {one.bracket for one in own}
    kept = [one for one in old if one.bracket not in replaced]
    dropped = [one for one in old if one.bracket in replaced]
    size = held + part.opens
    activated = (_activated(ledger, one, part.position_id, size, instrument, quote) for one in own)
    return (*map(cancel, dropped), *activated, *_resized(kept, size))


def _orphaned(ledger: Ledger, bracket: PlacedOrder) -> tuple[OrderPatch, ...]:
    """A bracket closed the position before its parent was complete: the parent's rest falls."""
    parent = ledger.orders.get(bracket.origin or "") if bracket.bracket else None
    if parent is None:
        return ()
    return (cancel(parent), *(cancel(one) for one in ledger.brackets_of(parent)))


def _resized(orders: Iterable[PlacedOrder], quantity: Decimal) -> tuple[OrderPatch, ...]:
    """Always what is left of the position, beside what the bracket itself has filled."""
    if quantity == 0:
        return tuple(map(cancel, orders))
    sizes = ((one, quantity + one.filled_quantity) for one in orders)
    return tuple(OrderPatch.trusted(order_id=one.id, quantity=size) for one, size in sizes if size != one.quantity)


def _activated(
    ledger: Ledger, order: PlacedOrder, position_id: str, quantity: Decimal, instrument: Instrument, quote: Quote
) -> OrderPatch:
    trail = order.trailing_stop_pips
    return OrderPatch.trusted(
        order_id=order.id,
        status=OrderStatus.WORKING,
        quantity=quantity,
        stop_price=trailing_level(order.side, trail, instrument, quote) if trail and order.stop_price is None else None,
        parent_id=position_id,
        parent_type=ParentType.INDIVIDUAL_POSITION if ledger.hedging else ParentType.POSITION,
    )


def cancel(order: PlacedOrder) -> OrderPatch:
    return OrderPatch.trusted(order_id=order.id, status=CANCELED)


# A fall


def fallen_with(ledger: Ledger, order: PlacedOrder) -> tuple[OrderPatch, ...]:
    """What falls when an order is cancelled or ends: its waiting brackets; of a bracket, the price its parent repeats."""
    if order.bracket is None:
        return tuple(cancel(one) for one in ledger.brackets_of(order))
    parent = ledger.orders.get(order.origin or "")
    if parent is None:
        return ()
    return (OrderPatch.trusted(order_id=parent.id, removed=_repeated(order)),)


def _repeated(bracket: PlacedOrder) -> tuple[Removable, ...]:
    """What the parent says of this bracket."""
    if bracket.bracket is TAKE_PROFIT:
        return ("take_profit",)
    return ("stop_loss", "trailing_stop_pips") if bracket.trailing_stop_pips else ("stop_loss",)


# A modification


def modified(
    ledger: Ledger,
    order: PlacedOrder,
    change: OrderChange,
    removes: tuple[Removable, ...],
    *,
    ids: Ids,
    instrument: Instrument,
    quote: Quote | None,
) -> tuple[tuple[OrderPatch, ...], tuple[PlacedOrder, ...]]:
    """The patches of a modification, the order itself first, and the brackets it brings."""
    if order.bracket is not None:
        return _moved_bracket(ledger, order, change, removes), ()
    first = OrderPatch.trusted(
        order_id=order.id,
        quantity=change.quantity,
        limit_price=change.limit_price,
        stop_price=change.stop_price,
        take_profit=change.take_profit,
        stop_loss=change.stop_loss,
        trailing_stop_pips=change.trailing_stop_pips,
        stop_type=StopType.TRAILING_STOP if change.trailing_stop_pips else None,
        removed=_fully(removes),
        duration=change.duration,
    )
    after = order.replaced({"quantity": change.quantity or order.quantity})
    asked = (Wanted(TAKE_PROFIT, change.take_profit), Wanted(STOP_LOSS, change.stop_loss, change.trailing_stop_pips))
    own = {one.bracket: one for one in ledger.brought_by(order)}
    patches: list[OrderPatch] = []
    created: list[PlacedOrder] = []
    for one in asked:
        child = own.get(one.kind)
        if child is None:
            dropped, new = _added(ledger, after, one, ids, instrument, quote)
            patches.extend(dropped)
            created.extend(new)
        else:
            patches.extend(_changed(child, one, removes, after))
    return (first, *patches), tuple(created)


def _fully(removes: tuple[Removable, ...]) -> tuple[Removable, ...]:
    """Without its stop loss an order has nothing that trails."""
    return tuple(dict.fromkeys((*removes, "trailing_stop_pips"))) if "stop_loss" in removes else removes


def _changed(child: PlacedOrder, one: Wanted, removes: tuple[Removable, ...], after: PlacedOrder) -> tuple[OrderPatch, ...]:
    name = "take_profit" if one.kind is TAKE_PROFIT else "stop_loss"
    if name in removes:
        return (cancel(child),)
    quantity = after.quantity if child.parent_type is ParentType.ORDER else None
    fixed: tuple[Removable, ...] = ("trailing_stop_pips",) if child.trailing_stop_pips and _is_fixed(removes) else ()
    if fixed and child.stop_price is None and one.price is None:
        return (cancel(child),)
    if one.price is None and one.trail is None and not fixed and quantity in (None, child.quantity):
        return ()
    patch = _repriced(child, one.price, quantity, one.trail)
    return (patch.replaced({"removed": fixed}) if fixed else patch,)


def _is_fixed(removes: tuple[Removable, ...]) -> bool:
    return "trailing_stop_pips" in removes and "stop_loss" not in removes


def _added(
    ledger: Ledger, order: PlacedOrder, one: Wanted, ids: Ids, instrument: Instrument, quote: Quote | None
) -> tuple[tuple[OrderPatch, ...], tuple[PlacedOrder, ...]]:
    """A bracket that a modification brings waits as its order does; what has filled already it protects at once."""
    if one.price is None and one.trail is None:
        return (), ()
    holding = ledger.positions.get(own_position(order) if ledger.hedging else order.symbol)
    if not order.filled_quantity or holding is None or holding.side is not order.side or quote is None:
        return (), (_waiting(order, one, ids, ledger.time),)
    level = one.price
    if level is None and one.trail:
        level = trailing_level(holding.side.opposite, one.trail, instrument, quote)
    created = _protecting(holding, one, level, ids, ledger.time, ledger.hedging).replaced({"origin": order.id})
    replaced = [each for each in ledger.brackets_of(holding) if each.bracket is one.kind]
    return tuple(patch for each in replaced for patch in (cancel(each), *fallen_with(ledger, each))), (created,)


def _repriced(order: PlacedOrder, price: Decimal | None, quantity: Decimal | None, trail: Decimal | None = None) -> OrderPatch:
    takes = order.bracket is TAKE_PROFIT
    return OrderPatch.trusted(
        order_id=order.id,
        quantity=quantity,
        limit_price=price if takes else None,
        stop_price=None if takes else price,
        trailing_stop_pips=None if takes else trail,
        stop_type=StopType.TRAILING_STOP if trail and not takes else None,
    )


def _moved_bracket(
    ledger: Ledger, order: PlacedOrder, change: OrderChange, removes: tuple[Removable, ...]
) -> tuple[OrderPatch, ...]:
    takes = order.bracket is TAKE_PROFIT
    price = change.limit_price if takes else change.stop_price
    first = _repriced(order, price, None, change.trailing_stop_pips)
    if removes:
        first = first.replaced({"removed": removes}) if price or order.stop_price else cancel(order)
    parent = ledger.orders.get(order.origin or "")
    if parent is None:
        return (first,)
    told = OrderPatch.trusted(
        order_id=parent.id,
        take_profit=price if takes else None,
        stop_loss=None if takes else price,
        trailing_stop_pips=change.trailing_stop_pips,
        stop_type=StopType.TRAILING_STOP if change.trailing_stop_pips else None,
        removed=removes,
    )
    return first, told


# A position's protection


def protected(
    ledger: Ledger, holding: Holding, protection: ProtectRequest, ids: Ids, instrument: Instrument, quote: Quote
) -> tuple[tuple[OrderPatch, ...], tuple[PlacedOrder, ...]]:
    """The whole protection stated anew: brackets moved, removed and added."""
    there = {one.bracket: one for one in ledger.brackets_of(holding)}
    asked = {one.kind: one for one in wanted(protection)}
    patches: list[OrderPatch] = []
    created: list[PlacedOrder] = []
    for kind in BracketKind:
        known, one = there.get(kind), asked.get(kind)
        if known and one is None:
            patches.extend((cancel(known), *fallen_with(ledger, known)))
        if one is None:
            continue
        level = one.price
        if level is None and one.trail and (known is None or known.trailing_stop_pips != one.trail):
            level = trailing_level(holding.side.opposite, one.trail, instrument, quote)
        if known:
            fixed: tuple[Removable, ...] = ("trailing_stop_pips",) if known.trailing_stop_pips and not one.trail else ()
            patch = _repriced(known, level, None, one.trail)
            patches.append(patch.replaced({"removed": fixed}) if fixed else patch)
            patches.extend(_restated(ledger, known, one))
        else:
            created.append(_protecting(holding, one, level, ids, ledger.time, ledger.hedging))
    return tuple(patches), tuple(created)


def _restated(ledger: Ledger, bracket: PlacedOrder, one: Wanted) -> tuple[OrderPatch, ...]:
    """The order that brought the bracket repeats, while it works, what is asked of it now."""
    if bracket.origin not in ledger.orders:
        return ()
    if one.kind is TAKE_PROFIT:
        return (OrderPatch.trusted(order_id=bracket.origin, take_profit=one.price),)
    gone: dict[Removable, Decimal | None] = {"stop_loss": one.price, "trailing_stop_pips": one.trail}
    return (
        OrderPatch.trusted(
            order_id=bracket.origin,
            stop_loss=one.price,
            trailing_stop_pips=one.trail,
            stop_type=StopType.TRAILING_STOP if one.trail else None,
            removed=tuple(name for name, value in gone.items() if value is None),
        ),
    )
