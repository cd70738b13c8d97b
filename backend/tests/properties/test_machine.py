"""Desk, venue, engine, ledger and the journal on disk together, through orders, prices, time, crashes and restarts.

After every step the account says what the oracle says, cash, margin, positions and the state of every order, and the
invariants of tests/oracle/invariants.py hold: no order fills twice, bracket pairs never both fill, nothing beyond what was
asked. A crash may come between a command and its answer: what was flushed is there afterwards, what was not never happened.
"""

import copy
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from oracle import actions
from oracle.actions import Action, Opening
from oracle.books import Oracle
from oracle.house import House, Kept
from trading_api.core import snapshot_keeper
from trading_api.models.broker.account import AccountProfile

SNAPSHOT_FACTS = 20
"""Small, so that restarts go on from snapshots, too."""

commands = st.one_of(
    actions.places,
    actions.places,
    actions.modifications,
    actions.cancels,
    actions.closes,
    actions.reverses,
    actions.protections,
    actions.cancel_alls,
    actions.flattens,
    actions.funds,
    actions.ticks,
    actions.touches,
)


class Trading(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.usual = snapshot_keeper.SNAPSHOT_FACTS, snapshot_keeper.RESUME_FACTS_MAX
        snapshot_keeper.SNAPSHOT_FACTS, snapshot_keeper.RESUME_FACTS_MAX = SNAPSHOT_FACTS, 2
        self.house: House | None = None

    @initialize(opening=actions.openings)
    def open(self, opening: Opening) -> None:
        self.pair = opening.pair(self.build)

    def build(self, profile: AccountProfile, begin: int) -> House:
        self.house = House(profile, begin, self.folder)
        return self.house

    # What happens

    @rule(busy=st.lists(actions.actions, min_size=2, max_size=6))
    def trade(self, busy: list[Action]) -> None:
        """Orders, prices, modifications, cancels, closes, protections."""
        actions.play(self.pair, busy)

    @rule(first=actions.places, then=st.lists(st.one_of(actions.touches, actions.ticks), min_size=1, max_size=4))
    def order(self, first: Action, then: list[Action]) -> None:
        actions.play(self.pair, [first, *then])

    @rule(action=st.one_of(actions.passes, actions.funds))
    def pass_time(self, action: Action) -> None:
        """Sessions close and open, orders end, prices grow old; or money comes in."""
        action.play(self.pair)

    @rule()
    def crash(self) -> None:
        self.begin_again(self.pair.oracle, kill=True)

    @rule()
    def restart(self) -> None:
        self.begin_again(self.pair.oracle, kill=False)

    @rule(action=commands, death=st.sampled_from(["kept", "lost"]))
    def crash_before_the_answer(self, action: Action, death: Kept) -> None:
        pair, house = self.pair, self.pair.bench
        assert isinstance(house, House)
        pair.pass_time()
        before = copy.deepcopy(pair.oracle)
        house.doom(death)
        replace(action, wait=0).play(pair)
        self.begin_again(before if house.killed and death == "lost" else pair.oracle, kill=True)

    def begin_again(self, oracle: Oracle, *, kill: bool) -> None:
        pair, house = self.pair, self.pair.bench
        assert isinstance(house, House)
        if not house.killed:
            pair.pass_time()
        pair.oracle = oracle
        oracle.begin_again(pair.market, pair.now)
        if kill:
            house.kill()
        else:
            house.restart()
        pair.compare()

    def teardown(self) -> None:
        if self.house is not None:
            self.house.close()
        snapshot_keeper.SNAPSHOT_FACTS, snapshot_keeper.RESUME_FACTS_MAX = self.usual
        shutil.rmtree(self.folder)


def test_the_house_and_the_oracle_agree_after_every_step() -> None:
    run_state_machine_as_test(
        Trading, settings=settings(max_examples=25, stateful_step_count=30, deadline=None, derandomize=True)
    )


@pytest.mark.long
def test_the_house_and_the_oracle_agree_in_a_long_random_search() -> None:
    run_state_machine_as_test(Trading, settings=settings(max_examples=500, stateful_step_count=60, deadline=None))
