"""What is over: ended orders, fills, closed trades and movements of money of every account, folded from the journal when asked.

An account's first question folds its whole journal; later ones only what has come since. What is folded is held within bounds:
per account the newest rows, and of all accounts those asked for lately. A question that reaches further back folds the journal
once more, for that answer alone. So every answer is whole but `balances`, and memory does not grow with an account's age.

An account's history begins with its last reset, as the account itself does.
"""

import asyncio
from bisect import bisect_left, bisect_right
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import NamedTuple

from trading_api.core.history_rows import Keep, Row, Rows, Tag, Wanted
from trading_api.core.ledger import Ledger
from trading_api.core.notices import NOTICE_ROWS_MAX, notice_of
from trading_api.core.ports import Journal
from trading_api.core.statement_lines import lines_of
from trading_api.core.trades import closed_trade
from trading_api.models.broker.control import Notice
from trading_api.models.broker.executions import Execution
from trading_api.models.broker.history import ClosedTrade, StatementLine
from trading_api.models.broker.orders import PlacedOrder
from trading_api.models.errors import FixRequest, NotFound
from trading_api.models.facts import Configured, Executed, Fact

ROWS_MAX = 100_000
"""Rows of each kind held per account: about 10 MB of each."""
ROWS_OF_ALL_MAX = 500_000
"""Rows held of all accounts together; beyond it the account asked for longest ago is let go."""
PAID_MAX = 10_000
"""Deposits and withdrawals of one account whose moments are held; for older ones the journal is folded once more."""


class Page(NamedTuple):
    """What is asked for: the last `limit` matching rows, before the one named."""

    wanted: Wanted = Wanted()
    before: str | None = None
    limit: int = 1


class Booked(NamedTuple):
    """An account's money over a period."""

    opening: Decimal
    lines: list[StatementLine]
    closing: Decimal
    open_positions: int
    """At its end."""


class Paid(NamedTuple):
    """Deposits less withdrawals since the account's beginning, as of a moment."""

    time: int
    total: Decimal


class Held(NamedTuple):
    """What an account had when a moment came."""

    balance: Decimal
    open_positions: int


class Past:
    """One account's history, folded up to `ledger.sequence`."""

    def __init__(self, account_id: str, keep: Keep) -> None:
        self.turn = asyncio.Lock()
        """Held while it is folded on, and while it is read."""
        self.ledger = Ledger(account_id)
        self.ledger.ended, self.ledger.executions = deque(maxlen=0), deque(maxlen=0)
        self._keep = keep
        self._begin(0)

    def _begin(self, time: int) -> None:
        self.begun = time
        """Market time of the account's beginning, or of its last reset."""
        self.orders = Rows(PlacedOrder, self._keep)
        self.executions = Rows(Execution, self._keep)
        self.trades = Rows(ClosedTrade, self._keep)
        self.lines = Rows(StatementLine, self._keep)
        self.notices = Rows(Notice, self._keep._replace(rows=min(self._keep.rows, NOTICE_ROWS_MAX)))
        self.paid: deque[Paid] = deque([Paid(0, Decimal(0))], maxlen=max(PAID_MAX, len(self._keep.ends) + 2))

    def __len__(self) -> int:
        rows = len(self.orders) + len(self.executions) + len(self.trades) + len(self.lines) + len(self.notices)
        return rows + len(self.paid)

    def reaches(self, moment: int) -> bool:
        """Whether what was paid before the moment is known."""
        return len(self.paid) < PAID_MAX or self.paid[0].time < moment

    def fold(self, fact: Fact) -> None:
        ledger = self.ledger
        held = ledger.positions.get(fact.position_id) if isinstance(fact, Executed) else None
        balance = ledger.balance
        cascade = ledger.apply(fact)
        if isinstance(fact, Configured):
            self._begin(fact.time)
            return
        time, number = fact.time, ledger.sequence
        for order in cascade.orders:
            if order.final:
                tag = Tag(order.symbol, order.side, order.status, order.type)
                self.orders.add(order, id=order.id, time=time, fact=number, tag=tag)
        for fill in cascade.executions:
            self.executions.add(fill, id=fill.id, time=time, fact=number, tag=Tag(fill.symbol, fill.side))
        if isinstance(fact, Executed) and held is not None and fact.closed_quantity:
            trade = closed_trade(held, fact, ledger.currency)
            self.trades.add(trade, id=trade.id, time=time, fact=number, tag=Tag(trade.symbol, trade.side))
        notice = notice_of(fact, number, cascade.orders, ledger.currency)
        if notice is not None:
            self.notices.add(notice, id=notice.id, time=time, fact=number, tag=Tag(notice.symbol))
        for line in lines_of(fact, number, balance, len(ledger.positions)):
            self.lines.add(line, id=str(number), time=time, fact=number, tag=Tag(line.symbol, line.side))
            if line.kind in ("deposit", "withdrawal"):
                self._pay(time, line.amount)

    def _pay(self, time: int, amount: Decimal) -> None:
        total, ends = self.paid[-1].total + amount, self._keep.ends
        if ends and len(self.paid) > 1 and bisect_right(ends, self.paid[-1].time) == bisect_right(ends, time):
            self.paid.pop()
        self.paid.append(Paid(time, total))


