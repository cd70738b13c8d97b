"""An account laid open for a question that changes nothing."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from trading_api.core.ledger import Ledger
from trading_api.core.money import Rates, booked
from trading_api.core.ports import Venue
from trading_api.core.valuation import Valuation
from trading_api.models.market.instruments import Instrument
from trading_api.models.market.quotes import Quote


class Inspection(NamedTuple):
    """At the moment `at`; to be read at once, before anything else is awaited."""

    ledger: Ledger
    valuation: Valuation
    rates: Rates
    quotes: Mapping[str, Quote]
    instrument: Callable[[str], Instrument]
    venue: Venue
    at: int

    def booked(self, amount: Decimal | Fraction, currency: str) -> Decimal:
        """In the account's currency, rounded."""
        return booked(self.rates.convert(amount, currency, self.ledger.currency), self.ledger.currency)
