"""What `config` announces, and the texts of an account's state that fill it: columns here, cells below, in one order."""

from decimal import Decimal

from trading_api.core.money import booked
from trading_api.core.times import clock_text
from trading_api.models.broker.account import EquityData
from trading_api.models.broker.control import Notice
from trading_api.models.tradingview.account import AccountState, Table
from trading_api.models.tradingview.config import (
    Config,
    ManagerColumn,
    ManagerTable,
    PullingInterval,
    SummaryItem,
    WireDuration,
)
from trading_api.models.tradingview.words import WireOrderType

QUOTES_EVERY_MS = 500
STATE_EVERY_MS = 1_000
NOTICES_SHOWN_MAX = 20

EVERY = tuple(WireOrderType)
AT_ONCE = (WireOrderType.MARKET, WireOrderType.LIMIT)

SUMMARY = (
    SummaryItem(id="balance", title="Balance"),
    SummaryItem(id="equity", title="Equity"),
    SummaryItem(id="profit", title="Profit"),
    SummaryItem(id="marginUsed", title="Margin used"),
    SummaryItem(id="marginAvailable", title="Margin available"),
    SummaryItem(id="marginLevel", title="Margin level"),
)


def _duration(
    id: str, title: str, types: tuple[WireOrderType, ...], *, ends: bool = False, default: bool = False
) -> WireDuration:
    return WireDuration(
        id=id, title=title, has_date_picker=ends, has_time_picker=ends, default=default, supported_order_types=types
    )


def _right(id: str, title: str) -> ManagerColumn:
    return ManagerColumn(id=id, title=title, alignment="right")


CONFIG = Config(
    summary=SUMMARY,
    account_manager=(
        ManagerTable(
            id="account",
            title="Account",
            columns=(*(_right(one.id, one.title) for one in SUMMARY), _right("realized", "Realised profit")),
        ),
        ManagerTable(
            id="notices",
            title="Notices",
            columns=(
                ManagerColumn(id="time", title="Time, UTC"),
                ManagerColumn(id="text", title="Notice"),
            ),
        ),
    ),
    durations=(
        _duration("GTC", "Good till cancelled", EVERY, default=True),
        _duration("DAY", "Day", EVERY),
        _duration("GTD", "Good till date", EVERY, ends=True),
        _duration("IOC", "Immediate or cancel", AT_ONCE),
        _duration("FOK", "Fill or kill", AT_ONCE),
    ),
    pulling_interval=PullingInterval(
        quotes=QUOTES_EVERY_MS,
        orders=QUOTES_EVERY_MS,
        positions=STATE_EVERY_MS,
        account_manager=STATE_EVERY_MS,
        balances=STATE_EVERY_MS,
    ),
)


def state_of(equity: EquityData, notices: list[Notice]) -> AccountState:
    summary = (
        *(_money(one, equity.currency) for one in (equity.balance, equity.equity, equity.unrealized_profit)),
        *(_money(one, equity.currency) for one in (equity.margin_used, equity.margin_available)),
        "" if equity.margin_level is None else f"{equity.margin_level:,f} %",
    )
    account: Table = ((*summary, _money(equity.realized_profit, equity.currency)),)
    told: Table = tuple((clock_text(one.time), one.text) for one in notices[:NOTICES_SHOWN_MAX])
    return AccountState(
        balance=equity.balance,
        unrealized_profit=equity.unrealized_profit,
        equity=equity.equity,
        tables=(account, told),
        summary=summary,
    )


def _money(amount: Decimal, currency: str) -> str:
    return f"{booked(amount, currency):,f} {currency}"
