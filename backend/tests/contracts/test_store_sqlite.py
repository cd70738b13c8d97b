"""The SQLite store keeps a store's promises, and those about the disk."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from contracts.store_contract import StoreContract
from trading_api.models.errors import Stopped, TryLater
from trading_api.plugins import store_sqlite
from trading_api.plugins.store_sqlite import SqliteStore


class TestSqliteStore(StoreContract):
    @pytest.fixture(autouse=True)
    def place(self, tmp_path: Path) -> None:
        self._path = tmp_path / "store.sqlite"

    def open(self) -> SqliteStore:
        return SqliteStore(self._path)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.sqlite"


async def test_opened_again_it_has_the_same_documents(path: Path) -> None:
    first = SqliteStore(path)
    await first.put("accounts", "alice", {"name": "Alice"})
    await first.close()
    second = SqliteStore(path)
    assert await second.all("accounts") == {"alice": {"name": "Alice"}}
    await second.close()


async def test_closing_finishes_what_is_in_line(path: Path) -> None:
    store = SqliteStore(path)
    puts = [asyncio.create_task(store.put("numbers", str(number), {})) for number in range(30)]
    await asyncio.sleep(0)
    await store.close()
    await asyncio.gather(*puts)
    assert len(await SqliteStore(path).all("numbers")) == 30


async def test_nothing_works_after_closing(path: Path) -> None:
    store = SqliteStore(path)
    await store.close()
    await store.close()
    with pytest.raises(Stopped, match="closed"):
        await store.get("accounts", "alice")


async def test_a_failed_write_is_one_sentence_and_the_store_stops(path: Path) -> None:
    store = SqliteStore(path)
    await store.put("accounts", "alice", {})
    with closing(sqlite3.connect(path)) as other:
        other.execute("DROP TABLE documents")
    for _ in range(2):
        with pytest.raises(Stopped, match=f"expected to use the store {path}, found: no such table: documents"):
            await store.put("accounts", "bob", {})


async def test_beyond_the_lines_bound_callers_are_asked_to_come_back(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_sqlite, "WAITING_CALLS_MAX", 2)
    store = SqliteStore(path)
    outcomes = await asyncio.gather(*(store.put("numbers", str(number), {}) for number in range(3)), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [type(None), type(None), TryLater]
    assert sorted(await store.all("numbers")) == ["0", "1"]
    await store.close()


async def test_two_stores_cannot_mistake_each_others_files(tmp_path: Path, path: Path) -> None:
    await SqliteStore(path).put("accounts", "alice", {})
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA application_id = 1")
    with pytest.raises(Stopped, match="another program's database"):
        SqliteStore(path)
