"""Orders as TradingView's Broker API spells them (contract 3.4 and 3.5)."""

from decimal import Decimal
from enum import IntEnum
from typing import Annotated, Literal

from pydantic import Field, StrictBool, StrictInt, StringConstraints

from trading_api.models.base import Model, Number
from trading_api.models.common import ClientId, SymbolName


class OrderStatus(IntEnum):
    CANCELED = 1
    FILLED = 2
    INACTIVE = 3
    PLACING = 4
    REJECTED = 5
    WORKING = 6


FINAL = frozenset({OrderStatus.CANCELED, OrderStatus.FILLED, OrderStatus.REJECTED})


class OrderType(IntEnum):
    LIMIT = 1
    MARKET = 2
    STOP = 3
    STOP_LIMIT = 4


class Side(IntEnum):
    BUY = 1
    SELL = -1

    @property
    def opposite(self) -> "Side":
        return _SELL if self > 0 else _BUY


_BUY, _SELL = Side.BUY, Side.SELL


class ParentType(IntEnum):
    ORDER = 1
    POSITION = 2
    INDIVIDUAL_POSITION = 3


class StopType(IntEnum):
    """What a protective stop does when the market moves on: nothing, or follow it at a distance."""

    STOP_LOSS = 0
    TRAILING_STOP = 1


class BracketKind(IntEnum):
    """Which leg of a bracket an order is. Not on TradingView's wire, where the order type says it."""

    TAKE_PROFIT = 1
    STOP_LOSS = 2


class Duration(Model):
    """How long an order works.

    `GTC`: until cancelled. `DAY`: until its instrument's trading day ends. `GTD`: until `datetime`. `IOC`: what fills at once,
    the rest is cancelled. `FOK`: all at once or nothing.
    """

    type: Literal["GTC", "DAY", "GTD", "IOC", "FOK"] = "GTC"
    datetime: StrictInt | None = Field(
        default=None, description="When the order ends, UTC milliseconds; asked for with GTD, told by the house with DAY"
    )


Price = Annotated[Number, Field(gt=0)]
Quantity = Annotated[Number, Field(gt=0)]
Pips = Annotated[Number, Field(gt=0)]
"""A distance in the instrument's pips."""
OcoGroup = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,40}$")]
ConfirmId = Annotated[str, StringConstraints(min_length=1, max_length=40)]
"""What a preview gave, to hold the order against it."""
AskedQuantity = Annotated[Number, Field(json_schema_extra={"exclusiveMinimum": 0})]
"""A quantity in a request: how small it may be, its instrument says."""


CUSTOM_FIELDS_MAX = 16
"""Own inputs of an order ticket that one order may carry."""
CUSTOM_FIELD_NAME_MAX = 40
CUSTOM_FIELD_TEXT_MAX = 200
CustomText = Annotated[str, StringConstraints(max_length=CUSTOM_FIELD_TEXT_MAX)]


class CheckedText(Model):
    """What a text input with a check box holds."""

    text: CustomText
    checked: StrictBool


CustomFields = Annotated[
    dict[
        Annotated[str, StringConstraints(min_length=1, max_length=CUSTOM_FIELD_NAME_MAX)],
        CustomText | StrictBool | CheckedText,
    ],
    Field(max_length=CUSTOM_FIELDS_MAX),
]
"""What a ticket's own inputs held, by their ids. Kept with the order and told with it, never read."""


class SeenQuotes(Model):
    """The prices a trader saw when sending the order."""

    ask: Number
    bid: Number


