"""What a desk watches: the symbols it needs prices of, and the moments at which something happens without a price."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator
from contextlib import contextmanager
from typing import Protocol

from trading_api.core.ledger import Ledger
from trading_api.core.money import Rates
from trading_api.core.ports import Due
from trading_api.models.market.instruments import Instrument
from trading_api.models.market.quotes import Quote

Listener = Callable[[Quote], Awaitable[None]]


class Prices(Protocol):
    """What a desk needs of the datafeed."""

    async def listen(self, symbol: str, listener: Listener, /) -> Quote:
        """Begin to hand ticks to `listener`; returns the current quote. Raises TryLater when none comes in time."""

    def unlisten(self, symbol: str, listener: Listener, /) -> None: ...

    def now(self, symbol: str, /) -> int: ...

    async def until(self, symbol: str, time: int, /) -> None: ...

    def instrument(self, symbol: str, /) -> Instrument: ...


class Watch:
    """Listens to every symbol with an order, a position or a command on its way, and to the pairs that convert its currency."""

    def __init__(
        self,
        ledger: Ledger,
        *,
        prices: Prices,
        rates: Rates,
        hand: Listener,
        wake: Callable[[int], Awaitable[None]],
        forget: Callable[[str], None],
        spawn: Callable[[Coroutine[object, object, None]], asyncio.Task[None]],
    ) -> None:
        """`spawn` starts what must not fail unnoticed."""
        self._ledger = ledger
        self._prices = prices
        self._rates = rates
        self._hand = hand
        self._wake = wake
        self._forget = forget
        self._spawn = spawn
        self._listening: dict[str, asyncio.Task[None]] = {}
        self._asking: Counter[str] = Counter()
        self._timers: dict[str, tuple[int, asyncio.Task[None]]] = {}

    @contextmanager
    def needing(self, symbols: Iterable[str]) -> Iterator[None]:
        """Keep these symbols watched while a command is on its way."""
        held = tuple(symbols)
        self._asking.update(held)
        try:
            yield
        finally:
            self._asking.subtract(held)

    def symbols_of(self, symbol: str) -> tuple[str, ...]:
        """A symbol and the pairs that convert its currency into the account's. Raises Refused when there is no such pair."""
        if self._ledger.profile is None:
            return (symbol,)
        legs = self._rates.legs(self._prices.instrument(symbol).currency, self._ledger.currency)
        return (symbol, *(leg.symbol for leg in legs))

    async def listen(self, symbols: Iterable[str]) -> None:
        """Returns when a quote of each has been handed on; several callers share one beginning."""
        for symbol in symbols:
            beginning = self._listening.get(symbol)
            if beginning is None:
                beginning = self._listening[symbol] = asyncio.create_task(self._begin(symbol))
            await asyncio.shield(beginning)

    async def _begin(self, symbol: str) -> None:
        try:
            quote = await self._prices.listen(symbol, self._hand)
        except BaseException:
            self._listening.pop(symbol, None)
            raise
        await self._hand(quote)

    def needed(self) -> set[str]:
        held = {one.symbol for one in self._ledger.orders.values()} | {one.symbol for one in self._ledger.positions.values()}
        asked = {symbol for symbol, count in self._asking.items() if count > 0}
        return {each for one in held for each in self.symbols_of(one)} | asked

    def review(self, due: Iterable[Due]) -> None:
        """After a round: release the symbols nothing needs any more, and keep one timer per symbol for what comes next."""
        for symbol in self._listening.keys() - self.needed():
            if self._listening[symbol].done():
                del self._listening[symbol]
                self._forget(symbol)
                self._prices.unlisten(symbol, self._hand)
        self._arm({one.symbol: one.time for one in due})

    def _arm(self, wanted: dict[str, int]) -> None:
        for symbol, (time, task) in tuple(self._timers.items()):
            if wanted.get(symbol) != time or task.done():
                task.cancel()
                del self._timers[symbol]
        for symbol, time in wanted.items():
            if symbol not in self._timers:
                self._timers[symbol] = time, self._spawn(self._wait(symbol, time))

    async def _wait(self, symbol: str, time: int) -> None:
        await self._prices.until(symbol, time)
        await self._wake(time)

    def release(self) -> None:
        """Nothing is decided any more: no price and no moment is needed."""
        for symbol in [symbol for symbol, beginning in self._listening.items() if beginning.done()]:
            del self._listening[symbol]
            self._prices.unlisten(symbol, self._hand)
        self._arm({})

    async def close(self) -> None:
        tasks = [task for _, task in self._timers.values()] + list(self._listening.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for symbol in self._listening:
            self._prices.unlisten(symbol, self._hand)
        self._listening.clear()
        self._timers.clear()
