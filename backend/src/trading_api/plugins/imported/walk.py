"""The ticks a bar stands for: open, nearer extreme, farther extreme, close, bid and ask together.

The bid decides which extreme is nearer; equal distances go low first. The four are spread over the bar's time, from its first
millisecond to its last, so they add up to the bar again and none lies outside it.
"""

from decimal import ROUND_DOWN, Decimal

from trading_api.core.ports import ArchivedBar
from trading_api.core.sessions import Windows
from trading_api.models.market.bars import Bar
from trading_api.models.market.quotes import Quote
from trading_api.plugins.imported.join import shifted

STOPS = 4


def ticks_in(
    bar: ArchivedBar, *, symbol: str, open_in: Windows, spread: Decimal, traded: bool, size: Decimal | None = None
) -> list[Quote]:
    """`spread` is for a bar without an ask; `traded` prices are trades as well; `size` is offered on both sides."""
    times = _times(open_in)
    ask = bar.ask or shifted(bar.bid, spread)
    bids, asks = _walk(bar.bid, _low_first(bar.bid)), _walk(ask, _low_first(bar.bid))
    volumes = _parts(bar.bid.volume)
    return [
        Quote.model_construct(
            symbol=symbol,
            time=times[stop],
            bid=bids[stop],
            ask=asks[stop],
            bid_size=size,
            ask_size=size,
            last=bids[stop] if traded else None,
            volume=volumes[stop],
        )
        for stop in range(STOPS)
    ]


def _times(open_in: Windows) -> list[int]:
    """Evenly over the windows, as if nothing lay between them."""
    last = sum(end - start for start, end in open_in) - 1
    return [_inside(open_in, last * stop // (STOPS - 1)) for stop in range(STOPS)]


def _inside(open_in: Windows, offset: int) -> int:
    for start, end in open_in:
        if offset < end - start:
            return start + offset
        offset -= end - start
    raise AssertionError("the offset lies inside the windows")


def _low_first(bar: Bar) -> bool:
    return bar.open - bar.low <= bar.high - bar.open


def _walk(bar: Bar, low_first: bool) -> tuple[Decimal, ...]:
    return (bar.open, bar.low, bar.high, bar.close) if low_first else (bar.open, bar.high, bar.low, bar.close)


def _parts(volume: Decimal) -> list[Decimal]:
    """Quarters as fine as the volume itself; the last takes what is left."""
    if not volume:
        return [volume] * STOPS
    part = (volume / STOPS).quantize(volume, rounding=ROUND_DOWN)
    return [part] * (STOPS - 1) + [volume - part * (STOPS - 1)]
