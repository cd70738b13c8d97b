"""Confirmations: what a trader was shown before sending, and whether the order that comes is still that one."""

import hashlib
import json
from collections import OrderedDict
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import NamedTuple

from trading_api.models.base import Model
from trading_api.models.broker.orders import OrderType
from trading_api.models.errors import Refused
from trading_api.models.facts import Command, Requested
from trading_api.models.market.quotes import Quote

CONFIRMATIONS_MAX = 100
"""Previews of one account that can still be sent; the oldest falls first."""
CONFIRMATION_VALID_MS = 60_000
"""Wall time. Longer ago, a preview's figures are no longer what the trader decides on."""
PRICE_MOVE_MAX = Decimal("0.001")
"""Share of the previewed price by which the market may have moved against a market order."""
ID_DIGITS = 12
UNCOMPARED = {"client_order_id", "current_quotes", "seen_price"}


class Confirmation(NamedTuple):
    """What was previewed, at which price, and when."""

    body: str
    price: Decimal | None
    made: int


class Confirmations:
    """Of one account; forgotten when the process ends."""

    def __init__(self, wall: Callable[[], int]) -> None:
        self._wall = wall
        self._given: OrderedDict[str, Confirmation] = OrderedDict()
        self._count = 0

    def give(self, command: Requested, price: Decimal | None) -> str:
        """An id for what was just previewed."""
        self._count += 1
        one = Confirmation(_body(command), price, self._wall())
        name = f"c{self._count}-{_digest(f'{one.made} {one.body}')[:ID_DIGITS]}"
        self._given[name] = one
        if len(self._given) > CONFIRMATIONS_MAX:
            self._given.popitem(last=False)
        return name

    def hold(self, command: Command, quotes: Mapping[str, Quote]) -> None:
        """Raise Refused unless a command that names a preview is that one, soon enough and near enough."""
        if not isinstance(command, Requested) or command.confirm_id is None:
            return
        known = self._given.get(command.confirm_id)
        if known is None or self._wall() - known.made > CONFIRMATION_VALID_MS:
            message = f"Expected the id of a preview not yet sent and at most {CONFIRMATION_VALID_MS // 1000} s old"
            raise Refused("confirmation_stale", f"{message}, found '{command.confirm_id}'; preview again", field="confirmId")
        if known.body != _body(command):
            message = "Expected the order as it was previewed, found other terms; preview again"
            raise Refused("confirmation_mismatch", message, field="confirmId")
        self._hold_price(command, known, quotes)

    def _hold_price(self, command: Requested, known: Confirmation, quotes: Mapping[str, Quote]) -> None:
        order = command.order
        if order is None or order.type is not OrderType.MARKET or known.price is None:
            return
        quote = quotes.get(order.symbol)
        if quote is None:
            return
        price = quote.price_for(order.side)
        if order.side * (price - known.price) > known.price * PRICE_MOVE_MAX:
            message = (
                f"Expected a price within {PRICE_MOVE_MAX:.1%} of the previewed {known.price}, found {price}; preview again"
            )
            raise Refused("confirmation_stale", message, field="confirmId")

    def use(self, command: Command) -> None:
        """One preview, one order."""
        if isinstance(command, Requested) and command.confirm_id is not None:
            self._given.pop(command.confirm_id, None)


def _body(command: Requested) -> str:
    body: Model | None = command.order or command.change
    fields = body.model_dump(mode="json", exclude=UNCOMPARED, exclude_none=True) if body else {}
    text = json.dumps(
        [command.action, command.order_id, command.position_id, command.removes, fields], sort_keys=True, separators=(",", ":")
    )
    return _digest(text)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
