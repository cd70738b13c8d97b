"""verify, backup and restore: what they find, what they promise, and what a kill in the middle leaves."""

import asyncio
import random
import shutil
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from contracts.journal_contract import deposits, facts_of, funded
from fakes import FakeClock
from trading_api import cli
from trading_api.models.errors import Stopped
from trading_api.plugins import data_folder
from trading_api.plugins.backup import unpack_backup, write_backup
from trading_api.plugins.data_folder import RESTORING, DataFolder
from trading_api.plugins.journal_sqlite import SqliteJournal
from trading_api.plugins.store_sqlite import SqliteStore


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """State at rest: two accounts, one document."""
    folder = tmp_path / "var"
    folder.mkdir()
    asyncio.run(fill(folder))
    return folder


async def fill(folder: Path) -> None:
    journal, store = SqliteJournal(folder / "journal.sqlite", FakeClock()), SqliteStore(folder / "store.sqlite")
    await journal.append("alice", 0, deposits(30))
    await journal.append("bob", 0, deposits(3))
    await store.put("accounts", "alice", {"name": "Alice"})
    await journal.close()
    await store.close()


def edit(folder: Path, *statements: str) -> None:
    with closing(sqlite3.connect(folder / "journal.sqlite")) as connection, connection:
        for statement in statements:
            connection.execute(statement)


async def kept(folder: Path) -> tuple[int, int, object]:
    """How many facts alice and bob have, and alice's document; the chain is checked on the way."""
    journal, store = SqliteJournal(folder / "journal.sqlite", FakeClock()), SqliteStore(folder / "store.sqlite")
    try:
        counts = [len(await facts_of(journal, name)) for name in ("alice", "bob")]
        return counts[0], counts[1], await store.get("accounts", "alice")
    finally:
        await journal.close()
        await store.close()


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr("sys.argv", ["trading-api", *arguments])
    try:
        cli.main()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1
    return 0


