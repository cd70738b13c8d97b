"""Orders as told and as asked for (contract 4.6 and 4.7). What is asked for is a form; fields nobody knows are left out."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from trading_api.models.base import WHOLE, Model, Number
from trading_api.models.broker.orders import AskedQuantity, Pips, Price
from trading_api.models.common import SymbolName
from trading_api.models.tradingview.words import WireOrderType, WireParent, WireSide, WireStatus

TIME_MAX = 253_402_300_799
"""The last second of the year 9999."""

Duration = Literal["GTC", "DAY", "GTD", "IOC", "FOK"]
Seconds = Annotated[int, Field(gt=0, le=TIME_MAX), WHOLE]


class OrderDuration(Model):
    type: str
    datetime: int | None = Field(default=None, description="UTC seconds")


class Message(Model):
    text: str
    type: Literal["information", "warning", "error"]


class WireOrder(Model):
    """An order; with `parentId` a bracket."""

    id: str
    instrument: str
    quantity: Number = Field(alias="qty")
    side: WireSide
    type: WireOrderType
    status: WireStatus
    filled_quantity: Number = Field(alias="filledQty")
    average_price: Number | None = Field(default=None, alias="avgPrice")
    limit_price: Number | None = Field(default=None, alias="limitPrice")
    stop_price: Number | None = Field(default=None, alias="stopPrice")
    trailing_stop_pips: Number | None = Field(default=None, alias="trailingStopPips")
    is_trailing_stop: bool | None = Field(default=None, alias="isTrailingStop")
    parent_id: str | None = Field(default=None, alias="parentId")
    parent_type: WireParent | None = Field(default=None, alias="parentType")
    duration: OrderDuration | None = None
    last_modified: int = Field(alias="lastModified", description="UTC seconds of market time")
    message: Message | None = None


class OrderPlaced(Model):
    order_id: str | None = Field(default=None, alias="orderId")


class Form(Model):
    model_config = ConfigDict(extra="ignore")


class ChangeForm(Form):
    """An order's terms. On a change, brackets that are absent are removed."""

    quantity: AskedQuantity = Field(alias="qty")
    limit_price: Price | None = Field(default=None, alias="limitPrice")
    stop_price: Price | None = Field(default=None, alias="stopPrice")
    duration_type: Duration | None = Field(default=None, alias="durationType")
    duration_time: Seconds | None = Field(default=None, alias="durationDateTime", description="UTC seconds, with GTD")
    stop_loss: Price | None = Field(default=None, alias="stopLoss")
    take_profit: Price | None = Field(default=None, alias="takeProfit")
    trailing_stop_pips: Pips | None = Field(default=None, alias="trailingStopPips")
    current_ask: Price | None = Field(default=None, alias="currentAsk")
    current_bid: Price | None = Field(default=None, alias="currentBid")


class OrderForm(ChangeForm):
    instrument: SymbolName
    side: WireSide
    type: WireOrderType


class PreviewForm(OrderForm):
    id: str | None = Field(default=None, max_length=64, description="The order that would be changed")


class PreviewRow(Model):
    title: str
    value: str


class PreviewSection(Model):
    header: str | None = None
    rows: tuple[PreviewRow, ...]


class WirePreview(Model):
    """What would be refused has errors and no `confirmId`."""

    confirm_id: str | None = Field(default=None, alias="confirmId")
    sections: tuple[PreviewSection, ...]
    warnings: tuple[str, ...] | None = None
    errors: tuple[str, ...] | None = None
