"""What must hold of an account whatever happened to it; one function each, over what a trader can see."""

from collections.abc import Mapping, Sequence
from fractions import Fraction

from oracle.money import Prices, Terms, digits, rate, rounded
from oracle.orders import HAS_LIMIT
from oracle.views import AccountView, ExecutionView, OrderView, PositionView
from trading_api.models.broker.orders import FINAL, BracketKind, OrderStatus, OrderType, ParentType, Side

ZERO = Fraction(0)
NEXT = {
    OrderStatus.PLACING: {OrderStatus.WORKING, OrderStatus.INACTIVE, OrderStatus.REJECTED, *FINAL},
    OrderStatus.WORKING: set(FINAL),
    OrderStatus.INACTIVE: {OrderStatus.WORKING, *FINAL},
}


def hold(view: AccountView, before: AccountView, terms: Mapping[str, Terms], *, moved_by_hand: bool) -> None:
    """Those that need nothing but what is seen now and was seen a step ago."""
    positions_are_the_sum_of_executions(view)
    filled_is_the_sum_of_an_orders_executions(view)
    orders_move_only_forward(before, view)
    brackets_protect_the_whole_position_once(view)
    bracket_pairs_never_both_fill(view)
    waiting_brackets_follow_their_parent(view)
    orders_repeat_the_brackets_they_brought(view)
    reducing_orders_never_open(view)
    what_is_for_now_or_never_does_not_work_on(view)
    one_of_a_group_is_the_end_of_the_others(before, view)
    if not moved_by_hand:
        trails_move_only_towards_the_market(before, view)


# Positions and money


def positions_are_the_sum_of_executions(view: AccountView) -> None:
    sums: dict[str, Fraction] = {}
    for execution in view.executions:
        sums[execution.position] = sums.get(execution.position, ZERO) + execution.quantity * execution.side.value
    assert {position: total for position, total in sums.items() if total} == {p.id: p.signed for p in view.positions}
    for net in view.net:
        mine = [one.signed for one in view.positions if one.symbol == net.symbol]
        assert (net.signed, net.longs, net.shorts) == (sum(mine), sum(q for q in mine if q > 0), -sum(q for q in mine if q < 0))


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


def margin_is_what_positions_and_working_orders_reserve(
    view: AccountView,
    currency: str,
    leverage: Fraction,
    terms: Mapping[str, Terms],
    prices: Mapping[str, Prices],
    *,
    hedging: bool,
) -> None:
    total = ZERO
    for symbol, term in terms.items():
        held = [position for position in view.positions if position.symbol == symbol]
        working = [one for one in view.orders if one.symbol == symbol and one.status is OrderStatus.WORKING]
        entries = [one for one in working if one.bracket is None and not one.closes]
        value = hedged(entries, held, prices[symbol]) if hedging else netted(entries, held, prices[symbol])
        fx = rate(term.currency, currency, list(terms.values()), prices)
        total += value * max(term.margin_rate, 1 / leverage) * (fx if fx is not None else ZERO)
    assert view.money.margin_used == rounded(total, currency)
    assert view.money.margin_available == view.money.equity - view.money.margin_used


def netted(orders: Sequence[OrderView], held: Sequence[PositionView], prices: Prices) -> Fraction:
    """All of them filled in turn: each price paid for what it opens, less the cost of what it closed."""
    position = held[0] if held else None
    total, signed = (position.cost, position.signed) if position else (ZERO, ZERO)
    each = position.cost / position.quantity if position else ZERO
    for order in orders:
        against = position is not None and position.side is not order.side
        closed = min(order.remaining, max(ZERO, -signed * int(order.side))) if against else ZERO
        signed += closed * int(order.side)
        total += max(ZERO, (order.remaining - closed) * reserved_at(order, prices) - closed * each)
    return total


def hedged(orders: Sequence[OrderView], held: Sequence[PositionView], prices: Prices) -> Fraction:
    """Each side as if all its orders filled; a reverse opens only what is beyond the position it turns round."""
    sizes = {one.id: one.quantity for one in held}

    def side_of_the_book(side: Side) -> Fraction:
        there = sum((one.cost for one in held if one.side is side), ZERO)
        mine = [one for one in orders if one.side is side]
        left = ((one, one.remaining - sizes.get(one.reverses or "", ZERO)) for one in mine)
        return there + sum((max(ZERO, quantity) * reserved_at(one, prices) for one, quantity in left), ZERO)

    return max(side_of_the_book(Side.BUY), side_of_the_book(Side.SELL))


def reserved_at(order: OrderView, prices: Prices) -> Fraction:
    """A buy never pays more than its limit; what it may have to pay otherwise is its stop, or the market."""
    market = prices.taken_by(order.side) if order.triggered or order.stop_price is None else order.stop_price
    if order.type not in HAS_LIMIT or order.limit_price is None:
        return market
    return order.limit_price if order.side > 0 else max(market, order.limit_price)


# Orders


def filled_is_the_sum_of_an_orders_executions(view: AccountView) -> None:
    for order in view.orders:
        filled = sum((execution.quantity for execution in view.executions if execution.order == order.number), ZERO)
        assert ZERO <= order.filled == filled <= order.quantity
        assert (order.status is OrderStatus.FILLED) == (filled == order.quantity)


