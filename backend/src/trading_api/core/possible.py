"""What a desk refuses by itself, before its venue is asked."""

from trading_api.core.ledger import Ledger
from trading_api.core.orders import no_position
from trading_api.core.ports import Venue
from trading_api.models.errors import Refused, TradingError
from trading_api.models.facts import Command, Fact, Requested

OPEN_MAX = 5_000
"""Open orders, with brackets, and positions of one account at its last flush; each tick looks at them all."""


POSITIONS_NAMED_MAX = 5
"""Individual positions that a refusal names."""


def check_possible(ledger: Ledger, command: Command) -> None:
    if not isinstance(command, Requested):
        return
    if command.action in ("close", "reverse") and command.order is None:
        # Its id was known when it was asked, so that the first answer was enough; by now the id has been forgotten.
        raise no_position(command.position_id)
    if command.action == "protect" and command.position_id not in ledger.positions:
        raise no_single_position(ledger, command.position_id or "")
    held = len(ledger.orders) + len(ledger.positions)
    if command.action in ("place", "reverse") and held >= OPEN_MAX:
        message = f"Expected at most {OPEN_MAX} open orders and positions of account {ledger.account_id}, found {held}"
        raise Refused("too_many_open", message)


def no_single_position(ledger: Ledger, position_id: str) -> TradingError:
    """What a hedging account holds of a symbol is told as one, and can be closed as one, but neither reversed nor protected."""
    held = ledger.held_in(position_id)
    if not held:
        return no_position(position_id)
    named = ", ".join(one.id for one in held[:POSITIONS_NAMED_MAX]) + (" …" if len(held) > POSITIONS_NAMED_MAX else "")
    message = f"Expected one of the individual positions {named}, found '{position_id}', which only adds them up"
    return Refused("net_position", message, field="positionId")


def executed(venue: Venue, order_id: str, at: int) -> tuple[Fact, ...]:
    """Of an order filled on demand."""
    facts = venue.execute(order_id, at)
    if not facts:
        message = f"Expected an order that the market would fill now, found that '{order_id}' has to wait"
        raise Refused("not_executable", message, field="orderId")
    return facts
