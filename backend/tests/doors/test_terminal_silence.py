"""A venue that does not answer: what a command is about is told again, with a message, before a terminal gives up."""

from collections.abc import AsyncIterator
from decimal import Decimal

import pytest
import pytest_asyncio

from doors.terminal_house import BUY, LIMIT, PLACING, REJECTED, WORKING, House, Terminal, a_house
from fakes import FakeClock
from fakes_venue import FarVenue
from trading_api import app as roof
from trading_api.app import Plugs, open_plugs
from trading_api.core.outgoing import SILENCE_S
from trading_api.models.broker.account import AccountProfile
from trading_api.models.broker.orders import OrderMessage, OrderStatus, Side
from trading_api.models.facts import Accepted, Changed, Executed, Fact, OrderPatch, Rejected
from trading_api.settings import Settings

pytestmark = pytest.mark.asyncio(loop_scope="module")
EURUSD = "DEMO:EURUSD"
GIVES_UP_S = 10
"""When a Trading Terminal does."""


class Far:
    """The house, its clock, and the venue of each account."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.venues: dict[str, FarVenue] = {}
        self.house: House

    def plugs(self, settings: Settings) -> Plugs:
        return open_plugs(settings)._replace(clock=self.clock)

    def venue(self, profile: AccountProfile, path: object) -> FarVenue:
        return self.venues.setdefault(profile.id, FarVenue())

    async def tell(self, one: Terminal, *facts: Fact) -> None:
        self.venues[one.account].tells.put_nowait(facts)

    @property
    def now(self) -> int:
        return self.house.market.now()

    async def silence(self) -> None:
        await self.clock.advance(int(SILENCE_S * 1000))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def far(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Far]:
    far = Far()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(roof.House, "_venue", lambda _, profile, path: far.venue(profile, path))
        async with a_house(tmp_path_factory.mktemp("house"), far.plugs) as far.house:
            yield far


async def working(far: Far, one: Terminal) -> str:
    order = await one.place(BUY, 1_000, LIMIT, limitPrice=1.099)
    await far.tell(one, Accepted(time=far.now, order_id=order))
    await one.heard("orders", id=order, status=WORKING)
    return order


async def held(far: Far, one: Terminal) -> None:
    """A position of 1,000."""
    order = await working(far, one)
    fill = Executed(
        time=far.now,
        execution_id=f"x{order}",
        order_id=order,
        position_id=EURUSD,
        symbol=EURUSD,
        side=Side.BUY,
        quantity=Decimal(1_000),
        price=Decimal("1.099"),
        closed_quantity=Decimal(0),
        closed_cost=Decimal(0),
        profit=Decimal(0),
        commission=Decimal(0),
    )
    await far.tell(one, fill)
    await one.heard("positions", qty=1_000)


def messages(one: Terminal, topic: str) -> list[str]:
    return [each["message"]["text"] for each in one.frames[topic] if "message" in each]


async def test_it_is_told_before_a_terminal_gives_up() -> None:
    assert GIVES_UP_S / 2 >= SILENCE_S


async def test_a_placed_order_stays_placing_with_a_message_until_the_venue_answers(far: Far) -> None:
    one = await far.house.terminal("far-place")
    order = await one.place(BUY, 1_000, LIMIT, limitPrice=1.099)
    await one.heard("orders", id=order, status=PLACING)
    assert messages(one, "orders") == []
    await far.silence()
    await one.until(lambda: messages(one, "orders") != [])
    told = await one.get(f"/orders/{order}")
    assert told["status"] == PLACING and told["message"]["type"] == "warning" and "not answered" in told["message"]["text"]
    assert (await one.heard("notices", notice="no_answer"))["orderId"] == order
    await far.tell(one, Accepted(time=far.now, order_id=order))
    assert "message" not in await one.heard("orders", id=order, status=WORKING)
    assert "message" not in await one.get(f"/orders/{order}")
    assert one.told(order) == [PLACING, PLACING, WORKING]


async def test_a_late_rejection_replaces_the_message(far: Far) -> None:
    one = await far.house.terminal("far-reject")
    order = await one.place(BUY, 1_000, LIMIT, limitPrice=1.099)
    await far.silence()
    await one.until(lambda: messages(one, "orders") != [])
    await far.tell(one, Rejected(time=far.now, order_id=order, message=OrderMessage(type="error", text="Not at this price")))
    assert (await one.heard("orders", id=order, status=REJECTED))["message"]["text"] == "Not at this price"


async def test_a_modification_without_an_answer_tells_the_order_unchanged(far: Far) -> None:
    one = await far.house.terminal("far-modify")
    order = await working(far, one)
    await one.do("PATCH", f"/orders/{order}", {"limitPrice": 1.098})
    await far.silence()
    await one.until(lambda: messages(one, "orders") != [])
    last = one.frames["orders"][-1]
    assert (last["id"], last["status"], last["limitPrice"]) == (order, WORKING, 1.099) and "as it was" in last["message"][
        "text"
    ]
    assert "message" not in await one.get(f"/orders/{order}")


async def test_a_cancellation_without_an_answer_tells_the_order_unchanged(far: Far) -> None:
    one = await far.house.terminal("far-cancel")
    order = await working(far, one)
    await one.do("DELETE", f"/orders/{order}")
    await far.silence()
    await one.until(lambda: messages(one, "orders") != [])
    assert one.frames["orders"][-1]["status"] == WORKING and "still stands" in messages(one, "orders")[0]


@pytest.mark.parametrize(("action", "words"), [("close", "been closed"), ("reverse", "been reversed")])
async def test_a_close_without_an_answer_tells_the_position_unchanged(far: Far, action: str, words: str) -> None:
    one = await far.house.terminal(f"far-{action}")
    await held(far, one)
    order = (await one.do("POST", f"/positions/{EURUSD}/{action}"))["orderId"]
    await far.silence()
    await one.until(lambda: messages(one, "positions") != [])
    assert one.frames["positions"][-1]["qty"] == 1_000 and words in messages(one, "positions")[0]
    assert one.told(order) == [PLACING, PLACING]
    assert "message" not in (await one.get("/positions"))[0]


async def test_a_protection_without_an_answer_tells_the_position_unchanged(far: Far) -> None:
    one = await far.house.terminal("far-protect")
    await held(far, one)
    await one.do("PUT", f"/positions/{EURUSD}/protection", {"stopLoss": 1.09})
    await far.silence()
    await one.until(lambda: messages(one, "positions") != [])
    assert "stopLoss" not in one.frames["positions"][-1]


async def test_flatten_and_cancel_all_tell_what_still_stands(far: Far) -> None:
    one = await far.house.terminal("far-flatten")
    await held(far, one)
    order = await working(far, one)
    await one.do("POST", "/positions/flatten")
    await far.silence()
    await one.until(lambda: messages(one, "positions") != [] and messages(one, "orders") != [])
    assert one.frames["orders"][-1]["id"] == order


async def test_an_answer_in_time_leaves_nothing_to_tell(far: Far) -> None:
    one = await far.house.terminal("far-answers")
    order = await working(far, one)
    await one.do("PATCH", f"/orders/{order}", {"limitPrice": 1.098})
    await far.tell(one, Changed(time=far.now, orders=(OrderPatch(order_id=order, limit_price=Decimal("1.098")),)))
    await one.heard("orders", id=order, limitPrice=1.098)
    await far.silence()
    await far.silence()
    await far.tell(one, Changed(time=far.now, orders=(OrderPatch(order_id=order, status=OrderStatus.CANCELED),)))
    await one.heard("orders", id=order, status=1)
    assert messages(one, "orders") == []
