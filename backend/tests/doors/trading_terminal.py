"""A client that behaves as TradingView's Trading Terminal does, and judges what it is told as it would (contract 3.9, 3.10).

It loads in any order, asks once and then only listens, and waits 10 seconds for the update of each command. Every frame is held
to: states of orders, ids, what comes before what, and how brackets stand to their order and their position.
"""

import asyncio
import json
import random
from collections.abc import Callable
from decimal import Decimal
from typing import Any, NamedTuple

import httpx
import websockets

from order_states import CANCELED, FILLED, INACTIVE, WORKING, OrderStates
from trading_api.models.topics import TOPICS, AccountSubscriptionRequest

API = "/api/v1"
TEN_SECONDS = 10.0
"""After which a Trading Terminal shows a failure."""
LISTENED = [topic.name for topic in TOPICS if topic.request is AccountSubscriptionRequest]
LOADED = (
    "",
    "/state",
    "/orders",
    "/positions",
    "/individual-positions",
    "/executions",
    "/orders/history",
    "/config",
    "/account-manager",
    "/instruments",
    "/leverage",
    "/notices",
)
Values = dict[str, Any]


class Frame(NamedTuple):
    topic: str
    seq: int
    value: Values


def exact(text: str | bytes) -> Any:
    """JSON without a float in it."""
    return json.loads(text, parse_float=Decimal, parse_int=Decimal)


