"""An order as the oracle keeps it, and what can be said about one order alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from trading_api.models.broker.orders import BracketKind, OrderStatus, OrderType, ParentType, Side

HAS_LIMIT = {OrderType.LIMIT, OrderType.STOP_LIMIT}
HAS_STOP = {OrderType.STOP, OrderType.STOP_LIMIT}


@dataclass
class Order:
    symbol: str
    type: OrderType
    side: Side
    quantity: Fraction
    limit_price: Fraction | None = None
    stop_price: Fraction | None = None
    take_profit: Fraction | None = None
    stop_loss: Fraction | None = None
    expires: int | None = None
    is_close: bool = False
    status: OrderStatus = OrderStatus.WORKING
    parent: int | None = None
    parent_type: ParentType | None = None
    bracket: BracketKind | None = None
    triggered: bool = False
    number: int = 0


@dataclass(frozen=True)
class Change:
    """A modification: the new values by name. None for a bracket price removes it, for `expires` it lifts the end."""

    values: Mapping[str, Fraction | int | None]


def own_price(bracket: Order) -> Fraction | None:
    return bracket.limit_price if bracket.bracket is BracketKind.TAKE_PROFIT else bracket.stop_price


def order_price(order: Order) -> Fraction:
    """The price an order is entered at, as far as it says one: its limit, else its stop."""
    price = order.limit_price if order.type in HAS_LIMIT else order.stop_price
    assert price is not None
    return price


def changeable(order: Order) -> set[str]:
    if order.bracket is BracketKind.TAKE_PROFIT:
        return {"limit_price"}
    if order.bracket is BracketKind.STOP_LOSS:
        return {"stop_price"}
    names = {"quantity", "take_profit", "stop_loss", "expires"}
    if order.type in HAS_LIMIT:
        names.add("limit_price")
    if order.type in HAS_STOP:
        names.add("stop_price")
    return names


def wrong_bracket(
    side: Side, take_profit: Fraction | None, stop_loss: Fraction | None, low: Fraction, high: Fraction
) -> str | None:
    """A buy takes profit above the entry and stops its loss below; a sell the other way round."""
    above, below = (take_profit, stop_loss) if side is Side.BUY else (stop_loss, take_profit)
    if above is not None and above <= high:
        return "bracket on the wrong side"
    if below is not None and below >= low:
        return "bracket on the wrong side"
    return None
