"""What an order ticket needs to know about an instrument on one account (contract 3.6, InstrumentInfo)."""

from pydantic import Field

from trading_api.models.base import Model, Number
from trading_api.models.broker.orders import OrderType
from trading_api.models.market.instruments import Commission


class QuantityRange(Model):
    min: Number
    max: Number
    step: Number
    default: Number


class InstrumentInfo(Model):
    symbol: str
    description: str
    type: str
    quantity: QuantityRange = Field(alias="qty")
    lot_size: Number = Field(alias="lotSize")
    min_tick: Number = Field(alias="minTick")
    pip_size: Number = Field(alias="pipSize")
    pip_value: Number | None = Field(
        default=None, alias="pipValue", description="One pip of one unit in the account's currency; absent without a rate"
    )
    currency: str
    base_currency: str | None = Field(default=None, alias="baseCurrency")
    quote_currency: str | None = Field(default=None, alias="quoteCurrency", description="Of pairs")
    broker_symbol: str = Field(alias="brokerSymbol", description="The bare name")
    allowed_durations: tuple[str, ...] = Field(alias="allowedDurations")
    allowed_order_types: tuple[OrderType, ...] = Field(alias="allowedOrderTypes")
    has_depth: bool = Field(alias="hasDepth", description="The topic `depth` has its book")
    margin_rate: Number = Field(alias="marginRate")
    leverage: str = Field(description="The leverage that holds here, as 30:1")
    commission: Commission
    session: str
    timezone: str
    is_open: bool = Field(alias="isOpen")
    changes_at: int | None = Field(
        default=None,
        alias="changesAt",
        description="When it closes, or, closed, opens, in its market's time; absent where it never closes",
    )
    is_tradable: bool = Field(alias="isTradable")
    reason: str | None = Field(default=None, description="Why it is not tradable on this account")
