"""Rows about the terminal: how soon one sees something useful, and whether it stays smooth in a busy market."""

from pathlib import Path
from tempfile import TemporaryDirectory

from bench import processes
from bench.page import measured
from bench.table import Figure, Say, median


def first_paint(rounds: int, say: Say) -> Figure:
    """The first visit warms the server and the machine's disk cache; each visit has a browser cache of its own."""
    with TemporaryDirectory() as folder, processes.house(Path(folder), pinned=False) as server:
        found = list[float]()
        for number, visit in enumerate(measured(server.port, "paint", rounds)):
            say(f"visit {number}: {visit['paint']:.0f} ms")
            found.append(visit["paint"] / 1_000)
    return Figure(median(found[1:]), "from the request of the page until bars, prices and a ticket are there, nothing cached")


def frame_rate(rounds: int, say: Say) -> Figure:
    with TemporaryDirectory() as folder, processes.house(Path(folder), pinned=False) as server:
        found = list[dict[str, float]]()
        for round_ in measured(server.port, "frames", rounds):
            found.append(round_)
            say(f"{round_['moving']:.1f} against {round_['still']:.1f} frames/s under {round_['quotes']:.0f} quotes/s")
    moving, still, quotes = (median([one[name] for one in found]) for name in ("moving", "still", "quotes"))
    ratio = median([one["moving"] / one["still"] for one in found])
    return Figure(ratio, f"{moving:.1f} frames/s under {quotes:.0f} quotes/s of six symbols, {still:.1f} without")