class TradingTerminal:
    """On one account. `frames` is everything it was told, in the order in which it was told."""

    def __init__(self, client: httpx.AsyncClient, account: str, *, seed: int = 1) -> None:
        self.client, self.account = client, account
        self.frames: list[Frame] = []
        self.faults: list[str] = []
        self.seen: dict[str, tuple[str, int]] = {}
        self.answers: dict[str, Values] = {}
        self._chance = random.Random(seed)
        self._states = OrderStates()
        self._positions: dict[str, Values] = {}
        self._ended: set[str] = set()
        self._changed = asyncio.Event()
        self._line: websockets.ClientConnection | None = None
        self._listening: asyncio.Task[None] | None = None

    # What it asks

    async def ask(self, method: str, path: str, body: object = None) -> httpx.Response:
        return await self.client.request(method, f"{API}/broker/accounts/{self.account}{path}", json=body)

    async def get(self, path: str) -> Any:
        answer = await self.ask("GET", path)
        assert answer.status_code == 200, (path, answer.text)
        return exact(answer.content)

    async def do(self, method: str, path: str, body: object = None) -> Values:
        answer = await self.ask(method, path, body)
        assert answer.status_code == 200, (path, body, answer.text)
        told: Values = exact(answer.content)
        return told

    async def refused(self, method: str, path: str, body: object = None, *, status: int) -> None:
        """In a sentence a trader can read, and without a word on the socket."""
        answer = await self.ask(method, path, body)
        assert answer.status_code == status, (path, answer.status_code, answer.text)
        message = answer.json()["message"]
        assert message[0].isupper() and len(message) > 20 and "{" not in message

    async def load(self) -> None:
        """As a terminal starts: everything, in any order, some of it twice."""
        wanted = [*LOADED, *self._chance.sample(LOADED, 4)]
        self._chance.shuffle(wanted)
        for path in wanted:
            told = await self.get(path)
            if path == "/orders":
                assert all(one["status"] in (INACTIVE, WORKING) for one in told)
            if path == "/orders/history":
                assert all(one["status"] not in (INACTIVE, WORKING) for one in told)

    async def place(self, side: int, qty: int, kind: int = 2, **terms: Any) -> str:
        """Previews, confirms, places; the first update of the order is that of this request."""
        body = {"type": kind, "side": side, "qty": qty, **terms}
        preview = await self.do("POST", "/orders/preview", body)
        assert preview["errors"] == [], preview["errors"]
        order = str((await self.do("POST", "/orders", {**body, "confirmId": preview["confirmId"]}))["orderId"])
        first = await self.heard("orders", id=order)
        assert (first["qty"], first["side"], first["type"]) == (qty, side, kind)
        return order

    # What it hears

    async def connect(self, url: str) -> None:
        """Coming back, it says what it saw last, and hears what it missed."""
        self._line = await websockets.connect(url)
        self._listening = asyncio.create_task(self._listen(self._line))
        names = self._chance.sample(LISTENED, len(LISTENED))
        for name in names:
            await self.subscribe(name)

    async def subscribe(self, name: str, account: str | None = None) -> Values:
        assert self._line is not None
        epoch, seq = self.seen.get(name, (None, None))
        self.answers.pop(name, None)
        payload = {"accountId": account or self.account, "epoch": epoch, "seq": None if seq is None else int(seq)}
        await self._line.send(json.dumps({"type": f"{name}.subscribe", "payload": payload}))
        await self.until(lambda: name in self.answers)
        return self.answers[name]

    async def disconnect(self) -> None:
        assert self._line is not None and self._listening is not None
        self._line.transport.abort()
        await asyncio.wait([self._listening], timeout=TEN_SECONDS)
        self._line = None

    async def close(self) -> None:
        if self._line is not None and self._listening is not None:
            self._listening.cancel()
            await self._line.close()

    async def _listen(self, line: websockets.ClientConnection) -> None:
        try:
            async for text in line:
                message = exact(text)
                name, _, kind = message["type"].partition(".")
                payload = message["payload"]
                if kind == "subscribe.response":
                    self._answered(name, payload)
                elif kind == "update":
                    self._hear(name, payload)
                self._changed.set()
        except websockets.ConnectionClosed:
            pass

    def _answered(self, name: str, payload: Values) -> None:
        self.answers[name] = payload
        if payload["status"] == "ok":
            known = self.seen.get(name)
            if known is not None and payload.get("recovered") and known != (payload["epoch"], payload["seq"]):
                self.faults.append(f"{name} came back at {payload['seq']} and not at {known[1]}")
            self.seen[name] = payload["epoch"], payload["seq"]

    def _hear(self, name: str, update: Values) -> None:
        epoch, seq = self.seen[name]
        if name not in CONFLATED and update["seq"] != seq + 1:
            self.faults.append(f"{name} went from {seq} to {update['seq']}")
        self.seen[name] = epoch, update["seq"]
        value = update.get("payload", {})
        try:
            self._judge(name, value)
        except AssertionError as fault:
            self.faults.append(str(fault))
        self.frames.append(Frame(name, update["seq"], value))

    def _judge(self, name: str, value: Values) -> None:
        if name == "orders":
            self._states.see(value)
        if name in ("positions", "individual-positions"):
            before = self._positions.get(f"{name} {value['id']}")
            assert value["qty"] >= 0, f"position {value['id']} holds less than nothing"
            assert before is None or before["symbol"] == value["symbol"], f"position {value['id']} changed its symbol"
            self._positions[f"{name} {value['id']}"] = value
            (self._ended.discard if value["qty"] else self._ended.add)(value["id"])
        if name == "executions":
            assert value["id"] not in {one["id"] for one in self.all("executions")}, f"execution {value['id']} was told twice"
            self._ended.discard(value["positionId"])
        if name == "equity":
            ended = {one["id"] for one in value["positions"]} & self._ended
            assert value["equity"] == value["balance"] + value["unrealizedPL"], f"equity does not add up: {value}"
            profit = sum((one["pl"] for one in value["positions"]), Decimal(0))
            assert profit == value["unrealizedPL"], f"profits of positions do not add up: {value}"
            assert not ended, f"profit was told of {ended}, which have been closed"

    async def until(self, there: Callable[[], bool]) -> None:
        async with asyncio.timeout(TEN_SECONDS):
            while not there():
                self._changed.clear()
                await self._changed.wait()
        assert not self.faults, self.faults

    async def heard(self, topic: str, *, after: int = 0, **fields: object) -> Values:
        """The first update from place `after` on with these values; a terminal shows a failure when it takes too long."""

        def found() -> list[Values]:
            return [one for one in self.all(topic, after) if all(one.get(name) == value for name, value in fields.items())]

        try:
            await self.until(lambda: bool(found()))
        except TimeoutError:
            raise AssertionError(f"{topic} with {fields} not in 10 s, only {self.all(topic, after)[-4:]}") from None
        return found()[0]

    def all(self, topic: str, after: int = 0) -> list[Values]:
        return [frame.value for frame in self.frames[after:] if frame.topic == topic]

    def place_of(self, topic: str, *, after: int = 0, **fields: object) -> int:
        """Where in everything that was told this stands first."""
        for place, frame in enumerate(self.frames):
            if place >= after and frame.topic == topic and all(frame.value.get(k) == v for k, v in fields.items()):
                return place
        raise AssertionError(f"{topic} with {fields} was not told")

    def told(self, order: str) -> list[int]:
        return [int(one["status"]) for one in self.all("orders") if one["id"] == order]

    def brackets(self, order: str) -> list[str]:
        """Take profit first, as they were first told."""
        return list(dict.fromkeys(one["id"] for one in self.all("orders") if one.get("origin") == order))


