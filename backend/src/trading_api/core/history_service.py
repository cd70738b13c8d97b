"""History as callers ask for it: closed trades, why a fill has its price, statements, the curve of equity."""

from decimal import Decimal
from typing import NamedTuple

from trading_api.core.access import Principal
from trading_api.core.account_history import Page
from trading_api.core.broker_service import BrokerService
from trading_api.core.desk import Desk
from trading_api.core.equity_samples import EquitySampler, curve, edges
from trading_api.core.explain import explained
from trading_api.core.history_rows import Wanted
from trading_api.core.statements import LINES_MAX, Worth, statement_of
from trading_api.core.times import clock_text
from trading_api.core.watch import Prices
from trading_api.models.broker.history import ClosedTrade, EquityCurve, EquityPoint, ExplainedExecution, Statement
from trading_api.models.errors import FixRequest, NotFound

OPENING_MAX_MS = 4 * 86_400_000
"""How old a sample may be from which a period opens: over a long weekend nothing is sampled."""


class Period(NamedTuple):
    """Market time asked for, UTC milliseconds: `since` included, `until` not; None is the account's beginning, and now."""

    since: int | None = None
    until: int | None = None


class _Span(NamedTuple):
    since: int
    until: int
    current: bool
    """Whether it ends now."""


class HistoryService:
    """Reads only. What an account has done since its last reset, also of an account that has stopped."""

    def __init__(self, broker: BrokerService, prices: Prices, sampler: EquitySampler) -> None:
        self._broker = broker
        self._history = broker.accounts.history
        self._prices = prices
        self._sampler = sampler

    async def trades(
        self, principal: Principal, account_id: str, wanted: Wanted, *, before: str | None = None, limit: int
    ) -> list[ClosedTrade]:
        """The last `limit` closed trades before the one named, the latest first."""
        desk = self._broker.desk(principal, account_id)
        page = Page(self._broker.resolved(desk, wanted), before, limit)
        return (await self._history.trades(account_id, desk.ledger.sequence, page))[::-1]

    async def explain(self, principal: Principal, account_id: str, execution_id: str) -> ExplainedExecution:
        desk = self._broker.desk(principal, account_id)
        found = await self._history.execution(account_id, desk.ledger.sequence, execution_id)
        if found is None:
            message = f"Expected one of the account's executions, found '{execution_id}'"
            raise NotFound("unknown_execution", message, field="executionId")
        execution, fact = found
        try:
            tick = self._prices.instrument(execution.symbol).tick_size
        except NotFound:
            tick = None  # no longer listed
        text = explained(execution, fact.explanation, tick)
        return ExplainedExecution(execution=execution, explanation=fact.explanation, text=text)

    async def statement(self, principal: Principal, account_id: str, period: Period) -> Statement:
        desk = self._broker.desk(principal, account_id)
        # Before anything is waited for: the last word about money and the worth belong together.
        through, worth = desk.ledger.sequence, desk.equity()
        span = await self._span(desk, through, period, now=worth.time + 1)
        booked = await self._history.booked(account_id, through, since=span.since, until=span.until, most=LINES_MAX)
        known: Worth | None = Worth(worth.time, worth.equity)
        if not span.current:
            known = await self._worth(desk, span) if booked.open_positions else Worth(span.until, booked.closing)
        return statement_of(account_id, desk.ledger.currency, span.since, span.until, booked, known)

    async def equity_curve(self, principal: Principal, account_id: str, period: Period, points: int) -> EquityCurve:
        """At most `points` of them, spread evenly over the period."""
        desk = self._broker.desk(principal, account_id)
        through, worth = desk.ledger.sequence, desk.equity()
        span = await self._span(desk, through, period, now=worth.time + 1)
        ends = edges(span.since, span.until, points)
        lines = await self._history.balances(account_id, through, ends)
        samples = await self._sampler.read(account_id, desk.ledger.generation, since=span.since, until=span.until)
        within = [one for one in lines if one.time >= span.since]
        found = curve(samples, within, ends)
        if span.current:
            last = EquityPoint(time=worth.time, balance=worth.balance, equity=worth.equity)
            found = [*found[: points - 1], last] if len(found) < points else [*found[:-1], last]
        opening = await self._opening(desk, through, span.since)
        before, *paid = await self._history.paid(account_id, through, [span.since, *(one.time + 1 for one in found)])
        told = [one.model_copy(update={"deposits": by - before}) for one, by in zip(found, paid, strict=True)]
        return EquityCurve(account_id=account_id, currency=desk.ledger.currency, opening=opening, points=tuple(told))

    async def _opening(self, desk: Desk, through: int, since: int) -> EquityPoint:
        """With a position, equity is what was sampled last before, with what was paid in between."""
        account_id, held = desk.account_id, await self._history.held(desk.account_id, through, since)
        equity: Decimal | None = held.balance
        if held.open_positions:
            begin = max(0, since - OPENING_MAX_MS)
            sampled = await self._sampler.read(account_id, desk.ledger.generation, since=begin, until=since)
            equity = None
            if sampled:
                then, now = await self._history.paid(account_id, through, [sampled[-1].time + 1, since])
                equity = sampled[-1].equity + now - then
        return EquityPoint(time=since, balance=held.balance, equity=equity)

    async def _worth(self, desk: Desk, span: _Span) -> Worth | None:
        """As last sampled in the period."""
        found = await self._sampler.read(desk.account_id, desk.ledger.generation, since=span.since, until=span.until)
        return Worth(found[-1].time, found[-1].equity) if found else None

    async def _span(self, desk: Desk, through: int, period: Period, *, now: int) -> _Span:
        begun = await self._history.begun(desk.account_id, through)
        since, until = max(begun, period.since or 0), min(now, period.until if period.until is not None else now)
        if until < since:
            expected = f"a period that ends after it begins, and after the account began ({clock_text(begun)})"
            message = f"Expected {expected}, found {clock_text(since)} to {clock_text(until)}"
            raise FixRequest("empty_period", message, field="to")
        return _Span(since, until, until == now)
