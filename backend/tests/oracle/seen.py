"""An engine's account through the oracle's eyes: a ledger and the sums that are told of it."""

from decimal import Decimal
from fractions import Fraction

from oracle.views import AccountView, ExecutionView, MoneyView, NetView, OrderView, PositionView
from trading_api.core.holdings import Holding
from trading_api.core.ledger import Ledger
from trading_api.models.broker.account import EquityData
from trading_api.models.broker.executions import Execution
from trading_api.models.broker.orders import ParentType, PlacedOrder, StopType


def seen(ledger: Ledger, money: EquityData) -> AccountView:
    orders = sorted((*ledger.orders.values(), *ledger.ended), key=lambda order: number_of(order.id))
    return AccountView(
        orders=tuple(seen_order(order) for order in orders),
        executions=tuple(seen_execution(execution) for execution in ledger.executions),
        positions=tuple(seen_position(ledger, holding) for holding in ledger.positions.values()),
        net=tuple(seen_net(ledger, symbol) for symbol in sorted({one.symbol for one in ledger.positions.values()})),
        money=MoneyView(
            balance=Fraction(ledger.balance),
            unrealised=Fraction(money.unrealized_profit),
            equity=Fraction(money.equity),
            margin_used=Fraction(money.margin_used),
            margin_available=Fraction(money.margin_available),
            level=fraction(money.margin_level),
            called=ledger.standing.margin_called,
        ),
    )


def seen_order(order: PlacedOrder) -> OrderView:
    waits = order.parent_type is ParentType.ORDER
    assert (order.stop_type is StopType.TRAILING_STOP) == (order.trailing_stop_pips is not None)
    return OrderView(
        number=number_of(order.id),
        symbol=order.symbol,
        type=order.type,
        side=order.side,
        quantity=Fraction(order.quantity),
        status=order.status,
        limit_price=fraction(order.limit_price),
        stop_price=fraction(order.stop_price),
        take_profit=fraction(order.take_profit),
        stop_loss=fraction(order.stop_loss),
        trail=fraction(order.trailing_stop_pips),
        filled=Fraction(order.filled_quantity),
        average_price=fraction(order.average_price),
        parent=number_of(order.parent_id) if waits and order.parent_id else order.parent_id,
        parent_type=order.parent_type,
        origin=number_of(order.origin) if order.origin else None,
        bracket=order.bracket,
        triggered=order.triggered,
        is_close=order.is_close,
        closes=order.closes,
        reverses=order.reverses,
        group=order.oco_group,
        works=order.duration.type,
        expires=order.duration.datetime,
    )


def seen_execution(execution: Execution) -> ExecutionView:
    return ExecutionView(
        order=number_of(execution.order_id),
        position=execution.position_id,
        symbol=execution.symbol,
        side=execution.side,
        quantity=Fraction(execution.quantity),
        price=Fraction(execution.price),
        time=execution.time,
        profit=Fraction(execution.profit),
        commission=Fraction(execution.commission),
    )


def seen_position(ledger: Ledger, holding: Holding) -> PositionView:
    told = ledger.individual(holding) if ledger.hedging else ledger.position(holding.symbol)
    return PositionView(
        id=told.id,
        symbol=told.symbol,
        side=told.side,
        quantity=Fraction(told.quantity),
        cost=Fraction(holding.cost),
        take_profit=fraction(told.take_profit),
        stop_loss=fraction(told.stop_loss),
        trail=fraction(told.trailing_stop_pips),
    )


def seen_net(ledger: Ledger, symbol: str) -> NetView:
    told = ledger.position(symbol)
    signed = Fraction(told.quantity) * told.side
    if ledger.hedging:
        return NetView(symbol, signed, Fraction(told.long_quantity or 0), Fraction(told.short_quantity or 0))
    return NetView(symbol, signed, max(signed, Fraction(0)), max(-signed, Fraction(0)))


def number_of(order_id: str) -> int:
    """Ids are counted: o1, o2, in the order in which orders come into being."""
    return int(order_id.removeprefix("o"))


def fraction(value: Decimal | None) -> Fraction | None:
    return None if value is None else Fraction(value)
