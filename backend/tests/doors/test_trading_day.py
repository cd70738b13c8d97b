"""A full day of trading as TradingView's Trading Terminal would have it, over REST and the socket, to the cent at its end.

Most of it is a replay of a written day, where each price and so each fill is known beforehand; a short one on the live demo
market follows. Part fills of brackets (B9) need sizes, which a replay of bars has not: tests/scenarios/test_bracket_life.py.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path

import httpx
from whole_house import whole_house

from doors.terminal_house import a_house
from doors.trading_terminal import API, TradingTerminal, Values, judge_filled, judge_oco, judge_waiting
from order_states import CANCELED, FILLED, WORKING

BUY, SELL = 1, -1
LIMIT, MARKET, STOP, STOP_LIMIT = 1, 2, 3, 4
FIRST = 1_359_676_800
SPREAD = Decimal("0.0001")
CENT = Decimal("0.01")
DAY = (
    [1.1000] * 4 + [1.0990, 1.0985] + [1.1000] * 3 + [1.0960] * 2 + [1.0900] * 2 + [1.0950] * 3  # a fall
    + [1.1020, 1.1040, 1.1060, 1.1061, 1.1030] + [1.1030] * 2 + [1.1060, 1.1040] + [1.1050] * 30  # a rise, a quiet evening
)  # fmt: skip
"""The bid of each minute."""


class Day:
    """A replay of the written day and who trades it."""

    def __init__(self, client: httpx.AsyncClient, place: str, replay: str) -> None:
        self.client, self.place, self.replay = client, place, replay
        self.symbol = f"{replay}:EURUSD"
        self.minute = 0

    @property
    def url(self) -> str:
        return f"ws://{self.place}{API}/ws"

    async def until(self, bid: float, *, minutes_max: int = 12) -> None:
        """Let minutes pass until one has closed with this bid."""
        for _ in range(minutes_max):
            await self.pass_minute()
            if await self.bid() == Decimal(str(bid)):
                return
        raise AssertionError(f"the day never came to {bid}")

    async def pass_minute(self) -> None:
        answer = await self.client.post(f"{API}/replays/{self.replay}/step", json={"bars": 1})
        assert answer.status_code == 200, answer.text

    async def bid(self) -> Decimal:
        answer = await self.client.get(f"{API}/datafeed/quotes", params={"symbols": self.symbol})
        return Decimal(str(answer.json()["d"][0]["v"]["bid"]))

    async def terminal(self) -> TradingTerminal:
        """On the account that the replay brings."""
        one = TradingTerminal(self.client, self.replay)
        await one.load()
        await one.connect(self.url)
        return one


@asynccontextmanager
async def a_day(folder: Path) -> AsyncIterator[Day]:
    async with whole_house(folder / "state") as place, httpx.AsyncClient(base_url=f"http://{place}", timeout=20) as client:
        rows = "".join(f"{FIRST + number * 60},{bid},{bid},{bid},{bid}\n" for number, bid in enumerate(DAY))
        given = {"files": ("eurusd.csv", f"timestamp,open,high,low,close\n{rows}".encode(), "text/csv")}
        started = await client.post(
            f"{API}/imports", files=given, data={"symbol": "EURUSD", "side": "bid", "spread": str(SPREAD)}
        )
        assert started.status_code == 202, started.text
        async with asyncio.timeout(60):
            while (job := (await client.get(f"{API}/imports/{started.json()['id']}")).json())["status"] != "done":
                assert job["status"] != "failed", job
                await asyncio.sleep(0.02)
        made = await client.post(f"{API}/replays", json={"symbols": ["EURUSD"], "balance": 100_000})
        assert made.status_code == 201, made.text
        day = Day(client, place, made.json()["id"])
        await day.pass_minute()
        yield day


async def test_a_netting_account_through_a_written_day(tmp_path: Path) -> None:
    async with a_day(tmp_path) as day:
        one = await day.terminal()
        eurusd = {"symbol": day.symbol}

        await unknown_ids(one, day.symbol)

        # The morning: a market order; a limit order with brackets, previewed, confirmed, changed, filled.
        order = await one.place(BUY, 10_000, MARKET, **eurusd)
        assert (await one.heard("orders", id=order, status=FILLED))["avgPrice"] == Decimal("1.1001")
        position = (await one.heard("positions", qty=10_000))["id"]
        judge_filled(one, order, position)
        limit = await one.place(BUY, 5_000, LIMIT, limitPrice=1.0980, takeProfit=1.1050, stopLoss=1.0910, **eurusd)
        await one.heard("orders", id=limit, status=WORKING)
        take, stop = judge_waiting(one, limit)
        here = len(one.frames)
        await one.do("PATCH", f"/orders/{limit}", {"limitPrice": 1.0995, "stopLoss": 1.0920})
        await one.heard("orders", after=here, id=limit, limitPrice=Decimal("1.0995"))
        await one.heard("orders", after=here, id=stop, stopPrice=Decimal("1.092"))
        here = len(one.frames)
        await day.until(1.0990)
        await one.heard("orders", id=limit, status=FILLED)
        moved = await one.heard("positions", after=here, qty=15_000)
        assert (moved["id"], moved["takeProfit"], moved["stopLoss"]) == (position, Decimal("1.105"), Decimal("1.092"))
        for each in (take, stop):
            await one.heard("orders", id=each, status=WORKING)
        judge_waiting_for(one, position, take, stop)

        # A part is closed, one bracket removed, the rest reversed: the id stays, the old brackets fall.
        await one.do("POST", f"/positions/{position}/close", {"amount": 4_700})
        await one.heard("positions", after=here, qty=10_300)
        await one.do("DELETE", f"/orders/{take}")
        await one.heard("orders", id=take, status=CANCELED)
        assert (await one.get(f"/orders/{stop}"))["status"] == WORKING  # B7
        here = len(one.frames)
        await one.do("POST", f"/positions/{position}/reverse")
        turned = await one.heard("positions", after=here, side=SELL)
        assert (turned["id"], turned["qty"]) == (position, 10_300)
        assert 0 not in [frame["qty"] for frame in one.all("positions", here)]
        await one.heard("orders", id=stop, status=CANCELED)

        # Brackets of the position are stated, restated, and one of them ends it.
        here = len(one.frames)
        await one.do("PUT", f"/positions/{position}/protection", {"takeProfit": 1.0965, "stopLoss": 1.1100})
        take = (await one.heard("orders", after=here, type=LIMIT, status=WORKING))["id"]
        stop = (await one.heard("orders", after=here, type=STOP, status=WORKING))["id"]
        told = await one.heard("positions", after=here, takeProfit=Decimal("1.0965"))
        assert told["stopLoss"] == Decimal("1.11")
        await one.do("PUT", f"/positions/{position}/protection", {"takeProfit": 1.0961, "stopLoss": 1.1100})
        await one.heard("orders", id=take, limitPrice=Decimal("1.0961"))
        here = len(one.frames)
        await day.until(1.0960)
        await one.heard("positions", after=here, id=position, qty=0)
        judge_oco(one, take, stop, position)
        assert await one.get("/positions") == [] and await one.get("/orders") == []

        # Leverage; orders that never fill, cancelled with their brackets (B6).
        assert (await one.do("PUT", "/leverage", {"leverage": 20}))["leverage"] == 20
        assert (await one.get("/leverage"))["leverage"] == 20
        idle = await one.place(SELL, 1_000, LIMIT, limitPrice=1.2, takeProfit=1.15, stopLoss=1.25, **eurusd)
        brackets = judge_waiting(one, idle)
        await one.do("DELETE", f"/orders/{idle}")
        for each in (idle, *brackets):
            await one.heard("orders", id=each, status=CANCELED)

        # Cut off while orders fill: everything missed is told once, in its order, and nothing twice.
        low = await one.place(BUY, 3_000, LIMIT, limitPrice=1.0910, stopType=1, trailingStopPips=40, **eurusd)
        await one.disconnect()
        await day.until(1.0900)
        while_away = (await one.do("POST", "/orders", {**eurusd, "type": MARKET, "side": BUY, "qty": 2_000}))["orderId"]
        assert not [each for each in one.all("executions") if each["orderId"] in (low, while_away)]
        here = len(one.frames)
        await one.connect(day.url)
        await one.heard("orders", id=while_away, status=FILLED)
        await one.heard("positions", after=here, qty=5_000)
        assert [each["orderId"] for each in one.all("executions", here)] == [low, while_away]
        judge_filled(one, low, position)

        # The afternoon: the trail follows and ends the position; a stop and a stop-limit order open another.
        (trail,) = one.brackets(low)
        stopped = await one.place(BUY, 2_000, STOP, stopPrice=1.1035, **eurusd)
        touched = await one.place(BUY, 1_000, STOP_LIMIT, stopPrice=1.1025, limitPrice=1.1032, **eurusd)
        await day.until(1.1060, minutes_max=20)
        fill = await one.heard("executions", orderId=stopped)
        assert fill["price"] == Decimal("1.1041")
        assert (await one.get(f"/orders/{trail}"))["stopPrice"] == Decimal("1.102")
        assert (await one.heard("orders", id=touched, triggered=True))["status"] == WORKING
        await one.do("PATCH", f"/orders/{trail}", {"trailingStopPips": 30})
        here = len(one.frames)
        await day.until(1.1030)
        await one.heard("orders", id=trail, status=FILLED)
        assert (await one.heard("executions", orderId=touched))["price"] == Decimal("1.1031")

        # Another account and back: everything is asked for again, and what is told is this account's alone.
        await account_switch(one, day.url)

        await evening(one, Decimal(100_000))
        await one.close()


async def test_a_hedging_account_through_a_day_moved_by_hand(tmp_path: Path) -> None:
    """A replay brings a netting account of its own."""
    async with a_house(tmp_path / "state") as house:
        body = {"id": "hedger", "balance": 100_000, "positionMode": "hedging"}
        assert (await house.client.post(f"{API}/broker/accounts", json=body)).status_code == 201
        one = TradingTerminal(house.client, "hedger")
        await one.load()
        await one.connect(f"ws://{house._place}{API}/ws")
        await unknown_ids(one, "EURUSD")
        eurusd = {"symbol": "EURUSD"}
        long = await one.place(BUY, 10_000, MARKET, takeProfit=1.1055, stopLoss=1.0890, **eurusd)
        short = await one.place(SELL, 4_000, MARKET, takeProfit=1.0970, stopLoss=1.1100, **eurusd)
        ids = {order: (await one.heard("executions", orderId=order))["positionId"] for order in (long, short)}
        assert len(set(ids.values())) == 2
        for order, position in ids.items():
            await one.heard("individual-positions", id=position)
            for each in one.brackets(order):
                working = await one.heard("orders", id=each, status=WORKING)
                assert (working["parentId"], working["parentType"]) == (position, 3)
        net = (await one.get("/positions"))[0]
        assert (net["longQty"], net["shortQty"], net["qty"]) == (10_000, 4_000, 6_000)
        await one.do("POST", f"/positions/{ids[long]}/close", {"amount": 3_000})
        await one.heard("individual-positions", id=ids[long], qty=7_000)
        for each in one.brackets(long):
            await one.heard("orders", id=each, qty=7_000)
        await house.quote("1.09600", "1.09610")
        await one.heard("individual-positions", id=ids[short], qty=0)
        take, stop = one.brackets(short)
        assert one.place_of("orders", id=take, status=FILLED) < one.place_of("orders", id=stop, status=CANCELED)
        assert [each["id"] for each in await one.get("/individual-positions")] == [ids[long]]
        await one.do("PUT", f"/positions/{ids[long]}/protection", {"stopLoss": 1.0890})
        await one.heard("orders", id=one.brackets(long)[0], status=CANCELED)
        await evening(one, Decimal(100_000))
        await one.close()


async def test_a_short_day_on_the_live_market(tmp_path: Path) -> None:
    async with whole_house(tmp_path / "state") as place, httpx.AsyncClient(base_url=f"http://{place}", timeout=20) as client:
        one = TradingTerminal(client, "DEMO-ACCOUNT")
        await one.load()
        await one.connect(f"ws://{place}{API}/ws")
        bitcoin = {"symbol": "BTCUSD"}
        await unknown_ids(one, "BTCUSD")
        order = await one.place(BUY, 1, MARKET, **bitcoin)
        position = (await one.heard("positions", qty=1))["id"]
        judge_filled(one, order, position)
        price = (await one.heard("executions", orderId=order))["price"]
        await one.do(
            "PUT", f"/positions/{position}/protection", {"takeProfit": float(price * 2), "stopLoss": float(price // 2)}
        )
        await one.heard("positions", stopLoss=price // 2)
        count = len(one.all("equity"))
        await one.until(lambda: len(one.all("equity")) > count + 2)
        await one.disconnect()
        await one.connect(f"ws://{place}{API}/ws")
        await one.do("POST", f"/positions/{position}/reverse")
        await one.heard("positions", id=position, side=SELL)
        await one.do("POST", f"/positions/{position}/close")
        await one.heard("positions", id=position, qty=0)
        await sums(one, Decimal(100_000))
        await one.close()


async def unknown_ids(one: TradingTerminal, symbol: str) -> None:
    """Each is refused in words, at once, and nothing is announced."""
    here = len(one.all("orders"))
    await one.refused("GET", "/orders/o999", status=404)
    for method, path, body in (
        ("DELETE", "/orders/o999", None),
        ("PATCH", "/orders/o999", {"limitPrice": 1}),
        ("POST", "/positions/p999/close", {}),
        ("POST", "/positions/p999/reverse", {}),
        ("PUT", "/positions/p999/protection", {"stopLoss": 1}),
        ("POST", "/orders", {"symbol": "NOPE:NOPE", "type": MARKET, "side": BUY, "qty": 1}),
        ("POST", "/orders", {"symbol": symbol, "type": MARKET, "side": BUY, "qty": 1, "confirmId": "never-given"}),
    ):
        answer = await one.ask(method, path, body)
        assert answer.status_code in (404, 422), (method, path, answer.status_code, answer.text)
        assert answer.json()["message"][0].isupper() and "{" not in answer.json()["message"]
    nobody = TradingTerminal(one.client, "nobody")
    await nobody.refused("GET", "/orders", status=404)
    assert (await one.subscribe("positions", "nobody"))["status"] != "ok"
    await one.subscribe("positions")
    assert len(one.all("orders")) == here


def judge_waiting_for(one: TradingTerminal, position: str, *brackets: str) -> None:
    """Each works for the position, after its order has filled."""
    for each in brackets:
        last = [told for told in one.all("orders") if told["id"] == each][-1]
        assert (last["status"], last["parentId"], last["parentType"], last["side"]) == (WORKING, position, 2, SELL)


async def account_switch(one: TradingTerminal, url: str) -> None:
    here = len(one.frames)
    other = TradingTerminal(one.client, "DEMO-EUR", seed=3)
    await other.load()
    await other.connect(url)
    idle = await other.place(BUY, 1, LIMIT, symbol="BTCUSD", limitPrice=1000)
    await other.do("DELETE", f"/orders/{idle}")
    await other.heard("orders", id=idle, status=CANCELED)
    await other.close()
    await one.load()
    assert not one.all("orders", here) and not one.all("executions", here)


async def evening(one: TradingTerminal, opened_with: Decimal) -> None:
    """Nothing works and nothing is held; the account is worth what its executions come to."""
    await sums(one, opened_with)
    here = len(one.frames)
    await one.do("POST", "/positions/flatten")
    for position in await one.get("/positions"):
        await one.heard("positions", after=here, id=position["id"], qty=0)
    await one.do("DELETE", "/orders")
    assert await one.get("/positions") == [] and await one.get("/orders") == []
    await sums(one, opened_with)


async def sums(one: TradingTerminal, opened_with: Decimal) -> None:
    """A sum of the client's own, from the executions it was told, against every figure of the house."""
    listed = sorted(await one.get("/executions"), key=lambda each: each["time"])
    told = {each["id"]: each for each in one.all("executions")}
    assert {each["id"]: each for each in listed} == told
    profit = booked_profit(one.all("executions"))
    costs = sum((each["commission"] for each in listed), Decimal(0))
    state = await one.get("/state")
    assert state["balance"] == opened_with + profit - costs
    assert state["realizedPL"] == profit - costs
    assert state["equity"] == state["balance"] + state["unrealizedPL"]
    assert state["unrealizedPL"] == sum((each["pl"] for each in state["positions"]), Decimal(0))
    if not state["positions"]:
        assert state["equity"] == state["balance"] and state["marginUsed"] == 0
    ended = await one.get("/orders/history")
    for each in ended:
        parts = [fill for fill in listed if fill["orderId"] == each["id"]]
        assert each["filledQty"] == sum((fill["qty"] for fill in parts), Decimal(0))


def booked_profit(executions: Sequence[Values]) -> Decimal:
    """Average cost, rounded to the cent at each close, half to even; a position's id keeps its parts together."""
    held: dict[str, tuple[Decimal, Decimal]] = {}
    profit = Decimal(0)
    for each in executions:
        quantity, cost = held.get(each["positionId"], (Decimal(0), Decimal(0)))
        signed = each["qty"] * each["side"]
        closes = min(abs(quantity), abs(signed)) if quantity * signed < 0 else Decimal(0)
        if closes:
            side = 1 if quantity > 0 else -1
            proceeds = side * closes * each["price"]
            booked = (proceeds - cost * closes / abs(quantity)).quantize(CENT, ROUND_HALF_EVEN)
            assert booked == each["profit"], each
            profit += booked
            quantity, cost = quantity - side * closes, cost - (proceeds - booked)
            signed += side * closes
        if quantity == 0:
            cost = Decimal(0)
        held[each["positionId"]] = quantity + signed, cost + signed * each["price"]
    return profit
