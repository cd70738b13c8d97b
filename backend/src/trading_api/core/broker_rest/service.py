"""What stands behind TradingView's broker REST API."""

from typing import NamedTuple

from trading_api.core.broker_rest.accounts import RestAccounts
from trading_api.core.broker_rest.market import RestMarket
from trading_api.core.broker_rest.naming import Names
from trading_api.core.broker_rest.oauth import OAuth
from trading_api.core.broker_rest.orders import RestOrders
from trading_api.core.broker_rest.prices import RestPrices
from trading_api.core.broker_rest.stream import PriceStream
from trading_api.core.broker_service import BrokerService
from trading_api.core.datafeed_service import DatafeedService
from trading_api.core.history_service import HistoryService
from trading_api.core.instrument_info import InstrumentDesk
from trading_api.core.sign_in import SignIn


class Doors(NamedTuple):
    """The ways in."""

    sign_in: SignIn
    oauth: OAuth


class BrokerRest(NamedTuple):
    accounts: RestAccounts
    orders: RestOrders
    prices: RestPrices
    market: RestMarket
    stream: PriceStream
    doors: Doors


def broker_rest(
    broker: BrokerService,
    datafeed: DatafeedService,
    instruments: InstrumentDesk,
    history: HistoryService,
    doors: Doors,
    *,
    prefix: str,
) -> BrokerRest:
    """`prefix` is the broker's name on TradingView."""
    names = Names(datafeed.markets)
    market = RestMarket(datafeed, names, prefix)
    return BrokerRest(
        accounts=RestAccounts(broker, datafeed, history, names),
        orders=RestOrders(broker, datafeed, names),
        prices=RestPrices(broker, datafeed, instruments, names),
        market=market,
        stream=PriceStream(datafeed, names, market.offered),
        doors=doors,
    )
