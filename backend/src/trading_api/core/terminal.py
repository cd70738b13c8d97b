"""What is announced to a Trading Terminal about one account: what a flag says is done, and what is not done is false."""

from trading_api.models.broker.account import AccountProfile
from trading_api.models.broker.orders import (
    CUSTOM_FIELD_NAME_MAX,
    CUSTOM_FIELD_TEXT_MAX,
    CUSTOM_FIELDS_MAX,
    OrderType,
)
from trading_api.models.broker.terminal import BrokerConfig, ConfigFlags, CustomFieldBounds, DurationChoice, SymbolOptions

WAITING = (OrderType.LIMIT, OrderType.STOP, OrderType.STOP_LIMIT)
AT_ONCE = (OrderType.MARKET, OrderType.LIMIT)

DURATIONS = (
    DurationChoice(name="Good till cancelled", value="GTC", default=True, supported_order_types=WAITING),
    DurationChoice(name="Day", value="DAY", supported_order_types=WAITING),
    DurationChoice(
        name="Good till date", value="GTD", has_date_picker=True, has_time_picker=True, supported_order_types=WAITING
    ),
    DurationChoice(name="Immediate or cancel", value="IOC", supported_order_types=AT_ONCE),
    DurationChoice(name="Fill or kill", value="FOK", supported_order_types=AT_ONCE),
)


def config_of(profile: AccountProfile, *, has_depth: bool) -> BrokerConfig:
    return BrokerConfig(
        account_id=profile.id,
        config_flags=flags_of(profile, has_depth=has_depth),
        durations=DURATIONS,
        order_types=tuple(OrderType),
        custom_fields=CustomFieldBounds(
            fields=CUSTOM_FIELDS_MAX, name_length=CUSTOM_FIELD_NAME_MAX, text_length=CUSTOM_FIELD_TEXT_MAX
        ),
    )


def flags_of(profile: AccountProfile, *, has_depth: bool) -> ConfigFlags:
    """A hedging account's net positions are only told: brackets and reversal belong to its individual ones."""
    hedging = profile.position_mode == "hedging"
    return ConfigFlags(
        close_position_cancels_orders=True,
        position_pl_in_instrument_currency=False,
        requires_fifo_close_individual_positions=hedging and profile.fifo,
        show_notifications_log=True,
        show_quantity_instead_of_amount=True,
        support_add_brackets_to_existing_order=True,
        support_balances=False,
        support_cancelling_both_brackets_only=False,
        support_cancel_order_for_non_tradable_symbol=False,
        support_close_individual_position=hedging,
        support_close_position=True,
        support_crypto_brackets=False,
        support_crypto_exchange_order_ticket=False,
        support_custom_order_info=False,
        support_demo_live_switcher=False,
        support_edit_amount=True,
        support_executions=True,
        support_guaranteed_stop=False,
        support_individual_position_brackets=hedging,
        support_level2_data=has_depth,
        support_leverage=True,
        support_leverage_button=True,
        support_limit_orders=True,
        support_margin=True,
        support_market_brackets=True,
        support_market_orders=True,
        support_modify_brackets=True,
        support_modify_duration=True,
        support_modify_order_preview=True,
        support_modify_order_price=True,
        support_modify_order_type=False,
        support_modify_trailing_stop=True,
        support_multiple_exit_levels=False,
        support_multiposition=False,
        support_native_reverse_position=not hedging,
        support_only_pair_position_brackets=False,
        support_order_brackets=True,
        support_orders_history=True,
        support_partial_close_individual_position=hedging,
        support_partial_close_position=True,
        support_place_order_preview=True,
        support_pl_update=True,
        support_position_brackets=not hedging,
        support_position_netting=hedging,
        support_positions=True,
        support_preview_close_position=True,
        support_reverse_position=not hedging,
        support_stop_limit_orders=True,
        support_stop_limit_orders_in_both_directions=False,
        support_stop_loss=True,
        support_stop_orders=True,
        support_stop_orders_in_both_directions=False,
        support_strict_checking_limit_order_price=False,
        support_symbol_search=False,
        support_trailing_stop=True,
        support_unpaired_exit_levels=False,
    )


def options_of(profile: AccountProfile, *, warning: str | None) -> SymbolOptions:
    flags = flags_of(profile, has_depth=False)
    return SymbolOptions(
        allowed_durations=tuple(one.value for one in DURATIONS),
        allowed_order_types=tuple(OrderType),
        support_order_brackets=flags.support_order_brackets,
        support_position_brackets=flags.support_position_brackets,
        support_individual_position_brackets=flags.support_individual_position_brackets,
        support_reverse_position=flags.support_reverse_position,
        warning_message=warning,
    )
