"""Imports run one at a time in a process of their own, can be watched, stopped and deleted, and survive a restart."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest

from fakes import FakeClock
from fakes_imported import MemoryStore
from trading_api.core.imports import UploadedFile
from trading_api.models.errors import Conflict, FixRequest, NotFound, Refused, TryLater
from trading_api.models.market.imports import ImportJob, ImportOptions, ImportStatus, InstrumentChange
from trading_api.plugins.archive import SqliteArchive
from trading_api.plugins.imported import jobs
from trading_api.plugins.imported.jobs import ImportJobs
from trading_api.plugins.imported.library import Library

MINUTES = 3_000
BID = "timestamp,open,high,low,close\n" + "".join(
    f"{1_359_676_800 + place * 60},91.715,91.715,91.653,91.65{place % 7 + 3}\n" for place in range(MINUTES)
)
ASK = BID.replace("91.7", "91.8").replace("91.6", "91.7")
DEADLINE_S = 30


class House:
    """What a server has of imports; `again` is a restart."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "archive.sqlite"
        self.store = MemoryStore()
        self.archive = SqliteArchive(self.path)
        self._open()

    def _open(self) -> None:
        self.library = Library(self.archive, self.store)
        self.imports = ImportJobs(
            self.library, self.store, FakeClock(), partial(SqliteArchive, self.path), self.folder / "uploads"
        )

    async def again(self) -> None:
        await self.imports.close()
        self._open()
        await self.library.load()
        await self.imports.load()

    async def submit(self, texts: dict[str, str], **options: object) -> ImportJob:
        folder = self.imports.upload_folder()
        files = []
        for name, text in texts.items():
            (folder / name).write_text(text)
            files.append(UploadedFile(name, folder / name))
        return await self.imports.submit(folder, files, ImportOptions.model_validate(options))

    async def done(self, job: ImportJob) -> ImportJob:
        return await asyncio.wait_for(self.imports.wait(job.id), DEADLINE_S)

    async def close(self) -> None:
        await self.imports.close()
        await self.archive.close()


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    house = House(tmp_path)
    yield house
    await house.close()


async def test_an_import_is_queued_read_and_kept_across_a_restart(house: House) -> None:
    job = await house.submit({"usdjpy-m1-bid.csv": BID})
    assert (job.id, job.status, job.files, job.bytes_total) == ("I1", ImportStatus.QUEUED, ("usdjpy-m1-bid.csv",), len(BID))
    done = await house.done(job)
    assert (done.status, done.bytes_read, done.series[0].rows) == (ImportStatus.DONE, len(BID), MINUTES)
    assert not list((house.folder / "uploads").iterdir()), "what was uploaded is removed"
    await house.again()
    assert house.imports.all() == [done]
    assert house.library.get("USDJPY").report == done.series[0]


@pytest.mark.parametrize("ending", ["", "oops\n"], ids=["done", "failed"])
async def test_progress_never_goes_back(house: House, ending: str) -> None:
    job = await house.submit({"usdjpy-m1-bid.csv": BID + ending})
    waiting = asyncio.create_task(house.done(job))
    seen = [0]
    while not waiting.done():
        seen.append(house.imports.get(job.id).bytes_read)
        await asyncio.sleep(0)
    seen.append((await waiting).bytes_read)
    assert seen == sorted(seen) and seen[-1] > 0


async def test_sides_uploaded_one_after_the_other_are_joined(house: House) -> None:
    await house.submit({"usdjpy-m1-bid.csv": BID})
    done = await house.done(await house.submit({"usdjpy-m1-ask.csv": ASK}))
    assert (done.series[0].sides, done.series[0].rows, done.series[0].one_sided) == ("both", MINUTES, 0)


async def test_a_failed_import_says_why_and_changes_nothing(house: House) -> None:
    done = await house.done(await house.submit({"usdjpy-m1-bid.csv": BID + "oops\n"}))
    assert done.status is ImportStatus.FAILED
    assert done.message is not None and f"usdjpy-m1-bid.csv, line {MINUTES + 2}: expected" in done.message
    assert house.library.all() == () and list(await house.archive.series()) == []


async def test_deleting_an_import_deletes_its_prices(house: House) -> None:
    job = await house.done(await house.submit({"usdjpy-m1-bid.csv": BID}))
    house.library.use("USDJPY", "R3")
    with pytest.raises(Conflict, match="found it in R3: delete those first"):
        await house.imports.delete(job.id)
    house.library.release("USDJPY", "R3")
    await house.imports.delete(job.id)
    assert house.imports.all() == [] and list(await house.archive.series()) == []
    with pytest.raises(NotFound):
        house.imports.get(job.id)


async def test_a_running_import_can_be_stopped(house: House) -> None:
    job = await house.submit(
        {"usdjpy-m1-bid.csv": BID + "".join(f"{1_400_000_000 + n * 60},9,9,9,9\n" for n in range(400_000))}
    )
    while not house.imports.get(job.id).bytes_read:
        await asyncio.sleep(0.01)
    await asyncio.wait_for(house.imports.delete(job.id), DEADLINE_S)
    assert list(await house.archive.series()) == [] and house.imports.all() == []


async def test_an_import_the_server_did_not_finish_has_failed_after_the_restart(house: House) -> None:
    job = await house.submit({"usdjpy-m1-bid.csv": BID})
    await house.again()
    found = house.imports.get(job.id)
    assert found.status is ImportStatus.FAILED and found.message is not None and "nothing was changed" in found.message


async def test_a_series_whose_description_was_lost_is_described_again(house: House) -> None:
    await house.done(await house.submit({"usdjpy-m1-bid.csv": BID, "usdjpy-m1-ask.csv": ASK}))
    await house.store.delete("imported", "USDJPY")
    await house.again()
    assert house.library.get("USDJPY").instrument.id == "IMPORT:USDJPY"


async def test_too_many_waiting_imports_are_refused(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "QUEUED_MAX", 1)
    await house.submit({"usdjpy-m1-bid.csv": BID})
    with pytest.raises(TryLater, match="try again later"):
        await house.submit({"usdjpy-m1-ask.csv": ASK})


async def test_imported_symbols_are_bounded(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "SERIES_MAX", 1)
    await house.done(await house.submit({"usdjpy.csv": BID}, side="bid", spread="0.01"))
    with pytest.raises(Refused, match="fewer than 1 imported symbols, found 1: delete imports first"):
        await house.submit({"eurusd.csv": BID}, side="bid", spread="0.01")
    await house.imports.delete("I1")
    assert (await house.submit({"eurusd.csv": BID}, side="bid", spread="0.01")).status is ImportStatus.QUEUED


async def test_what_was_guessed_can_be_corrected(house: House) -> None:
    job = await house.done(await house.submit({"usdjpy-m1-bid.csv": BID}))
    report = await house.imports.change("USDJPY", InstrumentChange(currency="EUR", session="0000-0000", timezone="Etc/UTC"))
    assert (report.instrument.currency, report.instrument.session) == ("EUR", "0000-0000")
    with pytest.raises(FixRequest, match="tick size"):
        await house.imports.change("USDJPY", InstrumentChange.model_validate({"tickSize": "0.01"}))
    with pytest.raises(FixRequest, match="session"):
        await house.imports.change("USDJPY", InstrumentChange(session="sometimes"))
    await house.again()
    assert house.library.get("USDJPY").report == report == house.imports.get(job.id).series[0]
