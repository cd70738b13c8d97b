"""The endless stream: minutes made of its trades are those of history, several readers get the same, none is waited for."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from rest_house import DEMO, SOON_S, RestHouse, ok, refused, rest_house, rest_of_whole_house, until

from fakes import FakeClock, settle
from fakes_market import MONDAY, ScriptedMarket, an_instrument
from trading_api.core.broker_rest.naming import Names
from trading_api.core.broker_rest.stream import READERS_OF_USER_MAX, PriceStream
from trading_api.core.datafeed_service import DatafeedService
from trading_api.models.market.bars import Resolution
from trading_api.plugins.synthetic.market import SyntheticMarket

MINUTE_MS = 60_000
HOURS = an_instrument("ACME", kind="stock", session="0930-1600", tick_size="0.01", pip_size="0.01", bar_source="trade")


@pytest_asyncio.fixture
async def house(tmp_path: Path) -> AsyncIterator[RestHouse]:
    async with rest_house(tmp_path / "state", instruments=(an_instrument("EURUSD"), HOURS)) as house:
        await house.stage.market.tell("EURUSD", "1.1000", "1.1002", sizes=(5, 6))
        await house.stage.market.tell("ACME", "100.00", "100.02")
        yield house


class Reader:
    """Reads lines in the background."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.lines: list[dict[str, Any]] = []
        self.opened = asyncio.Event()
        self.task = asyncio.create_task(self._read(client))

    async def _read(self, client: httpx.AsyncClient) -> None:
        async with client.stream("GET", "/streaming", timeout=SOON_S) as stream:
            assert stream.status_code == 200
            self.opened.set()
            async for line in stream.aiter_lines():
                self.lines.append(json.loads(line))

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [one for one in self.lines if one["f"] == kind]


async def a_reader(house: RestHouse, stack: AsyncExitStack) -> Reader:
    reader = Reader(house.client)
    stack.callback(reader.task.cancel)
    await asyncio.wait_for(reader.opened.wait(), SOON_S)
    await until(lambda: _listened(house))
    return reader


async def _listened(house: RestHouse) -> bool:
    heard = [one.symbol for one in house.datafeed.health().watched if one.listeners]
    return {"DEMO:EURUSD", "DEMO:ACME"} <= set(heard)


async def tell(house: RestHouse, name: str, *prices: str, **terms: Any) -> None:
    await house.stage.market.tell(name, *prices, **{"after": 1_000, **terms})
    await settle()


