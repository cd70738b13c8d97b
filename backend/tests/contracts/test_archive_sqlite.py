"""The SQLite archive keeps the archive's promises, and keeps them across a restart."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from contracts.archive_contract import MINUTE, START, ArchiveContract, SamplesContract, a_sample, a_tick, some_bars
from trading_api.models.errors import TryLater
from trading_api.plugins.archive import SqliteArchive


class TestSqliteArchive(ArchiveContract):
    @pytest.fixture
    async def archive(self, tmp_path: Path) -> AsyncIterator[SqliteArchive]:
        archive = SqliteArchive(tmp_path / "archive.sqlite")
        yield archive
        await archive.close()


class TestSqliteSamples(SamplesContract):
    @pytest.fixture
    async def samples(self, tmp_path: Path) -> AsyncIterator[SqliteArchive]:
        archive = SqliteArchive(tmp_path / "archive.sqlite")
        yield archive
        await archive.close()


async def test_samples_survive_a_restart_and_an_archive_made_without_them(tmp_path: Path) -> None:
    path = tmp_path / "archive.sqlite"
    await SqliteArchive(path).close()
    with closing(sqlite3.connect(path, isolation_level=None)) as earlier:
        earlier.execute("DROP TABLE equity")
    first = SqliteArchive(path)
    await first.write_samples([a_sample(START, "9999.99")])
    await first.close()
    second = SqliteArchive(path)
    assert list(await second.samples("alice", 0, since=0, before=START + 1)) == [a_sample(START, "9999.99")]
    await second.close()


async def test_samples_wait_while_an_import_is_being_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trading_api.plugins.sqlite_file.LOCK_WAIT_MS", 0)
    path = tmp_path / "archive.sqlite"
    archive = SqliteArchive(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as importing:
        importing.execute("BEGIN IMMEDIATE")
        with pytest.raises(TryLater, match="import"):
            await archive.write_samples([a_sample(START, "1.00")])
        importing.execute("COMMIT")
    await archive.write_samples([a_sample(START, "1.00")])
    assert len(await archive.samples("alice", 0, since=0, before=START + 1)) == 1
    await archive.close()


async def test_samples_wait_while_the_disk_is_full(tmp_path: Path) -> None:
    archive = SqliteArchive(tmp_path / "archive.sqlite")
    many = [a_sample(START + place, "1.00") for place in range(2_000)]
    archive._write.execute("PRAGMA max_page_count = 20")
    with pytest.raises(TryLater, match="Expected the archive to take samples of equity, found: database or disk is full"):
        await archive.write_samples(many)
    archive._write.execute("PRAGMA max_page_count = 10000")
    await archive.write_samples(many)
    assert len(await archive.samples("alice", 0, since=0, before=START + 2_000)) == 2_000
    await archive.close()


async def test_a_series_survives_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "archive.sqlite"
    first = SqliteArchive(path)
    await first.write_bars("USDJPY", MINUTE, some_bars(3))
    await first.close()
    second = SqliteArchive(path)
    assert list(await second.bars("USDJPY", since=0, before=START * 2)) == some_bars(3)
    await second.close()


async def test_an_archive_made_before_quotes_had_sizes_is_read_and_written(tmp_path: Path) -> None:
    path = tmp_path / "archive.sqlite"
    await SqliteArchive(path).close()
    with closing(sqlite3.connect(path, isolation_level=None)) as earlier:
        for column in ("bid_size", "ask_size"):
            earlier.execute(f"ALTER TABLE ticks DROP COLUMN {column}")
        earlier.execute("INSERT INTO series VALUES (1, 'OLD', 'ticks', 0, ?, ?, 1)", (START, START))
        earlier.execute("INSERT INTO ticks VALUES (1, ?, 0, 'IMPORT:USDJPY', '92.10', '92.12', NULL, '0')", (START,))
    archive = SqliteArchive(path)
    sized = a_tick(START, "92.10", "92.12", sizes=("5", "6"))
    await archive.write_ticks("NEW", [sized])
    assert list(await archive.ticks("OLD", since=0, before=START * 2)) == [a_tick(START, "92.10", "92.12")]
    assert list(await archive.ticks("NEW", since=0, before=START * 2)) == [sized]
    await archive.close()


async def test_a_reader_sees_what_another_process_would_have_written(tmp_path: Path) -> None:
    path = tmp_path / "archive.sqlite"
    here, elsewhere = SqliteArchive(path), SqliteArchive(path)
    await elsewhere.write_bars("USDJPY", MINUTE, some_bars(3))
    assert len(await here.bars("USDJPY", since=0, before=START * 2)) == 3
    await here.close()
    await elsewhere.close()
