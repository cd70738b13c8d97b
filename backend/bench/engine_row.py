"""The row about the engine: inputs a second, decided and folded twice, in one process."""

import time

from bench.paper import a_paper, play, recorded
from bench.table import Figure, Say, median
from trading_api.models.market.quotes import Quote

INPUTS = 60_000


def engine(rounds: int, say: Say) -> Figure:
    inputs = recorded(INPUTS)
    ticks = sum(isinstance(one, Quote) for one in inputs)
    rates = list[float]()
    facts = 0
    for number in range(rounds):
        paper = a_paper()
        begun = time.perf_counter()
        play(paper, inputs)
        rates.append(len(inputs) / (time.perf_counter() - begun))
        facts = len(paper.facts)
        say(f"round {number + 1}: {rates[-1]:,.0f} inputs/s")
    note = f"{ticks / len(inputs):.0%} ticks of 4 symbols, the rest commands; {facts:,} facts from {len(inputs):,} inputs"
    return Figure(median(rates), note)
