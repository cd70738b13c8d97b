"""The ledger: what the facts mean. A pure fold: orders, executions, positions and money of one account.

It decides nothing. A fact says what happened, with every amount already rounded; `apply` moves the state and returns the
cascade, in the order in which it is announced: execution, orders, equity, positions.

What the state holds and how it is read stands in core/account_state.py.
"""

from collections import deque
from collections.abc import Iterable
from copy import copy
from decimal import Decimal

from trading_api.core.account_state import CHILD_OF, AccountState
from trading_api.core.ahead import SHARED, Ahead, Step
from trading_api.core.cascade import COUNTED_TOPICS, Cascade, counted
from trading_api.core.client_ids import remember
from trading_api.core.holdings import ZERO, Holding, after_fill, individual, net, net_of
from trading_api.core.notices import NOTICED
from trading_api.core.placed import as_placed
from trading_api.core.standing import Standing
from trading_api.models.base import on_the_wire
from trading_api.models.broker.account import AccountProfile
from trading_api.models.broker.executions import Execution
from trading_api.models.broker.orders import (
    OrderMessage,
    OrderStatus,
    PlacedOrder,
)
from trading_api.models.broker.positions import IndividualPosition, Position
from trading_api.models.facts import (
    Accepted,
    Adjusted,
    Cancelled,
    Changed,
    Configured,
    Executed,
    Expired,
    Fact,
    Funded,
    Leveraged,
    Marked,
    OrderPatch,
    Rejected,
    Requested,
    Triggered,
    Unanswered,
)

NOTHING_LEFT = dict.fromkeys(("quantity", "long_quantity", "short_quantity"), ZERO)
PATCHED = frozenset(OrderPatch.model_fields) - {"order_id", "removed"}


