"""A journal damaged at any byte is read whole, or to its last whole batch, or refused naming the row; never silently shorter.

The files are those of a killed process: a table partly carried over, a log behind it, and the head. One byte is changed, or a
file is cut there, or a sector is lost; then today's code opens it.
"""

import asyncio
import random
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from contracts.journal_contract import all_of, funded
from fakes import FakeClock
from trading_api.core.ports import Recorded
from trading_api.models.errors import Stopped
from trading_api.plugins.journal_head import NONE, HeadFile, head_path, read_head
from trading_api.plugins.journal_sqlite import SqliteJournal

ACCOUNTS = ("A", "B", "C")
BATCHES_CARRIED_OVER, BATCHES = 25, 60
SECTOR = 512
SAMPLED = 120
"""Places tried per file and damage in `make test`; the long test tries far more."""
NAMES_A_ROW = re.compile(r"at (fact|row) \d+|to say where the journal")
NAMES_THE_FILE = re.compile(
    r"expected to open the (database|journal)|another program's database|start a program that knows layout"
)
FLIPS, CUTS = 1_500, 300
"""Of one file, in the long test."""

Facts = dict[str, list[Recorded]]
Damage = Callable[[bytes, int], bytes]


def flipped(content: bytes, place: int) -> bytes:
    return content[:place] + bytes([content[place] ^ 0x55]) + content[place + 1 :]


def cut(content: bytes, place: int) -> bytes:
    return content[:place]


def sector_lost(content: bytes, place: int) -> bytes:
    start = place - place % SECTOR
    return content[:start] + bytes(len(content[start : start + SECTOR])) + content[start + SECTOR :]


DAMAGES: dict[str, Damage] = {"flipped": flipped, "cut": cut, "sector lost": sector_lost}


class Killed:
    """The files a killed process left; `facts` are those it had answered, `unanswered` its last batch as well."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.facts: Facts = {}
        self.unanswered: Facts = {}
        asyncio.run(self._make())

    async def _make(self) -> None:
        live = self.folder / "live"
        live.mkdir(parents=True)
        journal = SqliteJournal(live / "journal.sqlite", FakeClock())
        for number in range(BATCHES):
            account = ACCOUNTS[number % 3]
            after = number // 3 * 3
            await journal.append(account, after, [funded(after + step) for step in (1, 2, 3)])
            if number == BATCHES_CARRIED_OVER:
                journal._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            if number == BATCHES - 2:
                self.facts = {account: await all_of(journal, account) for account in ACCOUNTS}
                head = read_head(head_path(live / "journal.sqlite"))
        self.unanswered = {account: await all_of(journal, account) for account in ACCOUNTS}
        shutil.copytree(live, self.folder / "killed")
        await journal.close()
        # Killed between the last commit and its answer: the head is still at the batch before.
        assert head is not None
        HeadFile(self.folder / "killed" / "journal.head", head).close()

    def opened_after(self, damage: Damage, name: str, place: int) -> Facts | str:
        """What is read after the damage, or the sentence with which it is refused."""
        shutil.rmtree(self.folder / "damaged", ignore_errors=True)
        shutil.copytree(self.folder / "killed", self.folder / "damaged", ignore=shutil.ignore_patterns("*-shm"))
        file = self.folder / "damaged" / name
        file.write_bytes(damage(file.read_bytes(), place))
        before = {one.name: one.read_bytes() for one in (self.folder / "damaged").iterdir()}
        try:
            return asyncio.run(self._read())
        except Stopped as stopped:
            if "restore a backup" in str(stopped):
                after = {one.name: one.read_bytes() for one in (self.folder / "damaged").iterdir()}
                assert {one: after[one] for one in before} == before, "a refused journal was changed"
            return str(stopped)

    async def _read(self) -> Facts:
        journal = SqliteJournal(self.folder / "damaged" / "journal.sqlite", FakeClock())
        try:
            return {account: await all_of(journal, account) for account in await journal.accounts()}
        finally:
            await journal.close()


def check(killed: Killed, kind: str, name: str, place: int) -> str:
    found = killed.opened_after(DAMAGES[kind], name, place)
    if isinstance(found, str):
        assert NAMES_A_ROW.search(found) or NAMES_THE_FILE.search(found), f"{name} {kind} at {place}: {found}"
        return "refused"
    assert found in (killed.facts, killed.unanswered), f"{name} {kind} at {place}: silently other facts"
    return "whole" if found == killed.unanswered else "torn tail"


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Killed]:
    yield Killed(tmp_path_factory.mktemp("damage"))


FILES = ("journal.sqlite", "journal.sqlite-wal", "journal.head")


def test_undamaged_it_is_whole(killed: Killed) -> None:
    assert killed.opened_after(lambda content, _: content, "journal.sqlite", 0) == killed.unanswered


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("kind", DAMAGES)
def test_damage_is_found_or_harmless(killed: Killed, kind: str, name: str) -> None:
    size = (killed.folder / "killed" / name).stat().st_size
    places = sorted(random.Random(f"{kind}{name}").sample(range(size), min(size, SAMPLED)))
    results = {check(killed, kind, name, place) for place in places}
    # Of the head there are two copies, so that one damage to it does no harm.
    assert results - {"whole"} or name == "journal.head", "no place did any harm: this test would prove nothing"


@pytest.mark.long
@pytest.mark.parametrize("name", FILES)
def test_damage_all_over_a_file_is_found_or_harmless(killed: Killed, name: str) -> None:
    size = (killed.folder / "killed" / name).stat().st_size
    for place in range(0, size, size // FLIPS | 1):  # odd, so that over the pages, which are alike, every byte of one is met
        check(killed, "flipped", name, place)
    for place in range(0, size, size // CUTS | 1):
        check(killed, "cut", name, place)


def test_a_log_that_is_gone_is_missed(killed: Killed) -> None:
    found = killed.opened_after(cut, "journal.sqlite-wal", 0)
    assert isinstance(found, str)
    assert re.search(r"at fact 60 of account B: row 177 was committed, found the journal to end at row 78", found)


def test_a_table_that_is_gone_is_missed_and_its_log_left_alone(killed: Killed) -> None:
    found = killed.opened_after(cut, "journal.sqlite", 0)
    assert isinstance(found, str)
    assert "row 177 was committed, found the journal to end at row 0" in found


def test_a_head_that_is_gone_is_missed(killed: Killed) -> None:
    found = killed.opened_after(cut, "journal.head", 0)
    assert isinstance(found, str)
    assert "found it missing or damaged: restore a backup, or take the journal as it is with" in found


def test_a_torn_write_of_the_head_leaves_the_one_before(tmp_path: Path) -> None:
    file = HeadFile(tmp_path / "journal.head", NONE)
    first, second = NONE._replace(row=1, account="A", sequence=1), NONE._replace(row=2, account="A", sequence=2)
    file.write(first)
    file.write(second)
    file.close()
    content = (tmp_path / "journal.head").read_bytes()
    for place in range(len(content)):
        (tmp_path / "journal.head").write_bytes(flipped(content, place))
        assert read_head(tmp_path / "journal.head") in (first, second)
