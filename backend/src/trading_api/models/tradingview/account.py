"""Accounts, their state and their balances (contract 4.4 and 4.6)."""

from typing import Literal

from pydantic import Field

from trading_api.models.base import Model, Number
from trading_api.models.tradingview.flags import AccountFlags


class WireAccount(Model):
    id: str
    name: str
    type: Literal["live", "demo"]
    currency: str
    currency_sign: str | None = Field(default=None, alias="currencySign")
    config: AccountFlags


Table = tuple[tuple[str, ...], ...]
"""Rows of texts."""


class AccountState(Model):
    """Money in the account's currency. Tables and summary stand in the order of the columns that `config` names."""

    balance: Number
    unrealized_profit: Number = Field(alias="unrealizedPl")
    equity: Number
    tables: tuple[Table, ...] = Field(alias="amData")
    summary: tuple[str, ...] = Field(alias="accountSummaryRowData")


class WireBalance(Model):
    """What an account holds of one currency."""

    symbol: str
    total: Number
    available: Number
    reserved: Number
    value: Number
    value_currency: str = Field(alias="valueCurrency")
