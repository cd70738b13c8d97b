"""What crosses the socket besides a topic's own request and values, and the bounds of a connection."""

from typing import Literal

from pydantic import Field

from trading_api.models.base import Model
from trading_api.models.errors import ErrorBody

EXTENSION = "trading_api.transport"
"""Where a connection's scope shows its transport, under a server that does."""

MESSAGE_BYTES_MAX = 64 * 1024
"""A client's message: a subscription is a few hundred bytes."""

SUBSCRIPTIONS_MAX = 1000
"""Topics of one connection: several large watchlists."""

CONNECTIONS_MAX = 10_000
"""Connections of one process, about 40 KB each."""

MESSAGES_BURST_MAX = 2 * SUBSCRIPTIONS_MAX
MESSAGES_PER_SECOND_MAX = 200
"""A client may send a burst (everything it listens to, twice), then this many a second."""

OUTBOX_BYTES_MAX = 1024 * 1024
"""Unsent bytes of one connection: what a stalled reader may cost us."""

PING_SECONDS = 20.0
PONG_SECONDS = 20.0
"""How often a silent connection is asked whether it lives, and how long its answer may take."""

TRY_LATER = 1013
"""Close code of a full house and of a slow reader, who may come back and resume."""

FLOOD = 1008
FAULT = 1011

CLOSE_CODES = {
    FLOOD: f"a flood: more than {MESSAGES_BURST_MAX} messages at once and then {MESSAGES_PER_SECOND_MAX} a second",
    1002: "bytes that are no WebSocket frame",
    1009: f"a message longer than {MESSAGE_BYTES_MAX} bytes",
    FAULT: "a fault of the server, or no answer to a ping; reconnect",
    1012: "the server stops or restarts; reconnect",
    TRY_LATER: f"a slow reader: more than {OUTBOX_BYTES_MAX} bytes were waiting (1006 where not even this could be said), "
    "or too many connections; reconnect and subscribe again",
}


class ResumeFrom(Model):
    """What a subscriber saw last, so that it need not be told again."""

    epoch: str | None = Field(default=None, max_length=200)
    seq: int | None = Field(default=None, ge=0, le=2**53)


class Unsubscribed(Model):
    """The answer to `unsubscribe`."""

    status: Literal["ok", "error"]
    message: str
    topic: str
    code: str | None = Field(default=None, description="Only with status error")
    field: str | None = Field(default=None, description="Only with status error")


class Subscribed(Unsubscribed):
    """Acknowledgement and current state in one. The next update has `seq` + 1."""

    epoch: str | None = None
    seq: int | None = None
    recovered: bool | None = Field(default=None, description="True: nothing happened since the epoch and seq you named")


class UpdateEnvelope(Model):
    """What every update carries. `of` says how many frames this fact has on each topic."""

    topic: str
    epoch: str
    seq: int
    fact: int | None = Field(default=None, description="The account's sequence number of the fact that caused it")
    of: dict[str, int] | None = None


class SocketError(ErrorBody):
    """The payload of an `error` frame. The connection stays open."""

    request: str | None = Field(default=None, description="The type of the message it answers")


class ErrorFrame(Model):
    type: Literal["error"] = "error"
    payload: SocketError