class Ledger(AccountState):
    """Of one account. All that it holds is in `vars`; what it shares with a twin is not."""

    __slots__ = ("_behind", "_front")

    def __init__(self, account_id: str) -> None:
        super().__init__(account_id)
        self._front: Ahead | None = None
        self._behind: Ahead | None = None

    def fork(self) -> "Ledger":
        """An independent copy; the values inside are immutable."""
        other = copy(self)
        for name, value in vars(self).items():
            if isinstance(value, dict | deque):
                setattr(other, name, copy(value))
        other._symbols = {symbol: dict(orders) for symbol, orders in self._symbols.items()}
        other._front = other._behind = None
        return other

    def twin(self) -> "Ledger":
        """A fork that is told each fact first: what it makes of them, this one takes over."""
        other = self.fork()
        self._front = other._behind = Ahead()
        return other

    def _told(self, holding: Holding) -> tuple[tuple[Position, ...], tuple[IndividualPosition, ...]]:
        """An open position as it stands: net, and on a hedging account by itself."""
        return (self.position(holding.symbol),), (self.individual(holding),) if self.hedging else ()

    def _gone(self, holding: Holding) -> tuple[tuple[Position, ...], tuple[IndividualPosition, ...]]:
        """The last word about a position: quantity 0."""
        closed = {"quantity": ZERO, "update_time": self.time}
        if self.hedging:
            rest = self.held_in(holding.symbol)
            left = (
                self.position(holding.symbol) if rest else net_of(holding.symbol, (holding,), self.time).replaced(NOTHING_LEFT)
            )
            return (left,), (individual(holding, ()).replaced(closed),)
        return (net(holding, ()).replaced(closed),), ()

    def apply(self, fact: Fact) -> Cascade:
        assert fact.time >= self.time or isinstance(fact, Configured), f"fact {self.sequence + 1} goes back in time"
        self.sequence += 1
        self.time = fact.time
        if fact.request_id is not None:
            remember(self.commands, fact, self.sequence, refused=self._refused(fact))
        shared = type(fact) in SHARED
        step = self._front.take(fact) if self._front is not None and shared else None
        cascade = self._fold(fact) if step is None else self._take_over(step)
        if self._behind is not None and shared:
            self._behind.note(self._step(fact, cascade))
        for name, told in zip(COUNTED_TOPICS, counted(cascade), strict=True):
            if told:
                self.counts[name] += len(told)
        self.notices += type(fact) in NOTICED
        if isinstance(fact, Configured):
            self.counts, self.notices = dict.fromkeys(COUNTED_TOPICS, 0), 0
        return cascade

    def _step(self, fact: Fact, cascade: Cascade) -> Step:
        if not isinstance(fact, Executed):
            return Step(fact, cascade, self.orders_issued)
        return Step(fact, cascade, self.orders_issued, self.positions.get(fact.position_id), self._values.get(fact.order_id))

    def _take_over(self, step: Step) -> Cascade:
        """Become what folding the fact would make of this ledger."""
        fact, cascade = step.fact, step.cascade
        for order in cascade.orders:
            (self._end if order.final else self._put)(order)
        self.orders_issued = step.orders_issued
        if isinstance(fact, Executed):
            self._book(fact, *cascade.executions)
            self._hold(fact.position_id, step.holding)
            if step.value is not None:
                self._values[fact.order_id] = step.value
        return cascade

    def _refused(self, fact: Fact) -> OrderMessage | None:
        """Why the venue never took an order; one that had worked was answered before."""
        if isinstance(fact, Rejected) and self.orders[fact.order_id].status is OrderStatus.PLACING:
            return fact.message
        return None

    def _fold(self, fact: Fact) -> Cascade:
        match fact:
            case Requested():
                return self._request(fact)
            case Accepted():
                changed = self._update(fact.order_id, status=fact.status, duration=fact.duration, message=fact.message)
                return self._orders((changed, *self._create(fact.created)))
            case Executed():
                return self._execute(fact)
            case Cancelled() | Expired():
                ended = self._update(fact.order_id, status=OrderStatus.CANCELED, message=fact.message)
                return self._orders((ended, *self._patch(fact.also)))
            case Changed():
                return self._orders((*self._patch(fact.orders), *self._create(fact.created)), fact.position_id)
            case Triggered():
                return Cascade(orders=(self._update(fact.order_id, triggered=True),))
            case Rejected():
                refused = self._update(fact.order_id, status=OrderStatus.REJECTED, message=fact.message)
                return self._orders((refused, *self._patch(fact.also)))
            case Configured():
                return self._configure(fact.profile)
            case Funded():
                self.balance += fact.amount
                self.standing = self.standing.moved(fact.amount)
                return Cascade(equity=True)
            case Unanswered():
                return self._repeat(fact)
            case Adjusted():
                return self._adjust(fact)
            case Leveraged():
                return self._leverage(fact.leverage)
            case _:
                if isinstance(fact, Marked):
                    for position_id, extremes in fact.extremes.items():
                        self.positions[position_id] = self.positions[position_id]._replace(extremes=extremes)
                self.standing = self.standing.after(fact, self.balance)
                return Cascade()

    def _leverage(self, leverage: Decimal) -> Cascade:
        assert self.profile is not None
        self.profile = self.profile.model_copy(update={"leverage": leverage})
        self._touch(*self.symbols())
        return Cascade(equity=True)

    def _touch(self, *symbols: str) -> None:
        for symbol in symbols:
            self.changed[symbol] = self.sequence

    def _configure(self, profile: AccountProfile) -> Cascade:
        orders = tuple(self._update(one, status=OrderStatus.CANCELED) for one in tuple(self.orders))
        gone = self._all_gone()
        self._touch(*(one.symbol for one in self.positions.values()))
        self.positions.clear()
        self.ended.clear()
        self.executions.clear()
        self._values.clear()
        self.profile = profile
        self.hedging = profile.position_mode == "hedging"
        self.balance = profile.opening_balance
        self.realized = ZERO
        self.standing = Standing()
        return Cascade(orders=orders, equity=True, positions=gone[0], individual_positions=gone[1])

    def _all_gone(self) -> tuple[tuple[Position, ...], tuple[IndividualPosition, ...]]:
        told = [self._gone(one) for one in self.positions.values()]
        net_ones = {one.symbol: one.model_copy(update={"quantity": ZERO}) for each, _ in told for one in each}
        return tuple(net_ones.values()), tuple(one for _, each in told for one in each)

    def _request(self, fact: Requested) -> Cascade:
        if fact.order is None:
            return Cascade()
        return Cascade(orders=self._create((as_placed(fact, fact.order),)))

    def _create(self, orders: Iterable[PlacedOrder]) -> tuple[PlacedOrder, ...]:
        created = tuple(orders)
        for order in created:
            self._put(order)
            self.orders_issued += 1
        return created

    def _put(self, order: PlacedOrder) -> None:
        self.orders[order.id] = order
        self._symbols.setdefault(order.symbol, {})[order.id] = order
        self.changed[order.symbol] = self.sequence

    def _update(self, order_id: str, **changes: object) -> PlacedOrder:
        """What is None stays as it was."""
        return self._changed(order_id, {name: value for name, value in changes.items() if value is not None})

    def _changed(self, order_id: str, changes: dict[str, object]) -> PlacedOrder:
        changes["update_time"] = self.time
        order = self.orders[order_id]
        if order.message is not None and order.status is OrderStatus.PLACING and "status" in changes:
            changes.setdefault("message", None)  # it said that there was no answer
        order = order.replaced(changes)
        if "status" in changes and order.final:
            self._end(order)
        else:
            self._put(order)
        return order

    def _end(self, order: PlacedOrder) -> None:
        del self.orders[order.id]
        beside = self._symbols[order.symbol]
        del beside[order.id]
        if not beside:
            del self._symbols[order.symbol]
        self._values.pop(order.id, None)
        self.ended.append(order)
        self.changed[order.symbol] = self.sequence

    def _patch(self, patches: Iterable[OrderPatch]) -> tuple[PlacedOrder, ...]:
        return tuple(self._patched(patch) for patch in patches)

    def _patched(self, patch: OrderPatch) -> PlacedOrder:
        if patch.removed:
            gone = (*patch.removed, "stop_type") if "trailing_stop_pips" in patch.removed else patch.removed
            self._put(self.orders[patch.order_id].replaced(dict.fromkeys(gone)))
        return self._changed(
            patch.order_id, {name: value for name, value in vars(patch).items() if value is not None and name in PATCHED}
        )

    def _orders(self, orders: tuple[PlacedOrder, ...], position_id: str | None = None) -> Cascade:
        """Orders changed; a position whose brackets are among them repeats their prices, so it is told again."""
        touched = dict.fromkeys(
            [one.parent_id for one in orders if one.parent_type is not None and one.parent_type in CHILD_OF]
        )
        if position_id is not None:
            touched[position_id] = None
        if not touched:
            return Cascade(orders=orders)
        held = [self.positions[one] for one in touched if one in self.positions]
        if self.hedging:
            return Cascade(orders=orders, individual_positions=tuple(map(self.individual, held)))
        return Cascade(orders=orders, positions=tuple(self.position(one.symbol) for one in held))

    def _repeat(self, fact: Unanswered) -> Cascade:
        """Nothing changes but the message of an order being placed, which it keeps until it is answered."""
        said = {"message": fact.message}
        there = [self.orders[one] for one in fact.order_ids if one in self.orders]
        orders = tuple(
            self._update(one.id, **said) if one.status is OrderStatus.PLACING else one.replaced(said) for one in there
        )
        held = [self.positions[one] for one in fact.position_ids if one in self.positions]
        symbols = dict.fromkeys(one.symbol for one in held)
        return Cascade(
            orders=orders,
            positions=tuple(self.position(one).replaced(said) for one in symbols),
            individual_positions=tuple(self.individual(one).replaced(said) for one in held) if self.hedging else (),
        )

    def _adjust(self, fact: Adjusted) -> Cascade:
        self.balance += fact.amount
        self.realized += fact.amount
        holding = self.positions.get(fact.position_id or "")
        if holding:
            swap = holding.swap + (fact.amount if fact.reason == "swap" else ZERO)
            self.positions[holding.id] = holding._replace(swap=swap, adjusted=max(holding.adjusted, fact.due))
            self._touch(holding.symbol)
        return Cascade(equity=True)

    def _execute(self, fact: Executed) -> Cascade:
        execution = Execution.trusted(
            id=fact.execution_id,
            order_id=fact.order_id,
            position_id=fact.position_id,
            symbol=fact.symbol,
            side=fact.side,
            quantity=fact.quantity,
            price=fact.price,
            time=fact.time,
            commission=fact.commission,
            profit=fact.profit,
        )
        self._book(fact, execution)
        before = self.positions.get(fact.position_id)
        filled = self._fill(fact)
        holding = after_fill(before, fact, self.currency)
        self._hold(fact.position_id, holding)
        orders = (filled, *self._patch(fact.also))
        assert holding or before, "an execution cannot close a position that was not there"
        told = self._told(holding) if holding else self._gone(before) if before else ((), ())
        return Cascade((execution,), orders, True, *told)

    def _book(self, fact: Executed, execution: Execution) -> None:
        self.executions.append(execution)
        self.executions_issued += 1
        self.balance += fact.profit - fact.commission
        self.realized += fact.profit - fact.commission
        self._touch(fact.symbol)

    def _hold(self, position_id: str, holding: Holding | None) -> None:
        if holding:
            self.positions[position_id] = holding
        else:
            self.positions.pop(position_id, None)

    def _fill(self, fact: Executed) -> PlacedOrder:
        order = self.orders[fact.order_id]
        if order.message:
            order = order.replaced({"message": None})
            self._put(order)
        filled = order.filled_quantity + fact.quantity
        assert filled <= order.quantity, f"order {order.id} filled beyond its quantity"
        value = self._values.get(order.id, ZERO) + fact.quantity * fact.price
        self._values[order.id] = value
        changes: dict[str, object] = {"filled_quantity": filled, "average_price": on_the_wire(value / filled)}
        if filled == order.quantity:
            changes["status"] = OrderStatus.FILLED
        return self._changed(order.id, changes)
