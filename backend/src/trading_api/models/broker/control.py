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


class Notice(Model):
    """Something the house told the trader: a margin call and its end, a stop-out, a limit reached."""

    time: int = Field(description="UTC milliseconds of market time")
    notice: Literal["margin_call", "margin_restored", "stop_out", "limit_reached"]
    text: str
    symbol: str | None = Field(default=None, description="Of the position a stop-out closes")
    position_id: str | None = Field(default=None, alias="positionId")
    equity: Number
    margin: Number = Field(description="Of positions alone")
