"""Opening an SQLite file so that a commit which returned survives a power cut. Not a plug: the plugs with a file stand on it.

A pragma that cannot be kept is silently ignored by SQLite, so each one is read back. The folder is flushed as well, because a
new file's name is not on the disk until its folder is.
"""

import os
import sqlite3
from contextlib import suppress
from pathlib import Path

from trading_api.models.errors import Stopped

LOCK_WAIT_MS = 5_000
"""How long a commit waits for another program's lock on the file, a backup's for instance, before the process stops."""

PRIVATE_FILE = 0o600
"""Mode of the file, and so of SQLite's own beside it: trades, hashes of passwords and keys are nobody else's business."""
BESIDE = ("-wal", "-shm")
"""SQLite's own files. A process that was killed leaves them, with the mode they had."""

_DURABLE = (("journal_mode", "wal"), ("synchronous", 2), ("fullfsync", 1), ("checkpoint_fullfsync", 1))


def open_for_writing(path: Path, *, application: int, schema_version: int, schema: str) -> sqlite3.Connection:
    """Open or create the file. Each connection is used by one thread at a time; which one is the caller's business."""
    created = not path.exists()
    try:
        if created:
            path.touch(PRIVATE_FILE)
        for own in (path, *(path.with_name(path.name + end) for end in BESIDE)):
            with suppress(FileNotFoundError):
                own.chmod(PRIVATE_FILE)
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        try:
            _make_durable(connection, path)
            _prepare(connection, path, application, schema_version, schema)
            if created:
                flush_folder(path.parent)
        except BaseException:
            connection.close()
            raise
    except (sqlite3.Error, OSError) as error:
        raise Stopped(f"expected to open the database {path}, found: {error}") from error
    return connection


def open_for_reading(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    connection.execute(f"PRAGMA busy_timeout = {LOCK_WAIT_MS}")
    connection.execute("PRAGMA query_only = 1")
    return connection


def open_at_rest(path: Path) -> sqlite3.Connection:
    """To look at a file nobody may be using. Closing it changes nothing: a log that is there stays there."""
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, isolation_level=None, check_same_thread=False)
    connection.execute(f"PRAGMA busy_timeout = {LOCK_WAIT_MS}")
    return connection


def flush_folder(folder: Path) -> None:
    """Put the folder's own entries on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _make_durable(connection: sqlite3.Connection, path: Path) -> None:
    connection.execute(f"PRAGMA busy_timeout = {LOCK_WAIT_MS}")
    for name, value in _DURABLE:
        connection.execute(f"PRAGMA {name} = {value}")
        (found,) = connection.execute(f"PRAGMA {name}").fetchone()
        if found != value:
            raise Stopped(f"expected the database {path} to keep {name} {value}, found {found}: commits could be lost")


def _prepare(connection: sqlite3.Connection, path: Path, application: int, schema_version: int, schema: str) -> None:
    # One transaction, so that a process killed here leaves an empty file, which the next start fills.
    connection.execute("BEGIN IMMEDIATE")
    (found_application,) = connection.execute("PRAGMA application_id").fetchone()
    (found_version,) = connection.execute("PRAGMA user_version").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if tables == 0:
        for statement in schema.split(";"):
            connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {application}")
        connection.execute(f"PRAGMA user_version = {schema_version}")
    elif found_application != application:
        raise Stopped(f"expected {path} to be a file of this program's own kind, found another program's database")
    elif found_version > schema_version:
        raise Stopped(
            f"{path} has layout {found_version} and this program knows layouts up to {schema_version}: "
            f"start a program that knows layout {found_version}"
        )
    connection.execute("COMMIT")
