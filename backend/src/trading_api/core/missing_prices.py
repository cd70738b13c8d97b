"""Prices that are not there yet when an account starts: it is tried again until they are."""

from collections.abc import Awaitable, Callable

from trading_api.core.watch import Watch
from trading_api.models.errors import TryLater

PRICE_RETRY_S = 5.0
"""Between two tries for the price of a symbol that an account holds; each try waits as well."""


async def await_prices(watch: Watch, sleep: Callable[[float], Awaitable[None]]) -> None:
    """Returns when every symbol the account holds something in has had a price."""
    while True:
        try:
            return await watch.listen(sorted(watch.needed()))
        except TryLater:
            await sleep(PRICE_RETRY_S)
