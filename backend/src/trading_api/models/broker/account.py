"""Accounts and their equity."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, StrictBool, StringConstraints

from trading_api.models.base import WHOLE, Model, Number
from trading_api.models.broker.orders import Price, Quantity
from trading_api.models.common import AccountId, ClientId

BALANCE_MAX = 1_000_000_000_000
"""Largest balance and deposit: with three decimals it still fits a JSON number's 15 digits."""

Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3,5}$")]
LEVERAGE_MIN, LEVERAGE_MAX, LEVERAGE_STEP = 1, 1000, 1
Leverage = Annotated[Number, Field(ge=LEVERAGE_MIN, le=LEVERAGE_MAX)]


PositionMode = Literal["netting", "hedging"]
"""One net position per symbol, or one per opening order."""


class AccountRequest(Model):
    """A new account."""

    id: AccountId
    name: str = Field(default="", max_length=80)
    currency: Currency = "USD"
    balance: Annotated[Number, Field(ge=0, le=BALANCE_MAX)] = Field(default=Decimal(100_000))
    leverage: Leverage = Field(default=Decimal(30))
    markets: tuple[str, ...] = Field(default=("DEMO",), min_length=1, max_length=8, description="Markets it may trade")
    position_mode: PositionMode = Field(default="netting", alias="positionMode")
    fifo: StrictBool = Field(default=False, description="On a hedging account: positions of a symbol are closed oldest first")


class AccountProfile(Model):
    """What an account is, apart from what it holds."""

    id: str
    name: str
    currency: str
    leverage: Number
    markets: tuple[str, ...]
    opening_balance: Number = Field(alias="openingBalance", description="What a reset goes back to")
    position_mode: PositionMode = Field(default="netting", alias="positionMode")
    fifo: bool = False
    generation: int = Field(default=0, description="Rises by one at each reset")


class AccountMetainfo(Model):
    """An account in the list of accounts (contract 3.6)."""

    id: str
    name: str
    currency: str
    currency_sign: str | None = Field(default=None, alias="currencySign")
    leverage: Number
    markets: tuple[str, ...]
    position_mode: PositionMode = Field(default="netting", alias="positionMode")
    fifo: bool = False
    live: bool = Field(description="Its orders spend real money; never those of the simulated venue")


class FundRequest(Model):
    """A deposit, or with a negative amount a withdrawal."""

    amount: Annotated[Number, Field(ge=-BALANCE_MAX, le=BALANCE_MAX)]
    client_id: ClientId | None = Field(default=None, alias="clientId")


class ResetRequest(Model):
    """Start the account anew: no orders, no positions, its opening balance or the one given."""

    balance: Annotated[Number, Field(ge=0, le=BALANCE_MAX)] | None = None
    client_id: ClientId | None = Field(default=None, alias="clientId")


Zone = Annotated[str, StringConstraints(min_length=1, max_length=64)]


class SymbolLimit(Model):
    """Largest order and position in one symbol, in units; absent: no limit."""

    order: Quantity | None = None
    position: Quantity | None = None


LIMITED_SYMBOLS_MAX = 200
"""Symbols with a limit of their own."""


class RiskLimits(Model):
    """What an account may not exceed. Money in its own currency; an absent limit does not hold."""

    symbols: dict[str, SymbolLimit] = Field(
        default_factory=dict, max_length=LIMITED_SYMBOLS_MAX, description="By symbol id; `*` for all others"
    )
    open_positions: Annotated[int, Field(ge=1), WHOLE] | None = Field(default=None, alias="openPositions")
    daily_loss: Annotated[Number, Field(gt=0)] | None = Field(
        default=None,
        alias="dailyLoss",
        description="Below the equity the day opened with; reaching it closes and locks for the day",
    )
    drawdown: Annotated[Number, Field(gt=0)] | None = Field(
        default=None, description="Below the reference equity; reaching it closes and locks until unlocked"
    )
    drawdown_kind: Literal["static", "trailing"] = Field(
        default="static", alias="drawdownKind", description="From the balance when it was set, or from the highest equity since"
    )
    timezone: Zone = Field(default="Etc/UTC", description="IANA zone in which the day begins at midnight")


class PositionMark(Model):
    """What a position is worth now: a long is marked at the bid, a short at the ask."""

    id: str
    price: Price
    profit: Number = Field(alias="pl", description="Unrealised, account currency")


class EquityData(Model):
    """An account's money in its own currency."""

    account_id: str = Field(alias="accountId")
    currency: str
    balance: Number
    equity: Number
    unrealized_profit: Number = Field(alias="unrealizedPL")
    realized_profit: Number = Field(alias="realizedPL", description="Closed profit less commission, since the last reset")
    margin_used: Number = Field(alias="marginUsed")
    margin_available: Number = Field(alias="marginAvailable")
    margin_level: Number | None = Field(
        default=None, alias="marginLevel", description="Equity in percent of the positions' margin; absent without positions"
    )
    positions: tuple[PositionMark, ...] = ()
    time: int = Field(description="UTC milliseconds of market time")
