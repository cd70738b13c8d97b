"""Instruments as a user writes them, and one whose calendar is as odd as calendars get."""

import datetime
import tomllib
from decimal import Decimal

from trading_api.plugins.synthetic.instruments import Listing
from trading_api.plugins.synthetic.own import KEYS, listing_of
from trading_api.plugins.synthetic.table import Table

TODAY = datetime.date(2026, 3, 2)
PLAIN = """
[[instrument]]
symbol = "WTI"
kind = "commodity"
currency = "USD"
tick = 0.01
quantity = { min = 10, max = 1000, step = 10 }
session = "1800-1700"
zone = "America/New_York"
spread = { narrowest = 2, widest = 6 }
margin = 0.1
bars = "bid"

[instrument.prices]
typical = 72.5
deviation = 0.02
"""
ODD = """
symbol = "ODD"
kind = "index"
currency = "EUR"
tick = 0.25
quantity = { max = 1000, step = 0.5 }
session = "0631-0948,1501-1504,1505-1911:12345"
zone = "Etc/UTC"
holidays = [2026-03-09]
spread = { narrowest = 0, widest = 3 }
size = 0.5
margin = 1
bars = "trade"
prices = { typical = 100, deviation = 0.03, volume = 7.5 }
"""
"""Open on one day of the weekend, in windows that begin and end at no half hour, one of them three minutes long."""


def listing(text: str) -> Listing:
    return listing_of(Table(tomllib.loads(text, parse_float=Decimal), "a file", KEYS), "DEMO", TODAY)


AN_ODD_LISTING = listing(ODD)
