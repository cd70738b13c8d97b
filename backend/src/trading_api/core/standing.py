"""How an account stands with the house: its risk limits and what they are measured against, its lock, its margin call, notices.

Folded from facts and immutable: each fact gives another standing.
"""

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import assert_never

from trading_api.core.times import clock_text
from trading_api.models.broker.account import RiskLimits
from trading_api.models.facts import Limited, Locked, Marked, Noticed

NOTICES_MAX = 100
"""Notices of one account that are kept at hand; older ones are in the journal."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A new account has no limits, no lock and nothing measured."""

    limits: RiskLimits = RiskLimits()
    lock: Locked | None = None
    day: str | None = None
    opening_equity: Decimal | None = None
    """Of `day`; what the daily loss is measured against."""
    high_equity: Decimal | None = None
    """What a trailing drawdown is measured against."""
    reference_equity: Decimal | None = None
    """What a static drawdown is measured against."""
    margin_called: bool = False
    notices: tuple[Noticed, ...] = ()

    def locked(self, at: int) -> str | None:
        """Why nothing may be opened at this moment."""
        lock = self.lock
        if lock is None or (lock.until is not None and lock.until <= at):
            return None
        until = "it is unlocked" if lock.until is None else clock_text(lock.until)
        return f"Expected an account that may open positions, found it locked until {until}: {lock.text}"

    def after(self, fact: Marked | Noticed | Limited | Locked, balance: Decimal) -> "Standing":
        match fact:
            case Marked():
                return self._marked(fact)
            case Noticed():
                return self._noticed(fact)
            case Limited():
                return self._limited(fact.limits, balance)
            case Locked():
                return replace(self, lock=fact) if fact.reason else self._unlocked(balance)
            case _:
                assert_never(fact)

    def moved(self, amount: Decimal) -> "Standing":
        """A deposit is no profit and a withdrawal no loss: what is measured against moves with it."""

        def by(mark: Decimal | None) -> Decimal | None:
            return None if mark is None else mark + amount

        return replace(
            self,
            opening_equity=by(self.opening_equity),
            high_equity=by(self.high_equity),
            reference_equity=by(self.reference_equity),
        )

    def _marked(self, fact: Marked) -> "Standing":
        kept = self if fact.day is None else replace(self, day=fact.day, opening_equity=fact.opening_equity)
        return kept if fact.high_equity is None else replace(kept, high_equity=fact.high_equity)

    def _noticed(self, fact: Noticed) -> "Standing":
        kept = replace(self, notices=(*self.notices[1 - NOTICES_MAX :], fact))
        match fact.notice:
            case "margin_call":
                return replace(kept, margin_called=True)
            case "margin_restored":
                return replace(kept, margin_called=False)
            case "stop_out" | "limit_reached":
                return kept
            case _:
                assert_never(fact.notice)

    def _limited(self, limits: RiskLimits, balance: Decimal) -> "Standing":
        """A limit that held before goes on from where it was measured; a new one begins now."""
        before, kept = self.limits, replace(self, limits=limits)
        if None in (before.daily_loss, limits.daily_loss) or before.timezone != limits.timezone:
            kept = replace(kept, day=None, opening_equity=None)
        if None in (before.drawdown, limits.drawdown) or before.drawdown_kind != limits.drawdown_kind:
            kept = replace(kept, high_equity=None, reference_equity=balance)
        return kept

    def _unlocked(self, balance: Decimal) -> "Standing":
        """Whatever locked is measured anew; else it would lock again at once."""
        freed = replace(self, lock=None)
        if self.lock is not None and self.lock.reason == "daily_loss":
            return replace(freed, day=None, opening_equity=None)
        if self.lock is not None and self.lock.reason == "drawdown":
            return replace(freed, high_equity=None, reference_equity=balance)
        return freed
