"""The small ports, each by one suite: Clock, Ids, Doorman."""

import asyncio

import pytest

from fakes import FakeClock
from fakes_market import MONDAY
from trading_api.core.access import Credentials
from trading_api.core.ids import CountedIds
from trading_api.core.ledger import Ledger
from trading_api.core.ports import Clock, Doorman, Ids
from trading_api.models.broker.account import AccountProfile
from trading_api.models.broker.orders import OrderRequest
from trading_api.models.facts import Accepted, Configured, Requested
from trading_api.plugins.clock import WallClock
from trading_api.plugins.doorman_local import LocalDoorman


@pytest.mark.parametrize("clock", [WallClock(), FakeClock(MONDAY)], ids=["wall", "fake"])
async def test_a_clock_tells_milliseconds_never_goes_back_and_sleeps_as_long_as_asked(clock: Clock) -> None:
    assert MONDAY <= clock.now() < MONDAY + 100 * 365 * 86_400_000
    began, at = clock.monotonic(), clock.now()
    sleeping = asyncio.ensure_future(clock.sleep(0.005))
    if isinstance(clock, FakeClock):
        await clock.advance(4)
        assert not sleeping.done()
        await clock.advance(1)
    await asyncio.wait_for(sleeping, 5)
    assert clock.monotonic() - began >= 0.005 and clock.now() - at >= 4
    await asyncio.wait_for(clock.sleep(0), 5)


def test_ids_are_never_given_twice_also_after_a_restart_and_a_reset() -> None:
    ledger = Ledger("alice")
    ids: Ids = CountedIds(ledger)
    given = [ids.order() for _ in range(3)]
    assert len({*given, ids.execution(), ids.execution()}) == 5
    profile = AccountProfile.model_validate(
        {"id": "alice", "name": "", "currency": "USD", "leverage": 1, "markets": ["DEMO"], "openingBalance": 1}
    )
    order = OrderRequest.model_validate({"symbol": "DEMO:EURUSD", "type": 1, "side": 1, "qty": 1, "limitPrice": 1})
    begin = Configured(time=1, profile=profile)
    placed = Requested(time=1, action="place", order_id=given[0], order=order)
    for fact in (begin, placed, Accepted(time=1, order_id=given[0]), begin):
        ledger.apply(fact)
    assert CountedIds(ledger).order() not in given[:1]


async def test_the_local_doorman_admits_whoever_reaches_it() -> None:
    doorman: Doorman = LocalDoorman()
    for credentials in (Credentials(), Credentials(bearer="anything")):
        principal = await doorman.admit(credentials)
        assert principal.rights == {"read", "trade", "admin"} and principal.sees("any account")
