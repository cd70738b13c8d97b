"""Pages and periods of what is over, as query parameters."""

from typing import Annotated

from fastapi import Depends, Path, Query
from pydantic import Field

from trading_api.core.history_rows import Tag, Wanted
from trading_api.core.history_service import Period
from trading_api.core.times import LAST
from trading_api.models.base import WHOLE
from trading_api.models.broker.orders import OrderStatus, OrderType, Side
from trading_api.models.common import AccountId, SymbolName

ID_MAX = 64
PAGE_MAX = 5_000
PAGE_USUAL = 1_000

Account = Annotated[AccountId, Path(alias="accountId")]
Before = Annotated[str | None, Query(max_length=ID_MAX, description="Only what came before the one with this id")]
Limit = Annotated[int, Field(ge=1, le=PAGE_MAX), WHOLE, Query(description="At most so many, the latest ones")]
Symbol = Annotated[SymbolName | None, Query(description="Only this symbol")]
OnlySide = Annotated[Side | None, Query(description="Only this side")]
Time = Annotated[int, Field(ge=0, le=LAST), WHOLE]
From = Annotated[Time | None, Query(alias="from", description="Market time, UTC milliseconds, included")]
To = Annotated[Time | None, Query(alias="to", description="Market time, UTC milliseconds, not included")]


def _filter(symbol: Symbol = None, side: OnlySide = None, since: From = None, until: To = None) -> Wanted:
    return Wanted(Tag(symbol, side), since, until)


Filter = Annotated[Wanted, Depends(_filter)]


def _notice_filter(symbol: Symbol = None, since: From = None, until: To = None) -> Wanted:
    return Wanted(Tag(symbol), since, until)


NoticeFilter = Annotated[Wanted, Depends(_notice_filter)]


def _order_filter(
    wanted: Filter,
    status: Annotated[
        OrderStatus | None, Query(description="Only those that ended so: 1 canceled, 2 filled, 5 rejected")
    ] = None,
    type: Annotated[OrderType | None, Query(description="Only this type")] = None,
) -> Wanted:
    return wanted._replace(tag=wanted.tag._replace(status=status, type=type))


OrderFilter = Annotated[Wanted, Depends(_order_filter)]


def _period(since: From = None, until: To = None) -> Period:
    return Period(since, until)


Span = Annotated[Period, Depends(_period)]
