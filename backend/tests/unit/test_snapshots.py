"""Desks start from snapshots when these fit the journal, and as well without; keeping them disturbs nothing."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from contracts.journal_contract import NOON, funded
from fakes import FakeClock
from trading_api.core import snapshot_keeper
from trading_api.core.ledger import Ledger
from trading_api.core.ports import KeptSnapshot
from trading_api.core.snapshot import document_of
from trading_api.core.snapshot_keeper import SnapshotKeeper
from trading_api.models.broker.account import AccountProfile
from trading_api.models.facts import Configured, Fact
from trading_api.plugins.journal_sqlite import SqliteJournal
from trading_api.plugins.snapshot_files import SnapshotFiles, code_mark

EVERY, BACK = 50, 10
PROFILE = AccountProfile.model_validate(
    {"id": "A", "name": "A", "currency": "USD", "leverage": 30, "markets": ["DEMO"], "opening_balance": 1000}
)


def facts(count: int) -> list[Fact]:
    return [Configured(time=NOON, profile=PROFILE), *(funded(number) for number in range(2, count + 1))]


class Start:
    """What a start on this folder does: the ledger it ends with, and how many facts it had to fold."""

    def __init__(self, ledger: Ledger, folded: int) -> None:
        self.ledger, self.folded = ledger, folded


class House:
    """A journal and its snapshots, opened and closed again for each start."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.made_by = "this code"

    @asynccontextmanager
    async def open(self) -> AsyncIterator[tuple[SqliteJournal, SnapshotFiles]]:
        journal = SqliteJournal(self.folder / "journal.sqlite", FakeClock())
        snapshots = SnapshotFiles(self.folder / "snapshots", self.made_by)
        yield journal, snapshots
        await snapshots.close()
        await journal.close()

    async def trade(self, count: int) -> None:
        async with self.open() as (journal, _):
            last = await journal.last("A")
            reached = last.sequence if last else 0
            await journal.append("A", reached, facts(reached + count)[reached:])

    async def start(self) -> Start:
        async with self.open() as (journal, snapshots):
            ledger, folded = Ledger("A"), 0
            keeper = SnapshotKeeper(ledger, journal, snapshots)
            await keeper.begin()
            async for recorded in journal.read("A", ledger.sequence):
                ledger.apply(recorded.fact)
                keeper.step()
                folded += 1
            await keeper.keep()
            return Start(ledger, folded)


@pytest.fixture
async def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    monkeypatch.setattr(snapshot_keeper, "SNAPSHOT_FACTS", EVERY)
    monkeypatch.setattr(snapshot_keeper, "RESUME_FACTS_MAX", BACK)
    house = House(tmp_path)
    await house.trade(200)
    return house


def whole(count: int) -> Ledger:
    ledger = Ledger("A")
    for fact in facts(count):
        ledger.apply(fact)
    return ledger


async def test_a_start_leaves_a_snapshot_and_the_next_folds_only_what_clients_may_ask_for_again(house: House) -> None:
    first, second = await house.start(), await house.start()
    assert (first.folded, second.folded) == (200, BACK)
    assert vars(first.ledger) == vars(second.ledger) == vars(whole(200))


async def test_what_was_traded_since_is_folded_on_top(house: House) -> None:
    await house.start()
    await house.trade(30)
    found = await house.start()
    assert (found.folded, vars(found.ledger)) == (BACK + 30, vars(whole(230)))


async def test_deleted_it_costs_time_and_nothing_else(house: House) -> None:
    await house.start()
    shutil.rmtree(house.folder / "snapshots")
    found = await house.start()
    assert (found.folded, vars(found.ledger)) == (200, vars(whole(200)))


async def test_a_short_history_has_none(house: House) -> None:
    shutil.rmtree(house.folder)
    house.folder.mkdir()
    await house.trade(EVERY)
    await house.start()
    assert not (house.folder / "snapshots").exists()


async def test_that_of_other_code_is_not_used(house: House) -> None:
    await house.start()
    house.made_by = "later code"
    assert (await house.start()).folded == 200


async def test_that_of_another_history_is_not_used(house: House) -> None:
    await house.start()
    for path in house.folder.glob("journal.*"):
        path.unlink()
    async with house.open() as (journal, _):
        await journal.append("A", 0, [*facts(100), *(funded(1) for _ in range(100))])
    found = await house.start()
    assert (found.folded, found.ledger.sequence) == (200, 200)
    assert found.ledger.balance != whole(200).balance


async def test_a_damaged_one_is_not_used(house: House) -> None:
    await house.start()
    path = house.folder / "snapshots" / "A.snapshot"
    content = path.read_bytes()
    for place in range(0, len(content), 37):
        path.write_bytes(content[:place] + bytes([content[place] ^ 0x55]) + content[place + 1 :])
        found = await house.start()
        assert (found.folded, vars(found.ledger)) == (200, vars(whole(200))), f"byte {place}"


async def test_a_disk_that_refuses_snapshots_stops_nothing(house: House) -> None:
    (house.folder / "snapshots").write_text("a file in the way")
    assert (await house.start()).folded == 200
    assert (await house.start()).folded == 200


async def test_keeping_that_was_cut_off_is_done_at_the_end(house: House) -> None:
    async with house.open() as (journal, snapshots):
        ledger = Ledger("A")
        keeper = SnapshotKeeper(ledger, journal, snapshots)
        await keeper.begin()
        async for recorded in journal.read("A"):
            ledger.apply(recorded.fact)
            keeper.step()
        keeping = asyncio.create_task(keeper.keep())
        await asyncio.sleep(0)
        assert not keeper.due
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)
        assert keeper.due
        await keeper.keep()
        kept = await snapshots.latest("A")
    assert kept == KeptSnapshot(190, kept.mark, document_of(whole(190))) if kept else False


def test_the_mark_of_the_code_is_the_same_every_time() -> None:
    assert code_mark() == code_mark()
