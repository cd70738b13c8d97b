"""From a tick, or from a day's bar, to the stream's lines.

Trades carry the price that bars are made of, in the session only, so whoever folds them into minutes gets what history answers.
Where a market tells quotes and no trades, each tick is an artificial trade at that price. A tick older than the last one of its
symbol is left out.
"""

from decimal import Decimal

from trading_api.core.bars import price_of
from trading_api.core.broker_rest.words import seconds
from trading_api.core.sessions import sessions_of
from trading_api.models.market.bars import Bar
from trading_api.models.market.instruments import Instrument
from trading_api.models.market.quotes import Quote
from trading_api.models.tradingview.market import DayLine, QuoteLine, TradeLine

Line = TradeLine | QuoteLine | DayLine
NO_SIZE = Decimal(0)


class SymbolLines:
    """Of one symbol."""

    def __init__(self, instrument: Instrument, name: str) -> None:
        self._instrument = instrument
        self._name = name
        self._sessions = sessions_of(instrument)
        self._last = 0

    def of_tick(self, quote: Quote) -> tuple[Line, ...]:
        if quote.time < self._last:
            return ()
        self._last = quote.time
        trade = self._trade(quote)
        return (self._quote(quote),) if trade is None else (trade, self._quote(quote))

    def _trade(self, quote: Quote) -> TradeLine | None:
        price = price_of(quote, self._instrument)
        if price is None or not self._sessions.is_open(quote.time):
            return None
        return TradeLine(id=self._name, p=price, s=quote.volume or None, t=seconds(quote.time))

    def _quote(self, quote: Quote) -> QuoteLine:
        return QuoteLine(
            id=self._name,
            t=seconds(quote.time),
            ask=quote.ask,
            ask_size=quote.ask_size or NO_SIZE,
            bid=quote.bid,
            bid_size=quote.bid_size or NO_SIZE,
        )

    def of_day(self, bar: Bar) -> DayLine:
        return DayLine(id=self._name, o=bar.open, h=bar.high, l=bar.low, c=bar.close, v=bar.volume, t=seconds(bar.time))
