"""Traders who load a server over REST and write down everything they send and hear."""

import asyncio
import json
import random
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import httpx
from crash_record import Heard, Json, Kind, Record, Sent

BROKER = "/api/v1/broker/accounts"
SYMBOLS = ("DEMO:BTCUSD", "DEMO:ETHUSD")
"""They trade around the clock."""
CENT = Decimal("0.01")
TIMEOUT_S = 30.0

_KINDS: tuple[Kind, ...] = ("market", "limit", "stop", "close", "modify", "cancel", "fund")
_WEIGHTS = (36, 22, 8, 4, 16, 8, 6)


def exact(response: httpx.Response) -> Any:
    """The body, whatever it is, its numbers as Decimals."""
    return json.loads(response.content, parse_float=Decimal)


def encoded(body: Json | None) -> bytes | None:
    return None if body is None else json.dumps(body, default=float).encode()


async def send(client: httpx.AsyncClient, sent: Sent, body: Json | None = None) -> Heard:
    """Send the command, or the same id with another body."""
    response = await client.request(
        sent.method,
        sent.path,
        content=encoded(body or sent.body),
        headers={"Idempotency-Key": sent.client_id, "Content-Type": "application/json"},
    )
    return Heard(response.status_code, exact(response))


class Trader:
    """One command after the other, drawn from its own chance, until the server stops answering."""

    def __init__(self, name: str, record: Record, prices: dict[str, Decimal], chance: random.Random) -> None:
        self._name = name
        self._record = record
        self._prices = prices
        self._chance = chance
        self._count = 0
        self._waiting: list[Sent] = []

    async def trade(self, client: httpx.AsyncClient, heard: Callable[[Sent], None]) -> None:
        """Ends when a command gets no answer; that command stays unknown in the record."""
        try:
            while True:
                sent = self._next()
                self._record.sent.append(sent)
                sent.heard = await send(client, sent)
                if sent.done and sent.kind in ("limit", "stop"):
                    self._waiting.append(sent)
                heard(sent)
                if sent.unknown:
                    return
        except httpx.TransportError:
            return

    def _next(self) -> Sent:
        self._count += 1
        kind = self._chance.choices(_KINDS, _WEIGHTS)[0]
        if kind in ("modify", "cancel"):
            return self._about_one_waiting(kind) if self._waiting else self._command("fund", "/fund", self._deposit())
        symbol = self._chance.choice(SYMBOLS)
        if kind == "fund":
            return self._command("fund", "/fund", self._deposit())
        if kind == "close":
            return self._command("close", f"/positions/{symbol}/close", {"amount": self._quantity()})
        return self._command(kind, "/orders", self._order(kind, symbol))

    def _command(self, kind: Kind, path: str, body: Json | None, method: str = "POST", about: str | None = None) -> Sent:
        return Sent(f"{self._name}-{self._count}", kind, method, f"{BROKER}/{self._record.account_id}{path}", body, about)

    def _deposit(self) -> Json:
        return {"amount": Decimal(self._chance.randrange(100, 100_000)) * CENT}

    def _quantity(self) -> Decimal:
        return Decimal(self._chance.randrange(10, 300)) / 1000

    def _order(self, kind: Kind, symbol: str) -> Json:
        side = self._chance.choice((1, -1))
        order: Json = {"symbol": symbol, "side": side, "qty": self._quantity()}
        match kind:
            case "limit":
                return order | {"type": 1, "limitPrice": self._away(symbol, side)} | self._brackets(symbol, side)
            case "stop":
                return order | {"type": 3, "stopPrice": self._away(symbol, -side)}
            case _:
                return order | {"type": 2}

    def _away(self, symbol: str, side: int) -> Decimal:
        """A price that a buy limit, or a sell stop, does not see in this test's time."""
        factor = self._chance.randrange(50, 70) if side == 1 else self._chance.randrange(150, 170)
        return (self._prices[symbol] * factor / 100).quantize(CENT)

    def _brackets(self, symbol: str, side: int) -> Json:
        low, high = (self._prices[symbol] * factor / 100 for factor in (20, 300))
        profit, loss = (high, low) if side == 1 else (low, high)
        both = {"takeProfit": profit.quantize(CENT), "stopLoss": loss.quantize(CENT)}
        return {name: both[name] for name in self._chance.choice((("takeProfit", "stopLoss"), ("stopLoss",), ()))}

    def _about_one_waiting(self, kind: Kind) -> Sent:
        order = self._chance.choice(self._waiting)
        assert order.heard is not None and order.body is not None
        order_id = order.heard.body["orderId"]
        if kind == "cancel":
            self._waiting.remove(order)
            return self._command(kind, f"/orders/{order_id}", None, "DELETE", order_id)
        price, side = ("limitPrice", order.body["side"]) if order.kind == "limit" else ("stopPrice", -order.body["side"])
        changes = {price: self._away(order.body["symbol"], side)}
        return self._command(kind, f"/orders/{order_id}", changes, "PATCH", order_id)


async def prices(client: httpx.AsyncClient) -> dict[str, Decimal]:
    """Where the market is, so that waiting orders can be kept away from it."""
    response = await client.get("/api/v1/datafeed/quotes", params={"symbols": ",".join(SYMBOLS)})
    return {one["n"]: Decimal(str(one["v"]["lp"])) for one in exact(response)["d"]}


async def load(
    url: str, records: list[Record], *, traders: int, until: int, name: str, chance: random.Random, enough: Callable[[], None]
) -> None:
    """Several traders on each account at once, until cut off; after `until` answers `enough` is called."""
    answers = 0

    def heard(_: Sent) -> None:
        nonlocal answers
        answers += 1
        if answers == until:
            enough()

    limits = httpx.Limits(max_connections=len(records) * traders)
    async with httpx.AsyncClient(base_url=url, timeout=TIMEOUT_S, limits=limits) as client:
        now = await prices(client)
        await asyncio.gather(
            *(
                Trader(f"{name}-{number}", record, now, random.Random(chance.random())).trade(client, heard)
                for record in records
                for number in range(traders)
            )
        )
