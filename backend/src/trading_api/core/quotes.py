"""A symbol's quote as a chart shows it: best prices and the day's figures, all from prices that have been shown."""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from trading_api.core.bars import price_of
from trading_api.models.market.bars import Bar
from trading_api.models.market.instruments import Instrument
from trading_api.models.market.quotes import Quote, QuoteData, QuoteValues

PERCENT_GRID = Decimal("0.0001")


class Day(NamedTuple):
    """The current trading day as far as it has been shown, and the close of the one before."""

    bar: Bar | None
    previous_close: Decimal | None


def day_of(bars: Sequence[Bar]) -> Day:
    """Out of the last two daily bars."""
    return Day(bars[-1] if bars else None, bars[-2].close if len(bars) > 1 else None)


def quote_data(asked: str, instrument: Instrument, quote: Quote | None, day: Day) -> QuoteData:
    """What is not known is left out. `asked` comes back as it was written."""
    price = _last_price(instrument, quote, day)
    change = price - day.previous_close if price is not None and day.previous_close is not None else None
    return QuoteData(
        s="ok",
        n=asked,
        v=QuoteValues(
            last_price=price,
            change=change,
            change_percent=_percent(change, day.previous_close),
            bid=quote.bid if quote else None,
            ask=quote.ask if quote else None,
            spread=quote.ask - quote.bid if quote else None,
            open_price=day.bar.open if day.bar else None,
            high_price=day.bar.high if day.bar else None,
            low_price=day.bar.low if day.bar else None,
            previous_close=day.previous_close,
            volume=day.bar.volume if day.bar and instrument.has_volume else None,
            short_name=instrument.name,
            exchange=instrument.exchange,
            description=instrument.description,
            original_name=instrument.id,
            bid_size=quote.bid_size if quote else None,
            ask_size=quote.ask_size if quote else None,
            time=quote.time if quote else None,
        ),
    )


def no_quote(asked: str, message: str) -> QuoteData:
    return QuoteData(s="error", n=asked, error_message=message)


def _last_price(instrument: Instrument, quote: Quote | None, day: Day) -> Decimal | None:
    price = price_of(quote, instrument) if quote else None
    if price is None and day.bar is not None:
        return day.bar.close
    return price


def _percent(change: Decimal | None, base: Decimal | None) -> Decimal | None:
    if change is None or not base:
        return None
    return (100 * change / base).quantize(PERCENT_GRID)
