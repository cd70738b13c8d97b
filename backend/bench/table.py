"""A row of the table: what is measured, what it must reach, and what was found."""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from bench.client import SHARE_MAX


class Limit(NamedTuple):
    """What a row must reach. `up`: more is better."""

    least: float
    aim: float
    up: bool = True
    unit: str = "×"

    def verdict(self, figure: float) -> str:
        if self._reaches(figure, self.aim):
            return "aim"
        return "met" if self._reaches(figure, self.least) else "short"

    def _reaches(self, figure: float, bound: float) -> bool:
        return figure >= bound if self.up else figure <= bound

    def shown(self, bound: float) -> str:
        return f"{'' if self.up else '≤ '}{amount(bound)} {self.unit}".rstrip()


class Figure(NamedTuple):
    """One result. `share` is the busiest the load client was, 0 where there was none."""

    value: float
    note: str
    share: float = 0.0

    @property
    def void(self) -> bool:
        return self.share > SHARE_MAX


class Pending(Exception):
    """Nothing to measure yet; a sentence."""


Say = Callable[[str], None]


@dataclass(frozen=True)
class Row:
    """`name` chooses it, `measure` is its place in the issue's words, `run` measures it in so many interleaved rounds."""

    name: str
    measure: str
    limit: Limit
    run: Callable[[int, Say], Figure]
    kind: Literal["ratio", "machine"] = "ratio"


COLUMNS = ("Row", "Measure", "Figure", "At least", "Aim", "Verdict", "Client", "From")


def cells(row: Row, figure: Figure | Pending) -> tuple[str, ...]:
    bounds = (row.limit.shown(row.limit.least), row.limit.shown(row.limit.aim))
    if isinstance(figure, Pending):
        return row.name, row.measure, "–", *bounds, "pending", "–", str(figure)
    client = f"{figure.share:.0%}" if figure.share else "–"
    verdict = "void" if figure.void else row.limit.verdict(figure.value)
    return row.name, row.measure, f"{amount(figure.value)} {row.limit.unit}".rstrip(), *bounds, verdict, client, figure.note


def markdown(rows: Sequence[tuple[str, ...]]) -> str:
    lines = [COLUMNS, tuple("---" for _ in COLUMNS), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def amount(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:.3g}"


def median(values: Sequence[float]) -> float:
    return statistics.median(values)
