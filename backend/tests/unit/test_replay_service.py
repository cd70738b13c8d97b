"""A replay is a market and an account, made, restarted and ended together."""

from collections.abc import AsyncIterator
from decimal import Decimal

import pytest

from fakes import FakeClock
from fakes_imported import DAY, HOUR, MINUTE, MONDAY, MemoryStore, a_library, wavy_bars
from trading_api.core.ports import Market
from trading_api.core.replay_service import ReplayService
from trading_api.models.broker.account import AccountRequest
from trading_api.models.errors import FixRequest, NotFound, Refused, TryLater
from trading_api.models.market.replays import ReplayRequest, ReplayState, StepRequest
from trading_api.plugins.imported.charts import Charts
from trading_api.plugins.imported.library import Library
from trading_api.plugins.imported.maker import LibraryReplays


class Book:
    """Stands in for the datafeed and the broker, and writes down what it was asked."""

    def __init__(self) -> None:
        self.log: list[str] = []
        self.markets: dict[str, Market] = {}
        self.accounts: dict[str, AccountRequest] = {}
        self.last_facts: dict[str, int] = {}

    def add_market(self, market: Market) -> None:
        self.markets[market.name] = market
        self.log.append(f"add {market.name}")

    async def remove_market(self, name: str) -> None:
        await self.markets.pop(name).close()
        self.log.append(f"remove {name}")

    async def rewind_market(self, name: str) -> None:
        self.log.append(f"rewind {name} to {self.markets[name].now() - MONDAY}")

    async def open_account(self, request: AccountRequest, owner: str = "local") -> None:
        self.accounts[request.id] = request
        self.last_facts[request.id] = self.markets[request.id].now()
        self.log.append(f"open {request.id}")

    async def restart_account(self, account_id: str) -> None:
        self.log.append(f"restart {account_id} at {self.markets[account_id].now() - MONDAY}")

    async def remove_account(self, account_id: str) -> None:
        self.accounts.pop(account_id, None)
        self.log.append(f"close {account_id}")

    async def catch_up(self, account_id: str) -> None:
        """Prices have taken effect when they have been told, here."""

    async def last_fact_time(self, account_id: str) -> int | None:
        return self.last_facts.get(account_id)


class House:
    def __init__(self, library: Library, store: MemoryStore) -> None:
        self.library, self.store, self.book = library, store, Book()
        self.replays = ReplayService(LibraryReplays(library, Charts(library), FakeClock()), self.book, self.book, store)


@pytest.fixture
async def house() -> AsyncIterator[House]:
    house = House(await a_library(USDJPY=wavy_bars(minutes=600)), MemoryStore())
    yield house
    for replay in house.replays.all():
        await house.replays.delete(replay.id)


def asked(**changes: object) -> ReplayRequest:
    return ReplayRequest.model_validate({"symbols": ["IMPORT:USDJPY"], "start": "2013-02-04T01:00:00Z"} | changes)


async def test_a_replay_has_a_market_and_an_account_of_its_name(house: House) -> None:
    replay = await house.replays.create(asked(balance=5000))
    assert (replay.id, replay.account_id, replay.symbols) == ("R1", "R1", ("R1:USDJPY",))
    assert (replay.state, replay.now, replay.speed) == (ReplayState.PAUSED, MONDAY + HOUR, Decimal(1))
    account = house.book.accounts["R1"]
    assert (account.currency, account.balance, account.leverage, account.markets) == (
        "JPY",
        Decimal(5000),
        Decimal(30),
        ("R1",),
    )
    assert house.book.log == ["add R1", "open R1"]


async def test_without_a_start_it_begins_where_the_data_begin(house: House) -> None:
    assert (await house.replays.create(asked(start=None))).now == MONDAY


async def test_steps_and_seeks_move_its_time(house: House) -> None:
    await house.replays.create(asked())
    stepped = await house.replays.step("R1", StepRequest(bars=2))
    assert stepped.now == MONDAY + HOUR + 2 * MINUTE - 1
    assert (await house.replays.step("R1", StepRequest())).now == MONDAY + HOUR + 2 * MINUTE
    assert (await house.replays.seek("R1", MONDAY + 3 * HOUR)).now == MONDAY + 3 * HOUR
    assert "restart R1" not in " ".join(house.book.log)


async def test_a_replays_account_is_of_the_kind_that_was_asked_for(house: House) -> None:
    request = ReplayRequest.model_validate({"symbols": ["IMPORT:USDJPY"], "positionMode": "hedging", "fifo": True})
    replay = await house.replays.create(request)
    account = house.book.accounts[replay.account_id]
    assert (account.position_mode, account.fifo) == ("hedging", True)


