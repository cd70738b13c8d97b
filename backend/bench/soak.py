"""`make soak`: one server under mixed load for minutes, and whether what it holds grew."""

import argparse
import asyncio
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from bench import processes
from bench.client import folder
from bench.machine import described, descriptors, processor_seconds, resident_bytes
from bench.soak_load import IMPORTED, Load, minutes_csv
from bench.soak_page import watch_page

MINUTES = 20.0
SAMPLES = 120
"""Looks at the server, spread over the run."""
GROWTH_MAX = 0.05
"""Between the middle third and the last one. The first third fills what is bounded: windows, caches, the allocator's arenas."""
LEFT_MAX = 3
"""Tasks and descriptors more than before the load, once it has ended: a timer and a checkpoint may be under way."""
CALM_SECONDS = 15.0
BEGIN = 1_704_168_000
HELP = """\
Subscribers come and go, traders place and cancel, charts load, a replay plays and is sought back, a browser shows the terminal.
Looks at the server's memory, tasks and descriptors and at the page's heap and nodes all the while. Fails when one of them
grew, or when anything was answered as a fault of ours.
"""


class Held(NamedTuple):
    memory: float
    tasks: float
    descriptors: float


UNITS = ("resident memory, MB", "tasks", "descriptors")


def main() -> int:
    given = argparse.ArgumentParser("make soak", description=HELP)
    given.add_argument("--minutes", type=float, default=MINUTES)
    given.add_argument("--seed", type=int, default=1)
    asked = given.parse_args()
    try:
        return asyncio.run(_soak(asked.minutes, asked.seed))
    except KeyboardInterrupt:
        return 130
    finally:
        shutil.rmtree(folder(), ignore_errors=True)


async def _soak(minutes: float, seed: int) -> int:
    with tempfile.TemporaryDirectory() as state:
        await asyncio.to_thread(_import, Path(state))
        with processes.program("-m", "bench.soaked_server", state) as server:
            look = _looker(server)
            before = await look()
            load = Load(server.port, seed)
            page = asyncio.create_task(asyncio.to_thread(watch_page, server.port, minutes * 60))
            held = await _under(load, look, minutes * 60)
            pages, left_out = await page
            await load.tidy()
            await asyncio.sleep(CALM_SECONDS)
            after, busy = await look(), processor_seconds(server.process_id)
    faults = [*_faults(before, held, after), *(one.fault for one in pages if one.fault is not None)]
    sys.stdout.write(_table(before, held, after) + "".join(one.line for one in pages))
    sys.stdout.write(f"\n{_counts(load)}; {busy / (minutes * 60):.0%} of a core.\n{described()}\n")
    sys.stdout.write(f"`make soak MINUTES={minutes:g}`, {datetime.now(UTC):%Y-%m-%d}. {left_out}")
    sys.stdout.write(f"{'; '.join(faults) or 'Nothing grew'}.\n")
    return bool(faults)


def _import(state: Path) -> None:
    file = folder() / f"{IMPORTED}.csv"
    file.write_text(minutes_csv(BEGIN))
    command = (sys.executable, "-m", "trading_api.cli", "import", str(file), "--symbol", IMPORTED, "--data-dir", str(state))
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def _looker(server: processes.Running) -> Callable[[], "asyncio.Future[Held]"]:
    def look() -> Held:
        server.signal(signal.SIGUSR1)
        tasks = next((int(line) for line in server.out if line.strip().isdigit()), None)
        if tasks is None:
            raise processes.ServerFailed(f"Expected the server to go on, found that it ended: {server.log.read_text()[-2000:]}")
        return Held(resident_bytes(server.process_id) / 1e6, tasks, descriptors(server.process_id))

    return lambda: asyncio.ensure_future(asyncio.to_thread(look))


async def _under(load: Load, look: Callable[[], "asyncio.Future[Held]"], seconds: float) -> list[Held]:
    held, begun = list[Held](), time.monotonic()
    working = asyncio.create_task(load.run())
    while not working.done() and time.monotonic() - begun < seconds:
        await asyncio.wait({working}, timeout=seconds / SAMPLES)
        held.append(await look())
        memory, tasks, open_files = held[-1]
        _say(f"{time.monotonic() - begun:5.0f} s {memory:7.1f} MB {tasks:4g} tasks {open_files:4g} descriptors")
    if working.done():
        working.result()
    working.cancel()
    await asyncio.wait({working})
    return held


def _thirds(held: Sequence[Held], place: int) -> tuple[float, float]:
    """Medians of the middle third and the last one."""
    third = max(1, len(held) // 3)
    middle, last = held[third : 2 * third], held[-third:]
    return statistics.median(one[place] for one in middle), statistics.median(one[place] for one in last)


def _faults(before: Held, held: Sequence[Held], after: Held) -> list[str]:
    faults = list[str]()
    for place, unit in enumerate(UNITS):
        middle, last = _thirds(held, place)
        if last > middle * (1 + GROWTH_MAX) + (place > 0) * LEFT_MAX:
            faults.append(f"{unit}: expected about {middle:.1f} in the last third as in the middle one, found {last:.1f}")
        if place > 0 and after[place] > before[place] + LEFT_MAX:
            faults.append(f"{unit}: expected about {before[place]:g} after the load as before it, found {after[place]:g}")
    return faults


def _table(before: Held, held: Sequence[Held], after: Held) -> str:
    lines = ["| Held | Before | Middle third | Last third | After |", "| --- | --- | --- | --- | --- |"]
    for place, unit in enumerate(UNITS):
        cells = (before[place], *_thirds(held, place), after[place])
        lines.append(f"| {unit} | {' | '.join(f'{cell:.4g}' for cell in cells)} |")
    return "\n".join(lines) + "\n"


def _counts(load: Load) -> str:
    done = ", ".join(f"{count:,} {what}" for what, count in sorted(load.done.items()))
    refused = ", ".join(f"{count:,} {what}" for what, count in sorted(load.refused.items()))
    return f"Done: {done}. Refused: {refused or 'nothing'}"


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
