"""What the oracle shows a trader."""

from fractions import Fraction

from oracle.books import Oracle
from oracle.money import commission, profit, told
from oracle.orders import Order, own_price
from oracle.views import AccountView, ExecutionView, NetView, OrderView, PositionView
from trading_api.models.broker.orders import BracketKind, Side


def show(oracle: Oracle) -> AccountView:
    return AccountView(
        orders=tuple(show_order(oracle, order) for order in oracle.orders),
        executions=tuple(show_execution(oracle, number) for number in range(len(oracle.fills))),
        positions=tuple(show_position(oracle, position) for position in oracle.positions()),
        net=tuple(show_net(oracle, symbol) for symbol in sorted(oracle.terms) if oracle.positions(symbol)),
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
        trail=order.trail,
        filled=filled,
        average_price=told(value / filled) if filled else None,
        parent=order.position if order.position else order.origin,
        parent_type=order.parent_type(oracle.hedging),
        origin=order.origin,
        bracket=order.bracket,
        triggered=order.triggered,
        is_close=order.is_close,
        closes=order.closes,
        reverses=order.reverses,
        group=order.group,
        works=order.works,
        expires=order.expires,
    )


def show_execution(oracle: Oracle, number: int) -> ExecutionView:
    fill = oracle.fills[number]
    terms = oracle.terms[fill.symbol]
    return ExecutionView(
        order=fill.order,
        position=fill.position,
        symbol=fill.symbol,
        side=fill.side,
        quantity=fill.quantity,
        price=fill.price,
        time=fill.time,
        profit=profit(oracle.fills, number, terms, oracle.currency),
        commission=commission(fill, terms, oracle.currency),
    )


def show_position(oracle: Oracle, position: str) -> PositionView:
    now = oracle.held(position)
    protection = {bracket.bracket: bracket for bracket in oracle.protecting(position)}
    take_profit, stop_loss = protection.get(BracketKind.TAKE_PROFIT), protection.get(BracketKind.STOP_LOSS)
    return PositionView(
        id=position,
        symbol=oracle.symbol_of(position),
        side=oracle.side_of(position),
        quantity=abs(now.signed),
        cost=now.cost,
        take_profit=own_price(take_profit) if take_profit else None,
        stop_loss=own_price(stop_loss) if stop_loss else None,
        trail=stop_loss.trail if stop_loss else None,
    )


def show_net(oracle: Oracle, symbol: str) -> NetView:
    longs, shorts = (oracle.size(oracle.against(symbol, side)) for side in (Side.SELL, Side.BUY))
    return NetView(symbol, longs - shorts, longs, shorts)
