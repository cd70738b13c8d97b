"""What the traders of the crash test sent and heard: their own record, against which the server is judged."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal, NamedTuple

Json = dict[str, Any]
Kind = Literal["market", "limit", "stop", "close", "modify", "cancel", "fund"]

TROUBLE = 500
PLACING: frozenset[Kind] = frozenset({"market", "limit", "stop", "close"})


class Heard(NamedTuple):
    status: int
    body: Json


@dataclass
class Sent:
    """One command. It is unknown as long as nothing came back, or only that the server is in trouble."""

    client_id: str
    kind: Kind
    method: str
    path: str
    body: Json | None
    about: str | None = None
    """The order that is modified or cancelled."""
    heard: Heard | None = None

    @property
    def done(self) -> bool:
        return self.heard is not None and self.heard.status == 200

    @property
    def refused(self) -> bool:
        return not self.done and not self.unknown

    @property
    def unknown(self) -> bool:
        return self.heard is None or self.heard.status >= TROUBLE


@dataclass
class Record:
    """Everything sent for one account, in order per trader."""

    account_id: str
    opening: Decimal
    sent: list[Sent] = field(default_factory=list)

    def of_kind(self, *kinds: Kind) -> list[Sent]:
        return [one for one in self.sent if one.kind in kinds]

    def about(self, order_id: str, kind: Kind) -> list[Sent]:
        return [one for one in self.of_kind(kind) if one.about == order_id]

    @property
    def unknown(self) -> list[Sent]:
        return [one for one in self.sent if one.unknown]

    @property
    def last_fact(self) -> int:
        return max((one.heard.body["fact"] for one in self.sent if one.heard and one.done), default=0)
