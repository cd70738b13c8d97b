"""Folding: small bars into large ones, and quotes into the bar that is open now.

A closed bar never changes: whatever arrives for an earlier bar is left out. History and the live stream meet at
`Bars.through`: quotes up to that moment are already in the answer, so the folder leaves them out too.
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import NamedTuple

from trading_api.core.sessions import DAY_MS, Sessions, day_of, stamp_of
from trading_api.models.errors import FixRequest
from trading_api.models.market.bars import Bar, Bars, Resolution
from trading_api.models.market.instruments import Instrument
from trading_api.models.market.quotes import Quote

_SHORT_FORMS = {"D": Resolution.D1, "W": Resolution.W1, "M": Resolution.MN1}


def parse_resolution(text: str) -> Resolution:
    """Read a resolution as TradingView writes it; D, W and M stand for 1D, 1W and 1M."""
    if text in _SHORT_FORMS:
        return _SHORT_FORMS[text]
    try:
        return Resolution(text)
    except ValueError:
        known = ", ".join(Resolution)
        raise FixRequest(
            "bad_resolution", f"Expected a resolution out of {known}, found '{text}'.", field="resolution"
        ) from None


def resolutions_of(instrument: Instrument) -> tuple[Resolution, ...]:
    """Those its finest bars add up to."""
    return tuple(each for each in Resolution if (each.width_ms or DAY_MS) % instrument.bar_step_ms == 0)


def check_resolution(instrument: Instrument, resolution: Resolution) -> None:
    """Days and longer are always answered, if with nothing."""
    known = resolutions_of(instrument)
    if resolution.width_ms is not None and resolution not in known:
        offered = ", ".join(known) or "none"
        message = f"Expected one of the resolutions {offered} for {instrument.id}, found '{resolution}'."
        raise FixRequest("bad_resolution", message, field="resolution")


def joined(stamp: int, parts: Iterable[Bar]) -> Bar:
    """One bar out of at least one smaller bar, ascending."""
    first, *others = parts
    high, low, close, volume = first.high, first.low, first.close, first.volume
    for part in others:
        high, low = max(high, part.high), min(low, part.low)
        close, volume = part.close, volume + part.volume
    return Bar.model_construct(time=stamp, open=first.open, high=high, low=low, close=close, volume=volume)


def fold(bars: Iterable[Bar], resolution: Resolution, sessions: Sessions) -> Iterator[Bar]:
    """Ascending intraday bars into larger ones. Bars outside the session are left out."""
    stamp, end = 0, 0
    parts: list[Bar] = []
    for bar in bars:
        if bar.time >= end:
            start = sessions.bar_start(bar.time, resolution)
            if start is None:
                continue
            if parts:
                yield joined(stamp, parts)
            stamp, end, parts = start, sessions.bar_span(start, resolution)[1], []
        elif not sessions.is_open(bar.time):
            continue
        parts.append(bar)
    if parts:
        yield joined(stamp, parts)


def fold_days(bars: Iterable[Bar], resolution: Resolution, sessions: Sessions) -> Iterator[Bar]:
    """Ascending day bars, stamped 00:00 UTC of their trading day, into weeks or months."""
    stamp = -1
    parts: list[Bar] = []
    for bar in bars:
        start = stamp_of(sessions.first_day(day_of(bar.time), resolution))
        if start != stamp and parts:
            yield joined(stamp, parts)
            parts = []
        stamp = start
        parts.append(bar)
    if parts:
        yield joined(stamp, parts)


def price_of(quote: Quote, instrument: Instrument) -> Decimal | None:
    """The price of a quote that this instrument's bars are made of."""
    return quote.bid if instrument.bar_source == "bid" else quote.last


class Folded(NamedTuple):
    """What one quote did: the bar it belongs to as it stands, and the bar it closed, if it opened another."""

    current: Bar
    closed: Bar | None


class BarFolder:
    """Folds an instrument's quotes, ascending in time, into its open bar at one resolution."""

    def __init__(self, instrument: Instrument, resolution: Resolution, sessions: Sessions, history: Bars) -> None:
        self._instrument = instrument
        self._resolution = resolution
        self._sessions = sessions
        self._seen_through = history.through
        self._start, self._end = 0, 0
        self.current: Bar | None = history.bars[-1] if history.bars else None
        if self.current is not None:
            self._start, self._end = sessions.bar_span(self.current.time, resolution)

    @property
    def end(self) -> int:
        """When the current bar is complete, whether another opens or not; 0 before the first."""
        return self._end

    def add(self, quote: Quote) -> Folded | None:
        """Fold one quote; None when it adds nothing: already in history, no price, outside the session, or late."""
        price = price_of(quote, self._instrument)
        if price is None or quote.time <= self._seen_through:
            return None
        if self.current is not None and quote.time < self._end:
            return self._extend(self.current, quote, price)
        return self._open(quote, price)

    def _extend(self, bar: Bar, quote: Quote, price: Decimal) -> Folded | None:
        if not self._sessions.is_open(quote.time) or quote.time < self._start:
            return None
        self.current = Bar.model_construct(
            time=bar.time,
            open=bar.open,
            high=max(bar.high, price),
            low=min(bar.low, price),
            close=price,
            volume=bar.volume + quote.volume,
        )
        return Folded(self.current, None)

    def _open(self, quote: Quote, price: Decimal) -> Folded | None:
        stamp = self._sessions.bar_start(quote.time, self._resolution)
        if stamp is None:
            return None
        closed = self.current
        self.current = Bar.model_construct(time=stamp, open=price, high=price, low=price, close=price, volume=quote.volume)
        self._start, self._end = self._sessions.bar_span(stamp, self._resolution)
        return Folded(self.current, closed)