class Commands:
    """The command line on this folder."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._folder, self._monkeypatch, self._capsys = folder, monkeypatch, capsys

    def __call__(self, *arguments: str | Path) -> tuple[int, str, str]:
        code = run(self._monkeypatch, *map(str, arguments), "--data-dir", str(self._folder))
        said = self._capsys.readouterr()
        return code, said.out, said.err


@pytest.fixture
def command(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Commands:
    return Commands(folder, monkeypatch, capsys)


def quiet(done: int, total: int) -> None:
    """A progress bar nobody looks at."""


def test_verify_tells_every_account_and_that_all_is_well(command: Commands) -> None:
    code, out, err = command("verify")
    assert (code, err) == (0, "")
    assert "33 facts of 2 accounts" in out
    assert "alice         30 facts, the last at 2023-11-14 22:13:20 UTC" in out
    assert out.endswith("Everything is as it was written.\n")


def test_verify_names_the_first_damaged_fact_of_each_account(folder: Path, command: Commands) -> None:
    edit(folder, "UPDATE facts SET body = replace(body, '\"2\"', '\"20\"') WHERE sequence = 2")
    code, out, err = command("verify")
    assert code == 1
    assert "at fact 2 of account alice: its checksum" in err
    assert "at fact 2 of account bob: its checksum" in err
    assert "as it was written" not in out


def test_verify_finds_a_missing_end_and_can_be_told_to_go_on_without_it(folder: Path, command: Commands) -> None:
    edit(folder, "DELETE FROM facts WHERE position > 31")
    before = journal_id(folder)
    code, out, err = command("verify")
    assert code == 1
    assert "at fact 3 of account bob: row 33 was committed, found the journal to end at row 31" in err
    code, out, err = command("verify", "--accept-end", "--yes")
    assert (code, err) == (0, "")
    assert "bob            1 facts" in out
    assert asyncio.run(kept(folder))[:2] == (30, 1)
    assert journal_id(folder) != before, "clients that saw the lost facts would take the next ones for them"


def journal_id(folder: Path) -> str:
    with closing(sqlite3.connect(folder / "journal.sqlite")) as connection:
        (found,) = connection.execute("SELECT id FROM journal").fetchone()
        return str(found)


def test_accepting_the_end_is_refused_while_a_server_runs(folder: Path, command: Commands) -> None:
    with DataFolder(folder):
        code, _, err = command("verify", "--accept-end", "--yes")
    assert code == 2
    assert "another server" in err


def test_verify_finds_a_damaged_store(folder: Path, command: Commands) -> None:
    content = bytearray((folder / "store.sqlite").read_bytes())
    content[4096:4200] = bytes(104)
    (folder / "store.sqlite").write_bytes(content)
    code, _, err = command("verify")
    assert code == 1
    assert f"the database {folder / 'store.sqlite'} is damaged" in err


def test_a_backup_restores_to_the_state_it_was_made_from(folder: Path, command: Commands, tmp_path: Path) -> None:
    code, out, _ = command("backup", tmp_path / "one.backup")
    assert (code, "33 facts of 2 accounts" in out) == (0, True)
    first = journal_id(folder)
    edit(folder, "DELETE FROM facts")
    code, out, err = command("restore", tmp_path / "one.backup", "--yes")
    assert (code, err) == (0, "")
    assert "What was there is in" in out
    assert asyncio.run(kept(folder)) == (30, 3, {"name": "Alice"})
    assert journal_id(folder) != first
    assert command("verify")[0] == 0


def test_a_backup_can_be_restored_into_an_empty_folder(folder: Path, command: Commands, tmp_path: Path) -> None:
    command("backup", tmp_path / "one.backup")
    shutil.rmtree(folder)
    code, out, _ = command("restore", tmp_path / "one.backup")
    assert (code, out.splitlines()[-1]) == (0, "Restored.")
    assert asyncio.run(kept(folder)) == (30, 3, {"name": "Alice"})


def test_a_backup_does_not_replace_a_file_unless_told(command: Commands, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("my own")
    assert command("backup", tmp_path / "mine")[0] == 2
    assert (tmp_path / "mine").read_text() == "my own"
    assert command("backup", tmp_path / "mine", "--force")[0] == 0


def test_a_backup_of_a_damaged_journal_is_refused_and_leaves_no_file(folder: Path, command: Commands, tmp_path: Path) -> None:
    edit(folder, "UPDATE facts SET time = time + 1 WHERE sequence = 2 AND account = 'bob'")
    code, _, err = command("backup", tmp_path / "one.backup")
    assert (code, "at fact 2 of account bob" in err) == (2, True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["var"]


def test_restore_is_refused_while_a_server_runs_and_when_the_answer_is_no(
    folder: Path, command: Commands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command("backup", tmp_path / "one.backup")
    before = sorted(path.name for path in folder.iterdir() if not path.name.endswith(("-shm", "-wal")))
    with DataFolder(folder):
        code, _, err = command("restore", tmp_path / "one.backup", "--yes")
        assert (code, "another server" in err) == (2, True)
    monkeypatch.setattr("typer.confirm", refuse)
    assert command("restore", tmp_path / "one.backup")[0] == 1
    after = sorted(path.name for path in folder.iterdir() if not path.name.endswith(("-shm", "-wal")))
    assert set(after) - {"server.lock"} == set(before) - {"server.lock"}


def refuse(question: str, *, abort: bool) -> None:
    import typer

    assert abort and "Put it in the place" in question
    raise typer.Abort


def test_a_damaged_backup_is_refused_and_changes_nothing(folder: Path, command: Commands, tmp_path: Path) -> None:
    command("backup", tmp_path / "one.backup")
    content = (tmp_path / "one.backup").read_bytes()
    for place in random.Random(1).sample(range(len(content)), 60):
        (tmp_path / "bad.backup").write_bytes(content[:place] + bytes([content[place] ^ 0x55]) + content[place + 1 :])
        try:
            unpack_backup(tmp_path / "bad.backup", tmp_path / "part", progress=quiet)
        except Stopped:
            continue
        assert asyncio.run(kept(tmp_path / "part")) == (30, 3, {"name": "Alice"}), f"byte {place}"
    code, _, err = command("restore", __file__, "--yes")
    assert (code, "to be a backup written by trading-api backup" in err) == (2, True)
    assert asyncio.run(kept(folder)) == (30, 3, {"name": "Alice"})


@pytest.mark.parametrize("steps", range(9))
def test_a_restore_killed_at_any_step_lets_no_server_start_on_half_of_it_and_can_be_run_again(
    folder: Path, command: Commands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, steps: int
) -> None:
    command("backup", tmp_path / "one.backup")
    with monkeypatch.context() as killing:
        left = iter(range(steps))
        rename = Path.rename

        def killed(path: Path, target: Path) -> Path:
            if next(left, None) is None:
                raise KeyboardInterrupt
            return rename(path, target)

        killing.setattr(data_folder.Path, "rename", killed)
        command("restore", tmp_path / "one.backup", "--yes")
    if (folder / RESTORING).exists():
        with pytest.raises(Stopped, match="was interrupted: run it again"):
            DataFolder(folder)
        assert command("restore", tmp_path / "one.backup", "--yes")[0] == 0
    assert asyncio.run(kept(folder)) == (30, 3, {"name": "Alice"})
    with DataFolder(folder):
        assert not (folder / RESTORING).exists()


async def test_a_backup_beside_a_writer_is_whole_and_has_everything_acknowledged_before_it(tmp_path: Path) -> None:
    folder = tmp_path / "var"
    folder.mkdir()
    journal = SqliteJournal(folder / "journal.sqlite", FakeClock())
    acknowledged, enough = 0, threading.Event()

    async def trade() -> None:
        nonlocal acknowledged
        while not enough.is_set():
            await journal.append("alice", acknowledged, [funded(acknowledged + step) for step in (1, 2, 3)])
            acknowledged += 3

    trading = asyncio.create_task(trade())
    for number in range(5):
        target = tmp_path / f"{number}.backup"
        before = acknowledged
        written = await asyncio.to_thread(write_backup, folder, target, release="1", progress=quiet)
        assert before <= written.facts.get("alice", 0) <= acknowledged + 3
        assert written.facts.get("alice", 0) % 3 == 0, "half a batch"
        unpack_backup(target, tmp_path / f"part{number}", progress=quiet)
    enough.set()
    await trading
    assert acknowledged > 30
    await journal.close()


def test_reset_removes_the_journals_head_with_it(folder: Path, command: Commands) -> None:
    assert command("reset", "--yes")[0] == 0
    assert [path.name for path in folder.iterdir()] == ["server.lock"]
