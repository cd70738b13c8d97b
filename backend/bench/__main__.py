"""`make bench`: measures every row, or those named, and prints one table."""

import argparse
import shutil
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from bench.client import ClientFailed, compiler, folder
from bench.machine import described, has_two_cores
from bench.processes import ServerFailed
from bench.rows import ROWS
from bench.table import Figure, Pending, Row, cells, markdown

ROUNDS = 5
PAGE = Path(__file__).parents[2] / "docs/topics/performance.md"
BEGIN, END = "<!-- measured -->\n", "<!-- /measured -->\n"
HELP = """\
Measures ratios side by side: what is compared runs in the same minute, in turns, and medians are compared. The server has one
core, the load client another; a client busier than 80 % makes a figure void. Rows without a baseline count on this machine
only.
"""
ONE_CORE = "There is one core: server and client share it, so every figure is lower than it could be."
NO_COMPILER = (
    "There is no C compiler: the client counts in Python and is soon too busy. Install one (cc) for figures that count."
)


def main() -> int:
    asked = _asked()
    rows = _chosen(asked.rows)
    try:
        lines = [cells(row, _measured(row, asked.rounds)) for row in rows]
    except (ClientFailed, ServerFailed) as trouble:
        sys.stderr.write(f"bench: {trouble}\n")
        return 1
    except KeyboardInterrupt:
        return 130
    finally:
        shutil.rmtree(folder(), ignore_errors=True)
    report = f"{markdown(lines)}\n{described()}\n\n{_last_line(asked.rows, asked.rounds)}\n"
    sys.stdout.write(report)
    if asked.write:
        _write(report)
    return 0


def _write(report: str) -> None:
    """Put the table where it is documented."""
    before, begin, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    PAGE.write_text(f"{before}{begin}\n{report}{end}{after}", encoding="utf-8")


def _asked() -> argparse.Namespace:
    given = argparse.ArgumentParser("make bench", description=HELP)
    names = ", ".join(row.name for row in ROWS)
    given.add_argument("rows", nargs="*", metavar="ROW", help=f"only these: {names}")
    given.add_argument("--rounds", type=int, default=ROUNDS, help="interleaved rounds (%(default)s)")
    given.add_argument("--write", action="store_true", help=f"put the table into {PAGE.name}, whole tables only")
    asked = given.parse_args()
    if asked.write and asked.rows:
        given.error("expected --write without rows, found both")
    return asked


def _chosen(names: Sequence[str]) -> tuple[Row, ...]:
    known = {row.name: row for row in ROWS}
    for name in names:
        if name not in known:
            raise SystemExit(f"bench: expected a row of {', '.join(known)}, found {name}")
    return tuple(known[name] for name in names) or ROWS


def _measured(row: Row, rounds: int) -> Figure | Pending:
    _say(f"{row.name}: {row.measure}")
    try:
        return row.run(rounds, lambda text: _say(f"  {text}"))
    except Pending as pending:
        _say(f"  {pending}")
        return pending


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def _last_line(names: Sequence[str], rounds: int) -> str:
    chosen = f' ROW="{" ".join(names)}"' if names else ""
    more = f' ARGS="--rounds {rounds}"' if rounds != ROUNDS else ""
    notes = "".join(f" {note}" for note in (ONE_CORE * (not has_two_cores()), NO_COMPILER * (compiler() is None)) if note)
    return f"`make bench{chosen}{more}`, {datetime.now(UTC):%Y-%m-%d}.{notes}"


if __name__ == "__main__":
    sys.exit(main())
