"""The store in one SQLite file: few documents, rarely written. One thread does it all in the order asked, a flush per write."""

import asyncio
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from sqlite3 import Error

from trading_api.models.errors import Stopped, TryLater
from trading_api.plugins.sqlite_file import open_for_writing

WAITING_CALLS_MAX = 1_000
"""Calls in line for the one thread; a caller beyond that is asked to come back."""

_APPLICATION = 0x7452_5354
_LAYOUT = 1
_SCHEMA = """
    CREATE TABLE documents (
        collection TEXT NOT NULL,
        key TEXT NOT NULL,
        body TEXT NOT NULL,
        PRIMARY KEY (collection, key)
    )
"""
_PUT = "INSERT INTO documents VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET body = excluded.body"
_GET = "SELECT body FROM documents WHERE collection = ? AND key = ?"
_ALL = "SELECT key, body FROM documents WHERE collection = ? ORDER BY key"
_DELETE = "DELETE FROM documents WHERE collection = ? AND key = ?"


class SqliteStore:
    """A failed call stops the store for good, as in the journal: what the disk holds then is unknown."""

    def __init__(self, path: Path) -> None:
        self.on_failure: Callable[[Stopped], None] = lambda _: None
        """Who is to be told, beside the caller."""
        self._path = path
        self._connection = open_for_writing(path, application=_APPLICATION, schema_version=_LAYOUT, schema=_SCHEMA)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="store")
        self._waiting = 0
        self._closed = False
        self._failure: str | None = None

    async def put(self, collection: str, key: str, document: dict[str, object]) -> None:
        await self._call(_PUT, collection, key, json.dumps(document, allow_nan=False))

    async def get(self, collection: str, key: str) -> dict[str, object] | None:
        found = await self._call(_GET, collection, key)
        return json.loads(found[0][0]) if found else None

    async def all(self, collection: str) -> dict[str, dict[str, object]]:
        return {key: json.loads(body) for key, body in await self._call(_ALL, collection)}

    async def delete(self, collection: str, key: str) -> None:
        await self._call(_DELETE, collection, key)

    async def close(self) -> None:
        """Finish what is in line, then let go of the file."""
        if not self._closed:
            self._closed = True
            self._thread.submit(self._connection.close)
        await asyncio.to_thread(self._thread.shutdown)

    async def _call(self, statement: str, *values: str) -> list[tuple[str, ...]]:
        if self._closed:
            raise Stopped(f"the store {self._path} has been closed")
        if self._waiting >= WAITING_CALLS_MAX:
            raise TryLater("busy", f"expected the disk to keep up, found {self._waiting} calls waiting for it: try again")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, self._run, statement, values)
        except Stopped as stopped:
            self.on_failure(stopped)
            raise
        finally:
            self._waiting -= 1

    def _run(self, statement: str, values: tuple[str, ...]) -> list[tuple[str, ...]]:
        if self._failure:
            raise Stopped(self._failure)
        try:
            return self._connection.execute(statement, values).fetchall()
        except Error as error:
            self._failure = f"expected to use the store {self._path}, found: {error}; start again once that is repaired"
            raise Stopped(self._failure) from error