CONFLATED = frozenset(topic.name for topic in TOPICS if topic.conflated)


def judge_waiting(terminal: TradingTerminal, order: str) -> list[str]:
    """B1 to B4 and B12: the parent first, then take profit, then stop loss; both wait for the order and mirror it."""
    parent = next(one for one in terminal.all("orders") if one["id"] == order and one["status"] == WORKING)
    brackets = terminal.brackets(order)
    places = [terminal.place_of("orders", id=order)] + [terminal.place_of("orders", id=each) for each in brackets]
    assert places == sorted(places), places
    for each in brackets:
        first = next(one for one in terminal.all("orders") if one["id"] == each)
        assert (first["status"], first["parentId"], first["parentType"]) == (INACTIVE, order, 1)
        _mirrors(first, parent)
        if first["type"] == 1:
            assert first["limitPrice"] == parent["takeProfit"]
        elif first.get("stopType") == 1:
            assert first["trailingStopPips"] == parent["trailingStopPips"]
        else:
            assert first["stopPrice"] == parent["stopLoss"]
    return brackets


def judge_filled(terminal: TradingTerminal, order: str, position: str) -> None:
    """3.9 and B5: the execution first, the brackets last, working for the position.

    Between them stand the order and the position, whose turn differs with brackets: their topics are apart.
    """
    done = terminal.place_of("orders", id=order, status=FILLED)
    execution = terminal.place_of("executions", orderId=order)
    moved = terminal.place_of("positions", after=execution, id=position)
    assert execution < done and execution < moved
    for each in terminal.brackets(order):
        place = terminal.place_of("orders", id=each, status=WORKING)
        working = terminal.frames[place].value
        assert place > done
        assert (working["parentId"], working["parentType"]) == (position, 2)
        _mirrors(working, next(one for one in terminal.all("orders") if one["id"] == order))


def judge_oco(terminal: TradingTerminal, filled: str, sibling: str, position: str) -> None:
    """B8 and B10: the filled bracket, the cancelled one, then the position with quantity 0 under its id."""
    one = terminal.place_of("orders", id=filled, status=FILLED)
    other = terminal.place_of("orders", id=sibling, status=CANCELED)
    closed = terminal.place_of("positions", after=one, id=position)
    assert one < other < closed and terminal.frames[closed].value["qty"] == 0


def _mirrors(bracket: Values, parent: Values) -> None:
    assert (bracket["side"], bracket["qty"], bracket["symbol"]) == (-parent["side"], parent["qty"], parent["symbol"])