async def test_ticks_become_trades_quotes_and_days(house: RestHouse) -> None:
    async with AsyncExitStack() as stack:
        reader = await a_reader(house, stack)
        assert reader.lines == [], "nothing of the past"
        await tell(house, "EURUSD", "1.1005", "1.1007", volume=3, sizes=(7, 8))
        await until(lambda: _lines(reader, 3))
        at = house.stage.market.now() // 1000
        assert reader.of("t") == [{"f": "t", "id": "EURUSD", "p": 1.1005, "s": 3, "t": at}], "artificial, at the bid"
        assert reader.of("q") == [{"f": "q", "id": "EURUSD", "t": at, "ap": 1.1007, "as": 8, "bp": 1.1005, "bs": 7}]
        assert reader.of("d") == [
            {"f": "d", "id": "EURUSD", "o": 1.1, "h": 1.1005, "l": 1.1, "c": 1.1005, "v": 3, "t": MONDAY // 1000}
        ]


async def _lines(reader: Reader, count: int) -> bool:
    return len(reader.lines) >= count


async def test_outside_the_session_there_are_prices_and_no_trades(house: RestHouse) -> None:
    async with AsyncExitStack() as stack:
        reader = await a_reader(house, stack)
        await tell(house, "ACME", "99.00", "99.02", last="99.01")
        await tell(house, "EURUSD", "1.1005", "1.1007")
        await until(lambda: _lines(reader, 4))
        assert [one["f"] for one in reader.lines if one["id"] == "ACME"] == ["q"]
        house.stage.market.set_now(MONDAY + 10 * 3_600_000)
        await tell(house, "ACME", "99.00", "99.02", last="99.01", volume=2)
        await tell(house, "ACME", "99.00", "99.03")
        await until(lambda: _lines(reader, 8))
        assert [(one["p"], one["s"]) for one in reader.of("t") if one["id"] == "ACME"] == [(99.01, 2)], "only what was traded"


async def test_four_readers_get_the_same_and_a_fifth_ends_the_first(house: RestHouse) -> None:
    async with AsyncExitStack() as stack:
        readers = [await a_reader(house, stack) for _ in range(READERS_OF_USER_MAX)]
        for step in range(5):
            await tell(house, "EURUSD", f"1.10{step}5", f"1.10{step}7")
        for reader in readers:
            await until(lambda reader=reader: _lines(reader, 15))
        told = [sorted(map(json.dumps, one.of("t"))) for one in readers]
        assert told == [told[0]] * 4
        fifth = await a_reader(house, stack)
        await asyncio.wait_for(readers[0].task, SOON_S)
        assert [one.task.done() for one in (*readers[1:], fifth)] == [False] * 4


async def test_nobody_reads_nothing_is_listened_to(house: RestHouse) -> None:
    async with AsyncExitStack() as stack:
        await a_reader(house, stack)
    await until(lambda: _silent(house))


async def _silent(house: RestHouse) -> bool:
    return house.stage.market.watched["EURUSD"] == house.stage.market.watched["ACME"] == 0


async def test_a_stream_ends_with_the_token_it_stands_on(house: RestHouse) -> None:
    async with AsyncExitStack() as stack:
        reader = await a_reader(house, stack)
        assert ok(await house.client.post("/logout")) is None
        await asyncio.wait_for(reader.task, SOON_S)


async def test_a_stream_ends_when_a_day_s_token_does(house: RestHouse) -> None:
    async with AsyncExitStack() as stack:
        reader = await a_reader(house, stack)
        house.stage.clock.jump(25 * 3_600_000)
        await asyncio.wait_for(reader.task, SOON_S)


async def test_a_stream_outlives_an_access_token_and_ends_with_its_session(house: RestHouse) -> None:
    sign_in = house.rest.doors.sign_in
    given = await sign_in.begin(await sign_in.check_password(DEMO["login"], DEMO["password"]))
    house.client.headers["Authorization"] = f"Bearer {given.access_token}"
    async with AsyncExitStack() as stack:
        reader = await a_reader(house, stack)
        house.stage.clock.jump(given.expires_in * 1_000 + 1_000)
        assert (await house.client.get("/accounts")).status_code == 401
        house.rest.stream.reconsider()
        await tell(house, "EURUSD", "1.1005", "1.1007")
        await until(lambda: _lines(reader, 3))
        await sign_in.revoke(given.refresh_token or "")
        house.rest.stream.reconsider()
        await asyncio.wait_for(reader.task, SOON_S)


async def test_a_reader_that_does_not_read_is_let_go_and_others_go_on(
    house: RestHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trading_api.core.broker_rest.outlet.WAITING_BYTES_MAX", 2_000)
    slow = house.rest.stream.open("slow", lambda: None)
    async with AsyncExitStack() as stack:
        reader = await a_reader(house, stack)
        for step in range(100):
            await tell(house, "EURUSD", f"1.1{step:03}", f"1.1{step:03}2")
            if step % 10 == 0:
                await until(lambda step=step: _trades(reader, step + 1))
        await until(lambda: _trades(reader, 100))
        assert slow.outlet.ended
        assert [line async for line in slow.lines()] == []
        assert not reader.task.done()
    slow.close()


async def _trades(reader: Reader, count: int) -> bool:
    return len(reader.of("t")) >= count


async def test_a_stopping_server_ends_its_streams_at_once(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(rest_of_whole_house(tmp_path / "state"))
        async with httpx.AsyncClient(base_url=client.base_url, headers=client.headers, timeout=SOON_S) as other:
            reader = Reader(other)
            await asyncio.wait_for(reader.opened.wait(), SOON_S)
            await until(lambda: _lines(reader, 1))
            before = asyncio.get_running_loop().time()
            await stack.aclose()
            await asyncio.wait_for(reader.task, SOON_S)  # it ended as an answer ends, and was not cut off
            assert asyncio.get_running_loop().time() - before < 4, "without waiting for the grace to pass"


# streamingHistoryEquality, on the synthetic market with a clock that is moved


async def test_minutes_made_of_streamed_trades_equal_history() -> None:
    clock = FakeClock(1_700_000_000_000)
    market = SyntheticMarket(clock, seed=5)
    datafeed = DatafeedService([market], clock, "epoch")
    offered = [one for one in market.search() if one.name in ("BTCUSD", "EURUSD", "ACME", "US500")]
    stream = PriceStream(datafeed, Names(datafeed.markets), lambda: offered)
    await datafeed.start()
    reading = stream.open("reader", lambda: None)
    lines: list[dict[str, Any]] = []

    async def read() -> None:
        async for text in reading.lines():
            lines.extend(json.loads(one, parse_float=Decimal, parse_int=Decimal) for one in text.splitlines())

    task = asyncio.create_task(read())
    began = clock.now()
    await clock.advance(7 * MINUTE_MS)
    reading.close()
    await task
    first = began - began % MINUTE_MS + MINUTE_MS
    compared = 0
    for instrument in offered:
        told = [one for one in lines if one["f"] == "t" and one["id"] == instrument.name]
        assert [one["t"] for one in told] == sorted(one["t"] for one in told)
        for start in range(first, first + 6 * MINUTE_MS, MINUTE_MS):
            trades = [one for one in told if start <= one["t"] * 1000 < start + MINUTE_MS]
            answer = await datafeed.markets["DEMO"].bars(instrument.name, Resolution.M1, before=start + 1, count=1, since=start)
            for bar in answer.bars:
                prices = [one["p"] for one in trades]
                assert (bar.open, bar.high, bar.low, bar.close) == (prices[0], max(prices), min(prices), prices[-1])
                assert bar.volume == sum((one.get("s", Decimal(0)) for one in trades), Decimal(0))
                compared += 1
    assert compared >= 12
    await datafeed.close()


async def test_a_late_tick_is_left_out() -> None:
    market = ScriptedMarket(instruments=[an_instrument("EURUSD")])
    clock = FakeClock(market.now())
    datafeed = DatafeedService([market], clock, "epoch")
    stream = PriceStream(datafeed, Names(datafeed.markets), market.search)
    await datafeed.start()
    await market.tell("EURUSD", "1.1", "1.2")
    reading = stream.open("reader", lambda: None)
    await until(lambda: _heard(datafeed))
    await settle()
    await market.tell("EURUSD", "1.1", "1.2", after=5_000)
    await market.tell("EURUSD", "1.3", "1.4", time=market.now() - 4_000)
    await market.tell("EURUSD", "1.5", "1.6", after=1_000)
    text = await anext(reading.lines())
    assert [json.loads(one)["p"] for one in text.splitlines() if b'"t"' in one[:8]] == [1.1, 1.5]
    reading.close()
    await datafeed.close()


async def _heard(datafeed: DatafeedService) -> bool:
    return any(one.listeners for one in datafeed.health().watched)


async def test_signing_in_again_opens_the_stream_again(house: RestHouse) -> None:
    house.stage.clock.jump(25 * 3_600_000)
    assert (await house.client.get("/streaming")).status_code == 401
    token = ok(await house.client.post("/authorize", data=DEMO))["access_token"]
    house.client.headers["Authorization"] = f"Bearer {token}"
    async with AsyncExitStack() as stack:
        await a_reader(house, stack)


async def test_too_many_streams_in_all_are_refused(house: RestHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trading_api.core.broker_rest.stream.READERS_MAX", 1)
    reading = house.rest.stream.open("somebody", lambda: None)
    assert "streams" in refused(await house.client.get("/streaming"))
    reading.close()
