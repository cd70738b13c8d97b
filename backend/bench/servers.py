"""Small servers to measure and to measure against: `python -m bench.servers NAME [OPTIONS]` prints its port and serves.

Where two are compared, both have the same uvicorn, loop, parser and settings; what differs is named beside each.
"""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Annotated

import uvicorn
from fastapi import Depends, FastAPI
from fastws import Client, FastWS, OperationRouter

from bench.shelf import BARS, SYMBOL, Shelf
from trading_api.api.datafeed import datafeed_router
from trading_api.api.paging import Account
from trading_api.core.access import Principal
from trading_api.core.datafeed_service import DatafeedService
from trading_api.core.history import NEWEST, Window
from trading_api.core.publisher import Publisher
from trading_api.core.routes import Snapshot, TopicCallback, Update
from trading_api.core.versioning import API_PREFIX
from trading_api.models.base import Model
from trading_api.models.broker.orders import OrderRequest
from trading_api.models.common import CommandAnswer
from trading_api.models.market.bars import Resolution
from trading_api.models.market.quotes import QuoteData, QuotesSubscriptionRequest, QuoteValues
from trading_api.models.sockets import UpdateEnvelope
from trading_api.plugins.bus_memory import MemoryBus
from trading_api.plugins.clock import WallClock
from trading_api.plugins.doorman_local import LocalDoorman
from trading_api.serving import listen, server_config
from trading_api.settings import Settings
from trading_api.ws.endpoint import PATH, open_hub, ws_router

STILL_SECONDS = 0.3
"""All readers are there once their number has not changed for so long."""

QUOTE = QuoteData(
    s="ok",
    n=SYMBOL,
    v=QuoteValues.model_validate(
        {"lp": 1.08512, "bid": 1.08511, "ask": 1.08513, "spread": 0.00002, "ch": 0.0012, "chp": 0.11, "time": 1_700_000_000_000}
    ),
)


class Pace:
    """Publishes while somebody is connected: `burst` updates per loop turn, as fast as the loop turns or `per_second`."""

    def __init__(self, burst: int, per_second: int) -> None:
        self._burst, self._per_second = burst, per_second

    async def run(self, readers: Callable[[], int], publish: Callable[[], Awaitable[None]]) -> None:
        clock = asyncio.get_running_loop().time
        while True:
            await self._settled(readers)
            due = clock()
            while readers():
                for _ in range(self._burst):
                    await publish()
                due += self._burst / self._per_second if self._per_second else 0
                await asyncio.sleep(max(0.0, due - clock()) if self._per_second else 0)

    async def _settled(self, readers: Callable[[], int]) -> None:
        count = 0
        while count == 0 or count != readers():
            count = readers()
            await asyncio.sleep(STILL_SECONDS)


class Quotes:
    """Owns the topic `quotes` of our sockets."""

    def __init__(self, pace: Pace) -> None:
        self.readers: Callable[[], int] = lambda: 0
        self._pace = pace
        self._seq = 0
        self._task: asyncio.Task[None] | None = None

    def admit(self, topic: str, principal: Principal) -> None:
        pass

    async def create_topic(self, topic: str, callback: TopicCallback) -> None:
        async def publish() -> None:
            self._seq += 1
            callback(Update(topic, "bench", self._seq, QUOTE))

        self._task = asyncio.create_task(self._pace.run(self.readers, publish))

    def snapshot(self, topic: str) -> Snapshot:
        return Snapshot("bench", self._seq, QUOTE)

    def since(self, topic: str, epoch: str, seq: int) -> None:
        """Nothing is remembered."""

    def remove_topic(self, topic: str) -> None:
        if self._task is not None:
            self._task.cancel()


def fan_out_ours(pace: Pace) -> FastAPI:
    """The house's sockets, publisher and bus."""
    bus, quotes = MemoryBus(), Quotes(pace)
    hub = open_hub(bus=bus, publish=Publisher(bus).publish, doorman=LocalDoorman(), broker=quotes, datafeed=quotes)
    quotes.readers = lambda: len(hub.sockets.connections)
    app = FastAPI()
    app.include_router(ws_router(hub))
    return app


