"""Which positions a fill touches: what it closes of each, and what it opens. The venue decides this, the ledger never."""

from decimal import Decimal
from typing import NamedTuple

from trading_api.core.account_state import CHILD_OF
from trading_api.core.holdings import ZERO, Holding
from trading_api.core.ledger import Ledger
from trading_api.models.broker.orders import OrderType, PlacedOrder, Side


class Part(NamedTuple):
    """One execution of a fill."""

    position_id: str
    closes: Decimal
    opens: Decimal

    @property
    def quantity(self) -> Decimal:
        return self.closes + self.opens


def against(ledger: Ledger, symbol: str, side: Side, position_id: str | None = None) -> list[Holding]:
    """What an order of this side would close, oldest first; with `position_id` only that one, unless it is the symbol."""
    held = ledger.held_in(symbol)
    return [one for one in held if one.side is not side and position_id in (None, one.id, symbol)]


def _named(order: PlacedOrder) -> str | None:
    """The position an order is about: the one it closes, turns round, or protects."""
    protects = order.parent_id if order.parent_type in CHILD_OF else None
    return order.closes or order.reverses or protects


def closable(ledger: Ledger, order: PlacedOrder) -> Decimal:
    """How much the order can close now: of the position it names, or of the symbol's net position."""
    named = _named(order)
    if named is None and ledger.hedging:
        return ZERO
    return sum((abs(one.quantity) for one in against(ledger, order.symbol, order.side, named)), ZERO)


def parts(ledger: Ledger, order: PlacedOrder, quantity: Decimal) -> list[Part]:
    """Netting: one part, which may close and open. Hedging: one part per position closed, then one that opens."""
    if not ledger.hedging:
        closes = min(quantity, closable(ledger, order))
        return [Part(order.symbol, closes, quantity - closes)]
    found: list[Part] = []
    named = _named(order)
    for holding in against(ledger, order.symbol, order.side, named) if named else ():
        closes = min(quantity, abs(holding.quantity))
        if closes:
            found.append(Part(holding.id, closes, ZERO))
        quantity -= closes
    return [*found, Part(own_position(order), ZERO, quantity)] if quantity else found


def own_position(order: PlacedOrder) -> str:
    """The individual position that an opening order fills into."""
    return f"p{order.id.removeprefix('o')}"


def being_closed(ledger: Ledger, holding: Holding) -> bool:
    """Whether a market order that closes all of it is on its way."""
    return any(
        one.closes in (holding.id, holding.symbol)
        and one.side is not holding.side
        and one.type is OrderType.MARKET
        and one.remaining >= abs(holding.quantity)
        for one in ledger.orders_in(holding.symbol)
    )
