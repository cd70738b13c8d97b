"""What a desk refuses by itself, before its venue is asked."""

from trading_api.core.ledger import Ledger
from trading_api.core.orders import no_position
from trading_api.core.ports import Venue
from trading_api.models.errors import Refused
from trading_api.models.facts import Command, Fact, Requested

OPEN_MAX = 5_000
"""Open orders, with brackets, and positions of one account at its last flush; each tick looks at them all."""


def check_possible(ledger: Ledger, command: Command) -> None:
    if not isinstance(command, Requested):
        return
    if command.action in ("close", "reverse") and command.order is None:
        # Its id was known when it was asked, so that the first answer was enough; by now the id has been forgotten.
        raise no_position(command.position_id)
    held = len(ledger.orders) + len(ledger.positions)
    if command.action in ("place", "reverse") and held >= OPEN_MAX:
        message = f"Expected at most {OPEN_MAX} open orders and positions of account {ledger.account_id}, found {held}"
        raise Refused("too_many_open", message)


def executed(venue: Venue, order_id: str, at: int) -> tuple[Fact, ...]:
    """Of an order filled on demand."""
    facts = venue.execute(order_id, at)
    if not facts:
        message = f"Expected an order that the market would fill now, found that '{order_id}' has to wait"
        raise Refused("not_executable", message, field="orderId")
    return facts
