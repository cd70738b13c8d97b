"""Imports in the background: one at a time, in a process of its own, so that no chart and no order waits for one.

The process only reads files and writes the archive; what is known about a series is stored by the house. An import that the
house did not live to finish is found failed when it starts again, and the archive is as it was.
"""

import asyncio
import shutil
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from math import gcd
from pathlib import Path

from pydantic import ValidationError

from trading_api.core.imports import UploadedFile
from trading_api.core.ports import Archive, Clock, Store
from trading_api.core.sessions import sessions_of
from trading_api.models.errors import FixRequest, NotFound, Refused, TradingError, TryLater
from trading_api.models.market.imports import (
    FilePreview,
    ImportJob,
    ImportOptions,
    ImportReport,
    ImportStatus,
    InstrumentChange,
    SeriesReport,
)
from trading_api.models.market.instruments import Instrument
from trading_api.plugins.imported.grid import check_tick_size
from trading_api.plugins.imported.guess import changed
from trading_api.plugins.imported.hours import check_hours
from trading_api.plugins.imported.importer import Draft, Progress, read_files, write_draft
from trading_api.plugins.imported.library import Library
from trading_api.plugins.imported.preview import preview_files
from trading_api.plugins.imported.worker import ImportProcess, OpenArchive, Work

COLLECTION = "imports"
QUEUED_MAX = 16
"""Imports that may wait; their files are on the disk."""
UPLOAD_BYTES_MAX = 1 << 30
"""Files of one import together: years of minutes, or a month of ticks."""
SERIES_MAX = 1_000
"""Imported symbols: each keeps its instrument, and now and then its days, in memory."""
KEPT_MAX = 200
"""Imports remembered; of the older ones only the series remain."""


class ImportJobs:
    """The port `Imports`."""

    upload_bytes_max = UPLOAD_BYTES_MAX

    def __init__(self, library: Library, store: Store, clock: Clock, open_archive: OpenArchive, folder: Path) -> None:
        self._library, self._store, self._clock = library, store, clock
        self._open_archive, self._folder = open_archive, folder
        self._jobs: dict[str, ImportJob] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._one = asyncio.Lock()
        self._running: tuple[str, ImportProcess] | None = None
        self._number = 0

    async def load(self) -> None:
        """Remember earlier imports; those that were cut off have failed. Leftover files are removed."""
        await asyncio.to_thread(shutil.rmtree, self._folder, True)
        for key, document in (await self._store.all(COLLECTION)).items():
            job = ImportJob.model_validate(document)
            if job.status in (ImportStatus.QUEUED, ImportStatus.RUNNING):
                job = job.model_copy(
                    update={
                        "status": ImportStatus.FAILED,
                        "message": "The server stopped during this import; nothing was changed.",
                    }
                )
                await self._store.put(COLLECTION, key, job.model_dump(mode="json"))
            self._jobs[job.id] = job
        self._jobs = dict(sorted(self._jobs.items(), key=lambda item: _number(item[0])))
        self._number = max(map(_number, self._jobs), default=0)

    def upload_folder(self) -> Path:
        self._folder.mkdir(parents=True, exist_ok=True)
        return Path(tempfile.mkdtemp(dir=self._folder))

    async def preview(self, files: Sequence[UploadedFile], options: ImportOptions) -> Sequence[FilePreview]:
        return await asyncio.to_thread(preview_files, files, options)

    async def submit(self, folder: Path, files: Sequence[UploadedFile], options: ImportOptions) -> ImportJob:
        if len(self._tasks) >= QUEUED_MAX:
            raise TryLater(
                "busy", f"Expected fewer than {QUEUED_MAX} imports waiting, found {len(self._tasks)}: try again later"
            )
        if (count := len(self._library.all())) >= SERIES_MAX:
            message = f"Expected fewer than {SERIES_MAX} imported symbols, found {count}: delete imports first"
            raise Refused("too_many_symbols", message, field="files")
        check_hours(options.instrument, self._clock.now())
        self._number += 1
        job = ImportJob(
            id=f"I{self._number}",
            status=ImportStatus.QUEUED,
            files=tuple(file.name for file in files),
            created_at=self._clock.now(),
            bytes_total=sum(file.path.stat().st_size for file in files),
        )
        await self._put(job)
        task = asyncio.create_task(self._run(job.id, folder, files, options), name=f"import {job.id}")
        self._tasks[job.id] = task
        task.add_done_callback(lambda _: self._tasks.pop(job.id, None))
        return job

    def all(self) -> Sequence[ImportJob]:
        return [self.get(import_id) for import_id in self._jobs]

    def get(self, import_id: str) -> ImportJob:
        job = self._jobs.get(import_id)
        if job is None:
            raise NotFound("unknown_import", f"Expected one of your imports, found '{import_id}'", field="id")
        if self._running is not None and self._running[0] == import_id:
            return job.model_copy(update={"bytes_read": self._running[1].bytes_read})
        return job

    async def wait(self, import_id: str) -> ImportJob:
        task = self._tasks.get(import_id)
        if task is not None:
            await asyncio.wait({task})
        return self.get(import_id)

    async def change(self, symbol: str, change: InstrumentChange) -> SeriesReport:
        async with self._one:
            holding = self._library.get(symbol)
            self._library.expect_unused(symbol)
            check_hours(change, self._clock.now())
            instrument = checked(holding.report, change, holding.common)
            report = holding.report.model_copy(update={"instrument": instrument})
            await self._library.put(report, holding.import_id, holding.common)
            job = self._jobs.get(holding.import_id)
            if job is not None:
                series = tuple(report if one.symbol == symbol else one for one in job.series)
                await self._put(job.model_copy(update={"series": series}))
        return report

    async def delete(self, import_id: str) -> None:
        self.get(import_id)
        await self._stop(import_id)
        async with self._one:
            mine = [one.series.name for one in self._library.all() if one.import_id == import_id]
            for name in mine:
                self._library.expect_unused(name)
            for name in mine:
                await self._library.remove(name)
            self._jobs.pop(import_id, None)
            await self._store.delete(COLLECTION, import_id)

    async def close(self) -> None:
        """Stop what is running; it has changed nothing, or everything."""
        for import_id in tuple(self._tasks):
            await self._stop(import_id)

    async def _stop(self, import_id: str) -> None:
        task = self._tasks.get(import_id)
        if task is None:
            return
        if self._running is not None and self._running[0] == import_id:
            self._running[1].kill()
        else:
            task.cancel()
        await asyncio.wait({task})

    async def _run(self, import_id: str, folder: Path, files: Sequence[UploadedFile], options: ImportOptions) -> None:
        try:
            async with self._one:
                await self._change(import_id, status=ImportStatus.RUNNING)
                # Asked now, not when it was queued: the import before it may have brought the other side.
                known = self._library.known()
                report = await self._import(import_id, Work(tuple(files), options, known, folder, self._open_archive))
                total = self._jobs[import_id].bytes_total
                await self._change(import_id, status=ImportStatus.DONE, series=report.series, bytes_read=total)
        except TradingError as error:
            await self._change(import_id, status=ImportStatus.FAILED, message=error.body.message)
        finally:
            await asyncio.to_thread(shutil.rmtree, folder, True)

    async def _import(self, import_id: str, work: Work) -> ImportReport:
        process = await _started(work)
        self._running = (import_id, process)
        try:
            return await _finish(self._library, import_id, await process.drafts(), process.write)
        finally:
            self._jobs[import_id] = self.get(import_id)
            self._running = None
            await process.end()

    async def _change(self, import_id: str, **changes: object) -> None:
        await self._put(self._jobs[import_id].model_copy(update=changes))

    async def _put(self, job: ImportJob) -> None:
        self._jobs[job.id] = job
        await self._store.put(COLLECTION, job.id, job.model_dump(mode="json"))
        finished = [one for one in self._jobs.values() if one.status in (ImportStatus.DONE, ImportStatus.FAILED)]
        for old in finished[: max(0, len(self._jobs) - KEPT_MAX)]:
            del self._jobs[old.id]
            await self._store.delete(COLLECTION, old.id)


