"""Commands on their way to a venue outside the house, and what is told while it is silent.

Silence is not rejection: nothing is decided here. After a while what the command is about is told again as it stands, with the
reason, so that a terminal which waits for an update is not left alone (contract 3.9: ten seconds).
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence

from trading_api.core.desk_inputs import Input, Told, Unheard
from trading_api.core.ledger import Ledger
from trading_api.core.ports import Venue
from trading_api.models.broker.orders import OrderChange, OrderMessage, OrderStatus, PlacedOrder
from trading_api.models.facts import Fact, Requested, Unanswered

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


class Outgoing:
    def __init__(
        self, venue: Venue, sleep: Callable[[float], Awaitable[None]], put: Callable[[Input], Awaitable[None]]
    ) -> None:
        self._venue = venue
        self._sleep = sleep
        self._put = put

    async def send(self, requested: Requested) -> None:
        try:
            async with asyncio.timeout(VENUE_ANSWER_S):
                facts = await self._venue.submit(requested, requested.time)
        except TimeoutError:
            return
        await self._put(Told(facts))

    async def await_answer(self, requested: Requested) -> None:
        await self._sleep(SILENCE_S)
        await self._put(Unheard(requested))


def silence(ledger: Ledger, command: Requested, decided: Sequence[Fact], at: int) -> tuple[Unanswered, ...]:
    """What to tell about a command if nothing has come of it, also in what is decided but not folded yet."""
    orders = [one.id for one in _open(ledger, command) if not _moved(one.id, decided)]
    positions = _untouched(ledger, command) if orders or command.action in ("protect", "flatten") else ()
    if not orders and not positions:
        return ()
    last = decided[-1].time if decided else ledger.time
    message = OrderMessage(type="warning", text=WORDS[command.action])
    return (Unanswered(time=max(at, last), order_ids=tuple(orders), position_ids=tuple(positions), message=message),)


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
