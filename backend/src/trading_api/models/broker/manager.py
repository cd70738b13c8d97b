"""What the Account Manager shows and where its rows come from (contract 3.6 and 3.11, AccountManagerInfo, as data)."""

from typing import Literal

from pydantic import Field

from trading_api.models.base import Model
from trading_api.models.broker.orders import OrderStatus

FormatterName = Literal[
    "date",
    "default",
    "fixed",
    "fixedInCurrency",
    "formatPrice",
    "formatQuantity",
    "localDate",
    "marginPercent",
    "percentage",
    "positionSide",
    "profit",
    "side",
    "status",
    "symbol",
    "text",
    "type",
]
"""Of the library's standard formatters, those used here."""


class Source(Model):
    """Where rows or values come from: a path under the API's address, and the topic that tells their changes."""

    path: str
    topic: str | None = None
    row_id: str = Field(default="id", alias="rowId", description="The field that tells rows apart")


class SummaryField(Model):
    text: str
    field: str = Field(description="Of the account's state and the topic `equity`")
    formatter: FormatterName
    is_default: bool = Field(default=True, alias="isDefault")


class ManagerColumn(Model):
    id: str
    label: str
    data_fields: tuple[str, ...] = Field(alias="dataFields", description="Fields of a row; a change of one draws the cell anew")
    formatter: FormatterName
    alignment: Literal["left", "right"] = "left"
    help: str | None = None
    hide_by_default: bool = Field(default=False, alias="hideByDefault")
    highlight_diff: bool = Field(default=False, alias="highlightDiff")


class Sorting(Model):
    property: str
    asc: bool


class TableFlags(Model):
    support_pagination: bool = Field(default=False, alias="supportPagination")


class ManagerTable(Model):
    id: str
    title: str | None = None
    columns: tuple[ManagerColumn, ...]
    source: Source
    initial_sorting: Sorting | None = Field(default=None, alias="initialSorting")
    flags: TableFlags = TableFlags()


class ManagerPage(Model):
    id: str
    title: str
    tables: tuple[ManagerTable, ...]
    display_counter_in_tab: bool = Field(default=False, alias="displayCounterInTab")


class ManagerSources(Model):
    summary: Source
    orders: Source
    positions: Source
    individual_positions: Source | None = Field(default=None, alias="individualPositions")
    history: Source
    executions: Source
    notices: Source


class AccountManager(Model):
    account_title: str = Field(alias="accountTitle")
    currency: str
    summary: tuple[SummaryField, ...]
    margin_used: str = Field(alias="marginUsed", description="Of the account's state: the field of margin in use")
    order_columns: tuple[ManagerColumn, ...] = Field(alias="orderColumns")
    order_columns_sorting: Sorting = Field(alias="orderColumnsSorting")
    history_columns: tuple[ManagerColumn, ...] = Field(alias="historyColumns")
    history_columns_sorting: Sorting = Field(alias="historyColumnsSorting")
    position_columns: tuple[ManagerColumn, ...] = Field(alias="positionColumns")
    individual_position_columns: tuple[ManagerColumn, ...] | None = Field(default=None, alias="individualPositionColumns")
    pages: tuple[ManagerPage, ...]
    possible_order_statuses: tuple[OrderStatus, ...] = Field(alias="possibleOrderStatuses")
    sources: ManagerSources
