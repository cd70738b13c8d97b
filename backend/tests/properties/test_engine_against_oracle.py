"""Any sequence of orders and ticks: the engine and its ledger say what the oracle says, after every step."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oracle.actions import Action, play, sequences
from oracle.pair import Pair

ACCOUNTS = {"USD": Fraction(10_000), "EUR": Fraction(5_000), "JPY": Fraction(1_000_000)}


LEVERAGES = [7, 30, 100]

accounts_and_sequences = given(
    currency=st.sampled_from(sorted(ACCOUNTS)),
    leverage=st.sampled_from(LEVERAGES),
    hedging=st.booleans(),
    fifo=st.booleans(),
    sequence=sequences(60),
)


def compare(currency: str, leverage: int, hedging: bool, fifo: bool, sequence: list[Action]) -> None:
    pair = Pair(
        currency=currency, deposit=ACCOUNTS[currency], leverage=Fraction(leverage), hedging=hedging, fifo=hedging and fifo
    )
    play(pair, sequence)


@settings(max_examples=150, deadline=None, derandomize=True)
@accounts_and_sequences
def test_engine_and_oracle_agree_after_every_step(
    currency: str, leverage: int, hedging: bool, fifo: bool, sequence: list[Action]
) -> None:
    compare(currency, leverage, hedging, fifo, sequence)


@pytest.mark.long
@settings(max_examples=5_000, deadline=None)
@accounts_and_sequences
def test_engine_and_oracle_agree_in_a_long_random_search(
    currency: str, leverage: int, hedging: bool, fifo: bool, sequence: list[Action]
) -> None:
    compare(currency, leverage, hedging, fifo, sequence)
