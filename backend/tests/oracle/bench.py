"""The engine as the desk uses it: check, write the command, submit, fold what was told."""

import random
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from oracle.seen import seen
from oracle.symbols import SYMBOLS
from oracle.views import AccountView
from trading_api.core.engine import Engine
from trading_api.core.ids import CountedIds
from trading_api.core.ledger import Ledger
from trading_api.core.money import Leg, conversion_path
from trading_api.core.orders import check_order, normalized
from trading_api.core.standing import UNGUARDED, USUAL, MarginLevels
from trading_api.models.broker.account import AccountProfile
from trading_api.models.broker.orders import OrderChange, OrderRequest, OrderType, Side
from trading_api.models.broker.positions import ProtectRequest
from trading_api.models.errors import TradingError
from trading_api.models.facts import Command, Configured, Fact, Funded, Removable, Requested
from trading_api.models.market.instruments import Instrument
from trading_api.models.market.quotes import Quote

INSTRUMENTS = {instrument.id: instrument for instrument in SYMBOLS}


def instrument_of(symbol: str) -> Instrument:
    return INSTRUMENTS[symbol]


def path(source: str, target: str) -> tuple[Leg, ...] | None:
    return conversion_path(source, target, SYMBOLS)


def a_profile(
    currency: str, deposit: Fraction, leverage: Fraction, *, hedging: bool = False, fifo: bool = False
) -> AccountProfile:
    return AccountProfile(
        id="A1",
        name="",
        currency=currency,
        leverage=decimal(leverage),
        markets=("DEMO",),
        opening_balance=decimal(deposit),
        position_mode="hedging" if hedging else "netting",
        fifo=fifo,
    )


class Bench:
    """One account on the engine. `ledger` is folded from `facts` alone, as a desk's is: the twin of the engine's."""

    killed = False

    def __init__(self, profile: AccountProfile, begin: int, levels: MarginLevels = UNGUARDED) -> None:
        self.facts: list[Fact] = []
        self.ledger = Ledger("A1")
        self.ids = CountedIds(self.ledger)
        self.engine = Engine(
            self.ledger.twin(), instrument=instrument_of, path=path, ids=self.ids, random=random.Random(1), levels=levels
        )
        self.send(Configured(time=begin, profile=profile), begin)

    def tick(self, quote: Quote) -> None:
        self.wake(quote.time)
        self.fold(self.engine.tick(quote))

    def wake(self, at: int) -> None:
        """What the desk's alarms do: each moment the engine named is told to it."""
        while moments := sorted(due.time for due in self.engine.due() if due.time <= at):
            self.fold(self.engine.wake(moments[0]))

    def ask(self, command: Command, at: int) -> TradingError | None:
        """None, or the refusal."""
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
        if isinstance(command, Requested) and not command.order_id and command.order:
            changes["order_id"] = self.ids.order()
        command = command.model_copy(update=changes)
        told = self.engine.submit(command, at)
        self.fold((command, *told))

    def fold(self, facts: tuple[Fact, ...]) -> None:
        for fact in facts:
            self.facts.append(fact)
            self.ledger.apply(fact)

    def view(self) -> AccountView:
        return seen(self.ledger, self.engine.valuation.told(time=self.ledger.time))


class GuardedBench(Bench):
    """Calls for margin and closes positions."""

    def __init__(self, profile: AccountProfile, begin: int) -> None:
        super().__init__(profile, begin, USUAL)


# Commands as the house writes them


def to_place(ledger: Ledger, request: OrderRequest) -> Requested:
    """Sent to close, it is about the symbol's position; twice its size at the market turns it round."""
    order = normalized(request)
    if not request.is_close:
        return Requested(time=0, action="place", order_id="", order=order)
    held = sum((one.quantity for one in ledger.held_in(request.symbol)), Decimal(0))
    turns = held * request.side < 0 and request.quantity == 2 * abs(held) and request.type is OrderType.MARKET
    action: Literal["place", "reverse"] = "reverse" if turns and not ledger.hedging else "place"
    return Requested(time=0, action=action, order_id="", position_id=request.symbol, order=order)


def to_modify(order_id: str, change: OrderChange, removes: tuple[Removable, ...]) -> Requested:
    return Requested(time=0, action="modify", order_id=order_id, change=change, removes=removes)


def to_cancel(order_id: str) -> Requested:
    return Requested(time=0, action="cancel", order_id=order_id)


def to_close(ledger: Ledger, target: str, symbol: str, side: Side, amount: Decimal | None) -> Requested:
    """Of a position, or of a symbol's positions on one side."""
    held = [one for one in ledger.held_in(symbol) if one.side is side and target in (symbol, one.id)]
    order = OrderRequest(
        symbol=symbol,
        type=OrderType.MARKET,
        side=side.opposite,
        quantity=amount or sum((abs(one.quantity) for one in held), Decimal(0)) or Decimal(1),
        is_close=True,
    )
    return Requested(time=0, action="close", order_id="", position_id=target, order=order)


def to_reverse(ledger: Ledger, position_id: str) -> Requested:
    holding = ledger.positions[position_id]
    order = OrderRequest(
        symbol=holding.symbol,
        type=OrderType.MARKET,
        side=holding.side.opposite,
        quantity=2 * abs(holding.quantity),
        is_close=True,
    )
    return Requested(time=0, action="reverse", order_id="", position_id=position_id, order=order)


def to_protect(position_id: str, protection: ProtectRequest) -> Requested:
    return Requested(time=0, action="protect", order_id="", position_id=position_id, protection=protection)


def to_cancel_all(symbol: str | None, side: Side | None) -> Requested:
    return Requested(time=0, action="cancel_all", order_id="", symbol=symbol, side=side)


def to_flatten(symbol: str | None) -> Requested:
    return Requested(time=0, action="flatten", order_id="", symbol=symbol)


def to_fund(amount: Fraction) -> Funded:
    return Funded(time=0, amount=decimal(amount))


def decimal(value: Fraction) -> Decimal:
    """Exact, for fractions on a decimal grid."""
    result = Decimal(value.numerator) / Decimal(value.denominator)
    assert Fraction(result) == value
    return result


def maybe(value: Fraction | None) -> Decimal | None:
    return None if value is None else decimal(value)
