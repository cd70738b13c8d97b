"""How fast commands may come, on a clock moved by hand."""

import pytest
from starlette.types import Message, Receive, Scope, Send

from fakes import FakeClock
from trading_api.api.command_limits import CommandLimits, network_of
from trading_api.core.command_pace import BURST_SECONDS, CommandPace

PLACE = "/api/v1/broker/accounts/DEMO-ACCOUNT/orders"


def burst(pace: CommandPace, sender: str, now: float) -> int:
    """How many commands may come at one moment."""
    count = 0
    while pace.wait(sender, now) == 0:
        pace.spend(sender, now)
        count += 1
    return count


def test_a_burst_may_come_at_once_and_then_one_at_a_time() -> None:
    pace = CommandPace(per_second=10)
    assert burst(pace, "a", 100.0) == 10 * BURST_SECONDS
    assert pace.wait("a", 100.0) == pytest.approx(0.1, rel=0.01)
    assert pace.wait("a", 100.05) == pytest.approx(0.05, rel=0.01)
    assert burst(pace, "a", 100.2001) == 2
    assert burst(pace, "a", 1_000.0) == 10 * BURST_SECONDS


def test_at_one_a_second_a_command_can_come_at_all() -> None:
    assert burst(CommandPace(per_second=1), "a", 0.0) == BURST_SECONDS


def test_senders_do_not_share_and_the_one_not_heard_of_for_longest_is_forgotten() -> None:
    pace = CommandPace(per_second=1, senders_max=2)
    assert burst(pace, "a", 0.0) == burst(pace, "b", 0.0) == BURST_SECONDS
    pace.spend("a", 0.0)
    assert burst(pace, "c", 0.0) == BURST_SECONDS
    assert len(pace) == 2
    assert pace.wait("b", 0.0) == 0 and pace.wait("a", 0.0) > 0


@pytest.mark.parametrize(
    ("host", "network"),
    [
        ("10.0.0.5", "10.0.0.5"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:10.0.0.5", "10.0.0.5"),
        ("", ""),
        ("a name", "a name"),
    ],
)
def test_an_address_stands_for_its_client(host: str, network: str) -> None:
    assert network_of(host) == network


class Door:
    """Limits in front of an application that lets everybody do everything."""

    def __init__(self, *, per_connection: int | None = None, per_address: int | None = None) -> None:
        self.clock = FakeClock()
        self._limits = CommandLimits(self._welcome, clock=self.clock, per_connection=per_connection, per_address=per_address)

    @staticmethod
    async def _welcome(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def ask(self, method: str = "POST", path: str = PLACE, *, client: tuple[str, int] = ("10.0.0.5", 1)) -> Message:
        sent: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request"}

        async def send(message: Message) -> None:
            sent.append(message)

        await self._limits({"type": "http", "method": method, "path": path, "client": client}, receive, send)
        return sent[0]

    async def let_in(self, count: int, **asked: object) -> int:
        return [(await self.ask(**asked))["status"] for _ in range(count)].count(200)  # type: ignore[arg-type]  # as `ask` takes them


async def test_beyond_the_limit_a_command_is_told_when_to_come_back_and_then_let_in() -> None:
    door = Door(per_connection=4)
    assert await door.let_in(20) == 8
    refused = await door.ask()
    headers = dict(refused["headers"])
    assert (refused["status"], headers[b"retry-after"]) == (429, b"1")
    door.clock.jump(1_000)
    assert await door.let_in(20) == 4


async def test_connections_are_counted_apart_and_addresses_together() -> None:
    door = Door(per_connection=2, per_address=3)
    assert await door.let_in(10, client=("10.0.0.5", 1)) == 4
    assert await door.let_in(10, client=("10.0.0.5", 2)) == 2
    assert await door.let_in(10, client=("10.0.0.5", 3)) == 0
    assert await door.let_in(10, client=("10.0.0.6", 1)) == 4


async def test_reading_is_not_counted() -> None:
    door = Door(per_connection=1, per_address=1)
    assert await door.let_in(10) == 2
    assert await door.let_in(10, method="GET") == 10
    assert await door.let_in(10, path="/api/v1/datafeed/quotes") == 10
    assert await door.let_in(10, method="DELETE", path="/api/v1/replays/R1") == 0


async def test_without_a_limit_nothing_is_counted() -> None:
    assert await Door().let_in(1_000) == 1_000