class Lean(Model):
    """Our publisher leaves out what is unknown; FastWS sends models whole, so its model has no more than our frame."""

    s: str
    n: str
    v: dict[str, float]


class LeanUpdate(UpdateEnvelope):
    payload: Lean


class LeanFrame(Model):
    type: str = "quotes.update"
    payload: LeanUpdate


def fan_out_released(pace: Pace) -> FastAPI:
    """FastWS as released, with the same operation and the same frame."""
    sockets, router = FastWS(asyncapi_url=None, asyncapi_docs_url=None), OperationRouter(prefix="quotes.")
    topic = f'quotes:{{"symbol":"{SYMBOL}"}}'
    lean = Lean.model_validate(QUOTE.model_dump(mode="json", exclude_none=True))
    frame = LeanFrame(payload=LeanUpdate(topic=topic, epoch="bench", seq=1, payload=lean))
    tasks = set[asyncio.Task[None]]()

    @router.send("subscribe", reply="subscribe.response")
    async def subscribe(payload: QuotesSubscriptionRequest, client: Client) -> QuotesSubscriptionRequest:
        client.subscribe(topic)
        if not tasks:
            tasks.add(asyncio.create_task(pace.run(lambda: len(sockets.connections), publish)))
        return payload

    async def publish() -> None:
        # Its task group fails as one when a reader leaves; here they all leave together, at the end.
        with suppress(ExceptionGroup):
            await sockets.broadcast(topic, frame)

    sockets.include_router(router)
    app = FastAPI()

    @app.websocket(PATH)
    async def socket(client: Annotated[Client, Depends(sockets.manage)]) -> None:
        await sockets.serve(client)

    return app


def empty_post() -> FastAPI:
    """The order endpoint's path and models, and a constant answer."""
    app, answer = FastAPI(), CommandAnswer(order_id="o1", fact=3)

    @app.post(f"{API_PREFIX}/broker/accounts/{{accountId}}/orders", response_model_exclude_none=True)
    async def place_order(account_id: Account, order: OrderRequest) -> CommandAnswer:
        return answer

    return app


def history() -> FastAPI:
    """Our history endpoint, and one that returns the same columns as a dict, without a response model."""
    clock = WallClock()
    service = DatafeedService((Shelf(clock),), clock, "bench", on_stop=lambda name, error: None)
    app = FastAPI()
    app.include_router(datafeed_router(service))

    @app.get("/default")
    async def default():  # type: ignore[no-untyped-def]  # an annotation would be a response model
        bars = (await service.history(SYMBOL, Resolution.M1, Window(NEWEST, countback=BARS))).bars
        return {
            "s": "ok",
            "t": [bar.time // 1000 for bar in bars],
            "o": [float(bar.open) for bar in bars],
            "h": [float(bar.high) for bar in bars],
            "l": [float(bar.low) for bar in bars],
            "c": [float(bar.close) for bar in bars],
            "v": [float(bar.volume) for bar in bars],
        }

    return app


def main() -> None:
    given = argparse.ArgumentParser()
    given.add_argument("name", choices=("ours", "released", "empty-post", "history"))
    given.add_argument("--burst", type=int, default=1)
    given.add_argument("--per-second", type=int, default=0)
    asked = given.parse_args()
    pace = Pace(asked.burst, asked.per_second)
    app = {
        "ours": lambda: fan_out_ours(pace),
        "released": lambda: fan_out_released(pace),
        "empty-post": empty_post,
        "history": history,
    }[asked.name]()
    config = server_config(app)
    if asked.name == "released":
        config.ws = "websockets-sansio"
    listener = listen(Settings(port=0))
    sys.stdout.write(f"http://127.0.0.1:{listener.getsockname()[1]}/\n")
    sys.stdout.flush()
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
