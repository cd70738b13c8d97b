"""A snapshot is a cache: with it or without it, whatever was done before and after, the ledger is the same."""

import json
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oracle.actions import Action, play
from oracle.chances import sequences
from oracle.pair import Pair
from trading_api.core.ledger import Ledger
from trading_api.core.snapshot import Document, Undocumented, document_of, restore
from trading_api.models.facts import Fact


def folded(facts: list[Fact], ledger: Ledger | None = None) -> Ledger:
    ledger = ledger or Ledger("A1")
    for fact in facts:
        ledger.apply(fact)
    return ledger


def through_json(ledger: Ledger) -> Document:
    document: Document = json.loads(json.dumps(document_of(ledger)))
    return document


@settings(max_examples=60, deadline=None, derandomize=True)
@given(sequence=sequences(50), part=st.floats(0, 1))
def test_from_any_snapshot_the_rest_folds_to_the_same_ledger(sequence: list[Action], part: float) -> None:
    pair = Pair(currency="EUR", deposit=Fraction(5_000))
    play(pair, sequence)
    facts = pair.bench.facts
    cut = round(part * len(facts))
    restored = Ledger("A1")
    restore(restored, through_json(folded(facts[:cut])))
    assert vars(folded(facts[cut:], restored)) == vars(folded(facts))
    # Also in order, which dictionaries do not compare.
    assert json.dumps(document_of(restored)) == json.dumps(document_of(folded(facts)))


@settings(max_examples=20, deadline=None, derandomize=True)
@given(sequence=sequences(30))
def test_a_snapshot_taken_while_the_ledger_goes_on_is_of_its_moment(sequence: list[Action]) -> None:
    pair = Pair()
    play(pair, sequence)
    facts = pair.bench.facts
    ledger = folded(facts[: len(facts) // 2])
    fork, before = ledger.fork(), json.dumps(document_of(ledger))
    folded(facts[len(facts) // 2 :], ledger)
    assert json.dumps(document_of(fork)) == before


FAULTS = {
    "another account": lambda document: document | {"account_id": "B"},
    "an attribute missing": lambda document: {name: value for name, value in document.items() if name != "balance"},
    "an attribute too many": lambda document: document | {"more": 1},
    "a number that is none": lambda document: document | {"balance": ["decimal", "many"]},
    "a class that is gone": lambda document: document | {"profile": ["trading_api.core.ledger:Gone", 1]},
    "a class that is not ours": lambda document: document | {"profile": ["os:system", "true"]},
    "a class that does something": lambda document: document | {"profile": ["trading_api.core.ledger:Ledger", "A"]},
    "a field missing": lambda document: document | {"profile": document["profile"][:-1]},
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_strange_document_is_refused_and_changes_nothing(fault: str) -> None:
    pair = Pair()
    play(pair, [])
    ledger, document = Ledger("A1"), through_json(pair.bench.ledger)
    with pytest.raises(Undocumented):
        restore(ledger, FAULTS[fault](document))
    assert vars(ledger) == vars(Ledger("A1"))
