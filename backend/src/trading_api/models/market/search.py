"""Symbol search (contract 1.6)."""

from trading_api.models.base import Model
from trading_api.models.market.instruments import InstrumentKind


class SymbolMatch(Model):
    """One row of the answer. `ticker` is the id that resolves wherever it is used."""

    symbol: str
    full_name: str
    ticker: str
    description: str
    exchange: str
    type: InstrumentKind
