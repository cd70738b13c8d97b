"""What a Trading Terminal may ask of an account: flags, durations and order types (contract 3.8), and its symbols (3.7)."""

from pydantic import ConfigDict, Field
from pydantic.alias_generators import to_camel

from trading_api.models.base import Model, Number
from trading_api.models.broker.orders import OrderType
from trading_api.models.common import AccountId, SymbolName


class ConfigFlags(Model):
    """TradingView's configFlags, all of them. What is true is done and tested; docs/topics/tradingview.md says how."""

    model_config = ConfigDict(alias_generator=to_camel)

    close_position_cancels_orders: bool
    position_pl_in_instrument_currency: bool = Field(alias="positionPLInInstrumentCurrency")
    requires_fifo_close_individual_positions: bool = Field(alias="requiresFIFOCloseIndividualPositions")
    show_notifications_log: bool
    show_quantity_instead_of_amount: bool
    support_add_brackets_to_existing_order: bool
    support_balances: bool
    support_cancelling_both_brackets_only: bool
    support_cancel_order_for_non_tradable_symbol: bool
    support_close_individual_position: bool
    support_close_position: bool
    support_crypto_brackets: bool
    support_crypto_exchange_order_ticket: bool
    support_custom_order_info: bool
    support_demo_live_switcher: bool
    support_edit_amount: bool
    support_executions: bool
    support_guaranteed_stop: bool
    support_individual_position_brackets: bool
    support_level2_data: bool
    support_leverage: bool
    support_leverage_button: bool
    support_limit_orders: bool
    support_margin: bool
    support_market_brackets: bool
    support_market_orders: bool
    support_modify_brackets: bool
    support_modify_duration: bool
    support_modify_order_preview: bool
    support_modify_order_price: bool
    support_modify_order_type: bool
    support_modify_trailing_stop: bool
    support_multiple_exit_levels: bool
    support_multiposition: bool
    support_native_reverse_position: bool
    support_only_pair_position_brackets: bool
    support_order_brackets: bool
    support_orders_history: bool
    support_partial_close_individual_position: bool
    support_partial_close_position: bool
    support_place_order_preview: bool
    support_pl_update: bool = Field(alias="supportPLUpdate")
    support_position_brackets: bool
    support_position_netting: bool
    support_positions: bool
    support_preview_close_position: bool
    support_reverse_position: bool
    support_stop_limit_orders: bool
    support_stop_limit_orders_in_both_directions: bool
    support_stop_loss: bool
    support_stop_orders: bool
    support_stop_orders_in_both_directions: bool
    support_strict_checking_limit_order_price: bool
    support_symbol_search: bool
    support_trailing_stop: bool
    support_unpaired_exit_levels: bool


class DurationChoice(Model):
    """One duration of the order ticket."""

    name: str
    value: str
    has_date_picker: bool = Field(default=False, alias="hasDatePicker")
    has_time_picker: bool = Field(default=False, alias="hasTimePicker")
    default: bool = False
    supported_order_types: tuple[OrderType, ...] = Field(alias="supportedOrderTypes")


class CustomFieldBounds(Model):
    """How much an order may carry in `customFields`."""

    fields: int
    name_length: int = Field(alias="nameLength")
    text_length: int = Field(alias="textLength")


class BrokerConfig(Model):
    """Everything an adapter announces for one account; it hardcodes none of it."""

    account_id: str = Field(alias="accountId")
    config_flags: ConfigFlags = Field(alias="configFlags")
    durations: tuple[DurationChoice, ...]
    order_types: tuple[OrderType, ...] = Field(alias="orderTypes")
    custom_fields: CustomFieldBounds = Field(alias="customFields")


class OpenUrl(Model):
    url: str
    text: str


class Solutions(Model):
    """One way out, where there is one."""

    change_account: str | None = Field(default=None, alias="changeAccount", description="An account that trades this symbol")
    change_symbol: str | None = Field(default=None, alias="changeSymbol", description="A symbol this account trades instead")
    open_url: OpenUrl | None = Field(default=None, alias="openUrl")


class Tradable(Model):
    """TradingView's IsTradableResult."""

    tradable: bool
    reason: str | None = None
    short_reason: str | None = Field(default=None, alias="shortReason")
    solutions: Solutions | None = None


class SymbolOptions(Model):
    """TradingView's SymbolSpecificTradingOptions, as far as they differ from the account's."""

    allowed_durations: tuple[str, ...] = Field(alias="allowedDurations")
    allowed_order_types: tuple[OrderType, ...] = Field(alias="allowedOrderTypes")
    support_order_brackets: bool = Field(alias="supportOrderBrackets")
    support_position_brackets: bool = Field(alias="supportPositionBrackets")
    support_individual_position_brackets: bool = Field(alias="supportIndividualPositionBrackets")
    support_reverse_position: bool = Field(alias="supportReversePosition")
    warning_message: str | None = Field(default=None, alias="warningMessage")


class TradingOptions(Model):
    """A symbol as this account may trade it now."""

    symbol: str
    tradable: Tradable
    options: SymbolOptions


class PipValuesSubscriptionRequest(Model):
    account_id: AccountId = Field(alias="accountId")
    symbol: SymbolName


class PipValues(Model):
    """What one pip of one unit is worth in the account's currency, at the conversion rate of the moment.

    Absent while there is no rate. Both sides convert at mid, so they are equal.
    """

    account_id: str = Field(alias="accountId")
    symbol: str
    buy_pip_value: Number | None = Field(default=None, alias="buyPipValue")
    sell_pip_value: Number | None = Field(default=None, alias="sellPipValue")
