"""What a trader can see of an account, in exact fractions: the form in which the oracle and the engine are compared."""

from dataclasses import dataclass
from fractions import Fraction

from trading_api.models.broker.orders import BracketKind, OrderStatus, OrderType, ParentType, Side


@dataclass(frozen=True)
class OrderView:
    """An order; `number` counts orders from 1 as they come into being, so that ids need not agree."""

    number: int
    symbol: str
    type: OrderType
    side: Side
    quantity: Fraction
    status: OrderStatus
    limit_price: Fraction | None
    stop_price: Fraction | None
    take_profit: Fraction | None
    stop_loss: Fraction | None
    trail: Fraction | None
    filled: Fraction
    average_price: Fraction | None
    parent: int | str | None
    """The parent order's number, or the position's id."""
    parent_type: ParentType | None
    origin: int | None
    """The order that brought this bracket."""
    bracket: BracketKind | None
    triggered: bool
    is_close: bool
    closes: str | None
    reverses: str | None
    group: str | None
    works: str
    expires: int | None

    @property
    def remaining(self) -> Fraction:
        return self.quantity - self.filled


@dataclass(frozen=True)
class ExecutionView:
    order: int
    position: str
    symbol: str
    side: Side
    quantity: Fraction
    price: Fraction
    time: int
    profit: Fraction
    commission: Fraction


@dataclass(frozen=True)
class PositionView:
    """An individual position is named p and the number of the order that opened it, a netted one after its symbol."""

    id: str
    symbol: str
    side: Side
    quantity: Fraction
    cost: Fraction
    take_profit: Fraction | None
    stop_loss: Fraction | None
    trail: Fraction | None

    @property
    def signed(self) -> Fraction:
        return self.quantity * int(self.side)


@dataclass(frozen=True)
class NetView:
    """What is told of a symbol as a whole."""

    symbol: str
    signed: Fraction
    longs: Fraction
    shorts: Fraction


@dataclass(frozen=True)
class MoneyView:
    balance: Fraction
    unrealised: Fraction
    equity: Fraction
    margin_used: Fraction
    margin_available: Fraction
    level: Fraction | None
    """Equity in percent of the positions' margin."""
    called: bool
    """For margin, since the level fell."""


@dataclass(frozen=True)
class AccountView:
    orders: tuple[OrderView, ...]
    executions: tuple[ExecutionView, ...]
    positions: tuple[PositionView, ...]
    """Open ones, oldest first."""
    net: tuple[NetView, ...]
    """By symbol."""
    money: MoneyView
