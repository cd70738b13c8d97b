"""Reading accounts as TradingView's broker REST API tells them. Times are market time, in seconds."""

from collections.abc import Iterable

from trading_api.core.access import Principal
from trading_api.core.account_state import EXECUTIONS_MAX
from trading_api.core.broker_rest.configuration import state_of
from trading_api.core.broker_rest.flags import flags_of
from trading_api.core.broker_rest.naming import Names
from trading_api.core.broker_rest.orders_told import latest, told_order
from trading_api.core.broker_rest.sessions import listed_since
from trading_api.core.broker_rest.words import SIDES, seconds
from trading_api.core.broker_service import ANY, BrokerService
from trading_api.core.datafeed_service import DatafeedService
from trading_api.core.desk import Desk
from trading_api.core.history_rows import Tag, Wanted
from trading_api.core.history_service import HistoryService
from trading_api.core.money import SIGNS
from trading_api.models.broker.account import AccountProfile
from trading_api.models.broker.executions import Execution
from trading_api.models.broker.history import ClosedTrade
from trading_api.models.broker.orders import PlacedOrder
from trading_api.models.errors import NotFound
from trading_api.models.market.instruments import Instrument
from trading_api.models.tradingview.account import AccountState, WireAccount, WireBalance
from trading_api.models.tradingview.orders import WireOrder
from trading_api.models.tradingview.positions import WireExecution, WirePosition


class RestAccounts:
    def __init__(self, broker: BrokerService, datafeed: DatafeedService, history: HistoryService, names: Names) -> None:
        self._broker = broker
        self._datafeed = datafeed
        self._history = history
        self._names = names

    def all(self, caller: Principal) -> tuple[WireAccount, ...]:
        return tuple(
            WireAccount(
                id=one.id,
                name=one.name or one.id,
                type="demo",
                currency=one.currency,
                currency_sign=SIGNS.get(one.currency),
                config=flags_of(one, caller.rights_on(one.id), has_depth=self._has_depth(one)),
            )
            for one in self._broker.profiles(caller)
        )

    def _has_depth(self, profile: AccountProfile) -> bool:
        return any(one.book_size is not None and one.market in profile.markets for one in self._datafeed.instruments)

    def state(self, caller: Principal, account_id: str) -> AccountState:
        return state_of(self._broker.equity(caller, account_id), self._broker.notices(caller, account_id))

    def balances(self, caller: Principal, account_id: str) -> tuple[WireBalance, ...]:
        """Margin accounts hold one currency; what their positions and orders need is reserved."""
        equity = self._broker.equity(caller, account_id)
        return (
            WireBalance(
                symbol=equity.currency,
                total=equity.balance,
                available=max(equity.margin_available, equity.balance * 0),
                reserved=equity.margin_used,
                value=equity.equity,
                value_currency=equity.currency,
            ),
        )

    # Orders

    def orders(self, caller: Principal, account_id: str) -> tuple[WireOrder, ...]:
        """Those of this session, ended ones included, and those of earlier sessions that are not over."""
        ledger = self._broker.desk(caller, account_id).ledger
        since = self._since(one.symbol for one in ledger.ended)
        ended = (one for one in ledger.ended if one.update_time >= since[one.symbol])
        return self._told((*ended, *ledger.orders.values()))

    async def orders_history(self, caller: Principal, account_id: str, limit: int) -> tuple[WireOrder, ...]:
        """The last that ended, the latest first."""
        return self._told(await self._broker.orders_history(caller, account_id, limit=limit))

    def _told(self, orders: Iterable[PlacedOrder]) -> tuple[WireOrder, ...]:
        return tuple(told_order(one, self._names, self._listed(one.symbol)) for one in latest(orders))

    # Positions

    async def positions(self, caller: Principal, account_id: str) -> tuple[WirePosition, ...]:
        """The open ones, and with quantity 0 those closed in this session."""
        desk = self._broker.desk(caller, account_id)
        open_ones = self._open(desk)
        return (*open_ones, *await self._closed(caller, desk, {one.id for one in open_ones}))

    def _open(self, desk: Desk) -> tuple[WirePosition, ...]:
        profits = {one.id: one.profit for one in desk.equity().positions}
        return tuple(
            WirePosition(
                id=one.id,
                instrument=self._names.wire(one.symbol),
                quantity=abs(one.quantity),
                side=SIDES[one.side],
                average_price=desk.ledger.individual(one).price,
                unrealized_profit=profits.get(one.id, one.quantity * 0),
            )
            for one in desk.ledger.positions.values()
        )

    async def _closed(self, caller: Principal, desk: Desk, still_open: set[str]) -> list[WirePosition]:
        fills = {one.position_id: one for one in desk.ledger.executions if one.position_id not in still_open}
        since = self._since(one.symbol for one in fills.values())
        gone = {name: one for name, one in fills.items() if one.time >= since[one.symbol]}
        if not gone:
            return []
        begin = min(one.time for one in gone.values())
        trades = await self._history.trades(caller, desk.account_id, Wanted(since=begin), limit=EXECUTIONS_MAX)
        found: dict[str, ClosedTrade] = {}
        for one in trades:
            if one.position_id in gone:
                found.setdefault(one.position_id, one)
        return [self._gone(one) for one in found.values()]

    def _gone(self, trade: ClosedTrade) -> WirePosition:
        return WirePosition(
            id=trade.position_id,
            instrument=self._names.wire(trade.symbol),
            quantity=trade.quantity * 0,
            side=SIDES[trade.side],
            average_price=trade.entry_price,
            unrealized_profit=trade.quantity * 0,
        )

    # Executions

    async def executions(
        self, caller: Principal, account_id: str, instrument: str | None, limit: int
    ) -> tuple[WireExecution, ...]:
        """The last ones, of one instrument if named; the oldest first."""
        wanted = ANY if instrument is None else Wanted(Tag(symbol=self._names.instrument(instrument).id))
        fills = await self._broker.executions(caller, account_id, wanted, limit=limit)
        if not fills:
            return ()
        trades = await self._history.trades(caller, account_id, wanted._replace(since=fills[0].time), limit=limit)
        closing = {one.id for one in trades}
        return tuple(self._execution(one, closes=one.id in closing) for one in fills)

    def _execution(self, fill: Execution, *, closes: bool) -> WireExecution:
        return WireExecution(
            id=fill.id,
            instrument=self._names.wire(fill.symbol),
            price=fill.price,
            time=seconds(fill.time),
            quantity=fill.quantity,
            side=SIDES[fill.side],
            order_id=fill.order_id,
            is_close=closes,
            position_id=fill.position_id,
            commission=fill.commission,
        )

    def _since(self, symbols: Iterable[str]) -> dict[str, int]:
        """Since when what has ended is listed, by symbol."""
        return {one: self._listed_since(one) for one in dict.fromkeys(symbols)}

    def _listed_since(self, symbol: str) -> int:
        instrument = self._listed(symbol)
        now = self._datafeed.now(symbol) if instrument else self._datafeed.clock.now()
        return listed_since(instrument, now)

    def _listed(self, symbol: str) -> Instrument | None:
        try:
            return self._datafeed.instrument(symbol)
        except NotFound:
            return None
