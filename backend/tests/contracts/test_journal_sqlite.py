"""The SQLite journal keeps a journal's promises, and those about the disk."""

import asyncio
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from contracts.journal_contract import JournalContract, all_of, deposits, facts_of, funded
from fakes import FakeClock
from trading_api.models.errors import Stopped
from trading_api.plugins import journal_sqlite
from trading_api.plugins.journal_sqlite import SqliteJournal


class TestSqliteJournal(JournalContract):
    @pytest.fixture(autouse=True)
    def place(self, tmp_path: Path) -> None:
        self._path = tmp_path / "journal.sqlite"

    def open(self) -> SqliteJournal:
        return SqliteJournal(self._path, FakeClock())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite"


def opened(path: Path) -> SqliteJournal:
    return SqliteJournal(path, FakeClock())


async def written(path: Path, count: int = 3) -> None:
    journal = opened(path)
    await journal.append("A", 0, deposits(count))
    await journal.append("B", 0, deposits(1))
    await journal.close()


def edit(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


async def test_opened_again_it_has_the_same_id_and_facts_and_goes_on_where_it_was(path: Path) -> None:
    first = opened(path)
    await first.append("A", 0, deposits(3))
    await first.close()
    second = opened(path)
    assert second.id == first.id
    await second.append("A", 3, [funded(4)])
    assert await facts_of(second, "A") == deposits(4)
    await second.close()


async def test_closing_writes_what_is_queued_first(path: Path) -> None:
    journal = opened(path)
    appends = [asyncio.create_task(journal.append("A", number, [funded(number + 1)])) for number in range(50)]
    await asyncio.sleep(0)
    await journal.close()
    await asyncio.gather(*appends)
    assert len(await facts_of(opened(path), "A")) == 50


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE facts SET body = replace(body, '\"2\"', '\"200\"') WHERE account = 'A' AND sequence = 2",
        "UPDATE facts SET recorded_at = recorded_at + 1 WHERE account = 'A' AND sequence = 2",
        "UPDATE facts SET time = time + 1 WHERE account = 'A' AND sequence = 2",
        "UPDATE facts SET checksum = zeroblob(16) WHERE account = 'A' AND sequence = 2",
    ],
)
async def test_a_changed_row_is_named_and_rows_before_it_are_not_blamed(path: Path, damage: str) -> None:
    await written(path)
    edit(path, damage)
    with pytest.raises(Stopped, match=rf"{path} cannot be read at fact 2 of account A: its checksum"):
        await all_of(opened(path), "A")
    assert await facts_of(opened(path), "B") == deposits(1)


@pytest.mark.parametrize("fact", [1, 2])
async def test_a_missing_row_is_named(path: Path, fact: int) -> None:
    await written(path)
    edit(path, f"DELETE FROM facts WHERE account = 'A' AND sequence = {fact}")
    with pytest.raises(Stopped, match=f"at fact {fact} of account A: expected fact {fact}, found none"):
        opened(path)


async def test_a_missing_row_is_named_by_who_reads_on_from_there(path: Path) -> None:
    await written(path)
    journal = opened(path)
    edit(path, "DELETE FROM facts WHERE account = 'A' AND sequence = 2")
    with pytest.raises(Stopped, match="at fact 2 of account A: expected fact 2"):
        await all_of(journal, "A")
    with pytest.raises(Stopped, match="expected fact 2 before it"):
        await all_of(journal, "A", 2)
    await journal.close()


async def test_a_row_moved_to_another_account_is_found(path: Path) -> None:
    await written(path)
    edit(
        path,
        "DELETE FROM facts WHERE account = 'B'",
        "UPDATE facts SET account = 'B', sequence = 1 WHERE account = 'A' AND sequence = 3",
        "UPDATE facts SET position = 4 WHERE account = 'B'",
    )
    with pytest.raises(Stopped, match="at fact 1 of account B"):
        opened(path)


async def test_a_row_put_in_the_place_of_another_is_found(path: Path) -> None:
    await written(path)
    edit(
        path,
        "UPDATE facts SET sequence = 9 WHERE account = 'A' AND sequence = 1",
        "UPDATE facts SET sequence = 1 WHERE account = 'A' AND sequence = 2",
        "UPDATE facts SET sequence = 2 WHERE account = 'A' AND sequence = 9",
    )
    with pytest.raises(Stopped, match="at fact 1 of account A: its checksum"):
        await all_of(opened(path), "A")


async def test_a_fact_of_a_later_format_names_the_format_needed(path: Path) -> None:
    await written(path)
    edit(path, "UPDATE facts SET format = 7 WHERE account = 'A' AND sequence = 3")
    with pytest.raises(Stopped, match="start a program that reads format 7"):
        await all_of(opened(path), "A")


async def test_a_file_of_a_later_layout_names_the_layout_needed(path: Path) -> None:
    await written(path)
    edit(path, "PRAGMA user_version = 9")
    with pytest.raises(Stopped, match="start a program that knows layout 9"):
        opened(path)


