"""Facts: what has happened to one account. The journal keeps them, the ledger folds them, nothing else changes an account.

A fact carries results, never recipes: prices, amounts and ids as they were decided, money already rounded. So folding needs no
market, no clock and no luck. Its place in the account's history (the sequence) is its place in the journal.
"""

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from trading_api.models.base import Exact, Model
from trading_api.models.broker.account import AccountProfile, RiskLimits
from trading_api.models.broker.executions import Explanation
from trading_api.models.broker.orders import (
    Duration,
    OrderChange,
    OrderMessage,
    OrderRequest,
    OrderStatus,
    OrderType,
    ParentType,
    PlacedOrder,
    Side,
    StopType,
)
from trading_api.models.broker.positions import ProtectRequest

Removable = Literal["take_profit", "stop_loss", "trailing_stop_pips"]


class OrderPatch(Model):
    """What changes about one order. Absent means unchanged; `removed` names the bracket prices that fall away."""

    order_id: str
    status: OrderStatus | None = None
    type: OrderType | None = None
    quantity: Exact | None = None
    limit_price: Exact | None = None
    stop_price: Exact | None = None
    take_profit: Exact | None = None
    stop_loss: Exact | None = None
    trailing_stop_pips: Exact | None = None
    stop_type: StopType | None = None
    removed: tuple[Removable, ...] = ()
    duration: Duration | None = None
    parent_id: str | None = None
    parent_type: ParentType | None = None
    triggered: bool | None = None
    message: OrderMessage | None = None


class FactBase(Model):
    time: int
    """UTC milliseconds of market time, never before the account's previous fact; only a new beginning may go back."""
    request_id: str | None = None
    """The client id of the command that caused it at once, if one did."""
    body_hash: str | None = None
    """On the first fact of a command: what its body was, so that a repeat can be told from another command."""


class Configured(FactBase):
    """An account begins, or begins anew: everything before it is history."""

    kind: Literal["configured"] = "configured"
    profile: AccountProfile


class Funded(FactBase):
    """A deposit or withdrawal in the account's currency."""

    kind: Literal["funded"] = "funded"
    amount: Exact


class Requested(FactBase):
    """A command was admitted and is about to be sent to the venue."""

    kind: Literal["requested"] = "requested"
    action: Literal["place", "modify", "cancel", "close", "reverse", "protect", "cancel_all", "flatten"]
    order_id: str
    """The order that is placed, changed or cancelled; for close and reverse, the order that does it; else empty."""
    position_id: str | None = None
    """For close, reverse and protect; for place, the symbol whose position an order sent to close is about."""
    order: OrderRequest | None = None
    """For place, close and reverse."""
    change: OrderChange | None = None
    removes: tuple[Removable, ...] = ()
    """For modify: brackets the change takes away."""
    protection: ProtectRequest | None = None
    """For protect."""
    symbol: str | None = None
    """For cancel_all and flatten: only here; absent means everywhere."""
    side: Side | None = None
    """For cancel_all: only this side's orders."""
    confirm_id: str | None = None
    """The preview it was held against."""


class Accepted(FactBase):
    """The venue works the order; `created` are the brackets that wait for it."""

    kind: Literal["accepted"] = "accepted"
    order_id: str
    status: OrderStatus = OrderStatus.WORKING
    duration: Duration | None = None
    message: OrderMessage | None = None
    created: tuple[PlacedOrder, ...] = ()


class Rejected(FactBase):
    """The venue refused the order; `also` are those that fell with it."""

    kind: Literal["rejected"] = "rejected"
    order_id: str
    message: OrderMessage
    also: tuple[OrderPatch, ...] = ()


class Triggered(FactBase):
    """A stop has been touched: it is now a market order, a stop-limit now a limit order."""

    kind: Literal["triggered"] = "triggered"
    order_id: str


class Changed(FactBase):
    """Orders changed, the cause first; `created` are brackets that the change brought."""

    kind: Literal["changed"] = "changed"
    orders: tuple[OrderPatch, ...]
    created: tuple[PlacedOrder, ...] = ()
    position_id: str | None = None
    """A position whose protection was stated as it stands: it is told again although nothing about it changed."""


class Cancelled(FactBase):
    """An order was cancelled; `also` are those that fell with it."""

    kind: Literal["cancelled"] = "cancelled"
    order_id: str
    message: OrderMessage | None = None
    also: tuple[OrderPatch, ...] = ()


