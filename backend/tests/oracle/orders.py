"""An order as the oracle keeps it, and what can be said about one order alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from trading_api.models.broker.orders import FINAL, BracketKind, OrderStatus, OrderType, ParentType, Side

HAS_LIMIT = {OrderType.LIMIT, OrderType.STOP_LIMIT}
HAS_STOP = {OrderType.STOP, OrderType.STOP_LIMIT}
AT_ONCE = {"IOC", "FOK"}

Works = Literal["GTC", "DAY", "GTD", "IOC", "FOK"]


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
    trail: Fraction | None = None
    """Pips at which the stop loss follows; of a bracket, its own."""
    works: Works = "GTC"
    expires: int | None = None
    group: str | None = None
    is_close: bool = False
    closes: str | None = None
    """What it was made to close: a position, or a symbol's positions of the other side."""
    reverses: str | None = None
    status: OrderStatus = OrderStatus.WORKING
    origin: int | None = None
    """Of a bracket: the order that brought it, if one did."""
    position: str | None = None
    """Of a bracket at work: what it protects."""
    bracket: BracketKind | None = None
    triggered: bool = False
    number: int = 0

    @property
    def open(self) -> bool:
        return self.status not in FINAL

    @property
    def waits_for_stop(self) -> bool:
        return self.stop_price is not None and not self.triggered

    @property
    def takes_profit(self) -> bool:
        return self.bracket is BracketKind.TAKE_PROFIT

    def parent_type(self, hedging: bool) -> ParentType | None:
        if self.bracket is None:
            return None
        if self.position is None:
            return ParentType.ORDER
        return ParentType.INDIVIDUAL_POSITION if hedging else ParentType.POSITION


@dataclass(frozen=True)
class Change:
    """A modification: the new values by name. None removes a bracket's price or a trail; for `expires` it lifts the end."""

    values: Mapping[str, Fraction | int | None]
    works: Works = "GTC"
    """With `expires`."""


@dataclass(frozen=True)
class Protection:
    take_profit: Fraction | None = None
    stop_loss: Fraction | None = None
    trail: Fraction | None = None


def own_price(bracket: Order) -> Fraction | None:
    return bracket.limit_price if bracket.takes_profit else bracket.stop_price


def order_price(order: Order) -> Fraction:
    """The price an order is entered at, as far as it says one: its limit, else its stop."""
    price = order.limit_price if order.type in HAS_LIMIT else order.stop_price
    assert price is not None
    return price


def changeable(order: Order) -> set[str]:
    if order.takes_profit:
        return {"limit_price"}
    if order.bracket is BracketKind.STOP_LOSS:
        return set() if order.triggered else {"stop_price", "trail"} if order.stop_price is not None else {"trail"}
    names = {"quantity", "take_profit", "stop_loss", "trail", "expires"} if order.closes is None else set()
    if order.type in HAS_LIMIT:
        names.add("limit_price")
    if order.type in HAS_STOP and not order.triggered:
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
