"""The real server, odd in one way, named by the first argument.

`small-log`, `snapshots` (many of them), `synchronous=NORMAL`, `synchronous=OFF`, `hasty`. All of them carry the log over often,
so that a short test sees it happen.
"""

import sys

from mutant_server import HastyJournal

from trading_api.core import snapshot_keeper
from trading_api.plugins import journal_sqlite, sqlite_file

CHECKPOINT_PAGES = 60
SNAPSHOT_FACTS, RESUME_FACTS = 40, 10


def make_odd(how: str) -> None:
    journal_sqlite.CHECKPOINT_PAGES = CHECKPOINT_PAGES
    if how.startswith("synchronous="):
        level = {"OFF": 0, "NORMAL": 1}[how.partition("=")[2]]
        sqlite_file._DURABLE = (("journal_mode", "wal"), ("synchronous", level))  # type: ignore[assignment]
    elif how == "hasty":
        journal_sqlite.SqliteJournal = HastyJournal  # type: ignore[misc]  # before the roof looks for it
    elif how == "snapshots":
        snapshot_keeper.SNAPSHOT_FACTS, snapshot_keeper.RESUME_FACTS_MAX = SNAPSHOT_FACTS, RESUME_FACTS
    else:
        assert how == "small-log", how


if __name__ == "__main__":
    make_odd(sys.argv.pop(1))
    from trading_api.cli import main

    main()
