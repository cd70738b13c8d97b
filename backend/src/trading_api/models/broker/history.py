"""What an account has been through: closed trades, statements, its equity over time, and why a fill has its price."""

from decimal import Decimal
from typing import Literal

from pydantic import Field

from trading_api.models.base import Model, Number
from trading_api.models.broker.executions import Execution, Explanation
from trading_api.models.broker.orders import Side


class ExplainedExecution(Model):
    """A fill, what its price came from, and the same as a sentence."""

    execution: Execution
    explanation: Explanation | None = Field(default=None, description="Absent where the fill's record does not say")
    text: str


class ClosedTrade(Model):
    """What one execution closed. Money is in the account's currency; the entry's share of fees and swap is taken along."""

    id: str = Field(description="Of the execution that closed")
    position_id: str = Field(alias="positionId")
    order_id: str = Field(alias="orderId", description="The order that closed")
    symbol: str
    side: Side = Field(description="Of the position that was closed")
    quantity: Number = Field(alias="qty")
    entry_time: int = Field(alias="entryTime", description="When the position was opened, UTC milliseconds of market time")
    entry_price: Number = Field(alias="entryPrice", description="Average of the position when it was closed")
    exit_time: int = Field(alias="exitTime")
    exit_price: Number = Field(alias="exitPrice")
    holding_time: int = Field(alias="holdingTime", description="Milliseconds")
    gross_profit: Number = Field(alias="grossProfit")
    fees: Number = Field(description="Commission of the exit, and the entry's share")
    swap: Number = Field(description="Share of the position's swap; negative when it was paid")
    net_profit: Number = Field(alias="netProfit", description="Gross profit less fees, with swap")
    mae_price: Number | None = Field(
        default=None, alias="maePrice", description="How far the price went against the position, from its average entry"
    )
    mfe_price: Number | None = Field(default=None, alias="mfePrice", description="How far it went in its favour")
    mae: Number | None = Field(default=None, description="maePrice on what was closed, at the rate of the exit")
    mfe: Number | None = Field(default=None, description="mfePrice on what was closed, at the rate of the exit")


LineKind = Literal["deposit", "withdrawal", "trade", "commission", "swap", "dividend", "correction"]


class StatementLine(Model):
    """One movement of money. `trade` is the profit that a fill booked: 0 where it opened."""

    fact: int = Field(description="Its place in the account's journal")
    time: int
    kind: LineKind
    symbol: str | None = None
    side: Side | None = None
    quantity: Number | None = Field(default=None, alias="qty")
    price: Number | None = None
    execution_id: str | None = Field(default=None, alias="executionId")
    position_id: str | None = Field(default=None, alias="positionId")
    nights: int | None = Field(default=None, description="Of a swap: how many it counts")
    amount: Number
    balance: Number = Field(description="After it")
    open_positions: int = Field(alias="openPositions", description="After it")


class Statement(Model):
    """An account over a period: opening balance and lines add up to the closing balance, and so do the sums by kind."""

    account_id: str = Field(alias="accountId")
    currency: str
    since: int = Field(alias="from", description="UTC milliseconds of market time, included")
    until: int = Field(alias="to", description="Not included")
    opening_balance: Number = Field(alias="openingBalance")
    deposits: Number
    withdrawals: Number
    profit: Number
    commission: Number
    swap: Number
    dividends: Number
    corrections: Number
    closing_balance: Number = Field(alias="closingBalance")
    closing_equity: Number | None = Field(
        default=None, alias="closingEquity", description="Absent when it was not recorded: the house was not running"
    )
    equity_time: int | None = Field(default=None, alias="equityTime", description="When the closing equity was recorded")
    lines: tuple[StatementLine, ...]


class EquityPoint(Model):
    """Balance and equity as they were at a moment; equity is absent where only the balance is on record."""

    time: int
    balance: Number
    equity: Number | None = None
    deposits: Number = Field(
        default=Decimal(0), description="Deposits less withdrawals from the period's opening until then: money, and no profit"
    )


class EquityCurve(Model):
    account_id: str = Field(alias="accountId")
    currency: str
    opening: EquityPoint = Field(description="As the period began, before anything in it")
    points: tuple[EquityPoint, ...]
