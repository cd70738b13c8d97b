"""What an account can do, as its flags say (contract 4.5): what is announced is done, for this caller and kind of account."""

from trading_api.core.access import Rights
from trading_api.models.broker.account import AccountProfile
from trading_api.models.tradingview.flags import AccountFlags


def flags_of(profile: AccountProfile, rights: Rights, *, has_depth: bool) -> AccountFlags:
    trades = "trade" in rights
    return AccountFlags(
        support_order_brackets=trades,
        support_market_brackets=trades,
        support_position_brackets=trades,
        support_positions=True,
        support_multiposition=profile.position_mode == "hedging",
        support_close_position=trades,
        support_partial_close_position=trades,
        support_reverse_position=trades,
        support_native_reverse_position=trades,
        support_market_orders=trades,
        support_limit_orders=trades,
        support_stop_orders=trades,
        support_stop_limit_orders=trades,
        support_trailing_stop=trades,
        support_stop_orders_in_both_directions=False,
        support_partial_order_execution=True,
        support_modify_order_price=trades,
        support_edit_amount=trades,
        support_modify_brackets=trades,
        support_modify_duration=trades,
        support_place_order_preview=trades,
        support_modify_order_preview=trades,
        show_quantity_instead_of_amount=True,
        support_balances=False,
        support_orders_history=True,
        support_executions=True,
        support_leverage="admin" in rights,
        support_dom=has_depth,
        support_level2_data=has_depth,
        support_pl_update=True,
        support_display_broker_name_in_symbol_search=True,
        support_logout=True,
        support_custom_account_summary_row=True,
        support_position_custom_fields=False,
        support_order_custom_fields=False,
        support_order_history_custom_fields=False,
        support_digital_signature=False,
        support_crypto_exchange_order_ticket=False,
    )