class AccountHistory:
    """Every account's past, each as of the fact `through` that its reader has seen, or a later one."""

    def __init__(self, journal: Journal, *, kept: int = ROWS_MAX, kept_of_all: int = ROWS_OF_ALL_MAX) -> None:
        self._journal = journal
        self._keep = Keep(kept)
        self._kept_of_all = kept_of_all
        self._pasts: OrderedDict[str, Past] = OrderedDict()

    # Pages, the oldest row first

    async def orders(self, account_id: str, through: int, page: Page) -> list[PlacedOrder]:
        """Ended ones, in the order in which they ended."""
        return [row for _, row in await self._page(account_id, through, page, lambda past: past.orders)]

    async def executions(self, account_id: str, through: int, page: Page) -> list[Execution]:
        return [row for _, row in await self._page(account_id, through, page, lambda past: past.executions)]

    async def trades(self, account_id: str, through: int, page: Page) -> list[ClosedTrade]:
        return [row for _, row in await self._page(account_id, through, page, lambda past: past.trades)]

    async def notices(self, account_id: str, through: int, page: Page) -> list[Notice]:
        return [row for _, row in await self._page(account_id, through, page, lambda past: past.notices)]

    async def lines(self, account_id: str, through: int, page: Page) -> list[StatementLine]:
        """Movements of money."""
        return [row for _, row in await self._page(account_id, through, page, lambda past: past.lines)]

    async def execution(self, account_id: str, through: int, execution_id: str) -> tuple[Execution, Executed] | None:
        """One fill, with the fact that told it."""
        page = Page(Wanted(id=execution_id))
        for number, fill in await self._page(account_id, through, page, lambda past: past.executions):
            async for recorded in self._journal.read(account_id, number - 1):
                assert isinstance(recorded.fact, Executed), f"fact {number} of {account_id} was an execution"
                return fill, recorded.fact
        return None

    # Money

    async def begun(self, account_id: str, through: int) -> int:
        async with self._folded(account_id, through) as past:
            return past.begun

    async def booked(self, account_id: str, through: int, *, since: int, until: int, most: int) -> Booked:
        """The movements of money in [since, until). Raises FixRequest when there are more than `most`."""
        async with self._folded(account_id, through) as past:
            lines = past.lines
            if not lines.first or lines.before(since) > lines.first:
                return await asyncio.to_thread(_booked, past, since, until, most)
        older = await self._anew(account_id, through, Keep(most + 1, Wanted(until=until)))
        return await asyncio.to_thread(_booked, older, since, until, most)

    async def balances(self, account_id: str, through: int, moments: Sequence[int]) -> list[StatementLine]:
        """The last movement before each of the ascending moments, as far back as rows are held; each once."""
        async with self._folded(account_id, through) as past:
            lines = past.lines
            found = dict.fromkeys(lines.before(one) - 1 for one in moments)
            return await asyncio.to_thread(lines.at, [one for one in found if one >= lines.first])

    async def held(self, account_id: str, through: int, moment: int) -> Held:
        """Before the moment."""
        async with self._folded(account_id, through) as past:
            lines = past.lines
            if not lines.first or lines.before(moment) > lines.first:
                return await asyncio.to_thread(_held, past, moment)
        older = await self._anew(account_id, through, Keep(1, Wanted(until=moment)))
        return await asyncio.to_thread(_held, older, moment)

    async def paid(self, account_id: str, through: int, moments: Sequence[int]) -> list[Decimal]:
        """Deposits less withdrawals before each of the ascending moments."""
        async with self._folded(account_id, through) as past:
            if past.reaches(moments[0]):
                return _paid(past, moments)
        return _paid(await self._anew(account_id, through, Keep(1, ends=moments)), moments)

    # Folding

    async def _page(
        self, account_id: str, through: int, page: Page, rows_of: Callable[[Past], Rows[Row]]
    ) -> list[tuple[int, Row]]:
        wanted, before, limit = page
        async with self._folded(account_id, through) as past:
            rows = rows_of(past)
            end = rows.end if before is None else rows.position(before)
            if end is not None:
                found = rows.find(wanted, end=end, limit=limit)
                if len(found) == limit or not rows.first or _ends_within(rows, wanted.since):
                    return await asyncio.to_thread(_told, rows, found)
            elif not rows.first:
                raise _unknown(before)
        rows = rows_of(await self._anew(account_id, through, Keep(limit, wanted, until_id=before)))
        if before is not None and not rows.stopped:
            raise _unknown(before)
        return await asyncio.to_thread(_told, rows, rows.find(Wanted(), end=rows.end, limit=limit))

    @asynccontextmanager
    async def _folded(self, account_id: str, through: int) -> AsyncIterator[Past]:
        past = self._pasts.get(account_id) or Past(account_id, self._keep)
        self._pasts[account_id] = past
        self._pasts.move_to_end(account_id)
        async with past.turn:
            try:
                await self._fold(past, account_id, through)
            except BaseException:
                self._pasts.pop(account_id, None)
                raise
            self._let_go()
            yield past

    async def _anew(self, account_id: str, through: int, keep: Keep) -> Past:
        past = Past(account_id, keep)
        await self._fold(past, account_id, through)
        return past

    async def _fold(self, past: Past, account_id: str, through: int) -> None:
        if past.ledger.sequence >= through:
            return
        async for recorded in self._journal.read(account_id, past.ledger.sequence):
            past.fold(recorded.fact)
            if recorded.sequence >= through:
                return

    def _let_go(self) -> None:
        while len(self._pasts) > 1 and sum(map(len, self._pasts.values())) > self._kept_of_all:
            self._pasts.popitem(last=False)


