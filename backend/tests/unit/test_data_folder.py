"""One server per data folder."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from trading_api.models.errors import Stopped
from trading_api.plugins.data_folder import LOCK_NAME, DataFolder

HOLDER = """
import os, sys
from pathlib import Path
from trading_api.plugins.data_folder import DataFolder
folder = DataFolder(Path(sys.argv[1]))
if os.fork() == 0:
    print(os.getpid(), flush=True)
sys.stdin.read()
"""


def test_it_is_made_with_its_parents_and_closed_to_others(tmp_path: Path) -> None:
    with DataFolder(tmp_path / "a" / "b") as folder:
        assert folder.path.is_dir() and folder.path.stat().st_mode & 0o077 == 0


def test_a_second_holder_is_refused_in_one_sentence_naming_the_first(tmp_path: Path) -> None:
    with DataFolder(tmp_path), pytest.raises(Stopped) as refused:
        DataFolder(tmp_path)
    assert str(refused.value) == (
        f"another server (process {os.getpid()}) is using the data folder {tmp_path}: "
        "stop it, or set TRADING_DATA_DIR to another folder"
    )


def test_given_up_it_can_be_taken_again(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    folder.close()
    folder.close()
    DataFolder(tmp_path).close()


def test_a_lock_file_left_behind_means_nothing(tmp_path: Path) -> None:
    (tmp_path / LOCK_NAME).write_text("99999999999999999999999")
    with DataFolder(tmp_path):
        assert (tmp_path / LOCK_NAME).read_text() == str(os.getpid())


def test_a_file_in_its_place_is_one_sentence(tmp_path: Path) -> None:
    place = tmp_path / "file"
    place.touch()
    with pytest.raises(Stopped, match=re.escape(f"expected a folder to write to at {place} (TRADING_DATA_DIR), found: ")):
        DataFolder(place)


def test_a_killed_holder_lets_go_even_while_its_forked_worker_lives(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        worker = int(holder.stdout.readline())
        with pytest.raises(Stopped, match=f"process {holder.pid}"):
            DataFolder(tmp_path)
        os.kill(holder.pid, signal.SIGKILL)
        holder.wait(timeout=30)
        os.kill(worker, 0)
        DataFolder(tmp_path).close()