def orders_move_only_forward(before: AccountView, now: AccountView) -> None:
    assert len(now.orders) >= len(before.orders)
    for old, new in zip(before.orders, now.orders, strict=False):
        assert old.status == new.status or new.status in NEXT.get(old.status, set()), (old, new)
        assert old.status not in FINAL or old == new, (old, new)
        assert old.filled <= new.filled
        assert (old.symbol, old.side, old.type) == (new.symbol, new.side, new.type)


def what_is_for_now_or_never_does_not_work_on(view: AccountView) -> None:
    for order in view.orders:
        if order.works in ("IOC", "FOK"):
            assert order.status in FINAL
            assert order.works == "IOC" or order.filled in (ZERO, order.quantity)


def one_of_a_group_is_the_end_of_the_others(before: AccountView, now: AccountView) -> None:
    began = [new for old, new in zip(before.orders, now.orders, strict=False) if old.filled == 0 < new.filled and new.group]
    for first in began:
        for old, new in zip(before.orders, now.orders, strict=False):
            if old.group == first.group and old.status not in FINAL and new.number != first.number:
                assert new.status in FINAL, (first, new)
                assert old.filled or (new.status is OrderStatus.CANCELED and new.filled == 0), (first, new)


def no_price_gives_more_than_its_size(since: Sequence[ExecutionView], symbol: str, prices: Prices) -> None:
    for side in Side:
        size = prices.size_for(side)
        taken = sum((one.quantity for one in since if one.symbol == symbol and one.side is side), ZERO)
        assert size is None or taken <= size


# Brackets


def brackets_protect_the_whole_position_once(view: AccountView) -> None:
    """One cancels the other, never more than is held, never one left behind."""
    held = {position.id: position for position in view.positions}
    seen: set[tuple[str, BracketKind]] = set()
    for order in view.orders:
        if order.bracket is None or order.status is not OrderStatus.WORKING:
            continue
        assert isinstance(order.parent, str) and order.parent in held, (
            f"bracket {order.number} is left alive without a position"
        )
        position = held[order.parent]
        assert (order.parent, order.bracket) not in seen
        seen.add((order.parent, order.bracket))
        assert (order.symbol, order.side, order.remaining) == (position.symbol, position.side.opposite, position.quantity)
        single = ParentType.POSITION if position.id == position.symbol else ParentType.INDIVIDUAL_POSITION
        assert order.parent_type is single
        price = position.take_profit if order.bracket is BracketKind.TAKE_PROFIT else position.stop_loss
        assert price is not None and price == (order.limit_price if order.type is OrderType.LIMIT else order.stop_price)
    for name, position in held.items():
        assert (position.take_profit is not None) == ((name, BracketKind.TAKE_PROFIT) in seen)
        assert (position.stop_loss is not None) == ((name, BracketKind.STOP_LOSS) in seen)
        assert position.trail is None or position.stop_loss is not None


def bracket_pairs_never_both_fill(view: AccountView) -> None:
    filled = [one.origin for one in view.orders if one.bracket and one.origin and one.status is OrderStatus.FILLED]
    assert len(filled) == len(set(filled))


def waiting_brackets_follow_their_parent(view: AccountView) -> None:
    for order in view.orders:
        if order.status is OrderStatus.INACTIVE:
            assert order.bracket is not None and isinstance(order.parent, int)
            parent = view.orders[order.parent - 1]
            assert parent.status is OrderStatus.WORKING and order.filled == 0
            assert (order.quantity, order.side) == (parent.quantity, parent.side.opposite)
            assert own_prices(order) != (None, None)


def own_prices(bracket: OrderView) -> tuple[Fraction | None, Fraction | None]:
    return bracket.limit_price if bracket.bracket is BracketKind.TAKE_PROFIT else bracket.stop_price, bracket.trail


def orders_repeat_the_brackets_they_brought(view: AccountView) -> None:
    """What an open order says of its brackets is there, and what is there it says; where a trail stands the bracket says."""
    for order in view.orders:
        if order.bracket is not None or order.status in FINAL:
            continue
        brought = {one.bracket: one for one in view.orders if one.origin == order.number and one.status not in FINAL}
        take_profit, stop_loss = brought.get(BracketKind.TAKE_PROFIT), brought.get(BracketKind.STOP_LOSS)
        assert order.take_profit == (take_profit.limit_price if take_profit else None), order
        assert order.trail == (stop_loss.trail if stop_loss else None), order
        if stop_loss is None:
            assert order.stop_loss is None, order
        elif order.stop_loss is not None and stop_loss.trail is None:
            assert order.stop_loss == stop_loss.stop_price


def trails_move_only_towards_the_market(before: AccountView, now: AccountView) -> None:
    for old, new in zip(before.orders, now.orders, strict=False):
        if old.trail is None or new.bracket is None or old.stop_price is None or new.stop_price is None:
            continue
        assert (new.stop_price - old.stop_price) * int(new.side) <= 0, (old, new)
        assert new.stop_price == old.stop_price or not old.triggered


def reducing_orders_never_open(view: AccountView) -> None:
    signed: dict[str, Fraction] = {}
    for execution in view.executions:
        order = view.orders[execution.order - 1]
        before = signed.get(execution.position, ZERO)
        after = before + execution.quantity * execution.side.value
        if order.bracket is not None or order.closes is not None:
            assert before * after >= 0 and abs(after) < abs(before)
        signed[execution.position] = after


# Numbers


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
        assert all(price is None or price % terms[order.symbol].tick == 0 for price in (order.limit_price, order.stop_price))
