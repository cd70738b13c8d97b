"""The ledger: what the facts mean. A pure fold: orders, executions, positions and money of one account.

It decides nothing. A fact says what happened, with every amount already rounded; `apply` moves the state and returns the
cascade, in the order in which it is announced: execution, orders, equity, positions.

It keeps what is open, a bounded window of what is over, and a bounded window of client ids. Older history is in the journal.
"""

from collections import OrderedDict, deque
from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import NamedTuple, assert_never

from trading_api.models.base import on_the_wire
from trading_api.models.broker.account import AccountProfile
from trading_api.models.broker.executions import Execution
from trading_api.models.broker.orders import (
    BracketKind,
    OrderMessage,
    OrderStatus,
    ParentType,
    PlacedOrder,
    Side,
)
from trading_api.models.broker.positions import Position
from trading_api.models.facts import (
    Accepted,
    Cancelled,
    Changed,
    Configured,
    Executed,
    Expired,
    Fact,
    Funded,
    OrderPatch,
    Rejected,
    Requested,
    Triggered,
)

ENDED_ORDERS_MAX = 1_000
EXECUTIONS_MAX = 1_000
COMMANDS_MAX = 10_000
COMMANDS_WINDOW_MS = 24 * 3600 * 1000

ZERO = Decimal(0)
COUNTED_TOPICS = ("executions", "orders", "positions")


class Cascade(NamedTuple):
    """What one fact changed. The order of fields is the order of announcement; within one, the cause comes first."""

    executions: tuple[Execution, ...] = ()
    orders: tuple[PlacedOrder, ...] = ()
    equity: bool = False
    positions: tuple[Position, ...] = ()


@dataclass(frozen=True, slots=True)
class Holding:
    """An open position. `quantity` is signed; `cost` is what was paid for it (received, when short), never negative."""

    id: str
    symbol: str
    quantity: Decimal
    cost: Decimal
    time: int

    @property
    def side(self) -> Side:
        return Side.BUY if self.quantity > 0 else Side.SELL

    @property
    def average(self) -> Decimal:
        return self.cost / abs(self.quantity)


@dataclass(frozen=True, slots=True)
class Command:
    """What became of a client id: enough to give the first answer again."""

    body_hash: str
    order_id: str | None
    position_id: str | None
    fact: int
    time: int
    rejected: OrderMessage | None = None


