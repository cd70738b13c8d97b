"""Any sequence of orders and ticks: the engine and its ledger say what the oracle says, after every step."""

from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from oracle.actions import Action, play, sequences
from oracle.pair import Pair

ACCOUNTS = {"USD": Fraction(10_000), "EUR": Fraction(5_000), "JPY": Fraction(1_000_000)}


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    currency=st.sampled_from(sorted(ACCOUNTS)),
    leverage=st.sampled_from([30, 7, 100]),
    sequence=sequences(60),
)
def test_engine_and_oracle_agree_after_every_step(currency: str, leverage: int, sequence: list[Action]) -> None:
    pair = Pair(currency=currency, deposit=ACCOUNTS[currency], leverage=Fraction(leverage))
    play(pair, sequence)
