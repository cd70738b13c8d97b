"""A whole broker on a market moved by hand, spoken to in a trader's words.

Everything is real but the prices, the disk and the clock: services, desks, engine and ledger run as they do in the house.
"""

import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from fakes import FakeClock, settle
from fakes_journal import MemoryJournal
from fakes_market import ScriptedMarket, an_instrument
from fakes_samples import MemorySamples
from fakes_store import MemoryStore
from trading_api.core.access import Principal
from trading_api.core.accounts import Accounts, Path, Place
from trading_api.core.broker_service import BrokerService
from trading_api.core.datafeed_service import DatafeedService
from trading_api.core.desk import Desk
from trading_api.core.equity_samples import EquitySampler
from trading_api.core.fill_model import Delay, FillModel
from trading_api.core.history_service import HistoryService
from trading_api.core.holdings import Holding
from trading_api.core.ports import Journal, Store, Venue
from trading_api.core.routes import Update
from trading_api.models.broker.account import (
    AccountProfile,
    AccountRequest,
    EquityData,
    FundRequest,
    ResetRequest,
    RiskLimits,
)
from trading_api.models.broker.control import AccountLock, LockRequest, MeasuredLimits
from trading_api.models.broker.executions import Execution
from trading_api.models.broker.orders import OrderChange, OrderRequest, OrderStatus, OrderType, PlacedOrder, Side
from trading_api.models.broker.positions import CloseRequest, IndividualPosition, Position, ProtectRequest
from trading_api.models.broker.preview import OrderPreview
from trading_api.models.common import CommandAnswer
from trading_api.models.errors import ErrorBody, TradingError
from trading_api.models.market.instruments import Instrument
from trading_api.plugins.simulated.venue import SimulatedVenue

TRADER = Principal("trader", frozenset({"read", "trade", "admin"}))
CASCADE = ("executions", "orders", "equity", "positions", "individual-positions")


