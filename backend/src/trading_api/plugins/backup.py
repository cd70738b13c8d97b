"""A copy of the state in one file, made while a server runs, and its way back.

The three databases are read as of one moment: a read transaction is opened on each, journal first, before a page is copied,
and held until all is copied; writers go on beside it. Between the first and the last may lie a few milliseconds. What falls
into them is like a crash there: an account without its first fact, an import's description without its prices. Both are states
a start knows.

The file is a ZIP with a list of what is in it. Its journal has been read, every checksum compared, before the file gets its
name. Uploads under way and snapshots are not in it.
"""

import hashlib
import os
import shutil
import sqlite3
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from pydantic import TypeAdapter

from trading_api.models.errors import Stopped
from trading_api.plugins.journal_check import Progress, read_through, write_end
from trading_api.plugins.journal_file import end_of, rename
from trading_api.plugins.sqlite_file import flush_folder, open_at_rest

DATABASES = ("journal.sqlite", "archive.sqlite", "store.sqlite")
"""In the order in which their moments are taken: what is told last may name what is not there yet, and is known to."""
FORMAT = 1
MANIFEST_NAME = "backup.json"
MANIFEST_BYTES_MAX = 1_000_000
PAGES_AT_ONCE = 1_000
"""Copied between two looks at the progress bar."""
PIECE_BYTES = 1 << 20
COMPRESSION_LEVEL = 1
_UNREADABLE: tuple[type[Exception], ...] = (OSError, EOFError, sqlite3.Error, zipfile.BadZipFile, zlib.error)
_UNREADABLE += (NotImplementedError, RuntimeError, KeyError, ValueError)
"""What Python's own reader of ZIP files raises when one is not as it was written."""


class Backup(NamedTuple):
    """What a backup's file says of itself."""

    made_at: int
    release: str
    facts: dict[str, int]
    """How many per account."""


class Manifest(NamedTuple):
    """The list in the file."""

    format: int
    backup: Backup
    files: dict[str, str]
    """Digest by name."""


MANIFEST: TypeAdapter[Manifest] = TypeAdapter(Manifest)


def write_backup(folder: Path, target: Path, *, release: str, progress: Progress) -> Backup:
    """Copy the folder's state into a new file; whole and checked, or not at all."""
    if not (folder / "journal.sqlite").exists():
        raise Stopped(f"expected a journal in the data folder {folder}, found none: there is nothing to back up")
    scratch, part = target.with_name(f".{target.name}.copy"), target.with_name(f".{target.name}.part")
    try:
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir(mode=0o700)
        end_of(folder / "journal.sqlite")
        made_at = int(datetime.now(UTC).timestamp() * 1000)
        _copy_databases(folder, scratch, progress)
        facts = _checked(scratch, progress)
        backup = Backup(made_at, release, facts)
        _pack(scratch, part, backup)
        os.replace(part, target)
        flush_folder(target.resolve().parent)
        return backup
    except (OSError, sqlite3.Error, zipfile.BadZipFile) as error:
        raise Stopped(f"expected to write the backup {target}, found: {error}") from error
    finally:
        part.unlink(missing_ok=True)
        shutil.rmtree(scratch, ignore_errors=True)


def unpack_backup(file: Path, part: Path, *, progress: Progress) -> Backup:
    """Put the backup's files, checked, into this new folder."""
    shutil.rmtree(part, ignore_errors=True)
    try:
        part.mkdir(mode=0o700)
        with zipfile.ZipFile(file) as archive:
            manifest = _manifest(file, archive)
            for name, digest in manifest.files.items():
                _unpack(file, archive, name, digest, part)
        # What is restored goes on otherwise than what clients have been told since.
        rename(part / "journal.sqlite")
        if _checked(part, progress) != manifest.backup.facts:
            raise Stopped(f"expected the backup {file} to hold the facts it lists, found others")
        for leftover in (*part.glob("*-shm"), *part.glob("*-wal")):
            leftover.unlink()
        flush_folder(part)
        return manifest.backup
    except _UNREADABLE as error:
        raise Stopped(f"expected {file} to be a backup written by trading-api backup, found: {error}") from error


