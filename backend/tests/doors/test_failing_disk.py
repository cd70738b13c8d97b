"""A disk that refuses a write, a flush or the carrying over of the log stops the server in one sentence.

What was acknowledged is there when it is started again.
"""

from pathlib import Path

import pytest
from crashes import Crashes
from server_process import REAL
from system_calls import needs_strace, refusing

pytestmark = needs_strace

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


@pytest.mark.parametrize("fault", FAULTS)
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


def last_words_of(reason: str) -> str:
    known = {"Input/output error": "[Errno 5] Input/output error"}
    return f"{known.get(reason, reason)}; start again once that is repaired"
