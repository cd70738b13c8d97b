"""Whatever clients send or fail to read: the server answers, stays, keeps nothing, and loses nobody's place."""

import asyncio
import gc
import random
import tracemalloc
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import websockets

from doors.server_process import ServerProcess
from fakes_raw_socket import BINARY, PING, PONG, RawSocket, client_frame, message, random_frame
from fakes_sockets import Caller, House, calling, serving, until
from trading_api.models.sockets import FRAGMENTS_MAX, MESSAGE_BYTES_MAX, MESSAGES_BURST_MAX
from trading_api.ws.examples import VALUES

LONG = VALUES["orders"].model_copy(update={"client_order_id": "x" * 10_000})
RANDOM_FRAMES = 20_000
HALF_A_FRAME_SECONDS = 0.05
VISITS = 1_000
KEPT_BYTES_MAX = 100_000
"""A hundred bytes of a visit would already be too much."""


@pytest.fixture
async def house() -> AsyncIterator[House]:
    house = House()
    async with serving(house):
        yield house


async def opened(house: House) -> RawSocket:
    one = await RawSocket.open(house.port)
    assert await one.opened()
    return one


async def closed_with(one: RawSocket) -> int | None:
    async with asyncio.timeout(10):
        await one.read_until(lambda: one.close_code)
    return one.close_code


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (client_frame(b"x" * (MESSAGE_BYTES_MAX + 1)), 1009),
        (bytes((0x81, 0xFF)) + (2**63 - 1).to_bytes(8, "big"), 1009),
        (client_frame(b"x" * 40_000, fin=False) + client_frame(b"x" * 40_000, opcode=0), 1009),
        (client_frame(b"", fin=False) + client_frame(b"", opcode=0, fin=False) * FRAGMENTS_MAX, 1009),
        (client_frame(b"\xff\xfe"), 1007),
        (client_frame(b"x", opcode=0), 1002),
        (client_frame(b"x", opcode=5), 1002),
        (client_frame(b"x", reserved=4), 1002),
        (client_frame(b"x", masked=False), 1002),
        (client_frame(b"x" * 126, opcode=PING), 1002),
        (client_frame(b"x", opcode=PING) * (MESSAGES_BURST_MAX + 500), 1008),
    ],
    ids=[
        "too long",
        "endless",
        "too long in parts",
        "too many parts",
        "no text",
        "no beginning",
        "unknown opcode",
        "compressed",
        "unmasked",
        "long ping",
        "flood of pings",
    ],
)
async def test_what_breaks_a_rule_ends_its_connection_with_the_documented_code(house: House, sent: bytes, code: int) -> None:
    one, other = await opened(house), await opened(house)
    one.send(sent)
    assert await closed_with(one) == code
    other.send(message("orders.subscribe", accountId="A1"))
    assert await other.read_until(lambda: other.messages)
    assert other.messages[0]["payload"]["status"] == "ok"
    await asyncio.gather(one.gone(), other.gone())


async def test_a_flood_is_told_so_before_its_connection_ends(house: House) -> None:
    one = await opened(house)
    one.send(client_frame(b"{}") * (MESSAGES_BURST_MAX + 500))
    assert await closed_with(one) == 1008
    errors = [each["payload"] for each in one.messages]
    assert (errors[-1]["code"], {each["code"] for each in errors[:-1]}) == ("flood", {"bad_request"})
    assert len(errors) >= MESSAGES_BURST_MAX
    await one.gone()


async def test_whoever_does_not_read_its_answers_is_not_heard_further(house: House) -> None:
    """Its requests wait in its own buffers, not in ours."""
    house.broker.told['orders:{"accountId":"A1"}'] = [LONG] * 20
    async with calling(house, max_queue=1) as caller, calling(house) as other:
        caller.connection.transport.pause_reading()
        heard = 0
        while not (client := next(iter(house.hub.sockets.connections.values()))).slow:  # type: ignore[attr-defined]
            await caller.say("orders.subscribe", accountId="A1")
            heard += 1
            await asyncio.sleep(0.001)
        for _ in range(100):
            await caller.say("orders.subscribe", accountId="A1")
        assert (await other.ask("orders.subscribe", accountId="A2"))["status"] == "ok"
        assert client.waiting < 4_000_000
        caller.connection.transport.resume_reading()
        answers = [await caller.hear() for _ in range(heard + 100)]
        assert all(answer["payload"]["status"] == "ok" for answer in answers)