class Stage:
    """One account on one market. `heard` is everything its topics announced, in order; `failures` the desks that stopped."""

    def __init__(
        self,
        service: BrokerService,
        market: ScriptedMarket,
        account_id: str,
        failures: list[tuple[str, BaseException]],
        history: HistoryService,
        clock: FakeClock,
    ) -> None:
        self.service = service
        self.clock = clock
        self.history = history
        self.market = market
        self.account_id = account_id
        self.failures = failures
        self.heard: list[Update] = []

    def of(self, account_id: str) -> "Stage":
        """The same broker, seen by another of its accounts."""
        return Stage(self.service, self.market, account_id, self.failures, self.history, self.clock)

    @property
    def desk(self) -> Desk:
        return self.service.accounts.desk(self.account_id)

    async def listen(self) -> None:
        for name in CASCADE:
            await self.service.create_topic(f'{name}:{{"accountId":"{self.account_id}"}}', self.heard.append)

    async def quote(self, name: str, bid: str, ask: str, *, after: int = 1_000, sizes: tuple[int, int] | None = None) -> None:
        """`sizes`: what can be had at the bid and at the ask; without, any amount."""
        await self.market.tell(name, bid, ask, after=after, sizes=sizes)
        await settle()

    async def pass_time(self, milliseconds: int) -> None:
        """Market time goes on without a tick."""
        self.market.set_now(self.market.now() + milliseconds)
        await settle()

    async def wait_until(self, moment: str) -> None:
        """Market time goes on to a moment in UTC, such as 2024-01-03 22:00, without a tick."""
        self.market.set_now(utc(moment))
        await settle()

    async def place(
        self, side: Side, name: str, quantity: object, *, client_id: str | None = None, **terms: object
    ) -> CommandAnswer:
        kind = {
            (False, False): OrderType.MARKET,
            (True, False): OrderType.LIMIT,
            (False, True): OrderType.STOP,
            (True, True): OrderType.STOP_LIMIT,
        }["limit" in terms, "stop" in terms]
        names = {"limit": "limit_price", "stop": "stop_price"}
        fields = {names.get(key, key): value for key, value in terms.items()}
        order = OrderRequest.model_validate({"symbol": name, "side": side, "type": kind, "quantity": quantity, **fields})
        return await self.service.place(TRADER, self.account_id, order, client_id=client_id)

    async def buy(self, name: str, quantity: object, *, client_id: str | None = None, **terms: object) -> CommandAnswer:
        return await self.place(Side.BUY, name, quantity, client_id=client_id, **terms)

    async def sell(self, name: str, quantity: object, *, client_id: str | None = None, **terms: object) -> CommandAnswer:
        return await self.place(Side.SELL, name, quantity, client_id=client_id, **terms)

    async def modify(self, order_id: str | None, **changes: object) -> CommandAnswer:
        assert order_id is not None
        return await self.service.modify(TRADER, self.account_id, order_id, OrderChange.model_validate(changes))

    async def cancel(self, order_id: str | None) -> CommandAnswer:
        assert order_id is not None
        return await self.service.cancel(TRADER, self.account_id, order_id)

    async def cancel_all(self, symbol: str | None = None, side: Side | None = None) -> CommandAnswer:
        return await self.service.cancel_all(TRADER, self.account_id, symbol, side)

    async def flatten(self, symbol: str | None = None) -> CommandAnswer:
        return await self.service.flatten(TRADER, self.account_id, symbol)

    async def reverse(self, position_id: str, *, client_id: str | None = None) -> CommandAnswer:
        return await self.service.reverse_position(TRADER, self.account_id, position_id, client_id=client_id)

    async def protect(self, position_id: str, **terms: object) -> CommandAnswer:
        protection = ProtectRequest.model_validate(terms)
        return await self.service.protect_position(TRADER, self.account_id, position_id, protection)

    async def close(
        self, position_id: str, amount: object = None, *, side: Side | None = None, client_id: str | None = None
    ) -> CommandAnswer:
        close = CloseRequest.model_validate({"amount": amount, "side": side})
        return await self.service.close_position(TRADER, self.account_id, position_id, close, client_id=client_id)

    async def fund(self, amount: object, *, client_id: str | None = None) -> CommandAnswer:
        request = FundRequest.model_validate({"amount": amount})
        return await self.service.fund(TRADER, self.account_id, request, client_id=client_id)

    async def reset(self, balance: object = None, *, client_id: str | None = None) -> CommandAnswer:
        request = ResetRequest.model_validate({"balance": balance})
        return await self.service.reset(TRADER, self.account_id, request, client_id=client_id)

    async def limit(self, *, client_id: str | None = None, **limits: object) -> CommandAnswer:
        return await self.service.set_limits(TRADER, self.account_id, RiskLimits.model_validate(limits), client_id=client_id)

    async def kill(self, text: str = "", *, client_id: str | None = None) -> CommandAnswer:
        return await self.service.lock(TRADER, self.account_id, LockRequest(text=text), client_id=client_id)

    async def unlock(self) -> CommandAnswer:
        return await self.service.unlock(TRADER, self.account_id)

    @property
    def lock(self) -> AccountLock:
        return self.service.lock_of(TRADER, self.account_id)

    @property
    def measured(self) -> MeasuredLimits:
        return self.service.limits(TRADER, self.account_id)

    async def preview(self, order: OrderRequest) -> OrderPreview:
        return await self.service.preview_order(TRADER, self.account_id, order)

    async def preview_change(self, order_id: str | None, **changes: object) -> OrderPreview:
        assert order_id is not None
        return await self.service.preview_change(TRADER, self.account_id, order_id, OrderChange.model_validate(changes))

    async def send(self, order: OrderRequest, *, confirm_id: str | None = None, client_id: str | None = None) -> CommandAnswer:
        """An order as it is, held against a preview."""
        named = order.model_copy(update={"confirm_id": confirm_id})
        return await self.service.place(TRADER, self.account_id, named, client_id=client_id)

    def order(self, order_id: str | None) -> PlacedOrder:
        assert order_id is not None
        ledger = self.desk.ledger
        return ledger.orders.get(order_id) or next(one for one in ledger.ended if one.id == order_id)

    def position(self, symbol: str) -> Position | None:
        found = {one.symbol: one for one in self.service.positions(TRADER, self.account_id)}
        return found.get(symbol)

    @property
    def individual(self) -> list[IndividualPosition]:
        return self.service.individual_positions(TRADER, self.account_id)

    def brackets(self) -> dict[str, Decimal | None]:
        """The prices of the working brackets, by what they are for."""
        working = [one for one in self.desk.ledger.orders.values() if one.bracket and one.status is OrderStatus.WORKING]
        return {one.bracket.name: one.limit_price or one.stop_price for one in working if one.bracket}

    @property
    def executions(self) -> list[Execution]:
        return list(self.desk.ledger.executions)

    @property
    def equity(self) -> EquityData:
        return self.service.equity(TRADER, self.account_id)

    def told(self, name: str) -> list[Update]:
        """What one topic announced."""
        return [one for one in self.heard if one.topic.startswith(f"{name}:")]

    @property
    def holdings(self) -> list[Holding]:
        """Open positions, on a hedging account each by itself, the oldest first."""
        return list(self.desk.ledger.positions.values())

    @property
    def notices(self) -> list[str]:
        return [one.notice for one in self.desk.ledger.standing.notices]

    @property
    def balance(self) -> Decimal:
        return self.desk.ledger.balance

    def books_balance(self) -> bool:
        """Cash is the opening balance plus what every fill booked."""
        profile = self.desk.ledger.profile
        assert profile is not None
        booked = sum((one.profit - one.commission for one in self.desk.ledger.executions), Decimal(0))
        return self.balance == profile.opening_balance + booked