def test_another_programs_database_is_left_alone(path: Path) -> None:
    edit(path, "CREATE TABLE theirs (a)")
    before = path.read_bytes()
    with pytest.raises(Stopped, match="another program's database"):
        opened(path)
    assert path.read_bytes()[100:] == before[100:]


def test_a_file_that_is_no_database_is_one_sentence(path: Path) -> None:
    path.write_bytes(b"not a database at all" * 100)
    with pytest.raises(Stopped, match=f"expected to open the database {path}, found: file is not a database"):
        opened(path)


def test_a_start_killed_before_the_tables_were_there_is_started_again(path: Path) -> None:
    path.touch()
    assert opened(path).id


async def test_two_journals_on_one_file_stop_at_the_second_writer(path: Path) -> None:
    one, other = opened(path), opened(path)
    await one.append("A", 0, deposits(1))
    with pytest.raises(Stopped, match="expected to write the journal"):
        await other.append("A", 0, [funded(5)])
    with pytest.raises(Stopped):
        await other.append("B", 0, [funded(5)])
    assert await facts_of(one, "A") == deposits(1)
    await one.close()


async def test_an_append_whose_waiter_was_cancelled_does_not_disturb_the_next(path: Path) -> None:
    journal = opened(path)
    cancelled = asyncio.create_task(journal.append("A", 0, deposits(1)))
    await asyncio.sleep(0)
    cancelled.cancel()
    await journal.append("A", 1, [funded(2)])
    assert await facts_of(journal, "A") == deposits(2)
    await journal.close()


class Commits:
    """Holds the journal's commits until released, and counts the facts of each."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.sizes: list[int] = []
        self.gate = threading.Event()
        self.begun = threading.Event()
        commit = SqliteJournal._commit

        def counted(journal: SqliteJournal, batch: list[journal_sqlite._Append]) -> None:
            self.begun.set()
            assert self.gate.wait(timeout=30)
            self.sizes.append(sum(len(append.rows) for append in batch))
            commit(journal, batch)

        monkeypatch.setattr(SqliteJournal, "_commit", counted)


@pytest.fixture
def commits(monkeypatch: pytest.MonkeyPatch) -> Iterator[Commits]:
    commits = Commits(monkeypatch)
    yield commits
    commits.gate.set()


async def test_what_queues_during_a_flush_is_committed_together(path: Path, commits: Commits) -> None:
    journal = opened(path)
    first = asyncio.create_task(journal.append("first", 0, deposits(1)))
    await asyncio.to_thread(commits.begun.wait, 30)
    others = [asyncio.create_task(journal.append(f"A{number}", 0, deposits(2))) for number in range(100)]
    await asyncio.sleep(0)
    assert not first.done()
    commits.gate.set()
    await asyncio.gather(first, *others)
    assert commits.sizes == [1, 200]
    await journal.close()


async def test_nobody_is_answered_before_the_commit(path: Path, commits: Commits) -> None:
    journal = opened(path)
    append = asyncio.create_task(journal.append("A", 0, deposits(1)))
    await asyncio.to_thread(commits.begun.wait, 30)
    assert not append.done()
    assert await facts_of(opened(path), "A") == []
    commits.gate.set()
    await append
    assert await facts_of(opened(path), "A") == deposits(1)
    await journal.close()


async def test_beyond_the_queues_bound_callers_wait_their_turn_and_lose_nothing(
    path: Path, commits: Commits, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_sqlite, "QUEUED_FACTS_MAX", 5)
    journal = opened(path)
    first = asyncio.create_task(journal.append("A", 0, deposits(1)))
    await asyncio.to_thread(commits.begun.wait, 30)
    others = [
        asyncio.create_task(journal.append(account, after, [funded(number) for number in range(after + 1, upto + 1)]))
        for account, after, upto in (("B", 0, 4), ("C", 0, 2), ("C", 2, 9), ("C", 9, 10), ("D", 0, 1))
    ]
    await asyncio.sleep(0)
    commits.gate.set()
    await asyncio.gather(first, *others)
    assert commits.sizes[:4] == [1, 4, 2, 7]
    assert await facts_of(journal, "C") == deposits(10)
    await journal.close()


async def test_who_waits_for_room_when_the_disk_refuses_is_told(
    path: Path, commits: Commits, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_sqlite, "QUEUED_FACTS_MAX", 1)
    journal = opened(path)
    appends = [asyncio.create_task(journal.append(account, 0, deposits(1))) for account in "ABC"]
    await asyncio.to_thread(commits.begun.wait, 30)
    journal._connection.execute("DROP TABLE facts")
    commits.gate.set()
    for append in appends:
        with pytest.raises(Stopped, match="no such table: facts; start again"):
            await append


async def test_a_copy_taken_after_an_answer_has_what_was_answered(path: Path, tmp_path: Path) -> None:
    journal = opened(path)
    copies = tmp_path / "copies"
    for number in range(5):
        await journal.append("A", number, [funded(number + 1)])
        shutil.copytree(tmp_path, copies / str(number), ignore=shutil.ignore_patterns("copies"))
    for number in range(5):
        assert await facts_of(opened(copies / str(number) / path.name), "A") == deposits(number + 1)
    await journal.close()
