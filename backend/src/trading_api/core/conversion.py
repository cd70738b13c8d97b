"""Prices in another currency, for charts: each bar at the rate that was known when it began.

So a bar that is over never changes, and nothing is known before its time: all four prices of a bar take the rate at which the
pair's hour had opened, of a daily or longer bar its day. The pair is one of the same market, or two crossed through USD, as
accounts convert. Bars from before the first rate are left out.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction

from trading_api.core.bars import resolutions_of
from trading_api.core.money import Leg, conversion_path
from trading_api.core.ports import Market
from trading_api.models.errors import FixRequest
from trading_api.models.market.bars import Bar, Resolution
from trading_api.models.market.instruments import Instrument, InstrumentKind

MORE_DECIMALS = 2
"""A converted price is told so much finer than the instrument's own, because currencies differ in size."""
RATES_MAX = 50_000
"""Rates read for one answer: a window of hourly rates that is longer is refused."""


def converted_grid(instrument: Instrument) -> Decimal:
    exponent = instrument.tick_size.normalize().as_tuple().exponent
    assert isinstance(exponent, int)
    return Decimal(1).scaleb(min(0, exponent) - MORE_DECIMALS)


def currencies_of(instruments: Iterable[Instrument]) -> tuple[str, ...]:
    """Those that something is priced in, and those that pairs price; only where a pair converts anything at all."""
    pairs = [one for one in instruments if one.kind is InstrumentKind.FOREX and one.base_currency]
    return tuple(sorted({one.currency for one in pairs} | {str(one.base_currency) for one in pairs}))


def legs_of(market: Market, instrument: Instrument, currency: str) -> tuple[Leg, ...]:
    """Raises FixRequest where no pair of the market converts it."""
    pairs = [one for one in market.search() if one.kind is InstrumentKind.FOREX]
    legs = conversion_path(instrument.currency, currency, pairs)
    if legs is None:
        known = [one for one in currencies_of(pairs) if conversion_path(instrument.currency, one, pairs) is not None]
        offered = ", ".join(sorted({instrument.currency, *known}))
        message = f"Expected a currencyCode of {offered} for {instrument.id}, found '{currency}'"
        raise FixRequest("no_rate", message, field="currencyCode")
    return legs


async def converted(
    market: Market, instrument: Instrument, currency: str, bars: Sequence[Bar], resolution: Resolution
) -> tuple[Bar, ...]:
    legs = legs_of(market, instrument, currency)
    if not legs or not bars:
        return tuple(bars)
    rates = [await _Rates.read(market, leg, bars, resolution) for leg in legs]
    grid = converted_grid(instrument)
    found: list[Bar] = []
    for bar in bars:
        rate: Fraction | None = Fraction(1)
        for one in rates:
            part = one.at(bar.time)
            rate = None if rate is None or part is None else rate * part
        if rate is not None:
            found.append(_in_currency(bar, rate, grid))
    return tuple(found)


class _Rates:
    """What one unit came to in the other currency, by the time from which it was so."""

    def __init__(self, bars: Sequence[Bar], *, inverse: bool) -> None:
        self._times = [bar.time for bar in bars]
        self._rates = [1 / Fraction(bar.open) if inverse else Fraction(bar.open) for bar in bars]

    @classmethod
    async def read(cls, market: Market, leg: Leg, bars: Sequence[Bar], resolution: Resolution) -> "_Rates":
        name = leg.symbol.partition(":")[2]
        pair = market.find(name)
        assert pair is not None, "a leg is a pair of the market"
        hourly = resolution.width_ms is not None and Resolution.H1 in resolutions_of(pair)
        step = Resolution.H1 if hourly else Resolution.D1
        first, last = bars[0].time, bars[-1].time
        before = (await market.bars(name, step, before=first + 1, count=1)).bars
        within = (await market.bars(name, step, before=last + 1, count=RATES_MAX + 1, since=first + 1)).bars
        if len(within) > RATES_MAX:
            raise FixRequest("too_many_rates", f"Expected a window of at most {RATES_MAX} rates, found more", field="from")
        return cls((*before, *within), inverse=leg.inverse)

    def at(self, time: int) -> Fraction | None:
        place = bisect_right(self._times, time) - 1
        return self._rates[place] if place >= 0 else None


def _in_currency(bar: Bar, rate: Fraction, grid: Decimal) -> Bar:
    told = (_rounded(price * rate, grid) for price in map(Fraction, (bar.open, bar.high, bar.low, bar.close)))
    open_, high, low, close = told
    return Bar.model_construct(time=bar.time, open=open_, high=high, low=low, close=close, volume=bar.volume)


def _rounded(price: Fraction, grid: Decimal) -> Decimal:
    return (Decimal(round(price / Fraction(grid))) * grid).quantize(grid, ROUND_HALF_EVEN)
