"""What became of the client ids: a bounded window of commands, each with enough to give its first answer again."""

from collections import OrderedDict
from typing import NamedTuple

from trading_api.models.broker.orders import OrderMessage
from trading_api.models.facts import Fact, Requested

COMMANDS_MAX = 10_000
COMMANDS_WINDOW_MS = 24 * 3600 * 1000


class Command(NamedTuple):
    """What became of a client id: enough to give the first answer again."""

    body_hash: str
    order_id: str | None
    position_id: str | None
    fact: int
    time: int
    rejected: OrderMessage | None = None


def remember(commands: OrderedDict[str, Command], fact: Fact, sequence: int, *, refused: OrderMessage | None) -> None:
    """Keep the client id's answer current: a fact with a body hash begins a command, the ones after it belong to it."""
    if fact.request_id is None:
        return
    known = commands.get(fact.request_id)
    if fact.body_hash is not None:
        order_id, position_id = (fact.order_id, fact.position_id) if isinstance(fact, Requested) else (None, None)
        known = Command(fact.body_hash, order_id, position_id, sequence, fact.time)
    assert known is not None, f"fact {sequence} names a client id that nothing began"
    body_hash, order_id, position_id, _, time, rejected = known
    commands[fact.request_id] = Command(body_hash, order_id, position_id, sequence, time, refused or rejected)
    _forget(commands, fact.time)


def _forget(commands: OrderedDict[str, Command], now: int) -> None:
    while commands:
        oldest = next(iter(commands.values()))
        if len(commands) <= COMMANDS_MAX and now - oldest.time <= COMMANDS_WINDOW_MS:
            return
        commands.popitem(last=False)
