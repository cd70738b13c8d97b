"""An import's own process: it reads the files, and writes the archive when told to. Killing it leaves no half series.

Questions and answers are pickled: the house sends drafts to be written and hears drafts, reports, or the error that ended it.
"""

import asyncio
import multiprocessing
import os
import signal
from collections.abc import Callable, Mapping, Sequence
from ctypes import Array, c_longlong
from multiprocessing.connection import Connection
from multiprocessing.sharedctypes import RawArray
from pathlib import Path
from typing import NamedTuple

from trading_api.core.imports import UploadedFile
from trading_api.core.ports import Archive
from trading_api.models.errors import ErrorBody, FixRequest, Refused, TradingError
from trading_api.models.market.imports import ImportOptions, SeriesReport
from trading_api.plugins.imported.importer import Draft, Known, read_files, write_draft

OpenArchive = Callable[[], Archive]
"""Opens the house's archive in another process, so it must be picklable: functools.partial(SqliteArchive, path)."""


class Work(NamedTuple):
    """What to read."""

    files: Sequence[UploadedFile]
    options: ImportOptions
    known: Mapping[str, Known]
    folder: Path
    open_archive: OpenArchive


class ImportProcess:
    """The house's end of it."""

    def __init__(self, work: Work) -> None:
        spawning = multiprocessing.get_context("spawn")
        self._cells = RawArray(c_longlong, 1)
        self._connection, theirs = spawning.Pipe()
        self._process = spawning.Process(target=_main, args=(theirs, self._cells, work), daemon=True)
        self._process.start()
        theirs.close()

    @property
    def bytes_read(self) -> int:
        return int(self._cells[0])

    async def drafts(self) -> Sequence[Draft]:
        """The files, read. Raises the error that ended the reading."""
        answer = await self._answer()
        assert isinstance(answer, list)
        return answer

    async def write(self, draft: Draft) -> SeriesReport:
        self._connection.send(draft)
        answer = await self._answer()
        assert isinstance(answer, SeriesReport)
        return answer

    def kill(self) -> None:
        self._process.kill()

    async def end(self) -> None:
        self._connection.close()
        self._process.kill()
        await asyncio.to_thread(self._process.join)
        self._process.close()

    async def _answer(self) -> object:
        try:
            answer: object = await asyncio.to_thread(self._connection.recv)
        except (EOFError, OSError):
            raise Refused(
                "import_ended", "Expected the import to finish, found its process ended; nothing was changed"
            ) from None
        if isinstance(answer, ErrorBody):
            raise FixRequest(answer.code, answer.message, field=answer.field, nearest=answer.nearest)
        return answer


def _main(connection: "Connection[object, object]", cells: "Array[c_longlong]", work: Work) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    house = os.getppid()

    def told(read: int, total: int) -> None:
        cells[0] = read
        if os.getppid() != house:
            raise SystemExit("the house is gone")

    try:
        connection.send(read_files(work.files, work.options, work.known, work.folder, told))
        while isinstance(draft := connection.recv(), Draft):
            connection.send(asyncio.run(_write(draft, work.open_archive)))
    except TradingError as error:
        connection.send(error.body)
    except EOFError:
        return


async def _write(draft: Draft, open_archive: OpenArchive) -> SeriesReport:
    archive = open_archive()
    try:
        return await write_draft(draft, archive)
    finally:
        await archive.close()