def _ends_within(rows: Rows[Row], since: int | None) -> bool:
    """Whether the rows held reach back to before `since`."""
    return since is not None and rows.before(since) > rows.first


def _told(rows: Rows[Row], positions: Sequence[int]) -> list[tuple[int, Row]]:
    return list(zip(map(rows.fact, positions), rows.at(positions), strict=True))


def _booked(past: Past, since: int, until: int, most: int) -> Booked:
    rows = past.lines
    start, end = rows.before(since), rows.before(until)
    if end - start > most:
        message = f"Expected a period with at most {most} movements of money, found more; ask for a shorter one"
        raise FixRequest("period_too_long", message, field="from")
    lines = rows.at(range(max(start - 1, rows.first), end))
    before = lines[: start - max(start - 1, rows.first)]
    assert past.ledger.profile is not None
    opening = before[0].balance if before else past.ledger.profile.opening_balance
    last = lines[-1] if lines else None
    return Booked(opening, lines[len(before) :], last.balance if last else opening, last.open_positions if last else 0)


def _held(past: Past, moment: int) -> Held:
    place = past.lines.before(moment) - 1
    if place < past.lines.first:
        assert past.ledger.profile is not None
        return Held(past.ledger.profile.opening_balance, 0)
    (line,) = past.lines.at([place])
    return Held(line.balance, line.open_positions)


def _paid(past: Past, moments: Sequence[int]) -> list[Decimal]:
    times = [one.time for one in past.paid]
    return [past.paid[max(0, bisect_left(times, moment) - 1)].total for moment in moments]


def _unknown(row_id: str | None) -> NotFound:
    return NotFound("unknown_id", f"Expected the id of an earlier answer, found '{row_id}'", field="before")
