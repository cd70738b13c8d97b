"""All checks, in the order in which they run."""

from trading_api.conformance import (
    broker_change_checks,
    broker_checks,
    broker_data_checks,
    broker_fill_checks,
    broker_last_checks,
    broker_oauth_checks,
    broker_order_checks,
    broker_price_checks,
    broker_stream_checks,
    history_checks,
    udf_checks,
    udf_symbol_checks,
)
from trading_api.conformance.catalogue import checks_in

# What accounts hold is looked at after orders were placed, so that there is something to see.
CHECKS = checks_in(
    udf_symbol_checks,
    udf_checks,
    broker_data_checks,
    broker_oauth_checks,
    broker_price_checks,
    broker_order_checks,
    broker_fill_checks,
    broker_change_checks,
    broker_checks,
    history_checks,
    broker_stream_checks,
    broker_last_checks,
)
