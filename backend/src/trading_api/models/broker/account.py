"""Accounts and their equity."""

from decimal import Decimal
from typing import Annotated

from pydantic import Field, StringConstraints

from trading_api.models.base import Model, Number
from trading_api.models.broker.orders import Price
from trading_api.models.common import AccountId, ClientId

BALANCE_MAX = 1_000_000_000_000
"""Largest balance and deposit: with three decimals it still fits a JSON number's 15 digits."""

Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3,5}$")]
Leverage = Annotated[Number, Field(ge=1, le=1000)]


class AccountRequest(Model):
    """A new account."""

    id: AccountId
    name: str = Field(default="", max_length=80)
    currency: Currency = "USD"
    balance: Annotated[Number, Field(ge=0, le=BALANCE_MAX)] = Field(default=Decimal(100_000))
    leverage: Leverage = Field(default=Decimal(30))
    markets: tuple[str, ...] = Field(default=("DEMO",), min_length=1, max_length=8, description="Markets it may trade")


class AccountProfile(Model):
    """What an account is, apart from what it holds."""

    id: str
    name: str
    currency: str
    leverage: Number
    markets: tuple[str, ...]
    opening_balance: Number = Field(alias="openingBalance", description="What a reset goes back to")
    generation: int = Field(default=0, description="Rises by one at each reset")


class AccountMetainfo(Model):
    """An account in the list of accounts (contract 3.6)."""

    id: str
    name: str
    currency: str
    currency_sign: str | None = Field(default=None, alias="currencySign")
    leverage: Number
    markets: tuple[str, ...]


class FundRequest(Model):
    """A deposit, or with a negative amount a withdrawal."""

    amount: Annotated[Number, Field(ge=-BALANCE_MAX, le=BALANCE_MAX)]
    client_id: ClientId | None = Field(default=None, alias="clientId")


class ResetRequest(Model):
    """Start the account anew: no orders, no positions, its opening balance or the one given."""

    balance: Annotated[Number, Field(ge=0, le=BALANCE_MAX)] | None = None
    client_id: ClientId | None = Field(default=None, alias="clientId")


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
    positions: tuple[PositionMark, ...] = ()
    time: int = Field(description="UTC milliseconds of market time")
