"""The terminal beside the soaked server's load, and whether what a browser holds of it grew."""

import statistics
from typing import NamedTuple

from bench.page import measured
from bench.table import Pending

LOOKS = 30
"""Each after a collection, with every panel opened once more since the one before."""
GROWTH_MAX = 0.10
"""Between the middle third and the last one."""
HEAP_MB, NODES = 2.0, 200.0
"""More than a share of what is small: a table that has a few rows more."""


class PageHeld(NamedTuple):
    middle: float
    last: float
    slack: float
    unit: str

    @property
    def fault(self) -> str | None:
        if self.last <= self.middle * (1 + GROWTH_MAX) + self.slack:
            return None
        return f"{self.unit}: expected about {self.middle:.1f} in the last third as in the middle one, found {self.last:.1f}"

    @property
    def line(self) -> str:
        return f"| {self.unit} | – | {self.middle:.4g} | {self.last:.4g} | – |\n"


def watch_page(port: int, seconds: float) -> tuple[tuple[PageHeld, ...], str]:
    """What it held, or a sentence about why nobody looked."""
    try:
        looks = list(measured(port, "memory", LOOKS, seconds))
    except Pending as pending:
        return (), f"LEFT OUT: the page in a browser, {pending}. "
    third = len(looks) // 3

    def held(name: str, slack: float, unit: str) -> PageHeld:
        middle, last = looks[third : 2 * third], looks[-third:]
        return PageHeld(
            statistics.median(one[name] for one in middle), statistics.median(one[name] for one in last), slack, unit
        )

    return (held("heap", HEAP_MB, "heap of the page, MB"), held("nodes", NODES, "nodes of the page")), ""
