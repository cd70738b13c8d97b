"""The SQLite archive keeps the archive's promises, and keeps them across a restart."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from contracts.archive_contract import MINUTE, START, ArchiveContract, some_bars
from trading_api.plugins.archive import SqliteArchive


class TestSqliteArchive(ArchiveContract):
    @pytest.fixture
    async def archive(self, tmp_path: Path) -> AsyncIterator[SqliteArchive]:
        archive = SqliteArchive(tmp_path / "archive.sqlite")
        yield archive
        await archive.close()


async def test_a_series_survives_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "archive.sqlite"
    first = SqliteArchive(path)
    await first.write_bars("USDJPY", MINUTE, some_bars(3))
    await first.close()
    second = SqliteArchive(path)
    assert list(await second.bars("USDJPY", since=0, before=START * 2)) == some_bars(3)
    await second.close()


async def test_a_reader_sees_what_another_process_would_have_written(tmp_path: Path) -> None:
    path = tmp_path / "archive.sqlite"
    here, elsewhere = SqliteArchive(path), SqliteArchive(path)
    await elsewhere.write_bars("USDJPY", MINUTE, some_bars(3))
    assert len(await here.bars("USDJPY", since=0, before=START * 2)) == 3
    await here.close()
    await elsewhere.close()
