"""The broker's configuration (contract 4.4)."""

from typing import Literal

from pydantic import Field

from trading_api.models.base import Model
from trading_api.models.tradingview.words import WireOrderType


class SummaryItem(Model):
    id: str
    title: str


class ManagerColumn(Model):
    id: str
    title: str
    alignment: Literal["left", "right"] = "left"


class ManagerTable(Model):
    id: str
    title: str
    columns: tuple[ManagerColumn, ...]


class WireDuration(Model):
    id: str
    title: str
    has_date_picker: bool = Field(alias="hasDatePicker")
    has_time_picker: bool = Field(alias="hasTimePicker")
    default: bool
    supported_order_types: tuple[WireOrderType, ...] = Field(alias="supportedOrderTypes")


class PullingInterval(Model):
    """Milliseconds between two requests."""

    quotes: int
    orders: int
    positions: int
    account_manager: int = Field(alias="accountManager")
    balances: int


class Config(Model):
    summary: tuple[SummaryItem, ...] = Field(alias="accountSummaryRow")
    account_manager: tuple[ManagerTable, ...] = Field(alias="accountManager")
    durations: tuple[WireDuration, ...]
    pulling_interval: PullingInterval = Field(alias="pullingInterval")
