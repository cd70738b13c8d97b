"""What must hold of an account whatever happened to it; one function each, over what a trader can see."""

from collections.abc import Mapping, Sequence
from fractions import Fraction

from oracle.money import Prices, Terms, digits, rate, rounded
from oracle.orders import HAS_LIMIT
from oracle.views import AccountView, OrderView, PositionView
from trading_api.models.broker.orders import FINAL, BracketKind, OrderStatus, OrderType, ParentType

ZERO = Fraction(0)
NEXT = {
    OrderStatus.PLACING: {OrderStatus.WORKING, OrderStatus.INACTIVE, OrderStatus.REJECTED, *FINAL},
    OrderStatus.WORKING: set(FINAL),
    OrderStatus.INACTIVE: {OrderStatus.WORKING, *FINAL},
}


def positions_are_the_sum_of_executions(view: AccountView) -> None:
    sums: dict[str, Fraction] = {}
    for execution in view.executions:
        sums[execution.symbol] = sums.get(execution.symbol, ZERO) + execution.quantity * execution.side.value
    assert {symbol: total for symbol, total in sums.items() if total} == {p.symbol: p.signed for p in view.positions}


def cash_adds_up(view: AccountView, deposits: Sequence[Fraction]) -> None:
    booked = sum((execution.profit - execution.commission for execution in view.executions), ZERO)
    assert view.money.balance == sum(deposits, ZERO) + booked


def equity_is_cash_and_unrealised_profit_at_the_marks(
    view: AccountView, currency: str, terms: Mapping[str, Terms], prices: Mapping[str, Prices]
) -> None:
    gains = ZERO
    for position in view.positions:
        mark = prices[position.symbol].taken_by(position.side.opposite)
        fx = rate(terms[position.symbol].currency, currency, list(terms.values()), prices)
        assert fx is not None
        gains += (mark * position.quantity - position.cost) * position.side.value * fx
    assert view.money.unrealised == rounded(gains, currency)
    assert view.money.equity == view.money.balance + view.money.unrealised


def filled_is_the_sum_of_an_orders_executions(view: AccountView) -> None:
    for order in view.orders:
        filled = sum((execution.quantity for execution in view.executions if execution.order == order.number), ZERO)
        assert ZERO <= order.filled == filled <= order.quantity
        assert (order.status is OrderStatus.FILLED) == (filled == order.quantity)


def orders_move_only_forward(before: AccountView, now: AccountView) -> None:
    assert len(now.orders) >= len(before.orders)
    for old, new in zip(before.orders, now.orders, strict=False):
        assert old.status == new.status or new.status in NEXT.get(old.status, set()), (old, new)
        assert old.status not in FINAL or old.quantity == new.quantity, (old, new)
        assert (old.symbol, old.side, old.type) == (new.symbol, new.side, new.type)


def margin_is_what_positions_and_working_orders_reserve(
    view: AccountView, currency: str, leverage: Fraction, terms: Mapping[str, Terms], prices: Mapping[str, Prices]
) -> None:
    total = ZERO
    for symbol, term in terms.items():
        held = next((position for position in view.positions if position.symbol == symbol), None)
        working = [one for one in view.orders if one.symbol == symbol and one.status is OrderStatus.WORKING]
        value = (held.cost if held else ZERO) + reserved([one for one in working if one.bracket is None], held, prices[symbol])
        fx = rate(term.currency, currency, list(terms.values()), prices)
        total += value * max(term.margin_rate, 1 / leverage) * (fx if fx is not None else ZERO)
    assert view.money.margin_used == rounded(total, currency)
    assert view.money.margin_available == view.money.equity - view.money.margin_used


def reserved(orders: Sequence[OrderView], held: PositionView | None, prices: Prices) -> Fraction:
    """All of them filled in turn: each price paid for what it opens, less the cost of what it closed."""
    total, signed = ZERO, held.signed if held else ZERO
    each = held.cost / held.quantity if held else ZERO
    for order in orders:
        against = held is not None and held.side is not order.side
        closed = min(order.quantity, max(ZERO, -signed * int(order.side))) if against else ZERO
        signed += closed * int(order.side)
        total += max(ZERO, (order.quantity - closed) * reserved_at(order, prices) - closed * each)
    return total


def reserved_at(order: OrderView, prices: Prices) -> Fraction:
    """A buy never pays more than its limit; what it may have to pay otherwise is its stop, or the market."""
    market = prices.taken_by(order.side) if order.triggered or order.stop_price is None else order.stop_price
    if order.type not in HAS_LIMIT or order.limit_price is None:
        return market
    return order.limit_price if order.side > 0 else max(market, order.limit_price)


def brackets_protect_the_whole_position_once(view: AccountView) -> None:
    """One cancels the other, never more than is held, never one left behind."""
    held = {position.symbol: position for position in view.positions}
    seen: set[tuple[str, BracketKind]] = set()
    for order in view.orders:
        if order.bracket is None or order.status is not OrderStatus.WORKING:
            continue
        assert order.symbol in held, f"bracket {order.number} is left alive without a position"
        position = held[order.symbol]
        assert (order.symbol, order.bracket) not in seen
        seen.add((order.symbol, order.bracket))
        assert (order.side, order.quantity) == (position.side.opposite, position.quantity)
        assert (order.parent, order.parent_type) == (order.symbol, ParentType.POSITION)
        price = position.take_profit if order.bracket is BracketKind.TAKE_PROFIT else position.stop_loss
        assert price == (order.limit_price if order.type is OrderType.LIMIT else order.stop_price)
    for symbol, position in held.items():
        assert (position.take_profit is not None) == ((symbol, BracketKind.TAKE_PROFIT) in seen)
        assert (position.stop_loss is not None) == ((symbol, BracketKind.STOP_LOSS) in seen)


def waiting_brackets_follow_their_parent(view: AccountView) -> None:
    for order in view.orders:
        if order.status is OrderStatus.INACTIVE:
            assert order.bracket is not None and isinstance(order.parent, int)
            parent = view.orders[order.parent - 1]
            assert parent.status is OrderStatus.WORKING
            assert (order.quantity, order.side) == (parent.quantity, parent.side.opposite)
            price = parent.take_profit if order.bracket is BracketKind.TAKE_PROFIT else parent.stop_loss
            assert price == (order.limit_price if order.type is OrderType.LIMIT else order.stop_price)


def reducing_orders_never_flip(view: AccountView) -> None:
    signed: dict[str, Fraction] = {}
    for execution in view.executions:
        order = view.orders[execution.order - 1]
        before = signed.get(execution.symbol, ZERO)
        after = before + execution.quantity * execution.side.value
        if order.bracket is not None or order.is_close:
            assert before * after >= 0 and abs(after) < abs(before)
        signed[execution.symbol] = after


def time_never_goes_back(times: Sequence[int]) -> None:
    assert list(times) == sorted(times)


def amounts_are_on_their_grids(view: AccountView, currency: str, terms: Mapping[str, Terms]) -> None:
    cent = Fraction(1, 10 ** digits(currency))
    amounts = [view.money.balance, view.money.unrealised, view.money.equity, view.money.margin_used]
    amounts += [amount for execution in view.executions for amount in (execution.profit, execution.commission)]
    assert all(amount % cent == 0 for amount in amounts)
    for execution in view.executions:
        assert execution.price % terms[execution.symbol].tick == 0
        assert execution.quantity % terms[execution.symbol].step == 0
    for order in view.orders:
        assert order.quantity > 0 and order.quantity % terms[order.symbol].step == 0
