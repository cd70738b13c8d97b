"""What holds an account back: its lock, its limits and what they are measured against, and what it has been told."""

from typing import Literal

from pydantic import Field

from trading_api.models.base import Model, Number
from trading_api.models.broker.account import RiskLimits
from trading_api.models.common import ClientId

LOCK_TEXT_MAX = 200


class LockRequest(Model):
    """The kill switch: cancel every entry order, close what can be traded, open nothing until unlocked."""

    text: str = Field(default="", max_length=LOCK_TEXT_MAX, description="Why, in the trader's words")
    client_id: ClientId | None = Field(default=None, alias="clientId")


class AccountLock(Model):
    locked: bool
    reason: Literal["kill_switch", "daily_loss", "drawdown"] | None = None
    text: str = ""
    until: int | None = Field(default=None, description="UTC milliseconds of market time; absent: until it is unlocked")
    since: int | None = None


class MeasuredLimits(Model):
    """The limits, and what the two of loss are measured against. Money in the account's currency."""

    limits: RiskLimits
    day: str | None = Field(default=None, description="YYYY-MM-DD, the day whose opening equity was marked last")
    opening_equity: Number | None = Field(default=None, alias="openingEquity")
    high_equity: Number | None = Field(default=None, alias="highEquity", description="Of a trailing drawdown")
    reference_equity: Number | None = Field(default=None, alias="referenceEquity", description="Of a static drawdown")


NoticeKind = Literal[
    "fill",
    "rejection",
    "cancellation",
    "expiry",
    "no_answer",
    "deposit",
    "withdrawal",
    "swap",
    "dividend",
    "correction",
    "margin_call",
    "margin_restored",
    "stop_out",
    "limit_reached",
    "leverage",
    "limits",
    "lock",
    "unlock",
]


class Notice(Model):
    """A line of the notifications log: something that happened to an order, a position or the account, in words."""

    id: str
    time: int = Field(description="UTC milliseconds of market time")
    notice: NoticeKind
    type: Literal["information", "warning", "error"] = "information"
    text: str
    symbol: str | None = None
    order_id: str | None = Field(default=None, alias="orderId")
    position_id: str | None = Field(default=None, alias="positionId")
    execution_id: str | None = Field(default=None, alias="executionId")
    equity: Number | None = Field(default=None, description="When margin or a limit was reached")
    margin: Number | None = Field(default=None, description="Of positions alone, then")


class AccountRisk(Model):
    """What holds the account back now: its lock, its limits and whether margin is called for."""

    account_id: str = Field(alias="accountId")
    lock: AccountLock
    risk: MeasuredLimits
    margin_called: bool = Field(alias="marginCalled")
    time: int = Field(description="Of the account's last fact, UTC milliseconds of market time")
