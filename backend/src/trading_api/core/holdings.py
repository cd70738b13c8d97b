"""Positions as the ledger keeps them, what a fill makes of them, and how they are told."""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from trading_api.core.money import booked
from trading_api.models.base import on_the_wire
from trading_api.models.broker.orders import BracketKind, PlacedOrder, Side
from trading_api.models.broker.positions import IndividualPosition, Position
from trading_api.models.facts import Executed, Extremes

ZERO = Decimal(0)
BUY, SELL = Side.BUY, Side.SELL
TAKE_PROFIT, STOP_LOSS = BracketKind.TAKE_PROFIT, BracketKind.STOP_LOSS


class Holding(NamedTuple):
    """An open position. `quantity` is signed; `cost` is what was paid for it (received, when short), never negative.

    `commission` and `swap` are what it has cost and earned so far, account currency; a close takes its share of both.
    """

    id: str
    symbol: str
    quantity: Decimal
    cost: Decimal
    opened: int
    time: int
    commission: Decimal = ZERO
    swap: Decimal = ZERO
    adjusted: int = 0
    """Up to when rollovers and dividends have been booked."""
    extremes: Extremes | None = None

    @property
    def side(self) -> Side:
        return BUY if self.quantity > 0 else SELL

    @property
    def average(self) -> Decimal:
        return self.cost / abs(self.quantity)


def after_fill(before: Holding | None, fact: Executed, currency: str) -> Holding | None:
    """The position after one execution; None when it is closed."""
    quantity = (before.quantity if before else ZERO) + fact.side * fact.quantity
    if quantity == 0:
        return None
    opened = fact.quantity - fact.closed_quantity
    entry = fact.commission - exit_commission(fact, currency)
    if before is None or fact.closed_quantity == abs(before.quantity):
        return Holding(
            id=fact.position_id,
            symbol=fact.symbol,
            quantity=quantity,
            cost=opened * fact.price,
            opened=fact.time,
            time=fact.time,
            commission=entry,
            adjusted=fact.time,
        )
    commission, swap = closed_share(before, fact.closed_quantity, currency)
    return before._replace(
        quantity=quantity,
        cost=before.cost - fact.closed_cost + opened * fact.price,
        time=fact.time,
        commission=before.commission - commission + entry,
        swap=before.swap - swap,
        extremes=fact.extremes or before.extremes,
    )


def exit_commission(fact: Executed, currency: str) -> Decimal:
    """The part of a fill's commission that belongs to what it closed, in the account's currency."""
    if fact.closed_quantity in (ZERO, fact.quantity):
        return fact.commission if fact.closed_quantity else ZERO
    return booked(fact.commission * fact.closed_quantity / fact.quantity, currency)


def closed_share(holding: Holding, quantity: Decimal, currency: str) -> tuple[Decimal, Decimal]:
    """What a close of `quantity` takes of the position's entry commission and of its swap; the last one takes what is left."""
    held = abs(holding.quantity)
    if quantity in (ZERO, held):
        return (holding.commission, holding.swap) if quantity else (ZERO, ZERO)
    return booked(holding.commission * quantity / held, currency), booked(holding.swap * quantity / held, currency)


def net(holding: Holding, brackets: Sequence[PlacedOrder]) -> Position:
    """A netted position: the brackets' prices repeated, the average rounded for the wire."""
    take_profit, stop_loss, trail = _protection(brackets)
    return Position.trusted(
        id=holding.id,
        symbol=holding.symbol,
        side=holding.side,
        quantity=abs(holding.quantity),
        average_price=on_the_wire(holding.average),
        take_profit=take_profit,
        stop_loss=stop_loss,
        trailing_stop_pips=trail,
        update_time=holding.time,
    )


def net_of(symbol: str, held: Sequence[Holding], time: int) -> Position:
    """What a hedging account holds of a symbol, long and short, and the difference with the larger side's average."""
    longs, shorts = (sum((abs(one.quantity) for one in held if one.side is side), ZERO) for side in (Side.BUY, Side.SELL))
    side = Side.BUY if longs >= shorts else Side.SELL
    cost = sum((one.cost for one in held if one.side is side), ZERO)
    return Position.trusted(
        id=symbol,
        symbol=symbol,
        side=side,
        quantity=abs(longs - shorts),
        average_price=on_the_wire(cost / (max(longs, shorts) or 1)),
        long_quantity=longs,
        short_quantity=shorts,
        update_time=time,
    )


def individual(holding: Holding, brackets: Sequence[PlacedOrder]) -> IndividualPosition:
    take_profit, stop_loss, trail = _protection(brackets)
    return IndividualPosition.trusted(
        id=holding.id,
        date=holding.opened,
        symbol=holding.symbol,
        side=holding.side,
        quantity=abs(holding.quantity),
        price=on_the_wire(holding.average),
        take_profit=take_profit,
        stop_loss=stop_loss,
        trailing_stop_pips=trail,
        update_time=holding.time,
    )


def _protection(brackets: Sequence[PlacedOrder]) -> tuple[Decimal | None, Decimal | None, Decimal | None]:
    """Take profit, stop loss and trailing distance."""
    price = stop = trail = None
    for one in brackets:
        if one.bracket is TAKE_PROFIT:
            price = one.limit_price
        elif one.bracket is STOP_LOSS:
            stop, trail = one.stop_price, one.trailing_stop_pips
    return price, stop, trail
