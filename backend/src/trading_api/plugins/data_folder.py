"""The folder that holds a server's state, and the lock that keeps a second server out of it.

The lock is the operating system's, so it ends with the process, however that ends; a leftover file means nothing.
"""

import fcntl
import os
from pathlib import Path
from typing import Self

from trading_api.models.errors import Stopped

LOCK_NAME = "server.lock"
_OWNER_TEXT_MAX = 20


class DataFolder:
    """Holds the folder from its creation to `close`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock: int | None = None
        try:
            path.mkdir(parents=True, exist_ok=True)
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
