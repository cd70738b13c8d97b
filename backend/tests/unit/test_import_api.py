"""Imports and replays over HTTP, as a client sees them."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from test_import_jobs import ASK, BID, DEADLINE_S, MINUTES, House
from test_replay_service import House as ReplayHouse

from fakes import FakeClock
from fakes_imported import MONDAY, MemoryStore, a_library, wavy_bars
from trading_api.api.errors import install_errors
from trading_api.api.imports import imports_router
from trading_api.api.replays import replays_router
from trading_api.core.access import Credentials, Principal, Right
from trading_api.plugins.archive import SqliteArchive
from trading_api.plugins.imported.jobs import ImportJobs
from trading_api.plugins.imported.library import Library


class Door:
    """Lets everybody in with the rights it has been given."""

    def __init__(self) -> None:
        self.rights: frozenset[Right] = frozenset({"read", "trade", "admin"})

    async def admit(self, credentials: Credentials) -> Principal:
        return Principal("somebody", self.rights)


class Client:
    def __init__(self, *, imports: ImportJobs | None = None, replays: ReplayHouse | None = None) -> None:
        app = FastAPI()
        install_errors(app)
        self.door = app.state.doorman = Door()
        if imports is not None:
            app.include_router(imports_router(imports))
        if replays is not None:
            app.include_router(replays_router(replays.replays))
        self.http = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost")

    async def upload(self, texts: dict[str, str], **fields: str) -> httpx.Response:
        files = [("files", (name, text.encode(), "text/csv")) for name, text in texts.items()]
        return await self.http.post("/imports", files=files, data=fields)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    house = House(tmp_path)
    yield house
    await house.close()


async def test_an_upload_becomes_a_job_that_can_be_watched_listed_and_deleted(house: House) -> None:
    client = Client(imports=house.imports)
    started = await client.upload({"a.csv": BID, "b.csv": BID}, symbol="usdjpy", side="bid", spread="0.01")
    assert started.status_code == 202 and started.json()["bytesTotal"] == 2 * len(BID)
    await asyncio.wait_for(house.imports.wait("I1"), DEADLINE_S)
    job = (await client.http.get("/imports/I1")).json()
    assert (job["status"], job["bytesRead"]) == ("done", 2 * len(BID))
    (series,) = job["series"]
    assert (series["symbol"], series["rows"], series["duplicates"], series["spread"]) == ("usdjpy", MINUTES, MINUTES, 0.01)
    assert (await client.http.get("/imports")).json() == [job]
    changed = await client.http.patch("/imports/symbols/usdjpy", json={"currency": "EUR"})
    assert changed.json()["instrument"]["currency"] == "EUR"
    assert (await client.http.delete("/imports/I1")).status_code == 204
    assert (await client.http.get("/imports/I1")).status_code == 404


async def test_options_that_make_no_sense_are_named(house: House) -> None:
    client = Client(imports=house.imports)
    for field, value in (("side", "mid"), ("spread", "-1"), ("symbol", "a b"), ("instrument", '{"colour": 1}')):
        refused = await client.upload({"a.csv": BID}, **{field: value})
        assert refused.status_code == 422 and field in refused.text or "colour" in refused.text
    assert (await client.http.get("/imports")).json() == []


async def test_an_upload_beyond_the_limit_is_refused_and_leaves_no_file(tmp_path: Path) -> None:
    archive, store = SqliteArchive(tmp_path / "archive.sqlite"), MemoryStore()

    class Small(ImportJobs):
        upload_bytes_max = 1_000

    imports = Small(Library(archive, store), store, FakeClock(), partial(SqliteArchive, tmp_path / "a"), tmp_path / "up")
    client = Client(imports=imports)
    for texts in ({"a.csv": "x" * 200_000}, {"a.csv": "x" * 600, "b.csv": "x" * 600}):
        refused = await client.upload(texts)
        assert refused.status_code == 413 and refused.json()["code"] == "too_large"
    assert not (tmp_path / "up").exists() or not list((tmp_path / "up").iterdir())
    await archive.close()


async def test_only_an_administrator_imports(house: House) -> None:
    client = Client(imports=house.imports)
    client.door.rights = frozenset({"read", "trade"})
    assert (await client.upload({"a.csv": ASK})).status_code == 403


async def test_a_replay_is_made_moved_and_ended(tmp_path: Path) -> None:
    client = Client(replays=ReplayHouse(await a_library(USDJPY=wavy_bars(minutes=600)), MemoryStore()))
    http = client.http
    body = {"symbols": ["IMPORT:USDJPY"], "start": "2013-02-04T01:00:00Z", "speed": 60}
    made = await http.post("/replays", json=body)
    assert made.status_code == 201 and made.json()["now"] == MONDAY + 3_600_000
    assert (await http.post("/replays/R1/step", json={"bars": 1})).json()["now"] == MONDAY + 3_659_999
    assert (await http.put("/replays/R1/speed", json={"speed": 0.5})).json()["speed"] == 0.5
    assert (await http.post("/replays/R1/play")).json()["state"] == "playing"
    assert (await http.post("/replays/R1/pause")).json()["state"] == "paused"
    assert (await http.post("/replays/R1/seek", json={"time": MONDAY + 7_200_000})).json()["now"] == MONDAY + 7_200_000
    assert [one["id"] for one in (await http.get("/replays")).json()] == ["R1"]
    assert (await http.put("/replays/R1/speed", json={"speed": 100_000})).status_code == 422
    assert (await http.post("/replays/R1/step", json={"bars": 1, "ticks": 1})).status_code == 422
    assert (await http.delete("/replays/R1")).status_code == 204
    assert (await http.get("/replays/R1")).status_code == 404


async def test_an_exchange_s_calendar_or_days_with_hours_of_their_own_can_be_set(house: House) -> None:
    client = Client(imports=house.imports)
    await client.upload({"a.csv": BID}, symbol="acme", instrument='{"calendar": "XNYS"}')
    await asyncio.wait_for(house.imports.wait("I1"), DEADLINE_S)
    told = house.library.get("acme").instrument
    assert (told.timezone, told.session) == ("America/New_York", "0930-1600")
    assert "20241225" in told.holidays and "0930-1300:" in told.corrections
    own = {"session": "0930-1600", "corrections": "0930-1300:20130201"}
    assert (await client.http.patch("/imports/symbols/acme", json=own)).json()["instrument"][
        "corrections"
    ] == "0930-1300:20130201"
    again = (await client.http.patch("/imports/symbols/acme", json={"calendar": "XLON"})).json()["instrument"]
    assert (again["timezone"], again["session"]) == ("Europe/London", "0800-1630")
    assert "0800-1230:" in again["corrections"]


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("calendar", {"calendar": "London"}),
        ("session", {"calendar": "XNYS", "session": "24x7"}),
        ("corrections", {"corrections": "1300:20241129"}),
        ("corrections", {"corrections": "0930-1300:20241329"}),
        ("timezone", {"timezone": "Australia/Lord_Howe"}),
        ("session", {"session": "0930-1500#20990101/0930-1600"}),
    ],
)
async def test_hours_that_charts_could_not_show_are_refused(house: House, field: str, change: dict[str, str]) -> None:
    client = Client(imports=house.imports)
    await client.upload({"a.csv": BID}, symbol="acme")
    await asyncio.wait_for(house.imports.wait("I1"), DEADLINE_S)
    before = house.library.get("acme").report
    refused = await client.http.patch("/imports/symbols/acme", json=change)
    assert (refused.status_code, refused.json()["field"]) == (422, field)
    assert refused.json()["message"].startswith("Expected ") and house.library.get("acme").report == before


async def test_hours_that_charts_could_not_show_are_refused_before_a_file_is_read(house: House) -> None:
    client = Client(imports=house.imports)
    for change in ('{"session": "0930-1500#20990101/0930-1600"}', '{"timezone": "Australia/Lord_Howe"}', '{"calendar": "X"}'):
        assert (await client.upload({"a.csv": BID}, instrument=change)).status_code == 422
    assert (await client.http.get("/imports")).json() == []
