"""The row about the engine: inputs a second, decided and folded twice, in one process."""

import gc
import time

from bench.paper import SYMBOLS, a_paper, play, recorded
from bench.table import Figure, Say, median
from trading_api.models.market.quotes import Quote
from trading_api.serving import collect_seldom

INPUTS = 60_000


def engine(rounds: int, say: Say) -> Figure:
    gc.disable()
    inputs = recorded(INPUTS)
    collect_seldom()
    ticks = sum(isinstance(one, Quote) for one in inputs)
    rates, own = list[float](), list[float]()
    facts = 0
    for number in range(rounds):
        paper = a_paper()
        begun, worked = time.perf_counter(), time.process_time()
        play(paper, inputs)
        rates.append(len(inputs) / (time.perf_counter() - begun))
        own.append(len(inputs) / (time.process_time() - worked))
        facts = len(paper.facts)
        say(f"round {number + 1}: {rates[-1]:,.0f} inputs/s, {own[-1]:,.0f} per second of processor time")
    note = (
        f"{ticks / len(inputs):.0%} ticks of {len(SYMBOLS)} symbols, the rest commands; {facts:,} facts from {len(inputs):,} "
        f"inputs; {median(own):,.0f} per second of processor time"
    )
    return Figure(median(rates), note)
