"""What crosses the socket besides a topic's own request and values, and the bounds of a connection."""

from typing import Annotated, Literal

from pydantic import Field

from trading_api.models.base import WHOLE, Model
from trading_api.models.errors import ErrorBody

EXTENSION = "trading_api.transport"
"""Where a connection's scope shows its transport, under a server that does."""

MESSAGE_BYTES_MAX = 64 * 1024
"""A client's message: a subscription is a few hundred bytes."""

FRAGMENTS_MAX = 256
"""Fragments of one message; they may be empty, so the limit of bytes does not bound their number."""

SUBSCRIPTIONS_MAX = 1000
"""Topics of one connection: several large watchlists."""

CONNECTIONS_MAX = 10_000
"""Connections of one process, about 40 KB each; further handshakes are answered with 403."""

MESSAGES_BURST_MAX = 2 * SUBSCRIPTIONS_MAX
MESSAGES_PER_SECOND_MAX = 200
"""A client may send a burst (everything it listens to, twice), then this many a second. Pings are counted likewise, apart."""

HIGH_MARK_BYTES = 256 * 1024
"""Unsent bytes of one connection, well above one burst, from which on newer values replace older ones and requests wait."""

LOW_MARK_BYTES = 64 * 1024
"""Below this the connection has caught up."""

OUTBOX_BYTES_MAX = 1024 * 1024
"""Unsent bytes of one connection, its last answer left out: what a stalled reader may cost us before it is let go."""

TURN_BYTES_MAX = 64 * 1024
"""Frames of one turn of the loop are joined up to this size; more of them leave in several writes."""

RESUME_FACTS_MAX = 1000
"""The last facts of an account, whose updates a client that comes back is told; one that missed more is given the state."""

PING_SECONDS = 20.0
PONG_SECONDS = 20.0
"""How often a silent connection is asked whether it lives, and how long its answer may take."""

LAST_WORDS_SECONDS = 2.0
"""How long a close frame and what waits before it may take to leave, before the connection is cut."""

TRY_LATER = 1013
"""Close code of a full house and of a slow reader, who may come back and resume."""

SIGNED_OUT = 4401
"""Close code of a connection whose sign-in or key is good no more."""

FLOOD = 1008
FAULT = 1011
NO_TEXT = 1007
TOO_LONG = 1009

CLOSE_CODES = {
    1002: "bytes that are no WebSocket frame",
    NO_TEXT: "a text message that is no UTF-8",
    FLOOD: f"a flood: more than {MESSAGES_BURST_MAX} messages at once and then {MESSAGES_PER_SECOND_MAX} a second; "
    "an `error` frame with the code `flood` comes before it",
    TOO_LONG: f"a message longer than {MESSAGE_BYTES_MAX} bytes, or in more than {FRAGMENTS_MAX} fragments",
    FAULT: "a fault of the server, or no answer to a ping; reconnect and resume",
    SIGNED_OUT: "what the connection stood on is gone: signed out, key revoked or expired, user disabled, password changed; an "
    "`error` frame with the code `access_ended` comes before it; sign in, then connect again",
    1012: "the server stops or restarts; reconnect and resume",
    TRY_LATER: f"a slow reader: more than {OUTBOX_BYTES_MAX} bytes were waiting (1006 where not even this could be said); "
    "reconnect and resume",
}


class ResumeFrom(Model):
    """What a subscriber saw last, so that it need not be told again."""

    epoch: str | None = Field(default=None, max_length=200)
    seq: Annotated[int, Field(ge=0, le=2**53), WHOLE] | None = None


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
    recovered: bool | None = Field(
        default=None, description="True: the state is the one you know; updates from the seq you named on follow at once"
    )


class UpdateEnvelope(Model):
    """What every update carries. `of` says how many frames this fact has on each topic."""

    topic: str
    epoch: str
    seq: int
    fact: int | None = Field(default=None, description="The account's sequence number of the fact that caused it")
    of: dict[str, int] | None = None


class SocketError(ErrorBody):
    """The payload of an `error` frame. The connection stays open, unless the code is `flood`."""

    request: str | None = Field(default=None, description="The type of the message it answers")


class ErrorFrame(Model):
    type: Literal["error"] = "error"
    payload: SocketError
