"""The Account Manager of one account: its summary, its columns and pages, and where their rows are."""

from trading_api.models.broker.account import AccountProfile
from trading_api.models.broker.manager import (
    AccountManager,
    FormatterName,
    ManagerColumn,
    ManagerPage,
    ManagerSources,
    ManagerTable,
    Sorting,
    Source,
    SummaryField,
    TableFlags,
)
from trading_api.models.broker.orders import OrderStatus

PROFIT_HELP = "Unrealised, in the account's currency; told with the topic equity"

SUMMARY = (
    SummaryField(text="Balance", field="balance", formatter="fixed"),
    SummaryField(text="Equity", field="equity", formatter="fixed"),
    SummaryField(text="Profit", field="unrealizedPL", formatter="profit"),
    SummaryField(text="Realized profit", field="realizedPL", formatter="profit", is_default=False),
    SummaryField(text="Margin used", field="marginUsed", formatter="fixed"),
    SummaryField(text="Margin available", field="marginAvailable", formatter="fixed"),
    SummaryField(text="Margin level, %", field="marginLevel", formatter="fixed", is_default=False),
)


def _left(id: str, label: str, formatter: FormatterName, *fields: str) -> ManagerColumn:
    return ManagerColumn(id=id, label=label, data_fields=fields or (id,), formatter=formatter)


def _right(id: str, label: str, formatter: FormatterName, *, diff: bool = False, help: str | None = None) -> ManagerColumn:
    return ManagerColumn(
        id=id, label=label, data_fields=(id,), formatter=formatter, alignment="right", highlight_diff=diff, help=help
    )


SYMBOL = _left("symbol", "Symbol", "symbol", "symbol", "symbol", "message")
PLAIN_SYMBOL = _left("symbol", "Symbol", "symbol", "symbol", "symbol")
QUANTITY = _right("qty", "Quantity", "formatQuantity")
BRACKETS = (_right("takeProfit", "Take profit", "formatPrice"), _right("stopLoss", "Stop loss", "formatPrice"))
PROFIT = _right("pl", "Profit", "profit", diff=True, help=PROFIT_HELP)

ORDER_COLUMNS = (
    SYMBOL,
    _left("side", "Side", "side"),
    _left("type", "Type", "type", "type", "parentId", "stopType"),
    QUANTITY,
    _right("filledQty", "Filled", "formatQuantity"),
    _right("limitPrice", "Limit price", "formatPrice"),
    _right("stopPrice", "Stop price", "formatPrice"),
    *BRACKETS,
    _right("avgPrice", "Fill price", "formatPrice"),
    _left("status", "Status", "status"),
    _left("placeTime", "Placed", "localDate"),
    _left("id", "Order id", "text"),
)
HISTORY_COLUMNS = (*ORDER_COLUMNS[:-1], _left("updateTime", "Ended", "localDate"), ORDER_COLUMNS[-1])
POSITION_COLUMNS = (
    SYMBOL,
    _left("side", "Side", "positionSide"),
    QUANTITY,
    _right("avgPrice", "Average price", "formatPrice"),
    *BRACKETS,
    PROFIT,
)
INDIVIDUAL_COLUMNS = (
    PLAIN_SYMBOL,
    _left("side", "Side", "positionSide"),
    QUANTITY,
    _right("price", "Entry price", "formatPrice"),
    *BRACKETS,
    PROFIT,
    _left("date", "Opened", "localDate"),
    _left("id", "Position id", "text"),
)
TRADE_COLUMNS = (
    PLAIN_SYMBOL,
    _left("side", "Side", "positionSide"),
    QUANTITY,
    _right("entryPrice", "Entry price", "formatPrice"),
    _right("exitPrice", "Exit price", "formatPrice"),
    _left("entryTime", "Entered", "localDate"),
    _left("exitTime", "Left", "localDate"),
    _right("fees", "Fees", "fixed"),
    _right("swap", "Swap", "fixed"),
    _right("netProfit", "Net profit", "profit"),
)
NOTICE_COLUMNS = (
    _left("time", "Time", "localDate"),
    _left("type", "Severity", "text"),
    _left("notice", "About", "text"),
    PLAIN_SYMBOL,
    _left("text", "Message", "text"),
    _left("orderId", "Order id", "text"),
    _left("positionId", "Position id", "text"),
)
STATE_COLUMNS = tuple(_right(one.field, one.text, one.formatter) for one in SUMMARY)


def manager_of(profile: AccountProfile, prefix: str) -> AccountManager:
    """`prefix` stands before every path."""
    account = f"{prefix}/broker/accounts/{profile.id}"
    hedging = profile.position_mode == "hedging"
    state = Source(path=f"{account}/state", topic="equity", row_id="accountId")
    notices = Source(path=f"{account}/notices", topic="notices")
    return AccountManager(
        account_title=profile.name,
        currency=profile.currency,
        summary=SUMMARY,
        margin_used="marginUsed",
        order_columns=ORDER_COLUMNS,
        order_columns_sorting=Sorting(property="placeTime", asc=False),
        history_columns=HISTORY_COLUMNS,
        history_columns_sorting=Sorting(property="updateTime", asc=False),
        position_columns=POSITION_COLUMNS,
        individual_position_columns=INDIVIDUAL_COLUMNS if hedging else None,
        pages=(
            ManagerPage(
                id="summary",
                title="Account summary",
                tables=(ManagerTable(id="state", columns=STATE_COLUMNS, source=state),),
            ),
            ManagerPage(
                id="trades",
                title="Closed trades",
                tables=(
                    ManagerTable(
                        id="trades",
                        columns=TRADE_COLUMNS,
                        source=Source(path=f"{account}/trades", topic="executions"),
                        initial_sorting=Sorting(property="exitTime", asc=False),
                        flags=TableFlags(support_pagination=True),
                    ),
                ),
            ),
            ManagerPage(
                id="notices",
                title="Notifications log",
                tables=(
                    ManagerTable(
                        id="notices",
                        columns=NOTICE_COLUMNS,
                        source=notices,
                        initial_sorting=Sorting(property="time", asc=False),
                        flags=TableFlags(support_pagination=True),
                    ),
                ),
            ),
        ),
        possible_order_statuses=tuple(OrderStatus),
        sources=ManagerSources(
            summary=state,
            orders=Source(path=f"{account}/orders", topic="orders"),
            positions=Source(path=f"{account}/positions", topic="positions"),
            individual_positions=(
                Source(path=f"{account}/individual-positions", topic="individual-positions") if hedging else None
            ),
            history=Source(path=f"{account}/orders/history", topic="orders"),
            executions=Source(path=f"{account}/executions", topic="executions"),
            notices=notices,
        ),
    )
