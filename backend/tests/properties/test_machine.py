"""Desk, venue, engine, ledger and the journal on disk together, through orders, prices, time, crashes and restarts.

After every step the account says what the oracle says, cash, margin, positions and the state of every order, and the
invariants of tests/oracle/invariants.py hold: no order fills twice, bracket pairs never both fill, nothing beyond what was
asked. A crash may come between a command and its answer: what was flushed is there afterwards, what was not never happened.
"""

import copy
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from oracle import chances
from oracle.actions import Action, Opening, play
from oracle.books import Oracle
from oracle.house import House, Kept, MortalJournal
from oracle.pair import in_short
from trading_api.core import snapshot_keeper
from trading_api.core.desk import Desk
from trading_api.core.ids import CountedIds
from trading_api.core.ledger import Ledger
from trading_api.models.broker.account import AccountProfile
from trading_api.models.broker.orders import Duration
from trading_api.models.errors import TradingError
from trading_api.models.facts import Fact

SNAPSHOT_FACTS = 10
"""Small, so that restarts go on from snapshots, too."""

HUNT = settings(
    max_examples=400,
    stateful_step_count=25,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    report_multiple_bugs=False,
    suppress_health_check=list(HealthCheck),
    print_blob=False,
)

commands = st.one_of(
    chances.places,
    chances.places,
    chances.modifications,
    chances.cancels,
    chances.closes,
    chances.reverses,
    chances.protections,
    chances.cancel_alls,
    chances.flattens,
    chances.funds,
    chances.ticks,
    chances.touches,
)


class Trading(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.usual = snapshot_keeper.SNAPSHOT_FACTS, snapshot_keeper.RESUME_FACTS_MAX
        snapshot_keeper.SNAPSHOT_FACTS, snapshot_keeper.RESUME_FACTS_MAX = SNAPSHOT_FACTS, 2
        self.house: House | None = None

    @initialize(opening=chances.openings)
    def open(self, opening: Opening) -> None:
        self.pair = opening.pair(self.build)

    def build(self, profile: AccountProfile, begin: int) -> House:
        self.house = House(profile, begin, self.folder)
        return self.house

    # What happens

    @rule(busy=st.lists(chances.actions, min_size=2, max_size=6))
    def trade(self, busy: list[Action]) -> None:
        """Orders, prices, modifications, cancels, closes, protections."""
        play(self.pair, busy)

    @rule(first=chances.places, then=st.lists(st.one_of(chances.touches, chances.ticks), min_size=1, max_size=4))
    def order(self, first: Action, then: list[Action]) -> None:
        play(self.pair, [first, *then])

    @rule(action=st.one_of(chances.passes, chances.funds))
    def pass_time(self, action: Action) -> None:
        """Sessions close and open, orders end, prices grow old; or money comes in."""
        action.play(self.pair)

    @rule(kill=st.booleans())
    def crash_or_restart(self, kill: bool) -> None:
        self.begin_again(self.pair.oracle, kill=kill)

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
        pair.moved_by_hand = True  # by what was written and not answered
        pair.compare()
        pair.moved_by_hand = False

    def teardown(self) -> None:
        if self.house is not None:
            self.house.close()
        snapshot_keeper.SNAPSHOT_FACTS, snapshot_keeper.RESUME_FACTS_MAX = self.usual
        shutil.rmtree(self.folder)


def test_the_house_and_the_oracle_agree_after_every_step() -> None:
    run_state_machine_as_test(
        Trading, settings=settings(max_examples=30, stateful_step_count=25, deadline=None, derandomize=True)
    )


@pytest.mark.long
def test_the_house_and_the_oracle_agree_in_a_long_random_search() -> None:
    run_state_machine_as_test(Trading, settings=settings(max_examples=160, stateful_step_count=40, deadline=None))


# Wrong houses


def a_command_is_answered_though_it_was_not_written(patch: pytest.MonkeyPatch) -> None:
    right = MortalJournal.append

    async def wrong(self: MortalJournal, account_id: str, after: int, facts: Sequence[Fact]) -> None:
        if self.death != "lost":
            await right(self, account_id, after, facts)

    patch.setattr(MortalJournal, "append", wrong)


def half_a_batch_is_written(patch: pytest.MonkeyPatch) -> None:
    right = MortalJournal.append

    async def wrong(self: MortalJournal, account_id: str, after: int, facts: Sequence[Fact]) -> None:
        await right(self, account_id, after, facts[: (len(facts) + 1) // 2] if self.death == "kept" else facts)

    patch.setattr(MortalJournal, "append", wrong)


def ids_are_given_twice(patch: pytest.MonkeyPatch) -> None:
    right = CountedIds.__init__

    def wrong(self: CountedIds, ledger: Ledger) -> None:
        right(self, ledger)
        self._orders = max(0, self._orders - 1)

    patch.setattr(CountedIds, "__init__", wrong)


def a_restart_forgets_when_orders_end(patch: pytest.MonkeyPatch) -> None:
    right = Desk._fold

    async def wrong(self: Desk) -> None:
        await right(self)
        for one in tuple(self.ledger.orders.values()):
            self.ledger._put(one.model_copy(update={"duration": Duration()}))

    patch.setattr(Desk, "_fold", wrong)


def a_snapshot_forgets_an_execution(patch: pytest.MonkeyPatch) -> None:
    right = snapshot_keeper.restore

    def wrong(ledger: Ledger, document: dict[str, object]) -> None:
        right(ledger, document)
        if ledger.executions:
            ledger.executions.pop()

    patch.setattr(snapshot_keeper, "restore", wrong)


@pytest.mark.parametrize(
    "plant",
    [
        a_command_is_answered_though_it_was_not_written,
        pytest.param(half_a_batch_is_written, marks=pytest.mark.long),
        ids_are_given_twice,
        a_restart_forgets_when_orders_end,
        a_snapshot_forgets_an_execution,
    ],
    ids=lambda plant: plant.__name__,
)
def test_a_wrong_house_is_caught(
    plant: Callable[[pytest.MonkeyPatch], None],
    monkeypatch: pytest.MonkeyPatch,
    record_property: Callable[[str, object], None],
) -> None:
    plant(monkeypatch)
    with pytest.raises((AssertionError, TradingError)) as caught:
        run_state_machine_as_test(Trading, settings=HUNT)
    record_property("caught", in_short(caught.value))
