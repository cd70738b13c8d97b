"""A disk that refuses a write, a flush or the carrying over of the log stops the server in one sentence.

What was acknowledged is there when it is started again.
"""

from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from crash_traders import BROKER, TIMEOUT_S
from crashes import Crashes
from server_process import REAL, ServerProcess
from system_calls import refusing

pytestmark = pytest.mark.strace

SMALL_LOG = (str(Path(__file__).with_name("odd_server.py")), "small-log")
JOURNAL, LOG, HEAD = "journal.sqlite", "journal.sqlite-wal", "journal.head"

FAULTS = {
    "no room for the log": ("pwrite64", "ENOSPC", 150, LOG, "database or disk is full"),
    "the log cannot be written": ("pwrite64", "EIO", 150, LOG, "disk I/O error"),
    "the log cannot be flushed": ("fdatasync", "EIO", 30, LOG, "disk I/O error"),
    "no room to carry the log over": ("pwrite64", "ENOSPC", 3, JOURNAL, "database or disk is full"),
    "the log cannot be carried over": ("pwrite64", "EIO", 10, JOURNAL, "disk I/O error"),
    "what was carried over cannot be flushed": ("fdatasync", "EIO", 2, JOURNAL, "disk I/O error"),
    "the head cannot be written": ("pwrite64", "EIO", 20, HEAD, "Input/output error"),
    "the head cannot be flushed": ("fsync", "EIO", 4, HEAD, "Input/output error"),
}


QUICK = ("no room for the log", "the log cannot be flushed", "what was carried over cannot be flushed")
"""Those of `make test`; the others are among the long tests."""


@pytest.mark.parametrize("fault", [pytest.param(fault, marks=() if fault in QUICK else pytest.mark.long) for fault in FAULTS])
async def test_a_refusing_disk_stops_the_server_in_one_sentence_and_loses_nothing_acknowledged(
    tmp_path: Path, fault: str
) -> None:
    calls, error, first, file, reason = FAULTS[fault]
    trace = tmp_path / "trace"
    under = refusing(calls, error, first, tmp_path / "var" / file, trace)
    async with Crashes(tmp_path, SMALL_LOG, under=under) as crashes:
        code, last_words = await crashes.trade_until_it_stops()
        assert "INJECTED" in trace.read_text()
        assert (code, last_words) == (
            2,
            f"trading-api: expected to write the journal {tmp_path}/var/journal.sqlite, found: {last_words_of(reason)}",
        )
        assert await crashes.restart(REAL) == []
        assert await crashes.repeat() == []


async def test_a_refusing_disk_under_the_store_stops_the_server_in_one_sentence(tmp_path: Path) -> None:
    under = refusing("pwrite64", "EIO", 40, tmp_path / "var" / "store.sqlite-wal", tmp_path / "trace")
    server = await ServerProcess.start(tmp_path / "var", under=under)
    created: list[str] = []
    async with httpx.AsyncClient(base_url=server.url, timeout=TIMEOUT_S) as client:
        with suppress(httpx.TransportError):
            for number in range(30):
                answer = await client.post(BROKER, json={"id": f"X{number}", "currency": "USD"})
                if answer.status_code != 201:
                    break
                created.append(f"X{number}")
    assert await server.gone() == 2
    last_words = (tmp_path / "server.log").read_text().splitlines()[-1]
    sentence = (
        f"expected to use the store {tmp_path}/var/store.sqlite, found: disk I/O error; start again once that is repaired"
    )
    assert last_words == f"trading-api: {sentence}"
    again = await ServerProcess.start(tmp_path / "var")
    try:
        async with httpx.AsyncClient(base_url=again.url, timeout=TIMEOUT_S) as client:
            listed = {one["id"] for one in (await client.get(BROKER)).json()}
        assert created
        assert set(created) <= listed
    finally:
        again.kill()
        await again.gone()


def last_words_of(reason: str) -> str:
    known = {"Input/output error": "[Errno 5] Input/output error"}
    return f"{known.get(reason, reason)}; start again once that is repaired"
