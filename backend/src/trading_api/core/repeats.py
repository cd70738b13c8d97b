"""A command that is sent again under its client id gets the first answer again."""

from collections.abc import Mapping

from trading_api.core.ledger import Ledger
from trading_api.models.common import CommandAnswer
from trading_api.models.errors import Conflict, Refused
from trading_api.models.facts import Command


def is_repeat(ledger: Ledger, asked: Mapping[str, str], request_id: str, command: Command) -> bool:
    """Whether the id is known, to the ledger or among what has just been `asked`. Raises Conflict for another body."""
    known = ledger.commands.get(request_id)
    body_hash = known.body_hash if known else asked.get(request_id)
    if body_hash is not None and body_hash != command.body_hash:
        message = f"Expected the same command under client id '{request_id}', found another body"
        raise Conflict("client_id_reused", message, field="clientOrderId")
    return body_hash is not None


def first_answer(ledger: Ledger, request_id: str) -> CommandAnswer:
    """What a command was answered the first time, from the facts that followed it."""
    known = ledger.commands[request_id]
    if known.rejected:
        raise Refused("rejected", known.rejected.text)
    return CommandAnswer(order_id=known.order_id, position_id=known.position_id, fact=known.fact)
