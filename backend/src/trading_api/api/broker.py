"""The broker's REST API: accounts, orders, positions, executions, instruments. An endpoint parses, calls, returns."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from trading_api.api.deps import Caller, IdempotencyKey, client_id
from trading_api.api.errors import DESCRIBED, RESPONSES
from trading_api.api.paging import ID_MAX, PAGE_USUAL, Account, Before, Filter, Limit, OrderFilter, Symbol
from trading_api.core.broker_service import BrokerService
from trading_api.core.instrument_info import InstrumentDesk
from trading_api.core.money import SIGNS
from trading_api.models.broker.account import (
    AccountMetainfo,
    AccountProfile,
    AccountRequest,
    EquityData,
    FundRequest,
    ResetRequest,
)
from trading_api.models.broker.executions import Execution
from trading_api.models.broker.instruments import InstrumentInfo
from trading_api.models.broker.orders import OrderChange, OrderRequest, PlacedOrder, Side
from trading_api.models.broker.positions import CloseRequest, IndividualPosition, Position, ProtectRequest, ReverseRequest
from trading_api.models.common import CommandAnswer, SymbolName

OrderId = Annotated[str, Path(alias="orderId", max_length=ID_MAX)]
PositionId = Annotated[str, Path(alias="positionId", max_length=ID_MAX)]


def broker_router(service: BrokerService, instruments: InstrumentDesk) -> APIRouter:
    router = APIRouter(prefix="/broker", tags=["broker"], responses=RESPONSES)
    account = "/accounts/{accountId}"
    _accounts(router, service)
    _orders(router, service, account)
    _positions(router, service, account)

    @router.get(
        account + "/instruments",
        operation_id="listInstruments",
        summary="What this account can see, and why it may not trade it",
        response_model_exclude_none=True,
    )
    async def list_instruments(caller: Caller, account_id: Account) -> list[InstrumentInfo]:
        return await instruments.all(caller, account_id)

    @router.get(
        account + "/instruments/{symbol}",
        operation_id="getInstrument",
        summary="One instrument as the order ticket needs it",
        response_model_exclude_none=True,
    )
    async def get_instrument(caller: Caller, account_id: Account, symbol: Annotated[SymbolName, Path()]) -> InstrumentInfo:
        return await instruments.one(caller, account_id, symbol)

    return router


def _accounts(router: APIRouter, service: BrokerService) -> None:
    @router.get("/accounts", operation_id="listAccounts", summary="The caller's accounts", response_model_exclude_none=True)
    async def list_accounts(caller: Caller) -> list[AccountMetainfo]:
        return [_metainfo(service, one) for one in service.profiles(caller)]

    @router.post(
        "/accounts",
        operation_id="createAccount",
        summary="Open an account",
        status_code=201,
        responses=DESCRIBED,
        response_model_exclude_none=True,
    )
    async def create_account(caller: Caller, request: AccountRequest) -> AccountMetainfo:
        return _metainfo(service, await service.create_account(caller, request))

    @router.get("/accounts/{accountId}", operation_id="getAccount", summary="One account", response_model_exclude_none=True)
    async def get_account(caller: Caller, account_id: Account) -> AccountMetainfo:
        return _metainfo(service, service.profile(caller, account_id))

    @router.get(
        "/accounts/{accountId}/state",
        operation_id="getAccountState",
        summary="Balance, equity and margin",
        response_model_exclude_none=True,
    )
    async def get_state(caller: Caller, account_id: Account) -> EquityData:
        return service.equity(caller, account_id)

    @router.post(
        "/accounts/{accountId}/fund",
        operation_id="fundAccount",
        summary="Deposit, or withdraw with a negative amount",
        response_model_exclude_none=True,
    )
    async def fund(caller: Caller, account_id: Account, request: FundRequest, key: IdempotencyKey = None) -> CommandAnswer:
        return await service.fund(caller, account_id, request, client_id=client_id(key, request.client_id))

    @router.post(
        "/accounts/{accountId}/reset",
        operation_id="resetAccount",
        summary="Begin anew: no orders, no positions, the opening balance",
        response_model_exclude_none=True,
    )
    async def reset(
        caller: Caller, account_id: Account, request: ResetRequest | None = None, key: IdempotencyKey = None
    ) -> CommandAnswer:
        request = request or ResetRequest()
        return await service.reset(caller, account_id, request, client_id=client_id(key, request.client_id))


def _orders(router: APIRouter, service: BrokerService, account: str) -> None:
    @router.get(account + "/orders", operation_id="listOrders", summary="Open orders", response_model_exclude_none=True)
    async def list_orders(caller: Caller, account_id: Account) -> list[PlacedOrder]:
        return service.orders(caller, account_id)

    @router.get(
        account + "/orders/history",
        operation_id="listOrdersHistory",
        summary="Ended orders, the latest first",
        response_model_exclude_none=True,
    )
    async def list_orders_history(
        caller: Caller, account_id: Account, wanted: OrderFilter, before: Before = None, limit: Limit = PAGE_USUAL
    ) -> list[PlacedOrder]:
        return await service.orders_history(caller, account_id, wanted, before=before, limit=limit)

    @router.get(account + "/orders/{orderId}", operation_id="getOrder", summary="One order", response_model_exclude_none=True)
    async def get_order(caller: Caller, account_id: Account, order_id: OrderId) -> PlacedOrder:
        return await service.order(caller, account_id, order_id)

    @router.post(
        account + "/orders",
        operation_id="placeOrder",
        summary="Place an order, with brackets if wanted",
        response_model_exclude_none=True,
    )
    async def place_order(
        caller: Caller, account_id: Account, order: OrderRequest, key: IdempotencyKey = None
    ) -> CommandAnswer:
        return await service.place(caller, account_id, order, client_id=client_id(key, order.client_order_id))

    @router.patch(
        account + "/orders/{orderId}",
        operation_id="modifyOrder",
        summary="Change price, quantity, duration or brackets; null removes a bracket",
        response_model_exclude_none=True,
    )
    async def modify_order(
        caller: Caller, account_id: Account, order_id: OrderId, change: OrderChange, key: IdempotencyKey = None
    ) -> CommandAnswer:
        return await service.modify(caller, account_id, order_id, change, client_id=client_id(key))

    @router.delete(
        account + "/orders",
        operation_id="cancelOrders",
        summary="Cancel the entry orders, of one symbol or side if named; what protects positions stays",
        response_model_exclude_none=True,
    )
    async def cancel_orders(
        caller: Caller,
        account_id: Account,
        symbol: Symbol = None,
        side: Annotated[Side | None, Query(description="1 buy, -1 sell")] = None,
        key: IdempotencyKey = None,
    ) -> CommandAnswer:
        return await service.cancel_all(caller, account_id, symbol, side, client_id=client_id(key))

    @router.delete(
        account + "/orders/{orderId}",
        operation_id="cancelOrder",
        summary="Cancel a working order",
        response_model_exclude_none=True,
    )
    async def cancel_order(caller: Caller, account_id: Account, order_id: OrderId, key: IdempotencyKey = None) -> CommandAnswer:
        return await service.cancel(caller, account_id, order_id, client_id=client_id(key))

    @router.post(
        account + "/orders/{orderId}/execute",
        operation_id="executeOrder",
        summary="Fill an order now, where the simulation waits to be told",
        response_model_exclude_none=True,
    )
    async def execute_order(caller: Caller, account_id: Account, order_id: OrderId) -> CommandAnswer:
        return await service.execute(caller, account_id, order_id)


def _positions(router: APIRouter, service: BrokerService, account: str) -> None:
    @router.get(
        account + "/positions", operation_id="listPositions", summary="Open positions", response_model_exclude_none=True
    )
    async def list_positions(caller: Caller, account_id: Account) -> list[Position]:
        return service.positions(caller, account_id)

    @router.post(
        account + "/positions/{positionId}/close",
        operation_id="closePosition",
        summary="Close a position at the market, or part of it",
        response_model_exclude_none=True,
    )
    async def close_position(
        caller: Caller,
        account_id: Account,
        position_id: PositionId,
        request: CloseRequest | None = None,
        key: IdempotencyKey = None,
    ) -> CommandAnswer:
        request = request or CloseRequest()
        key = client_id(key, request.client_order_id)
        return await service.close_position(caller, account_id, position_id, request, client_id=key)

    @router.get(
        account + "/individual-positions",
        operation_id="listIndividualPositions",
        summary="Open positions one by one, of a hedging account",
        response_model_exclude_none=True,
    )
    async def list_individual_positions(caller: Caller, account_id: Account) -> list[IndividualPosition]:
        return service.individual_positions(caller, account_id)

    @router.post(
        account + "/positions/{positionId}/reverse",
        operation_id="reversePosition",
        summary="Turn a position round in one step",
        response_model_exclude_none=True,
    )
    async def reverse_position(
        caller: Caller,
        account_id: Account,
        position_id: PositionId,
        request: ReverseRequest | None = None,
        key: IdempotencyKey = None,
    ) -> CommandAnswer:
        key = client_id(key, request.client_order_id if request else None)
        return await service.reverse_position(caller, account_id, position_id, client_id=key)

    @router.put(
        account + "/positions/{positionId}/protection",
        operation_id="protectPosition",
        summary="State a position's take profit, stop loss and trailing distance; what is absent is removed",
        response_model_exclude_none=True,
    )
    async def protect_position(
        caller: Caller, account_id: Account, position_id: PositionId, request: ProtectRequest, key: IdempotencyKey = None
    ) -> CommandAnswer:
        key = client_id(key, request.client_order_id)
        return await service.protect_position(caller, account_id, position_id, request, client_id=key)

    @router.post(
        account + "/positions/flatten",
        operation_id="flatten",
        summary="Cancel the entry orders and close every position that can be traded now",
        response_model_exclude_none=True,
    )
    async def flatten(caller: Caller, account_id: Account, symbol: Symbol = None, key: IdempotencyKey = None) -> CommandAnswer:
        return await service.flatten(caller, account_id, symbol, client_id=client_id(key))

    @router.get(
        account + "/executions",
        operation_id="listExecutions",
        summary="Fills, the oldest first",
    )
    async def list_executions(
        caller: Caller, account_id: Account, wanted: Filter, before: Before = None, limit: Limit = PAGE_USUAL
    ) -> list[Execution]:
        return await service.executions(caller, account_id, wanted, before=before, limit=limit)


def _metainfo(service: BrokerService, profile: AccountProfile) -> AccountMetainfo:
    return AccountMetainfo(
        id=profile.id,
        name=profile.name,
        currency=profile.currency,
        currency_sign=SIGNS.get(profile.currency),
        leverage=profile.leverage,
        markets=profile.markets,
        position_mode=profile.position_mode,
        fifo=profile.fifo,
        live=service.is_live(profile.id),
    )
