"""Where the journal ends, kept beside it, so that a journal cut off at its end is found.

SQLite takes a log whose last part is missing or damaged for one that simply ended earlier, and a chain of checksums cannot say
that its end is missing. So the last row committed is written down a second time, in a file of two slots in turn: a torn write
leaves the other one.

The head is written after the commit and before the answer, and flushed within `FLUSH_S`. So it is never ahead of the journal;
after a power cut it may be behind by that much, and damage to those last rows alone would pass unseen
(docs/decisions/0008-the-journals-end-is-written-twice.md).
"""

import hashlib
import json
import os
import time
from pathlib import Path
from typing import NamedTuple

from trading_api.core.journal_row import START
from trading_api.plugins.sqlite_file import flush_folder

FLUSH_S = 0.1
"""How far the head on the disk may be behind the journal."""
_SLOT_BYTES = 512
"""A disk writes so much whole or not at all."""
_SEAL_DIGITS = 16


class Head(NamedTuple):
    """The last row committed. Row 0: none yet."""

    row: int
    account: str
    sequence: int
    checksum: bytes


NONE = Head(0, "", 0, START)


class HeadFile:
    """The open file, for the one thread that writes the journal."""

    def __init__(self, path: Path, head: Head) -> None:
        """Opens the file, and writes `head` when it holds another."""
        self._slot = 0
        self._flushed = time.monotonic()
        self.dirty = False
        created = not path.exists()
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        if read_head(path) != head:
            for _ in range(2):
                self.write(head)
            self.flush()
        if created:
            flush_folder(path.parent)

    def write(self, head: Head) -> None:
        os.pwrite(self._file, _slot_text(head), self._slot * _SLOT_BYTES)
        self._slot = 1 - self._slot
        self.dirty = True

    def flush_when_due(self) -> None:
        if self.dirty and time.monotonic() - self._flushed >= FLUSH_S:
            self.flush()

    def flush(self) -> None:
        os.fsync(self._file)
        self.dirty, self._flushed = False, time.monotonic()

    def close(self) -> None:
        if self.dirty:
            self.flush()
        os.close(self._file)


def head_path(journal: Path) -> Path:
    return journal.with_suffix(".head")


def read_head(path: Path) -> Head | None:
    """What the file says; None when there is none, or none that can be read."""
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        return None
    slots = (_slot(text[start : start + _SLOT_BYTES]) for start in (0, _SLOT_BYTES))
    return max((head for head in slots if head), default=None)


def _slot_text(head: Head) -> bytes:
    body = json.dumps(head._asdict() | {"checksum": head.checksum.hex()}).encode()
    text = _seal(body) + b" " + body
    assert len(text) < _SLOT_BYTES, f"expected a head to fit {_SLOT_BYTES} bytes, found {len(text)}"
    return text.ljust(_SLOT_BYTES - 1) + b"\n"


def _slot(text: bytes) -> Head | None:
    seal, _, body = text.strip().partition(b" ")
    if not body or seal != _seal(body):
        return None
    fields = json.loads(body)
    return Head(fields["row"], fields["account"], fields["sequence"], bytes.fromhex(fields["checksum"]))


def _seal(body: bytes) -> bytes:
    return hashlib.blake2b(body, digest_size=_SEAL_DIGITS // 2).hexdigest().encode()
