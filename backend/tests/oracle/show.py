"""What the oracle shows a trader."""

from fractions import Fraction

from oracle.books import Oracle
from oracle.money import commission, profit
from oracle.orders import Order, own_price
from oracle.views import AccountView, ExecutionView, OrderView, PositionView
from trading_api.models.broker.orders import BracketKind, ParentType, Side


def show(oracle: Oracle) -> AccountView:
    return AccountView(
        orders=tuple(show_order(oracle, order) for order in oracle.orders),
        executions=tuple(show_execution(oracle, number) for number in range(len(oracle.fills))),
        positions=tuple(show_position(oracle, symbol) for symbol in sorted(oracle.terms) if oracle.held(symbol).signed != 0),
        money=oracle.money(),
    )


def show_order(oracle: Oracle, order: Order) -> OrderView:
    fills = [fill for fill in oracle.fills if fill.order == order.number]
    filled = sum((fill.quantity for fill in fills), Fraction(0))
    value = sum((fill.quantity * fill.price for fill in fills), Fraction(0))
    return OrderView(
        number=order.number,
        symbol=order.symbol,
        type=order.type,
        side=order.side,
        quantity=order.quantity,
        status=order.status,
        limit_price=order.limit_price,
        stop_price=order.stop_price,
        take_profit=order.take_profit,
        stop_loss=order.stop_loss,
        filled=filled,
        average_price=value / filled if filled else None,
        parent=order.symbol if order.parent_type is ParentType.POSITION else order.parent,
        parent_type=order.parent_type,
        bracket=order.bracket,
        triggered=order.triggered,
        is_close=order.is_close,
        expires=order.expires,
    )


def show_execution(oracle: Oracle, number: int) -> ExecutionView:
    fill = oracle.fills[number]
    terms = oracle.terms[fill.symbol]
    return ExecutionView(
        order=fill.order,
        symbol=fill.symbol,
        side=fill.side,
        quantity=fill.quantity,
        price=fill.price,
        time=fill.time,
        profit=profit(oracle.fills, number, terms, oracle.currency),
        commission=commission(fill, terms, oracle.currency),
    )


def show_position(oracle: Oracle, symbol: str) -> PositionView:
    position = oracle.held(symbol)
    return PositionView(
        symbol=symbol,
        side=Side.BUY if position.signed > 0 else Side.SELL,
        quantity=abs(position.signed),
        cost=position.cost,
        take_profit=protection(oracle, symbol, BracketKind.TAKE_PROFIT),
        stop_loss=protection(oracle, symbol, BracketKind.STOP_LOSS),
    )


def protection(oracle: Oracle, symbol: str, kind: BracketKind) -> Fraction | None:
    prices = [own_price(bracket) for bracket in oracle.protecting(symbol) if bracket.bracket is kind]
    return prices[0] if prices else None
