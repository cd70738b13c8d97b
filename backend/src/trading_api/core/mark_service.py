"""Whose executions a chart shows. A chart names no account, so it is all that the caller may read, or the one it asks for."""

from trading_api.core.access import Principal
from trading_api.core.account_history import Page
from trading_api.core.bars import check_resolution
from trading_api.core.broker_service import BrokerService
from trading_api.core.datafeed_service import DatafeedService
from trading_api.core.history import AHEAD_MS
from trading_api.core.history_rows import Tag, Wanted
from trading_api.core.marks import Asked, Done, Moved, marks_of, timescale_marks_of
from trading_api.core.sessions import DAY_MS
from trading_api.core.times import FIRST
from trading_api.models.broker.account import AccountProfile
from trading_api.models.errors import FixRequest
from trading_api.models.market.bars import Resolution
from trading_api.models.udf_marks import Marks, TimescaleMark

MARK_ACCOUNTS_MAX = 20
"""Accounts looked through for one chart, in the order of their ids; an administrator of more names one."""
MARKS_MAX = 2_000
"""Rows of one account looked through for one answer, the latest ones."""
AROUND_MS = {Resolution.D1: 2 * DAY_MS, Resolution.W1: 9 * DAY_MS, Resolution.MN1: 33 * DAY_MS}
"""How far from its stamp something may happen that belongs to a bar."""


class MarkService:
    """Reads only. Nobody in particular has no executions."""

    def __init__(self, broker: BrokerService, datafeed: DatafeedService) -> None:
        self._broker = broker
        self._datafeed = datafeed

    def asked(self, symbol: str, resolution: Resolution, since: int, until: int) -> Asked:
        if since > until:
            message = f"Expected from at or before to, found from {since // 1000} after to {until // 1000}"
            raise FixRequest("reversed_range", message, field="from")
        market, instrument = self._datafeed.resolve(symbol)
        check_resolution(instrument, resolution)
        newest = market.now() + AHEAD_MS
        return Asked(instrument, resolution, max(FIRST, min(since, newest + 1)), max(FIRST, min(until, newest)))

    async def marks(self, caller: Principal | None, asked: Asked, account: str | None = None) -> Marks:
        done: list[Done] = []
        for profile in self._accounts(caller, asked, account):
            assert caller is not None, "nobody has no accounts"
            desk = self._broker.desk(caller, profile.id)
            fills = await self._broker.accounts.history.executions(profile.id, desk.ledger.sequence, _page(asked))
            done += [Done(profile.id, fill) for fill in fills]
        return marks_of(asked, done)

    async def timescale_marks(self, caller: Principal | None, asked: Asked, account: str | None = None) -> list[TimescaleMark]:
        moved: list[Moved] = []
        for profile in self._accounts(caller, asked, account):
            assert caller is not None, "nobody has no accounts"
            desk = self._broker.desk(caller, profile.id)
            lines = await self._broker.accounts.history.lines(profile.id, desk.ledger.sequence, _page(asked))
            moved += [Moved(profile.id, profile.currency, line) for line in lines]
        return timescale_marks_of(asked, self._datafeed.now(asked.instrument.id), moved)

    def _accounts(self, caller: Principal | None, asked: Asked, account: str | None) -> list[AccountProfile]:
        """One that the caller may not read is not there."""
        if caller is None:
            return []
        seen = self._broker.profiles(caller) if account is None else [self._broker.profile(caller, account)]
        trading = (one for one in seen if asked.instrument.market in one.markets)
        return sorted(trading, key=lambda one: one.id)[:MARK_ACCOUNTS_MAX]


def _page(asked: Asked) -> Page:
    around = AROUND_MS.get(asked.resolution, asked.resolution.width_ms or 0)
    wanted = Wanted(Tag(asked.instrument.id), asked.since - around, asked.until + around + 1)
    return Page(wanted, None, MARKS_MAX)
