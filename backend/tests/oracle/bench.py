"""The engine as the desk uses it, seen through the oracle's eyes: check, write the command, submit, fold what was told."""

import random
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from oracle.symbols import SYMBOLS
from oracle.views import AccountView, ExecutionView, MoneyView, OrderView, PositionView
from trading_api.core.engine import Engine
from trading_api.core.ids import CountedIds
from trading_api.core.ledger import Ledger
from trading_api.core.money import Leg, conversion_path
from trading_api.core.orders import check_order, normalized
from trading_api.models.broker.account import AccountProfile
from trading_api.models.broker.executions import Execution
from trading_api.models.broker.orders import Duration, OrderChange, OrderRequest, OrderType, ParentType, PlacedOrder, Side
from trading_api.models.errors import TradingError
from trading_api.models.facts import Command, Configured, Fact, Funded, Requested
from trading_api.models.market.instruments import Instrument
from trading_api.models.market.quotes import Quote

INSTRUMENTS = {instrument.id: instrument for instrument in SYMBOLS}
Removed = tuple[Literal["take_profit", "stop_loss"], ...]


def instrument_of(symbol: str) -> Instrument:
    return INSTRUMENTS[symbol]


def path(source: str, target: str) -> tuple[Leg, ...] | None:
    return conversion_path(source, target, SYMBOLS)


class Bench:
    """One account on the engine. `ledger` is folded from `facts` alone, as a desk's is."""

    def __init__(
        self,
        *,
        currency: str,
        deposit: Fraction,
        leverage: Fraction,
        begin: int,
        engine: type[Engine] = Engine,
        ledger: Callable[[str], Ledger] = Ledger,
    ) -> None:
        self.facts: list[Fact] = []
        self.ledger = ledger("A1")
        self.ids = CountedIds(self.ledger)
        self.engine = engine(ledger("A1"), instrument=instrument_of, path=path, ids=self.ids, random=random.Random(1))
        profile = AccountProfile(
            id="A1",
            name="",
            currency=currency,
            leverage=decimal(leverage),
            markets=("DEMO",),
            opening_balance=decimal(deposit),
        )
        self.send(Configured(time=begin, profile=profile), begin)

    # Commands answer None or the refusal

    def place(self, request: OrderRequest, at: int) -> TradingError | None:
        return self.ask(Requested(time=at, action="place", order_id="", order=normalized(request)), at)

    def modify(self, order_id: str, change: OrderChange, removes: Removed, at: int) -> TradingError | None:
        return self.ask(Requested(time=at, action="modify", order_id=order_id, change=change, removes=removes), at)

    def cancel(self, order_id: str, at: int) -> TradingError | None:
        return self.ask(Requested(time=at, action="cancel", order_id=order_id), at)

    def close(self, symbol: str, amount: Decimal | None, at: int) -> TradingError | None:
        holding = self.ledger.positions.get(symbol)
        order = OrderRequest(
            symbol=symbol,
            type=OrderType.MARKET,
            side=holding.side.opposite if holding else Side.SELL,
            quantity=amount or (abs(holding.quantity) if holding else Decimal(1)),
            is_close=True,
        )
        return self.ask(Requested(time=at, action="close", order_id="", position_id=symbol, order=order), at)

    def fund(self, amount: Decimal, at: int) -> TradingError | None:
        return self.ask(Funded(time=at, amount=amount), at)

    def tick(self, quote: Quote) -> None:
        self.wake(quote.time)
        self.fold(self.engine.tick(quote))

    def wake(self, at: int) -> None:
        """What the desk's alarms do: each moment the engine named is told to it."""
        while moments := sorted(due.time for due in self.engine.due() if due.time <= at):
            self.fold(self.engine.wake(moments[0]))

    def ask(self, command: Command, at: int) -> TradingError | None:
        self.wake(at)
        try:
            if isinstance(command, Requested) and command.action == "place":
                assert command.order is not None
                check_order(instrument_of(command.order.symbol), command.order)
            self.engine.admission.check(command, at)
        except TradingError as refusal:
            return refusal
        self.send(command, at)
        return None

    def send(self, command: Command, at: int) -> None:
        changes: dict[str, object] = {"time": max(at, self.ledger.time)}
        if isinstance(command, Requested) and not command.order_id:
            changes["order_id"] = self.ids.order()
        command = command.model_copy(update=changes)
        told = self.engine.submit(command, at)
        self.fold((command, *told))

    def fold(self, facts: tuple[Fact, ...]) -> None:
        for fact in facts:
            self.facts.append(fact)
            self.ledger.apply(fact)

    # The view

    def view(self) -> AccountView:
        orders = sorted((*self.ledger.orders.values(), *self.ledger.ended), key=lambda order: number_of(order.id))
        told = self.engine.valuation.told(time=self.ledger.time)
        return AccountView(
            orders=tuple(show_order(order) for order in orders),
            executions=tuple(show_execution(execution) for execution in self.ledger.executions),
            positions=tuple(self.show_position(symbol) for symbol in sorted(self.ledger.positions)),
            money=MoneyView(
                balance=Fraction(self.ledger.balance),
                unrealised=Fraction(told.unrealized_profit),
                equity=Fraction(told.equity),
                margin_used=Fraction(told.margin_used),
                margin_available=Fraction(told.margin_available),
            ),
        )

    def show_position(self, symbol: str) -> PositionView:
        holding = self.ledger.positions[symbol]
        told = self.ledger.position(symbol)
        return PositionView(
            symbol=told.symbol,
            side=told.side,
            quantity=Fraction(told.quantity),
            cost=Fraction(holding.cost),
            take_profit=fraction(told.take_profit),
            stop_loss=fraction(told.stop_loss),
        )


def show_order(order: PlacedOrder) -> OrderView:
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
        filled=Fraction(order.filled_quantity),
        average_price=fraction(order.average_price),
        parent=number_of(order.parent_id) if order.parent_id and order.parent_type is ParentType.ORDER else order.parent_id,
        parent_type=order.parent_type,
        bracket=order.bracket,
        triggered=order.triggered,
        is_close=order.is_close,
        expires=order.duration.datetime,
    )


def show_execution(execution: Execution) -> ExecutionView:
    return ExecutionView(
        order=number_of(execution.order_id),
        symbol=execution.symbol,
        side=execution.side,
        quantity=Fraction(execution.quantity),
        price=Fraction(execution.price),
        time=execution.time,
        profit=Fraction(execution.profit),
        commission=Fraction(execution.commission),
    )


def number_of(order_id: str) -> int:
    """Ids are counted: o1, o2, in the order in which orders come into being."""
    return int(order_id.removeprefix("o"))


def fraction(value: Decimal | None) -> Fraction | None:
    return None if value is None else Fraction(value)


def decimal(value: Fraction) -> Decimal:
    """Exact, for fractions on a decimal grid."""
    result = Decimal(value.numerator) / Decimal(value.denominator)
    assert Fraction(result) == value
    return result


def duration(day: bool) -> Duration:
    return Duration(type="DAY" if day else "GTC")