class OrderRequest(Model):
    """A new order (TradingView's PreOrder)."""

    symbol: SymbolName
    type: OrderType
    side: Side
    quantity: AskedQuantity = Field(alias="qty")
    limit_price: Price | None = Field(default=None, alias="limitPrice")
    stop_price: Price | None = Field(default=None, alias="stopPrice")
    take_profit: Price | None = Field(default=None, alias="takeProfit")
    stop_loss: Price | None = Field(default=None, alias="stopLoss")
    stop_type: StopType | None = Field(default=None, alias="stopType", description="1 needs trailingStopPips")
    trailing_stop_pips: Pips | None = Field(
        default=None, alias="trailingStopPips", description="The stop loss follows the market at this distance"
    )
    oco_group: OcoGroup | None = Field(
        default=None, alias="ocoGroup", description="The first fill of one order of a group cancels the others"
    )
    duration: Duration = Duration()
    client_order_id: ClientId | None = Field(default=None, alias="clientOrderId")
    current_quotes: SeenQuotes | None = Field(default=None, alias="currentQuotes")
    seen_price: Number | None = Field(default=None, alias="seenPrice")
    is_close: StrictBool = Field(default=False, alias="isClose")
    custom_fields: CustomFields | None = Field(default=None, alias="customFields")
    confirm_id: ConfirmId | None = Field(default=None, alias="confirmId", description="Only if it is still what was previewed")


class OrderChange(Model):
    """A modification. An absent field stays as it is, `null` removes a bracket; of a trailing stop it leaves a fixed one."""

    quantity: AskedQuantity | None = Field(default=None, alias="qty")
    limit_price: Price | None = Field(default=None, alias="limitPrice")
    stop_price: Price | None = Field(default=None, alias="stopPrice")
    take_profit: Price | None = Field(default=None, alias="takeProfit")
    stop_loss: Price | None = Field(default=None, alias="stopLoss")
    trailing_stop_pips: Pips | None = Field(default=None, alias="trailingStopPips")
    duration: Duration | None = None
    confirm_id: ConfirmId | None = Field(default=None, alias="confirmId", description="Only if it is still what was previewed")


class OrderMessage(Model):
    """A text with an order: the reason of a rejection, or what it waits for."""

    type: Literal["information", "warning", "error"] = "information"
    text: str


class PlacedOrder(Model):
    """An order as it stands (TradingView's PlacedOrder; with `parentId` a BracketOrder)."""

    id: str
    symbol: str
    type: OrderType
    side: Side
    quantity: Number = Field(alias="qty")
    status: OrderStatus
    limit_price: Number | None = Field(default=None, alias="limitPrice")
    stop_price: Number | None = Field(default=None, alias="stopPrice")
    take_profit: Number | None = Field(default=None, alias="takeProfit")
    stop_loss: Number | None = Field(default=None, alias="stopLoss")
    stop_type: StopType | None = Field(default=None, alias="stopType")
    trailing_stop_pips: Number | None = Field(default=None, alias="trailingStopPips")
    filled_quantity: Number = Field(default=Decimal(0), alias="filledQty")
    average_price: Number | None = Field(default=None, alias="avgPrice")
    duration: Duration = Duration()
    parent_id: str | None = Field(default=None, alias="parentId")
    parent_type: ParentType | None = Field(default=None, alias="parentType")
    bracket: BracketKind | None = Field(default=None, description="1 take profit, 2 stop loss; absent for an entry order")
    origin: str | None = Field(default=None, description="The order that brought this bracket, also once it is a position's")
    oco_group: str | None = Field(default=None, alias="ocoGroup")
    triggered: bool = Field(default=False, description="A stop that has been touched")
    is_close: bool = Field(default=False, alias="isClose")
    closes: str | None = Field(default=None, description="The position this order was made to close; it never does more")
    reverses: str | None = Field(default=None, description="The position this order was made to turn round")
    client_order_id: str | None = Field(default=None, alias="clientOrderId")
    custom_fields: CustomFields | None = Field(default=None, alias="customFields")
    place_time: int = Field(default=0, alias="placeTime", description="UTC milliseconds of market time")
    update_time: int = Field(default=0, alias="updateTime", description="UTC milliseconds of market time")
    message: OrderMessage | None = None

    @property
    def remaining(self) -> Decimal:
        return self.quantity - self.filled_quantity

    @property
    def final(self) -> bool:
        return self.status in FINAL
