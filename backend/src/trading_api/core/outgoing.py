"""Commands that take a while: on their way to a venue outside the house, or executed later by the simulated one.

Silence is not rejection: nothing is decided here. After a while what the command is about is told again as it stands, with the
reason, so that a terminal which waits for an update is not left alone (contract 3.9: ten seconds).
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence

from trading_api.core.desk_inputs import Input, Told, Unheard
from trading_api.core.ledger import Ledger
from trading_api.core.ports import Venue
from trading_api.models.broker.orders import OrderChange, OrderMessage, OrderStatus, PlacedOrder
from trading_api.models.facts import Changed, Fact, OrderPatch, Requested, Unanswered

VENUE_ANSWER_S = 10.0
"""How long a command waits for a venue outside the house. Silence is not rejection: the order stays placing."""
SILENCE_S = 5.0
"""After so long without an answer this is said; a terminal gives up after ten seconds."""

WORDS = {
    "place": "The venue has not answered yet: the order may or may not reach it",
    "close": "The venue has not answered yet: the position stands until it has been closed",
    "reverse": "The venue has not answered yet: the position stands until it has been reversed",
    "modify": "The venue has not answered yet: the order stands as it was",
    "cancel": "The venue has not answered yet: the order still stands",
    "cancel_all": "The venue has not answered yet: the order still stands",
    "protect": "The venue has not answered yet: the protection stands as it was",
    "flatten": "The venue has not answered yet: what was held is still held",
}
UNDER_WAY = {
    "close": "The order that closes it still works: the position stands until it has been closed",
    "reverse": "The order that reverses it still works: the position stands until it has been reversed",
}
"""The order has been told; the position it is about has not."""


class Outgoing:
    def __init__(
        self, venue: Venue, sleep: Callable[[float], Awaitable[None]], put: Callable[[Input], Awaitable[None]]
    ) -> None:
        self._venue = venue
        self._sleep = sleep
        self._put = put

    def follow(self, requested: Requested, ledger: Ledger) -> Iterable[Coroutine[object, object, None]]:
        """What remains to be done about a command after its flush."""
        if not self._venue.capabilities.immediate:
            return self._send(requested), self._await_answer(requested)
        slow = requested.action in UNDER_WAY and requested.order_id in ledger.orders
        return (self._await_answer(requested),) if slow else ()

    async def _send(self, requested: Requested) -> None:
        try:
            async with asyncio.timeout(VENUE_ANSWER_S):
                facts = await self._venue.submit(requested, requested.time)
        except TimeoutError:
            return
        await self._put(Told(facts))

    async def _await_answer(self, requested: Requested) -> None:
        await self._sleep(SILENCE_S)
        await self._put(Unheard(requested))


def unchanged(ledger: Ledger, command: Requested) -> tuple[Changed, ...]:
    """A venue may have no word for what asks for what is there already, so it is told at once as it stands."""
    order, holding = ledger.orders.get(command.order_id), ledger.positions.get(command.position_id or "")
    if command.action == "modify" and order and command.change and _shows(order, command.change, command.removes):
        return (Changed(time=command.time, orders=(OrderPatch(order_id=order.id),)),)
    if command.action == "protect" and holding and not _untouched(ledger, command):
        return (Changed(time=command.time, orders=(), position_id=holding.id),)
    return ()


def silence(ledger: Ledger, command: Requested, decided: Sequence[Fact], at: int) -> tuple[Unanswered, ...]:
    """What to tell about a command if nothing has come of it, also in what is decided but not folded yet.

    Of an order that works the time is the last fact's: what a price brings to it may be waiting, with an earlier time than now.
    """
    working = _working(ledger, command)
    orders = () if working else tuple(one.id for one in _open(ledger, command) if not _moved(one.id, decided))
    told = working is not None and not _moved(working.id, decided)
    positions = _untouched(ledger, command) if orders or told or command.action in ("protect", "flatten") else ()
    if not orders and not positions:
        return ()
    last = decided[-1].time if decided else ledger.time
    message = OrderMessage(type="warning", text=(UNDER_WAY if working else WORDS)[command.action])
    time = last if working else max(at, last)
    return (Unanswered(time=time, order_ids=orders, position_ids=positions, message=message),)


def _working(ledger: Ledger, command: Requested) -> PlacedOrder | None:
    """The order of a close or reverse that has been accepted and still has something to do."""
    order = ledger.orders.get(command.order_id) if command.action in UNDER_WAY else None
    return order if order and order.status is not OrderStatus.PLACING else None


def _open(ledger: Ledger, command: Requested) -> list[PlacedOrder]:
    """Orders on which the command has not shown yet."""
    order = ledger.orders.get(command.order_id)
    match command.action:
        case "place" | "close" | "reverse":
            return [order] if order and order.status is OrderStatus.PLACING else []
        case "modify":
            assert command.change is not None
            return [order] if order and not _shows(order, command.change, command.removes) else []
        case "cancel":
            return [order] if order else []
        case "cancel_all" | "flatten":
            return [one for one in ledger.orders.values() if _meant(one, command)]
        case "protect":
            return []


def _shows(order: PlacedOrder, change: OrderChange, removes: Iterable[str]) -> bool:
    asked = {name: getattr(change, name) for name in change.model_fields_set if name not in ("confirm_id", *removes)}
    return all(getattr(order, name) == value for name, value in asked.items()) and all(
        getattr(order, name) is None for name in removes
    )


def _meant(order: PlacedOrder, command: Requested) -> bool:
    here = command.symbol in (None, order.symbol) and command.side in (None, order.side)
    return here and order.bracket is None and order.place_time <= command.time


def _moved(order_id: str, decided: Iterable[Fact]) -> bool:
    for fact in decided:
        named = [getattr(fact, "order_id", None), *(one.order_id for one in getattr(fact, "orders", ()))]
        if order_id in named:
            return True
    return False


def _untouched(ledger: Ledger, command: Requested) -> tuple[str, ...]:
    """Positions on which the command has not shown yet."""
    if command.action == "flatten":
        return tuple(one.id for one in ledger.positions.values() if command.symbol in (None, one.symbol))
    holding = ledger.positions.get(command.position_id or "")
    if command.action in ("close", "reverse"):
        held = [holding] if holding else ledger.held_in(command.position_id or "")
        return tuple(one.id for one in held)
    if command.action != "protect" or holding is None or command.protection is None:
        return ()
    shown, asked = ledger.individual(holding), command.protection
    names = ("take_profit", "stop_loss", "trailing_stop_pips")
    return () if all(getattr(shown, one) == getattr(asked, one) for one in names) else (holding.id,)