def _copy_databases(folder: Path, scratch: Path, progress: Progress) -> None:
    with ExitStack() as stack:
        there = [name for name in DATABASES if (folder / name).exists()]
        sources = {name: stack.enter_context(closing(open_at_rest(folder / name))) for name in there}
        for source in sources.values():
            source.execute("BEGIN")
            source.execute("SELECT count(*) FROM sqlite_master").fetchone()  # the moment is that of the first read
        for name, source in sources.items():
            with closing(sqlite3.connect(scratch / name)) as copy:
                source.backup(copy, pages=PAGES_AT_ONCE, progress=_pages(progress))


def _pages(progress: Progress) -> Callable[[int, int, int], object]:
    return lambda _, remaining, total: progress(total - remaining, total)


def _checked(folder: Path, progress: Progress) -> dict[str, int]:
    """Every fact of the copied journal is read; a backup that cannot be read is none. Writes its head."""
    journal = folder / "journal.sqlite"
    write_end(journal)
    found = read_through(journal, progress)
    for damaged in found.damages:
        raise Stopped(damaged)
    for name in DATABASES[1:]:
        if (folder / name).exists():
            check_pages(folder / name)
    return found.facts


def check_pages(path: Path) -> None:
    """A database without checksums of its own: its pages at least hang together."""
    with closing(open_at_rest(path)) as connection:
        try:
            (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        except sqlite3.Error as error:
            verdict = str(error)
    if verdict != "ok":
        raise Stopped(f"the database {path} is damaged: {verdict}")


def _pack(scratch: Path, part: Path, backup: Backup) -> None:
    names = [name for name in DATABASES if (scratch / name).exists()]
    manifest = Manifest(FORMAT, backup, {name: _digest(_pieces(scratch / name)) for name in names})
    with part.open("xb") as file:
        os.fchmod(file.fileno(), 0o600)
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=COMPRESSION_LEVEL) as archive:
            archive.writestr(MANIFEST_NAME, MANIFEST.dump_json(manifest))
            for name in names:
                archive.write(scratch / name, name)
        file.flush()
        os.fsync(file.fileno())


def _manifest(file: Path, archive: zipfile.ZipFile) -> Manifest:
    if archive.getinfo(MANIFEST_NAME).file_size > MANIFEST_BYTES_MAX:
        raise ValueError("a list in it that is too large")
    manifest = MANIFEST.validate_json(archive.read(MANIFEST_NAME))
    if manifest.format != FORMAT:
        raise Stopped(
            f"the backup {file} has format {manifest.format} and this program reads format {FORMAT}: "
            f"restore it with trading-api {manifest.backup.release}"
        )
    if sorted(manifest.files) != sorted(set(manifest.files) & set(DATABASES)):
        raise ValueError(f"files in it that are none of ours: {', '.join(sorted(manifest.files))}")
    return manifest


def _unpack(file: Path, archive: zipfile.ZipFile, name: str, digest: str, folder: Path) -> None:
    with archive.open(name) as packed, (folder / name).open("xb") as plain:
        found = _digest(_written(iter(lambda: packed.read(PIECE_BYTES), b""), plain.write))
        plain.flush()
        os.fsync(plain.fileno())
    if found != digest:
        raise Stopped(f"the backup {file} is damaged: {name} in it is not what was written")


def _written(pieces: Iterator[bytes], write: Callable[[bytes], object]) -> Iterator[bytes]:
    for piece in pieces:
        write(piece)
        yield piece


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield from iter(lambda: file.read(PIECE_BYTES), b"")


def _digest(pieces: Iterator[bytes]) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for piece in pieces:
        digest.update(piece)
    return digest.hexdigest()
