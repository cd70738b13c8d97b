"""Commits are really on the disk, and a disk that refuses stops the journal in one sentence, losing nothing acknowledged."""

import asyncio
import ctypes
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from contracts.journal_contract import deposits, facts_of, funded
from fakes import FakeClock
from trading_api.models.errors import Stopped
from trading_api.plugins import journal_sqlite, sqlite_file
from trading_api.plugins.journal_sqlite import SqliteJournal
from trading_api.plugins.store_sqlite import SqliteStore

CACHESTAT = 451
"""Linux system call, 6.5 and later: which pages of a file the kernel has not written yet."""

APPEND_UNTIL_STOPPED = """
import asyncio, resource, sys
from decimal import Decimal
from pathlib import Path
from trading_api.models.errors import Stopped
from trading_api.models.facts import Funded
from trading_api.plugins.clock import WallClock
from trading_api.plugins.journal_sqlite import SqliteJournal

async def run():
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
    try:
        journal = SqliteJournal(Path(sys.argv[1]), WallClock())
        for after in range(1_000_000):
            await journal.append("A", after, [Funded(time=1_700_000_000_000, amount=Decimal(after + 1))])
            print(after + 1)
    except Stopped as stopped:
        print(stopped)

asyncio.run(run())
"""


def unwritten_pages(path: Path) -> int:
    """Pages of the file that a power cut would lose."""
    window, found = (ctypes.c_uint64 * 2)(0, 0), (ctypes.c_uint64 * 5)()
    descriptor = os.open(path, os.O_RDONLY)
    try:
        if ctypes.CDLL(None, use_errno=True).syscall(CACHESTAT, descriptor, window, found, 0) != 0:
            pytest.skip("this kernel cannot say which pages are written (cachestat, Linux 6.5)")
    finally:
        os.close(descriptor)
    return found[1] + found[2]


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    """A folder on a disk that is seen to hold back what is not flushed: otherwise the tests would prove nothing."""
    path = tmp_path / "control.sqlite"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = wal")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("CREATE TABLE control (a)")
        if unwritten_pages(path.with_name("control.sqlite-wal")) == 0:
            pytest.skip("this folder's file system writes everything at once, or does not say")
    return tmp_path


@pytest.mark.skipif(sys.platform != "linux", reason="asks the Linux kernel")
async def test_a_returned_append_has_nothing_left_to_write(disk: Path) -> None:
    journal = SqliteJournal(disk / "journal.sqlite", FakeClock())
    for number in range(5):
        await journal.append("A", number, [funded(number + 1)])
        assert unwritten_pages(disk / "journal.sqlite-wal") == 0
    await journal.close()


@pytest.mark.skipif(sys.platform != "linux", reason="asks the Linux kernel")
async def test_a_returned_put_has_nothing_left_to_write(disk: Path) -> None:
    store = SqliteStore(disk / "store.sqlite")
    for number in range(5):
        await store.put("numbers", str(number), {})
        assert unwritten_pages(disk / "store.sqlite-wal") == 0
    await store.close()


def test_a_database_that_cannot_keep_a_log_ahead_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Stopped, match="to keep journal_mode wal, found memory: commits could be lost"):
        SqliteJournal(Path(":memory:"), FakeClock())


async def test_what_a_killed_process_left_open_to_others_is_the_owners_alone_again(tmp_path: Path) -> None:
    killed = SqliteStore(tmp_path / "store.sqlite")
    await killed.put("users", "alice", {})
    left = sorted(tmp_path.iterdir())
    for path in left:
        path.chmod(0o644)
    await SqliteStore(tmp_path / "store.sqlite").close()
    assert [path.name for path in left] == ["store.sqlite", "store.sqlite-shm", "store.sqlite-wal"]
    assert {path.stat().st_mode & 0o777 for path in left} == {0o600}
    await killed.close()


async def test_the_folder_is_flushed_when_a_file_is_new(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flushed: list[Path] = []
    monkeypatch.setattr(sqlite_file, "flush_folder", flushed.append)
    for _ in range(2):
        await SqliteJournal(tmp_path / "journal.sqlite", FakeClock()).close()
    assert flushed == [tmp_path]


def test_a_file_that_may_not_grow_stops_the_journal_and_keeps_every_acknowledged_fact(tmp_path: Path) -> None:
    *acknowledged, sentence = appended_with_files_up_to(300_000, tmp_path)
    assert sentence.startswith(f"expected to write the journal {tmp_path / 'journal.sqlite'}, found: ")
    assert len(acknowledged) > 10
    assert kept(tmp_path)[: len(acknowledged)] == deposits(len(acknowledged))


def test_a_file_that_cannot_even_begin_is_one_sentence(tmp_path: Path) -> None:
    (sentence,) = appended_with_files_up_to(1_000, tmp_path)
    assert sentence.startswith(f"expected to open the database {tmp_path / 'journal.sqlite'}, found: ")


async def test_a_full_database_stops_the_journal_and_keeps_every_acknowledged_fact(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "journal.sqlite"
    await SqliteJournal(path, FakeClock()).close()
    monkeypatch.setattr(journal_sqlite, "open_for_writing", opened_with_ten_pages)
    journal, count = SqliteJournal(path, FakeClock()), 0
    with pytest.raises(Stopped, match="found: database or disk is full; start again"):
        while True:
            await journal.append("A", count, [funded(count + 1)])
            count += 1
    with pytest.raises(Stopped, match="disk is full"):
        await journal.append("B", 0, deposits(1))
    assert count > 10
    assert await facts_of(journal, "A") == deposits(count)
    assert await journal.accounts() == ["A"]


def opened_with_ten_pages(path: Path, **kind: object) -> sqlite3.Connection:
    connection = sqlite_file.open_for_writing(path, **kind)  # type: ignore[arg-type]  # handed on as it came
    connection.execute("PRAGMA max_page_count = 10")
    return connection


def appended_with_files_up_to(size: int, folder: Path) -> list[str]:
    """What a process says that appends until it is stopped, with no file larger than this."""
    program = [sys.executable, "-c", APPEND_UNTIL_STOPPED, str(folder / "journal.sqlite"), str(size)]
    return subprocess.run(program, capture_output=True, text=True, timeout=60, check=True).stdout.splitlines()


def kept(folder: Path) -> list[object]:
    async def read() -> list[object]:
        journal = SqliteJournal(folder / "journal.sqlite", FakeClock())
        facts = await facts_of(journal, "A")
        await journal.close()
        return list(facts)

    return asyncio.run(read())
