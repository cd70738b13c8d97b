"""A market a test drives by hand: it says what the price is and what time it is.

    market = ScriptedMarket()
    await market.tell("EURUSD", "1.0850", "1.0851")           # now
    await market.tell("EURUSD", "1.0852", "1.0853", after=60_000)

`tell` returns once whoever reads `ticks` has finished with the tick, so nothing has to be waited for.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from trading_api.core.bars import price_of
from trading_api.core.depth import best_only
from trading_api.core.sessions import sessions_of
from trading_api.models.base import exact
from trading_api.models.market.bars import Bar, Bars, Resolution
from trading_api.models.market.depth import Depth
from trading_api.models.market.instruments import Instrument, InstrumentKind
from trading_api.models.market.quotes import Quote

MINUTE_MS = 60_000
MONDAY = 1_704_067_200_000
"""2024-01-01 00:00 UTC, a Monday."""


def an_instrument(name: str = "EURUSD", *, market: str = "DEMO", **changes: object) -> Instrument:
    """A round-the-clock forex pair, unless told otherwise; fields by their Python names."""
    fields: dict[str, object] = {
        "market": market,
        "name": name,
        "description": f"{name[:3]} / {name[3:]}",
        "kind": InstrumentKind.FOREX,
        "exchange": "FX",
        "timezone": "Etc/UTC",
        "session": "24x7",
        "currency": name[3:] or "USD",
        "base_currency": name[:3],
        "tick_size": "0.00001",
        "pip_size": "0.0001",
        "quantity_min": "1",
        "quantity_max": "10000000",
        "quantity_step": "1",
        "lot_size": "100000",
        "margin_rate": "0.0333",
        "bar_source": "bid",
    }
    return Instrument.model_validate(fields | changes)


class _Piece(NamedTuple):
    """A told tick, or a minute of given history: what bars are folded from."""

    time: int
    through: int
    bar: Bar


class ScriptedMarket:
    """The port `Market`, told by hand. `history` are minute bars by name, as old as the test likes."""

    def __init__(
        self,
        name: str = "DEMO",
        instruments: Iterable[Instrument] | None = None,
        *,
        now: int = MONDAY,
        history: Mapping[str, Sequence[Bar]] | None = None,
    ) -> None:
        self.name = name
        chosen = [an_instrument(market=name)] if instruments is None else instruments
        self._instruments = {instrument.name: instrument for instrument in chosen}
        self._now = now
        self._moved = asyncio.Event()
        self._quotes: dict[str, Quote] = {}
        self._pieces: dict[str, list[_Piece]] = {each: [] for each in self._instruments}
        for each, bars in (history or {}).items():
            self._pieces[each] += [_Piece(bar.time, bar.time + MINUTE_MS - 1, bar) for bar in bars]
        self._folded: dict[tuple[str, Resolution], dict[int, list[_Piece]]] = {}
        self._queue: asyncio.Queue[Quote | None] = asyncio.Queue()
        self._reading = False
        self.watched: Counter[str] = Counter()
        """How often each symbol is watched; a test may look."""
        self.asked = 0
        """How often bars were asked for."""
        self.gate = asyncio.Event()
        """Cleared by a test, it holds back every answer of `bars`."""
        self.gate.set()

    async def tell(
        self,
        name: str,
        bid: Decimal | str | float,
        ask: Decimal | str | float | None = None,
        *,
        time: int | None = None,
        after: int = 0,
        last: Decimal | str | None = None,
        volume: Decimal | str | int = 0,
        sizes: tuple[int, int] | None = None,
    ) -> Quote:
        """Show a price at `time`, or `after` milliseconds from now; market time moves there. Without `ask`, no spread."""
        moment = self._now + after if time is None else time
        self.set_now(max(moment, self._now))
        best_ask = bid if ask is None else ask
        quote = Quote.model_validate(
            {
                "symbol": self._instruments[name].id,
                "time": moment,
                "bid": exact(bid),
                "ask": exact(best_ask),
                "last": last,
                "volume": volume,
                "bid_size": sizes[0] if sizes else None,
                "ask_size": sizes[1] if sizes else None,
            }
        )
        self._quotes[name] = quote
        if (price := price_of(quote, self._instruments[name])) is not None:
            bar = Bar(time=moment, open=price, high=price, low=price, close=price, volume=quote.volume)
            self._pieces[name].append(_Piece(moment, moment, bar))
            self._folded.clear()
        if self.watched[name]:
            self._queue.put_nowait(quote)
            if self._reading:
                await self._queue.join()
        return quote

    def set_now(self, time: int) -> None:
        """Move market time forward."""
        assert time >= self._now, f"market time never goes back: {time} < {self._now}"
        self._now = time
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()

    def add(self, instrument: Instrument) -> None:
        self._instruments[instrument.name] = instrument
        self._pieces.setdefault(instrument.name, [])

    # The port.

    def now(self) -> int:
        return self._now

    async def until(self, time: int) -> None:
        while self._now < time:
            await self._moved.wait()

    def find(self, name: str) -> Instrument | None:
        return self._instruments.get(name)

    def search(self) -> Sequence[Instrument]:
        return tuple(self._instruments.values())

    async def bars(self, name: str, resolution: Resolution, *, before: int, count: int, since: int | None = None) -> Bars:
        self.asked += 1
        folded = self._fold(name, resolution)
        stamps = [stamp for stamp in folded if stamp < before and (since is None or stamp >= since)][-count:]
        through = folded[stamps[-1]][-1].through if stamps else 0
        answer = Bars(tuple(_joined(stamp, folded[stamp]) for stamp in stamps), through)
        await self.gate.wait()
        return answer

    async def quote(self, name: str) -> Quote | None:
        return self._quotes.get(name)

    def depth(self, quote: Quote) -> Depth | None:
        return best_only(quote)

    def watch(self, name: str) -> None:
        self.watched[name] += 1
        if self.watched[name] == 1 and name in self._quotes:
            self._queue.put_nowait(self._quotes[name])

    def unwatch(self, name: str) -> None:
        assert self.watched[name] > 0, f"{name} is not watched"
        self.watched[name] -= 1

    async def ticks(self) -> AsyncIterator[Quote]:
        self._reading = True
        try:
            while (quote := await self._queue.get()) is not None:
                yield quote
                self._queue.task_done()
        finally:
            self._reading = False

    async def close(self) -> None:
        self._queue.put_nowait(None)

    def _fold(self, name: str, resolution: Resolution) -> dict[int, list[_Piece]]:
        if (name, resolution) not in self._folded:
            self._folded[name, resolution] = self._folded_anew(name, resolution)
        return self._folded[name, resolution]

    def _folded_anew(self, name: str, resolution: Resolution) -> dict[int, list[_Piece]]:
        calendar = sessions_of(self._instruments[name])
        folded: dict[int, list[_Piece]] = {}
        for piece in self._pieces[name]:
            start = calendar.bar_start(piece.time, resolution)
            if start is not None:
                folded.setdefault(start, []).append(piece)
        return dict(sorted(folded.items()))


def _joined(start: int, pieces: Sequence[_Piece]) -> Bar:
    bars = [piece.bar for piece in pieces]
    return Bar(
        time=start,
        open=bars[0].open,
        high=max(bar.high for bar in bars),
        low=min(bar.low for bar in bars),
        close=bars[-1].close,
        volume=sum((bar.volume for bar in bars), Decimal(0)),
    )
