"""What happens in a soak: subscribers come and go, traders trade, charts load, a replay runs, is sought back and begun anew."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from bench.http import Answer, Connection
from trading_api.core.versioning import API_PREFIX
from trading_api.ws.endpoint import PATH

SUBSCRIBERS = 40
TRADERS = 4
CHARTS = 2
ORDERS_PER_SECOND = 10
"""Of each trader."""
ACCOUNT = "DEMO-ACCOUNT"
SYMBOLS = ("DEMO:BTCUSD", "DEMO:ETHUSD")
IMPORTED = "SOAK"
MINUTES_IMPORTED = 5_000
WORKING_MAX = 30
REPLAY_SECONDS = 5.0
BROKER = f"{API_PREFIX}/broker/accounts/{ACCOUNT}"


class Load:
    """Runs until it is cancelled. `done` counts what was answered, `refused` what was refused as it should be."""

    def __init__(self, port: int, seed: int) -> None:
        self.done = Counter[str]()
        self.refused = Counter[str]()
        self._port = port
        self._chance = random.Random(seed)

    async def run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            for _ in range(SUBSCRIBERS):
                tasks.create_task(self._subscriber())
            for _ in range(TRADERS):
                tasks.create_task(self._connected(self._trader))
            for _ in range(CHARTS):
                tasks.create_task(self._connected(self._chart))
            tasks.create_task(self._connected(self._replays))

    async def tidy(self) -> None:
        """Leave the server as it was found: no replay, no order, no position."""
        connection = await Connection.open(self._port)
        for replay in (await connection.ask("GET", f"{API_PREFIX}/replays")).value:
            await connection.ask("DELETE", f"{API_PREFIX}/replays/{replay['id']}")
        for order in (await connection.ask("GET", f"{BROKER}/orders")).value:
            await connection.ask("DELETE", f"{BROKER}/orders/{order['id']}")
        for position in (await connection.ask("GET", f"{BROKER}/positions")).value:
            await connection.ask("POST", f"{BROKER}/positions/{position['id']}/close", {})
        await connection.close()

    async def _connected(self, work: Callable[[Connection], Awaitable[None]]) -> None:
        connection = await Connection.open(self._port)
        try:
            while True:
                await work(connection)
        finally:
            await connection.close()

    # Sockets

    async def _subscriber(self) -> None:
        while True:
            async with connect(f"ws://127.0.0.1:{self._port}{PATH}", compression=None, close_timeout=1) as socket:
                for message in self._subscriptions():
                    await socket.send(message)
                try:
                    async with asyncio.timeout(self._chance.uniform(0.5, 12)):
                        async for _ in socket:
                            self.done["frames"] += 1
                except TimeoutError:
                    pass
                except ConnectionClosed:
                    self.refused["sockets closed"] += 1
                if self._chance.random() < 0.3:
                    socket.transport.abort()
                self.done["subscribers"] += 1

    def _subscriptions(self) -> list[str]:
        symbol = self._chance.choice(SYMBOLS)
        account = f'{{"accountId":"{ACCOUNT}"}}'
        every = [
            f'{{"type":"{topic}.subscribe","payload":{account}}}' for topic in ("orders", "executions", "equity", "positions")
        ]
        every.append(f'{{"type":"quotes.subscribe","payload":{{"symbol":"{symbol}"}}}}')
        every.append(f'{{"type":"bars.subscribe","payload":{{"symbol":"{symbol}","resolution":"1"}}}}')
        return self._chance.sample(every, self._chance.randint(1, len(every)))

    # REST

    async def _ask(self, connection: Connection, what: str, method: str, path: str, body: object | None = None) -> Answer:
        answer = await connection.ask(method, path, body)
        if answer.status >= 500:
            raise RuntimeError(f"{method} {path} was answered {answer.status}: {answer.text}")
        (self.done if answer.status < 300 else self.refused)[what] += 1
        return answer

    async def _trader(self, connection: Connection) -> None:
        await asyncio.sleep(self._chance.expovariate(ORDERS_PER_SECOND))
        side, symbol = self._chance.choice((1, -1)), self._chance.choice(SYMBOLS)
        order: dict[str, object] = {"symbol": symbol, "type": 2, "side": side, "qty": 0.01}
        kind = self._chance.random()
        if kind < 0.5:
            await self._ask(connection, "orders", "POST", f"{BROKER}/orders", order)
            return
        working = (await self._ask(connection, "reads", "GET", f"{BROKER}/orders")).value
        if len(working) > WORKING_MAX or (working and kind < 0.7):
            await self._ask(connection, "cancels", "DELETE", f"{BROKER}/orders/{self._chance.choice(working)['id']}")
            return
        price = await self._price(connection, symbol)
        order |= {"type": 1, "limitPrice": round(price * (1 - side * self._chance.uniform(0.0001, 0.01)), 2)}
        order |= {"clientOrderId": f"s{time.monotonic_ns()}"} if kind > 0.9 else {}
        await self._ask(connection, "orders", "POST", f"{BROKER}/orders", order)

    async def _price(self, connection: Connection, symbol: str) -> float:
        answer = await self._ask(connection, "quotes", "GET", f"{API_PREFIX}/datafeed/quotes?symbols={symbol}")
        return float(answer.value["d"][0]["v"]["bid"])

    async def _chart(self, connection: Connection) -> None:
        symbol, resolution = self._chance.choice(SYMBOLS), self._chance.choice(("1", "5", "60", "1D"))
        count = self._chance.randint(10, 2_000)
        path = f"{API_PREFIX}/datafeed/history?symbol={symbol}&resolution={resolution}&countback={count}"
        await self._ask(connection, "charts", "GET", path)
        await asyncio.sleep(self._chance.uniform(0.1, 1))

    # The past

    async def _replays(self, connection: Connection) -> None:
        """Create, play fast, trade, seek back, play on, delete."""
        answer = await self._ask(
            connection, "replays", "POST", f"{API_PREFIX}/replays", {"symbols": [f"IMPORT:{IMPORTED}"], "speed": 3_600}
        )
        replay = answer.value
        own = f"{API_PREFIX}/replays/{replay['id']}"
        await self._ask(connection, "steps", "POST", f"{own}/step", {"bars": 10})
        for _ in range(2):
            await self._ask(connection, "steps", "POST", f"{own}/play")
            order = {"symbol": replay["symbols"][0], "type": 2, "side": 1, "qty": 1_000}
            await self._ask(connection, "orders", "POST", f"{API_PREFIX}/broker/accounts/{replay['accountId']}/orders", order)
            await asyncio.sleep(self._chance.uniform(0.2, REPLAY_SECONDS))
            await self._ask(connection, "steps", "POST", f"{own}/seek", {"time": replay["first"] + 600_000})
        await connection.ask("DELETE", own)


def minutes_csv(first: int) -> str:
    """Minute bars to replay."""
    chance, price = random.Random(3), 1.1
    lines = ["time,open,high,low,close,volume"]
    for minute in range(MINUTES_IMPORTED):
        close = round(price + chance.uniform(-0.0004, 0.0004), 5)
        high, low = max(price, close) + 0.0001, min(price, close) - 0.0001
        lines.append(f"{first + 60 * minute},{price:.5f},{high:.5f},{low:.5f},{close:.5f},10")
        price = close
    return "\n".join(lines) + "\n"
