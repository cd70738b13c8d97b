"""The demo market keeps the market's promises, whatever kind of instrument is asked."""

import datetime
from collections.abc import AsyncIterator

import pytest

from contracts.market_contract import MarketContract, Opened
from fakes import FakeClock
from own_instruments import AN_ODD_LISTING
from trading_api.plugins.synthetic.instruments import demo_listings
from trading_api.plugins.synthetic.market import SyntheticMarket

AFTERNOON = int(datetime.datetime(2026, 3, 10, 15, 17, 23, tzinfo=datetime.UTC).timestamp() * 1000)
"""A Tuesday on which every listing is open."""


class TestSyntheticMarket(MarketContract):
    @pytest.fixture(params=["BTCUSD", "EURUSD", "ACME", "GER40", "XAUUSD", "ODD"])
    async def opened(self, request: pytest.FixtureRequest) -> AsyncIterator[Opened]:
        clock = FakeClock(AFTERNOON)
        market = SyntheticMarket(clock, 7, (*demo_listings("DEMO"), AN_ODD_LISTING))
        yield Opened(market, request.param, clock.advance)
        await market.close()
