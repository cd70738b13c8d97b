"""The facts are the account: folded anew, through the journal's JSON, they give the same ledger, however often."""

from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from oracle.actions import Action, play
from oracle.chances import sequences
from oracle.pair import Pair
from trading_api.core.ledger import Ledger
from trading_api.models.broker.positions import IndividualPosition, Position
from trading_api.models.facts import FACT, Fact


def state(ledger: Ledger) -> dict[str, object]:
    return dict(vars(ledger))


def turns(ledger: Ledger) -> list[list[str]]:
    """The order in which orders, positions and ended orders stand."""
    waiting = [[one.id for one in ledger.orders_in(symbol)] for symbol in ledger.ordered()]
    return [list(ledger.orders), list(ledger.positions), [one.id for one in ledger.ended], *waiting]


def folded(facts: list[Fact]) -> Ledger:
    ledger = Ledger("A1")
    for fact in facts:
        ledger.apply(fact)
    return ledger


@settings(max_examples=40, deadline=None, derandomize=True)
@given(sequence=sequences(40), hedging=st.booleans())
def test_facts_read_back_from_json_fold_to_the_same_ledger(sequence: list[Action], hedging: bool) -> None:
    pair = Pair(currency="EUR", deposit=Fraction(5_000), hedging=hedging)
    play(pair, sequence)
    read = [FACT.validate_json(FACT.dump_json(fact)) for fact in pair.bench.facts]
    assert read == pair.bench.facts
    assert state(folded(read)) == state(folded(read)) == state(pair.bench.ledger)
    assert state(pair.bench.ledger) == state(pair.bench.engine.ledger), "what the desk folds is what the engine decided on"
    assert turns(folded(read)) == turns(pair.bench.ledger), "and in the same turns"


@settings(max_examples=30, deadline=None, derandomize=True)
@given(sequence=sequences(40), hedging=st.booleans())
def test_every_prefix_folds_and_a_fork_goes_its_own_way(sequence: list[Action], hedging: bool) -> None:
    pair = Pair(hedging=hedging)
    play(pair, sequence)
    facts = pair.bench.facts
    half = folded(facts[: len(facts) // 2])
    before = {name: str(value) for name, value in vars(half).items()}
    fork = half.fork()
    for fact in facts[len(facts) // 2 :]:
        fork.apply(fact)
    assert state(fork) == state(pair.bench.ledger)
    assert before == {name: str(value) for name, value in vars(half).items()}, "the fork left its origin alone"


@settings(max_examples=40, deadline=None, derandomize=True)
@given(sequence=sequences(40), hedging=st.booleans())
def test_a_cascade_tells_exactly_what_changed(sequence: list[Action], hedging: bool) -> None:
    """A client that keeps the last word about each order and position knows what the ledger knows."""
    pair = Pair(hedging=hedging)
    play(pair, sequence)
    ledger = Ledger("A1")
    orders: dict[str, object] = {}
    positions: dict[str, object] = {}
    executions: list[object] = []
    balance = ledger.balance
    for fact in pair.bench.facts:
        cascade = ledger.apply(fact)
        executions.extend(cascade.executions)
        orders.update({one.id: one for one in cascade.orders})
        for position in (*cascade.positions, *cascade.individual_positions):
            positions[position.id] = timeless(position)
            if position.quantity == 0 and not getattr(position, "long_quantity", None):
                del positions[position.id]
        assert cascade.equity or ledger.balance == balance
        balance = ledger.balance
    assert orders == {one.id: one for one in (*ledger.orders.values(), *ledger.ended)}
    individual = map(ledger.individual, ledger.positions.values() if hedging else ())
    assert positions == {position.id: timeless(position) for position in (*ledger.net_positions(), *individual)}
    assert executions == list(ledger.executions)


def timeless(position: Position | IndividualPosition) -> Position | IndividualPosition:
    """What a symbol comes to on a hedging account is as new as whatever the account was told last."""
    return position.model_copy(update={"update_time": 0})
