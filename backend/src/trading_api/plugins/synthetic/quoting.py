"""From a drawn tick to a quote: spread and sizes are drawn like the price, from seed, symbol and time alone."""

from decimal import Decimal
from typing import Final

from trading_api.models.market.depth import Depth, DepthLevel
from trading_api.models.market.quotes import Quote
from trading_api.plugins.synthetic.instruments import Listing
from trading_api.plugins.synthetic.noise import key_of, mix
from trading_api.plugins.synthetic.prices import Tick
from trading_api.plugins.synthetic.split import EXCESS, EXCESS_BITS

_SPREAD_SALT: Final = 4
_SIZE_SALT: Final = 5
_DEPTH_SALT: Final = 6
_LEVELS: Final = 10
_STEP_TICKS: Final = 3
"""Between two levels of the book there are one to so many ticks."""
# A quarter of the usual size is always there; the rest is exponential, so that the mean is the usual size.
_ALWAYS: Final = 1
_DRAWN: Final = 3
_QUARTERS_BITS: Final = 2


class Quoter:
    """One listing's quotes under a seed."""

    def __init__(self, listing: Listing, seed: int) -> None:
        instrument = listing.instrument
        self._symbol = instrument.id
        self._tick = instrument.tick_size
        self._traded = instrument.bar_source == "trade"
        self._narrow, self._wide = listing.spread
        self._volume_step = listing.volume_step
        self._quantity_step = instrument.quantity_step
        self._usual_steps = None if instrument.book_size is None else int(instrument.book_size / instrument.quantity_step)
        key = key_of(seed, instrument.name)
        self._spread_key, self._size_key = mix(key ^ _SPREAD_SALT), mix(key ^ _SIZE_SALT)
        self._depth_key = mix(key ^ _DEPTH_SALT)

    def quote(self, tick: Tick) -> Quote:
        """A trade happened at the bid or at the ask; other prices are the bid."""
        bits = mix(self._spread_key ^ tick.time)
        spread = self._narrow + (bits & 0xFFFF) * (self._wide - self._narrow + 1) // 0x10000
        bid = max(1, tick.price - spread) if self._traded and bits >> 16 & 1 else tick.price
        sizes = mix(self._size_key ^ tick.time)
        return Quote.model_construct(
            symbol=self._symbol,
            time=tick.time,
            bid=Decimal(bid) * self._tick,
            ask=Decimal(bid + spread) * self._tick,
            bid_size=self._size(sizes & 255),
            ask_size=self._size(sizes >> 8 & 255),
            last=Decimal(tick.price) * self._tick if self._traded else None,
            volume=Decimal(tick.volume) * self._volume_step,
        )

    def depth(self, quote: Quote) -> Depth | None:
        """The book behind a quote's best prices, drawn from its time alone."""
        if quote.bid_size is None or quote.ask_size is None:
            return None
        key = mix(self._depth_key ^ quote.time)
        bids = self._side(quote.bid, quote.bid_size, -1, mix(key))
        asks = self._side(quote.ask, quote.ask_size, 1, mix(key ^ 1))
        return Depth.trusted(symbol=self._symbol, bids=bids[::-1], asks=asks, time=quote.time)

    def _side(self, best: Decimal, size: Decimal, away: int, key: int) -> tuple[DepthLevel, ...]:
        """From the best price on outwards."""
        levels, price = [DepthLevel.trusted(price=best, volume=size)], best
        for number in range(1, _LEVELS):
            bits = mix(key ^ number)
            price += away * (1 + (bits >> 8) % _STEP_TICKS) * self._tick
            volume = self._size(bits & 255)
            if price <= 0 or volume is None:
                break
            levels.append(DepthLevel.trusted(price=price, volume=volume))
        return tuple(levels)

    def _size(self, chance: int) -> Decimal | None:
        """Around the usual size, a whole number of quantity steps, at least one."""
        if self._usual_steps is None:
            return None
        factor = (_ALWAYS << EXCESS_BITS) + _DRAWN * EXCESS[chance]
        return Decimal(max(1, self._usual_steps * factor >> EXCESS_BITS + _QUARTERS_BITS)) * self._quantity_step
