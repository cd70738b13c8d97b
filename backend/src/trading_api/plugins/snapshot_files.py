"""Snapshots as files, one per account, written beside and put in place whole. They can be deleted at any time.

A file that is damaged, of other code, or cannot be written is no snapshot: nothing is refused because of it.
"""

import asyncio
import hashlib
import json
import logging
import os
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from trading_api import core, models
from trading_api.core.ports import KeptSnapshot
from trading_api.plugins.sqlite_file import flush_folder

COMPRESSION_LEVEL = 1
_DIGEST_SIZE = 16
_log = logging.getLogger(__name__)


class SnapshotFiles:
    """The port `Snapshots`. `made_by` names the code that folds: what other code has kept is not used."""

    def __init__(self, folder: Path, made_by: str) -> None:
        self._folder = folder
        self._made_by = made_by
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="snapshots")

    async def latest(self, account_id: str) -> KeptSnapshot | None:
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._read, account_id)

    async def keep(self, account_id: str, snapshot: KeptSnapshot) -> None:
        await asyncio.get_running_loop().run_in_executor(self._thread, self._write, account_id, snapshot)

    async def close(self) -> None:
        await asyncio.to_thread(self._thread.shutdown)

    def _path(self, account_id: str) -> Path:
        return self._folder / f"{account_id}.snapshot"

    def _read(self, account_id: str) -> KeptSnapshot | None:
        try:
            content = self._path(account_id).read_bytes()
            body = content[_DIGEST_SIZE:]
            if content[:_DIGEST_SIZE] != _digest(body):
                raise ValueError("its digest is another")
            found = json.loads(zlib.decompress(body))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, zlib.error) as error:
            _log.warning("the snapshot of account %s cannot be used: %s", account_id, error)
            return None
        if (found["made_by"], found["account"]) != (self._made_by, account_id):
            return None
        return KeptSnapshot(found["sequence"], found["mark"], found["document"])

    def _write(self, account_id: str, snapshot: KeptSnapshot) -> None:
        fields = {"made_by": self._made_by, "account": account_id, **snapshot._asdict()}
        body = zlib.compress(_text(fields).encode(), COMPRESSION_LEVEL)
        path = self._path(account_id)
        part = path.with_suffix(".part")
        try:
            self._folder.mkdir(exist_ok=True)
            with part.open("wb") as file:
                file.write(_digest(body) + body)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
            flush_folder(self._folder)
        except OSError as error:
            _log.warning("the snapshot of account %s cannot be written: %s", account_id, error)


def code_mark() -> str:
    """A name for the code that folds: all of the two lower floors, since a fold that changed would go on from the old one."""
    digest = hashlib.blake2b(digest_size=_DIGEST_SIZE)
    for floor in (core, models):
        for path in sorted(Path(floor.__path__[0]).rglob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _text(value: Any) -> str:
    """JSON in small pieces: one long call would hold up every other thread."""
    if isinstance(value, dict):
        return f"{{{','.join(f'{json.dumps(name)}:{_text(one)}' for name, one in value.items())}}}"
    if isinstance(value, list):
        return f"[{','.join(map(json.dumps, value))}]"
    return json.dumps(value)


def _digest(body: bytes) -> bytes:
    return hashlib.blake2b(body, digest_size=_DIGEST_SIZE).digest()
