"""Any sequence of orders and ticks: the engine and its ledger say what the oracle says, after every step."""

import pytest
from hypothesis import given, settings

from oracle.actions import Action, Opening, play
from oracle.chances import openings, sequences


@settings(max_examples=150, deadline=None, derandomize=True)
@given(opening=openings, sequence=sequences(48))
def test_engine_and_oracle_agree_after_every_step(opening: Opening, sequence: list[Action]) -> None:
    play(opening.pair(), sequence)


@pytest.mark.long
@settings(max_examples=1_200, deadline=None)
@given(opening=openings, sequence=sequences(80))
def test_engine_and_oracle_agree_in_a_long_random_search(opening: Opening, sequence: list[Action]) -> None:
    play(opening.pair(), sequence)