async def test_seeking_back_restarts_the_account_at_the_earlier_time(house: House) -> None:
    await house.replays.create(asked())
    assert (await house.replays.seek("R1", MONDAY + 60_000)).now == MONDAY + 60_000
    assert house.book.log[2:] == ["restart R1 at 60000", "rewind R1 to 60000"]


async def test_a_seek_outside_the_data_names_the_nearest_time(house: House) -> None:
    await house.replays.create(asked())
    with pytest.raises(FixRequest) as refused:
        await house.replays.seek("R1", MONDAY + DAY)
    assert refused.value.body.nearest == Decimal(MONDAY + 10 * HOUR - 1)
    with pytest.raises(FixRequest, match="where there are prices"):
        await house.replays.create(asked(start=5))
    assert len(house.replays.all()) == 1


async def test_at_the_end_it_says_so_and_refuses_to_go_on(house: House) -> None:
    await house.replays.create(asked())
    replay = await house.replays.seek("R1", MONDAY + 10 * HOUR - 1)
    assert (replay.state, replay.message) == (ReplayState.ENDED, "The data end here")
    with pytest.raises(Refused, match="end of its data"):
        await house.replays.play("R1")


async def test_a_restart_comes_back_paused_where_it_was(house: House) -> None:
    await house.replays.create(asked())
    await house.replays.set_speed("R1", Decimal("2.5"))
    await house.replays.step("R1", StepRequest(bars=30))
    later = House(house.library, house.store)
    later.book.last_facts["R1"] = MONDAY
    await later.replays.restore()
    replay = later.replays.get("R1")
    assert (replay.state, replay.now, replay.speed) == (ReplayState.PAUSED, MONDAY + HOUR + 30 * MINUTE - 1, Decimal("2.5"))
    assert replay.start == MONDAY + HOUR and later.book.log == ["add R1", "open R1"]
    await later.replays.delete("R1")


async def test_a_restart_is_never_before_the_accounts_last_fact(house: House) -> None:
    await house.replays.create(asked())
    later = House(house.library, house.store)
    later.book.last_facts["R1"] = MONDAY + 2 * HOUR
    await later.replays.restore()
    assert later.replays.get("R1").now == MONDAY + 2 * HOUR
    await later.replays.delete("R1")


async def test_a_replay_that_cannot_come_back_says_why_can_be_deleted_and_holds_up_no_other(house: House) -> None:
    await house.replays.create(asked())
    await house.replays.create(asked())
    document = await house.store.get("replays", "R1")
    assert document is not None
    await house.store.put("replays", "R1", {**document, "request": {"symbols": ["IMPORT:GONE"]}})
    later = House(house.library, house.store)
    await later.replays.restore()
    assert [one.id for one in later.replays.all()] == ["R2"]
    (check,) = later.replays.health()
    assert check.name == "replay R1" and "found 'IMPORT:GONE'" in (check.trouble or "")
    with pytest.raises(TryLater, match="found 'IMPORT:GONE'. It can be deleted"):
        await later.replays.play("R1")
    await later.replays.delete("R1")
    assert later.replays.health() == [] and await house.store.get("replays", "R1") is None
    assert "close R1" in later.book.log
    with pytest.raises(NotFound):
        later.replays.get("R1")
    await later.replays.delete("R2")


async def test_a_replay_whose_account_cannot_be_opened_leaves_nothing_behind(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(request: AccountRequest, owner: str) -> None:
        raise TryLater("too_many_accounts", "Expected at most 200 accounts, found as many")

    monkeypatch.setattr(house.book, "open_account", full)
    with pytest.raises(TryLater, match="200 accounts"):
        await house.replays.create(asked())
    assert house.replays.all() == [] and house.book.markets == {} and await house.store.get("replays", "R1") is None


async def test_deleting_ends_account_and_market_and_the_name_is_not_used_again(house: House) -> None:
    await house.replays.create(asked())
    await house.replays.delete("R1")
    assert house.book.log[2:] == ["close R1", "remove R1"] and house.replays.all() == []
    house.library.expect_unused("USDJPY")
    assert (await house.replays.create(asked())).id == "R2"
    with pytest.raises(NotFound, match="found 'R1'"):
        await house.replays.play("R1")


async def test_only_imported_symbols_are_replayed(house: House) -> None:
    with pytest.raises(NotFound, match="Expected an imported symbol, found 'DEMO:EURUSD'"):
        await house.replays.create(asked(symbols=["DEMO:EURUSD"]))
