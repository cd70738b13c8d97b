"""What a desk goes by when it says what its account is worth: the newest prices, and the figures until something moves them."""

from trading_api.core.ledger import Ledger
from trading_api.core.valuation import Valuation
from trading_api.models.broker.account import EquityData
from trading_api.models.market.quotes import Quote


class NewestQuotes(dict[str, Quote]):
    """By symbol. `changes` says that something is not as it was."""

    changes = 0

    def remember(self, quote: Quote) -> None:
        known = self.get(quote.symbol)
        if known is None or known.time <= quote.time:
            self[quote.symbol] = quote
            self.changes += 1

    def forget(self, symbol: str) -> None:
        self.pop(symbol, None)
        self.changes += 1

    def clear(self) -> None:
        super().clear()
        self.changes += 1


class Worth:
    """The account's figures, reckoned once for each fact and price."""

    def __init__(self, ledger: Ledger, valuation: Valuation, quotes: NewestQuotes) -> None:
        self._ledger = ledger
        self._valuation = valuation
        self._quotes = quotes
        self._as_of: tuple[int, int] | None = None
        self._known: EquityData | None = None

    def told(self, *, time: int) -> EquityData:
        as_of = self._ledger.sequence, self._quotes.changes
        known = self._known
        if known is None or as_of != self._as_of:
            known = self._valuation.told(time=time)
        elif known.time != time:
            known = known.replaced({"time": time})
        self._as_of, self._known = as_of, known
        return known