async def test_twenty_thousand_random_frames_leave_the_server_as_it_was(tmp_path: Path) -> None:
    server = await ServerProcess.start(tmp_path / "state")
    try:
        port = int(server.url.rpartition(":")[2])
        async with websockets.connect(f"ws://127.0.0.1:{port}/api/v1/ws") as bystander:
            caller = Caller(bystander)
            assert (await caller.ask("quotes.subscribe", symbol="DEMO:EURUSD"))["status"] == "ok"
            open_before = open_files(server)
            await asyncio.gather(*(send_random(port, random.Random(seed), RANDOM_FRAMES // 8) for seed in range(8)))
            await until(lambda: open_files(server) <= open_before)

            await caller.say("orders.subscribe", accountId="DEMO-ACCOUNT")
            while (heard := await caller.hear())["type"] == "quotes.update":
                pass
            assert heard["payload"]["status"] == "ok"
        async with httpx.AsyncClient(base_url=server.url) as client:
            assert (await client.get("/api/v1/health")).json()["status"] == "ok"
        log = (tmp_path / "server.log").read_text()
        assert "Traceback" not in log and "ERROR" not in log, log
    finally:
        server.kill()
        await server.gone()


def open_files(server: ServerProcess) -> int:
    return len(list(Path(f"/proc/{server.pid}/fd").iterdir()))


async def send_random(port: int, chance: random.Random, count: int) -> None:
    while count:
        one = await RawSocket.open(port)
        assert await one.opened()
        while count and await sent(one, chance, many := min(count, chance.randint(1, 4))):
            count -= many
        count -= min(count, many)
        await one.gone()


async def sent(one: RawSocket, chance: random.Random, count: int) -> bool:
    """Whether the connection is still there, and all of it has been understood or refused."""
    for _ in range(count):
        one.send(random_frame(chance))
    word = chance.randbytes(8)
    one.send(client_frame(word, opcode=PING))
    try:
        async with asyncio.timeout(HALF_A_FRAME_SECONDS):
            return await one.read_until(lambda: any(payload == word for opcode, payload in one.frames() if opcode == PONG))
    except TimeoutError:  # it ended in half a frame, which the ping became a part of
        return False


async def test_a_thousand_visits_leave_no_task_no_subscription_and_no_memory(house: House) -> None:
    async def visits(count: int) -> None:
        for batch in range(count // 20):
            await asyncio.gather(*(visit(house, batch * 20 + number) for number in range(20)))
        await until(lambda: not house.hub.sockets.connections)

    await visits(200)
    tasks = len(asyncio.all_tasks())
    tracemalloc.start()
    try:
        await visits(200)
        await until(lambda: len(asyncio.all_tasks()) <= tasks)
        before = traced()
        await visits(VISITS)
        await until(lambda: len(asyncio.all_tasks()) <= tasks)
        assert traced() - before < KEPT_BYTES_MAX
    finally:
        tracemalloc.stop()
    assert (house.hub.lines, house.hub._held, house.hub.sockets.fanout.audiences) == ({}, {}, {})
    assert (house.broker.live, house.datafeed.live) == ({}, {})
    assert sorted(house.broker.created) == sorted(house.broker.removed)
    house.broker.tell('orders:{"accountId":"A1"}')


def traced() -> int:
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


async def visit(house: House, number: int) -> None:
    """Comes and goes, each time in another way."""
    house.broker.created.clear()
    house.broker.removed.clear()
    one = await RawSocket.open(house.port)
    if number % 6:
        await one.opened()
    match number % 6:
        case 0:
            one.cut()
        case 1:
            one.send(message("orders.subscribe", accountId="A1"))
        case 2:
            one.send(message("quotes.subscribe", symbol="DEMO:EURUSD") + b"\x81\xfe")
            await one.read_until(lambda: one.messages)
        case 3:
            one.send(message("orders.subscribe", accountId="A1") + client_frame(b"\x03\xe8", opcode=8))
            await one.read_until(lambda: one.close_code)
        case 4:
            one.send(client_frame(b"x", opcode=BINARY) + message("bars.subscribe", symbol="NOPE", resolution="1"))
            await one.read_until(lambda: len(one.messages) == 2)
        case _:
            one.send(message("orders.subscribe", accountId="A2") + message("orders.unsubscribe", accountId="A2"))
            await one.read_until(lambda: len(one.messages) == 2)
    await one.gone()
