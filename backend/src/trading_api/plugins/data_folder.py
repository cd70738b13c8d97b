"""The folder that holds a server's state, and the lock that keeps a second server out of it.

The lock is the operating system's, so it ends with the process, however that ends; a leftover file means nothing.
"""

import fcntl
import os
import shutil
from pathlib import Path
from typing import Self

from trading_api.models.errors import Stopped
from trading_api.plugins.sqlite_file import flush_folder

LOCK_NAME = "server.lock"
JOURNAL, STORE, ARCHIVE = "journal.sqlite", "store.sqlite", "archive.sqlite"
STATE = (JOURNAL, "journal.head", STORE, ARCHIVE, "snapshots", "uploads", "signing.key")
"""How the names of our own files begin; others in the folder are not ours."""
RESTORING = "restoring"
"""A folder that is there while a backup's files take the place of what was there: neither state is whole then."""
PRIVATE = 0o700
"""Mode of a folder made here: what an account does is nobody else's business."""
_OWNER_TEXT_MAX = 20


def keep_private() -> None:
    """Files that this process makes from now on are its owner's alone, also in a folder that is open to others."""
    os.umask(0o777 & ~PRIVATE)


class DataFolder:
    """Holds the folder from its creation to `close`."""

    def __init__(self, path: Path, *, restoring: bool = False) -> None:
        """`restoring` is for the one who restores: to others a folder half restored is closed."""
        self.path = path
        self._lock: int | None = None
        if (path / RESTORING).exists() and not restoring:
            raise Stopped(
                f"a restore into the data folder {path} was interrupted: run it again with: trading-api restore FILE; "
                f"what was there before is in {path}/replaced-…"
            )
        try:
            path.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
            lock = os.open(path / LOCK_NAME, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise Stopped(f"expected a folder to write to at {path} (TRADING_DATA_DIR), found: {error.strerror}") from error
        if not _take(lock):
            owner = os.read(lock, _OWNER_TEXT_MAX).decode(errors="replace").strip()
            os.close(lock)
            raise Stopped(
                f"another server (process {owner or 'unknown'}) is using the data folder {path}: "
                "stop it, or set TRADING_DATA_DIR to another folder"
            )
        os.ftruncate(lock, 0)
        os.pwrite(lock, str(os.getpid()).encode(), 0)
        self._lock = lock
        # A worker forked by this process must not go on holding the folder when this process is killed.
        os.register_at_fork(after_in_child=self.close)

    def state(self) -> list[Path]:
        """Our files and folders that are there, sorted."""
        return [path for path in sorted(self.path.iterdir()) if path.name.startswith(STATE)]

    def replace_state(self, unpacked: Path, aside: Path) -> list[str]:
        """The files in `unpacked` become the state; what was there goes into the new folder `aside`. Returns their names."""
        restoring = self.path / RESTORING
        shutil.rmtree(restoring, ignore_errors=True)
        unpacked.rename(restoring)  # from here to the end no server starts
        flush_folder(self.path)
        replaced = self.state()
        if replaced:
            aside.mkdir()
        for path in replaced:
            path.rename(aside / path.name)
        for path in sorted(restoring.iterdir()):
            path.rename(self.path / path.name)
        flush_folder(self.path)
        restoring.rmdir()
        flush_folder(self.path)
        return [path.name for path in replaced]

    def close(self) -> None:
        """Give the folder up; twice is fine."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _take(lock: int) -> bool:
    """Take the exclusive lock of this open file, or say that somebody has it."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