async def _started(work: Work) -> ImportProcess:
    """The process, which does not outlive a stop that comes while it starts."""
    starting = asyncio.ensure_future(asyncio.to_thread(ImportProcess, work))
    try:
        return await asyncio.shield(starting)
    except asyncio.CancelledError:
        await (await starting).end()
        raise


async def run_import(
    archive: Archive,
    store: Store,
    files: Sequence[UploadedFile],
    options: ImportOptions,
    progress: Progress,
    *,
    folder: Path,
    now: int,
) -> ImportReport:
    """The same without a server, in this process: for the command line. `folder` is scratch space on the same disk."""
    check_hours(options.instrument, now)
    library = Library(archive, store)
    await library.load()
    jobs = await store.all(COLLECTION)
    import_id = f"I{max(map(_number, jobs), default=0) + 1}"
    drafts = read_files(files, options, library.known(), folder, progress)

    async def write(draft: Draft) -> SeriesReport:
        return await write_draft(draft, archive)

    report = await _finish(library, import_id, drafts, write)
    size = sum(file.path.stat().st_size for file in files)
    job = ImportJob(
        id=import_id,
        status=ImportStatus.DONE,
        files=tuple(file.name for file in files),
        created_at=now,
        bytes_read=size,
        bytes_total=size,
        series=report.series,
    )
    await store.put(COLLECTION, import_id, job.model_dump(mode="json"))
    return report


async def _finish(
    library: Library, import_id: str, drafts: Sequence[Draft], write: Callable[[Draft], Awaitable[SeriesReport]]
) -> ImportReport:
    for draft in drafts:
        library.expect_unused(draft.symbol)
    reports = []
    for draft in drafts:
        report = await write(draft)
        before = library.find(draft.symbol)
        common = gcd(draft.tally.traits.common, before.common if draft.joins and before else 0)
        await library.put(report, import_id, common)
        reports.append(report)
    return ImportReport(series=tuple(reports))


def checked(report: SeriesReport, change: InstrumentChange, common: int) -> Instrument:
    try:
        instrument = changed(report.instrument, change)
    except ValidationError as error:
        raise FixRequest("bad_instrument", f"Expected an instrument that holds together, found: {error}") from None
    sessions_of(instrument)
    check_tick_size(instrument, common)
    return instrument


def _number(import_id: str) -> int:
    return int(import_id.removeprefix("I"))
