"""The facts about an account as a whole: written and read, and what they leave behind."""

from decimal import Decimal

import pytest

from trading_api.core.journal_row import START, seal, unseal
from trading_api.core.standing import NOTICES_MAX, Standing
from trading_api.models.broker.account import RiskLimits, SymbolLimit
from trading_api.models.facts import Adjusted, Fact, Leveraged, Limited, Locked, Marked, Noticed, Requested

NOTICE = Noticed(time=1, notice="stop_out", text="…", position_id="p1", symbol="S", equity=Decimal("0.10"), margin=Decimal(1))
LIMITS = RiskLimits(symbols={"*": SymbolLimit(order=Decimal("0.001"))}, daily_loss=Decimal("99.90"), drawdown=Decimal(10))


@pytest.mark.parametrize(
    "fact",
    [
        NOTICE,
        NOTICE.model_copy(update={"position_id": None, "symbol": None, "notice": "margin_call"}),
        Adjusted(time=1, reason="swap", amount=Decimal("-0.10"), position_id="p1", symbol="S", nights=3, due=0),
        Marked(time=1, day="2024-01-01", opening_equity=Decimal("1.00")),
        Marked(time=1, high_equity=Decimal("1.00")),
        Leveraged(time=1, leverage=Decimal(20), request_id="a", body_hash="b"),
        Limited(time=1, limits=LIMITS),
        Locked(time=1, reason="daily_loss", text="…", until=2),
        Locked(time=1),
        Requested(time=1, action="place", order_id="o1", confirm_id="c1-0"),
    ],
    ids=lambda one: type(one).__name__,
)
def test_each_is_read_back_as_it_was_written(fact: Fact) -> None:
    row = seal(fact, account="A", sequence=1, recorded_at=2, previous=START)
    assert unseal(row, sequence=1, previous=START) == fact


def test_only_the_last_notices_are_kept() -> None:
    standing = Standing()
    for number in range(NOTICES_MAX + 5):
        standing = standing.after(NOTICE.model_copy(update={"time": number}), Decimal(0))
    assert [one.time for one in standing.notices] == list(range(5, NOTICES_MAX + 5))


def test_unlocking_measures_anew_only_what_locked() -> None:
    marked = Marked(time=1, day="2024-01-01", opening_equity=Decimal(5), high_equity=Decimal(7))
    limited = Standing().after(Limited(time=1, limits=LIMITS), Decimal(6)).after(marked, Decimal(6))
    for reason, left in (("kill_switch", (5, 7, 6)), ("daily_loss", (None, 7, 6)), ("drawdown", (5, None, 4))):
        locked = limited.after(Locked.model_validate({"time": 1, "reason": reason}), Decimal(4))
        freed = locked.after(Locked(time=2), Decimal(4))
        assert freed.lock is None
        assert (freed.opening_equity, freed.high_equity, freed.reference_equity) == left