class Ledger:
    """The state of one account after `sequence` facts."""

    def __init__(self, account_id: str, *, whole: bool = False) -> None:
        """`whole` keeps everything since the last reset, for a reader of history."""
        self.account_id = account_id
        self.profile: AccountProfile | None = None
        self.sequence = 0
        self.time = 0
        self.balance = ZERO
        self.realized = ZERO
        self.orders: dict[str, PlacedOrder] = {}
        self.ended: deque[PlacedOrder] = deque(maxlen=None if whole else ENDED_ORDERS_MAX)
        self.executions: deque[Execution] = deque(maxlen=None if whole else EXECUTIONS_MAX)
        self.positions: dict[str, Holding] = {}
        self.commands: OrderedDict[str, Command] = OrderedDict()
        self.orders_issued = 0
        self.executions_issued = 0
        self.counts = dict.fromkeys(COUNTED_TOPICS, 0)
        self._values: dict[str, Decimal] = {}

    def fork(self) -> "Ledger":
        """An independent copy; the values inside are immutable."""
        other = copy(self)
        for name, value in vars(self).items():
            if isinstance(value, dict | deque):
                setattr(other, name, copy(value))
        return other

    @property
    def currency(self) -> str:
        assert self.profile is not None
        return self.profile.currency

    @property
    def generation(self) -> int:
        return self.profile.generation if self.profile else 0

    def brackets_of(self, parent_id: str, parent_type: ParentType) -> list[PlacedOrder]:
        """Open brackets of an order or a position, take profit first."""
        found = [one for one in self.orders.values() if one.parent_id == parent_id and one.parent_type is parent_type]
        return sorted(found, key=lambda one: one.bracket or 0)

    def position(self, holding: Holding) -> Position:
        """The holding as it is told: the brackets' prices repeated, the average rounded for the wire."""
        prices = {one.bracket: one for one in self.brackets_of(holding.id, ParentType.POSITION)}
        take_profit, stop_loss = prices.get(BracketKind.TAKE_PROFIT), prices.get(BracketKind.STOP_LOSS)
        return Position(
            id=holding.id,
            symbol=holding.symbol,
            side=holding.side,
            quantity=abs(holding.quantity),
            average_price=on_the_wire(holding.average),
            take_profit=take_profit.limit_price if take_profit else None,
            stop_loss=stop_loss.stop_price if stop_loss else None,
            update_time=holding.time,
        )

    def apply(self, fact: Fact) -> Cascade:
        assert isinstance(fact, Configured) or fact.time >= self.time, f"fact {self.sequence + 1} goes back in time"
        self.sequence += 1
        self.time = fact.time
        self._remember(fact)
        cascade = self._fold(fact)
        for name in COUNTED_TOPICS:
            self.counts[name] += len(getattr(cascade, name))
        if isinstance(fact, Configured):
            self.counts = dict.fromkeys(COUNTED_TOPICS, 0)
        return cascade

    def _fold(self, fact: Fact) -> Cascade:
        match fact:
            case Configured():
                return self._configure(fact.profile)
            case Funded():
                self.balance += fact.amount
                return Cascade(equity=True)
            case Requested():
                return self._request(fact)
            case Accepted():
                changed = self._update(fact.order_id, status=fact.status, duration=fact.duration, message=fact.message)
                return self._orders((changed, *self._create(fact.created)))
            case Rejected():
                return self._orders((self._update(fact.order_id, status=OrderStatus.REJECTED, message=fact.message),))
            case Triggered():
                return Cascade(orders=(self._update(fact.order_id, triggered=True),))
            case Changed():
                return self._orders((*self._patch(fact.orders), *self._create(fact.created)))
            case Cancelled() | Expired():
                ended = self._update(fact.order_id, status=OrderStatus.CANCELED, message=fact.message)
                return self._orders((ended, *self._patch(fact.also)))
            case Executed():
                return self._execute(fact)
            case _:
                assert_never(fact)

    def _remember(self, fact: Fact) -> None:
        """Keep the client id's answer current: a fact with a body hash begins a command, the ones after it belong to it."""
        if fact.request_id is None:
            return
        known = self.commands.get(fact.request_id)
        if fact.body_hash is not None:
            order_id, position_id = (fact.order_id, fact.position_id) if isinstance(fact, Requested) else (None, None)
            known = Command(fact.body_hash, order_id, position_id, self.sequence, fact.time)
        assert known is not None, f"fact {self.sequence} names a client id that nothing began"
        rejected = fact.message if isinstance(fact, Rejected) else known.rejected
        self.commands[fact.request_id] = replace(known, fact=self.sequence, rejected=rejected)
        self._forget(fact.time)

    def _forget(self, now: int) -> None:
        while self.commands:
            oldest = next(iter(self.commands.values()))
            if len(self.commands) <= COMMANDS_MAX and now - oldest.time <= COMMANDS_WINDOW_MS:
                return
            self.commands.popitem(last=False)

    def _configure(self, profile: AccountProfile) -> Cascade:
        orders = tuple(self._update(one, status=OrderStatus.CANCELED) for one in tuple(self.orders))
        positions = tuple(self._gone(one) for one in self.positions.values())
        self.positions.clear()
        self.ended.clear()
        self.executions.clear()
        self._values.clear()
        self.profile = profile
        self.balance = profile.opening_balance
        self.realized = ZERO
        return Cascade(orders=orders, equity=True, positions=positions)

    def _request(self, fact: Requested) -> Cascade:
        if fact.order is None:
            return Cascade()
        wanted = fact.order
        order = PlacedOrder(
            id=fact.order_id,
            symbol=wanted.symbol,
            type=wanted.type,
            side=wanted.side,
            quantity=wanted.quantity,
            status=OrderStatus.PLACING,
            limit_price=wanted.limit_price,
            stop_price=wanted.stop_price,
            take_profit=wanted.take_profit,
            stop_loss=wanted.stop_loss,
            duration=wanted.duration,
            is_close=wanted.is_close,
            closes=fact.position_id,
            client_order_id=wanted.client_order_id,
            place_time=fact.time,
            update_time=fact.time,
        )
        return Cascade(orders=self._create((order,)))

    def _create(self, orders: Iterable[PlacedOrder]) -> tuple[PlacedOrder, ...]:
        created = tuple(orders)
        for order in created:
            self.orders[order.id] = order
            self.orders_issued += 1
        return created

    def _update(self, order_id: str, **changes: object) -> PlacedOrder:
        present = {name: value for name, value in changes.items() if value is not None}
        order = self.orders[order_id].model_copy(update={**present, "update_time": self.time})
        if order.final:
            del self.orders[order_id]
            self._values.pop(order_id, None)
            self.ended.append(order)
        else:
            self.orders[order_id] = order
        return order

    def _patch(self, patches: Iterable[OrderPatch]) -> tuple[PlacedOrder, ...]:
        return tuple(self._patched(patch) for patch in patches)

    def _patched(self, patch: OrderPatch) -> PlacedOrder:
        if patch.removed:
            cleared = self.orders[patch.order_id].model_copy(update=dict.fromkeys(patch.removed))
            self.orders[patch.order_id] = cleared
        changes = {name: getattr(patch, name) for name in OrderPatch.model_fields if name not in ("order_id", "removed")}
        return self._update(patch.order_id, **changes)

    def _orders(self, orders: tuple[PlacedOrder, ...]) -> Cascade:
        """Orders changed; a position whose brackets are among them repeats their prices, so it is told again."""
        touched = dict.fromkeys(one.parent_id for one in orders if one.parent_type is ParentType.POSITION)
        positions = tuple(self.position(self.positions[one]) for one in touched if one in self.positions)
        return Cascade(orders=orders, positions=positions)

    def _execute(self, fact: Executed) -> Cascade:
        execution = Execution(
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
        self.executions.append(execution)
        self.executions_issued += 1
        self.balance += fact.profit - fact.commission
        self.realized += fact.profit - fact.commission
        before = self.positions.get(fact.position_id)
        filled = self._fill(fact)
        holding = self._hold(fact, before)
        orders = (filled, *self._patch(fact.also))
        told = self.position(holding) if holding else self._gone(before)
        return Cascade((execution,), orders, True, (told,))

    def _fill(self, fact: Executed) -> PlacedOrder:
        order = self.orders[fact.order_id].model_copy(update={"message": None})
        self.orders[order.id] = order
        filled = order.filled_quantity + fact.quantity
        assert filled <= order.quantity, f"order {order.id} filled beyond its quantity"
        value = self._values.get(order.id, ZERO) + fact.quantity * fact.price
        self._values[order.id] = value
        status = OrderStatus.FILLED if filled == order.quantity else None
        return self._update(order.id, filled_quantity=filled, average_price=on_the_wire(value / filled), status=status)

    def _hold(self, fact: Executed, before: Holding | None) -> Holding | None:
        opened = fact.quantity - fact.closed_quantity
        quantity = (before.quantity if before else ZERO) + fact.side * fact.quantity
        remaining = before.cost - fact.closed_cost if before else ZERO
        if fact.closed_quantity and before and fact.closed_quantity == abs(before.quantity):
            remaining = ZERO
        if quantity == 0:
            del self.positions[fact.position_id]
            return None
        holding = Holding(fact.position_id, fact.symbol, quantity, remaining + opened * fact.price, fact.time)
        self.positions[fact.position_id] = holding
        return holding

    def _gone(self, holding: Holding | None) -> Position:
        """The last word about a position: quantity 0."""
        assert holding is not None, "an execution cannot close a position that was not there"
        return Position(
            id=holding.id,
            symbol=holding.symbol,
            side=holding.side,
            quantity=ZERO,
            average_price=on_the_wire(holding.average),
            update_time=self.time,
        )
