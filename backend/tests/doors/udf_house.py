"""A real server on a free port with nothing but the datafeed, driven by a scripted market in the same loop."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NamedTuple

import uvicorn
from fastapi import FastAPI

from fakes_market import MONDAY, ScriptedMarket, an_instrument
from free_port import a_listener
from trading_api.api.cors import DATAFEED_PREFIX, OpenDatafeed
from trading_api.api.datafeed import datafeed_router
from trading_api.core.datafeed_service import DatafeedService
from trading_api.models.market.bars import Bar

MINUTE = 60_000
NOW = MONDAY + 3 * 86_400_000 + 14 * 3_600_000 + 20 * MINUTE + 30_500
"""Thursday 14:20:30.5 UTC: ten minutes before New York opens."""

SHARE = an_instrument(
    "AAPL",
    description="Apple Inc.",
    kind="stock",
    exchange="NASDAQ",
    timezone="America/New_York",
    session="0930-1600",
    holidays=("20240101",),
    currency="USD",
    tick_size="0.01",
    pip_size="0.01",
    bar_step_ms=60_000,
    has_volume=False,
)


class HouseClock:
    """Wall time for `/time`, and real waiting for time limits."""

    def now(self) -> int:
        return NOW

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class UdfHouse(NamedTuple):
    url: str
    market: ScriptedMarket
    service: DatafeedService


def a_market() -> ScriptedMarket:
    """Minutes from Monday to now with a hole each hour; prices rise by a pip a minute."""
    offsets = [n for n in range((NOW - MONDAY) // MINUTE) if n % 60 != 7]
    bars = [_minute(n) for n in offsets]
    return ScriptedMarket(instruments=[an_instrument(), SHARE], now=NOW, history={"EURUSD": bars, "AAPL": bars})


def _minute(n: int) -> Bar:
    price = 10_000 + n
    return Bar.model_validate(
        {"time": MONDAY + n * MINUTE, "open": price, "high": price + 2, "low": price - 1, "close": price + 1, "volume": 10}
    )


@asynccontextmanager
async def serving() -> AsyncIterator[UdfHouse]:
    market = a_market()
    service = DatafeedService([market], HouseClock(), "epoch")
    await service.start()
    app = FastAPI()
    app.include_router(datafeed_router(service))
    listening = a_listener()
    server = uvicorn.Server(uvicorn.Config(OpenDatafeed(app), log_level="warning", lifespan="off"))
    running = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield UdfHouse(f"http://127.0.0.1:{listening.getsockname()[1]}{DATAFEED_PREFIX}", market, service)
    finally:
        server.should_exit = True
        await running
        listening.close()
        await service.close()