@asynccontextmanager
async def a_stage(
    *,
    instruments: tuple[Instrument, ...] | None = None,
    account: AccountRequest | None = None,
    journal: Journal | None = None,
    store: Store | None = None,
    market: ScriptedMarket | None = None,
    delay: Delay = (0, 0),
    model: FillModel | None = None,
    others: tuple[AccountRequest, ...] = (),
    stranger: Callable[[], Venue] | None = None,
    fails: bool = False,
) -> AsyncIterator[Stage]:
    """`stranger` makes a venue outside the house. A desk that stops fails the test unless it `fails` on purpose."""
    market = market or ScriptedMarket(instruments=instruments or (an_instrument("EURUSD"),))
    clock = FakeClock(market.now())
    prices = DatafeedService([market], clock, "process")
    chosen = account or AccountRequest(id="alice", balance=Decimal(10_000))

    def venue(profile: AccountProfile, path: Path) -> Venue:
        if stranger is not None:
            return stranger()
        chosen = model or FillModel(delay=delay)
        return SimulatedVenue(instrument=prices.instrument, path=path, random=random.Random(1), model=chosen)

    failures: list[tuple[str, BaseException]] = []

    def failed(account_id: str, error: BaseException) -> None:
        failures.append((account_id, error))

    sampler = EquitySampler(MemorySamples(), clock)
    place = Place(journal or MemoryJournal(), store or MemoryStore(), prices, clock, venue, "process", failed, sampler)
    service = BrokerService(Accounts(place, (chosen, *others)), prices)
    await prices.start()
    await service.start()
    stage = Stage(service, market, chosen.id, failures, HistoryService(service, prices, sampler), clock)
    await stage.listen()
    try:
        yield stage
    finally:
        await service.close()
        await prices.close()
    if not fails:
        assert failures == [], failures


def utc(moment: str) -> int:
    """UTC milliseconds of a moment such as 2024-01-03 22:00."""
    return int(datetime.fromisoformat(moment).replace(tzinfo=UTC).timestamp()) * 1000


async def refusal(command: Awaitable[object]) -> ErrorBody:
    """Why a command is refused."""
    with pytest.raises(TradingError) as refused:
        await command
    return refused.value.body


def an_account_with(balance: int) -> AccountRequest:
    return AccountRequest(id="alice", balance=Decimal(balance))