class Expired(FactBase):
    """An order's time ended; `also` are those that fell with it."""

    kind: Literal["expired"] = "expired"
    order_id: str
    message: OrderMessage
    also: tuple[OrderPatch, ...] = ()


class Extremes(Model):
    """The lowest and the highest price at which a position could have been closed since it was opened."""

    low: Exact
    high: Exact


class Executed(FactBase):
    """A fill. It names its position; `also` are the other orders it moves: brackets activated, resized, cancelled."""

    kind: Literal["executed"] = "executed"
    execution_id: str
    order_id: str
    position_id: str
    symbol: str
    side: Side
    quantity: Exact
    price: Exact
    closed_quantity: Exact
    """The part of `quantity` that reduced the position; the rest opened."""
    closed_cost: Exact
    """What the position's cost falls by, quote currency: proceeds less the profit booked."""
    profit: Exact
    """Booked by the closed part, account currency, rounded."""
    commission: Exact
    """Account currency, rounded."""
    explanation: Explanation | None = None
    """Absent where the venue does not say."""
    extremes: Extremes | None = None
    """Of the position up to this fill, when a part of it closed."""
    rate: Exact | None = None
    """What one unit of the quote currency was worth in the account's, when a part of it closed."""
    also: tuple[OrderPatch, ...] = ()


class Unanswered(FactBase):
    """The venue has been silent about a command: what it is about stands unchanged and is told again, with the message."""

    kind: Literal["unanswered"] = "unanswered"
    order_ids: tuple[str, ...] = ()
    position_ids: tuple[str, ...] = ()
    message: OrderMessage


class Adjusted(FactBase):
    """Money that moves without a trade: financing over night, a dividend, a correction."""

    kind: Literal["adjusted"] = "adjusted"
    reason: Literal["swap", "dividend", "correction"]
    amount: Exact
    """Account currency, rounded; negative when the account pays."""
    position_id: str | None = None
    symbol: str | None = None
    nights: int = 0
    """For swap: how many nights this rollover counts."""
    due: int
    """UTC milliseconds of market time: the rollover, or the session's open."""


class Marked(FactBase):
    """What is measured against later: a day's opening equity, the highest equity seen (account currency, rounded), extremes."""

    kind: Literal["marked"] = "marked"
    day: str | None = None
    """YYYY-MM-DD in the limits' zone; absent when only the high moved."""
    opening_equity: Exact | None = None
    high_equity: Exact | None = None
    extremes: dict[str, Extremes] = {}
    """Of open positions, by id, as far as prices have widened them since they were last told."""


class Noticed(FactBase):
    """Something a trader must know that moved nothing by itself."""

    kind: Literal["noticed"] = "noticed"
    notice: Literal["margin_call", "margin_restored", "stop_out", "limit_reached"]
    text: str
    position_id: str | None = None
    symbol: str | None = None
    """With position_id: what a stop-out closes."""
    equity: Exact
    margin: Exact
    """Of positions alone. Both in account currency, rounded, as they were when it was noticed."""


class Leveraged(FactBase):
    """The account's leverage was set."""

    kind: Literal["leveraged"] = "leveraged"
    leverage: Exact


class Limited(FactBase):
    """The account's risk limits were set, all of them."""

    kind: Literal["limited"] = "limited"
    limits: RiskLimits


class Locked(FactBase):
    """New risk is refused until `until`, or until the account is unlocked; `reason` None: it was unlocked."""

    kind: Literal["locked"] = "locked"
    reason: Literal["kill_switch", "daily_loss", "drawdown"] | None = None
    text: str = ""
    until: int | None = None


Fact = Annotated[
    Configured
    | Funded
    | Requested
    | Accepted
    | Rejected
    | Triggered
    | Changed
    | Cancelled
    | Expired
    | Executed
    | Unanswered
    | Adjusted
    | Marked
    | Noticed
    | Leveraged
    | Limited
    | Locked,
    Field(discriminator="kind"),
]

Command = Requested | Funded | Configured | Leveraged | Limited | Locked
"""Facts that say what was asked; everything else says what came of it."""

FACT: TypeAdapter[Fact] = TypeAdapter(Fact)
FACTS_VERSION = 1
"""Rises when the fold of an old fact would give another state; part of the account topics' epoch."""
FACTS_FORMAT = 4
"""Rises when a fact is written that older code cannot read: a new kind, a new field. Every journal row carries it."""
