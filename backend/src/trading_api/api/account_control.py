"""What holds an account back, over REST: previews, leverage, limits, lock, notices."""

from fastapi import APIRouter

from trading_api.api.broker import OrderId, PositionId
from trading_api.api.deps import Caller, IdempotencyKey, client_id
from trading_api.api.errors import RESPONSES
from trading_api.api.paging import PAGE_USUAL, Account, Before, Limit, NoticeFilter
from trading_api.core.account_commands import AccountCommands
from trading_api.models.broker.account import RiskLimits
from trading_api.models.broker.control import AccountLock, AccountRisk, LockRequest, MeasuredLimits, Notice
from trading_api.models.broker.leverage import LeverageAnswer, LeverageInfo, LeveragePreview, LeverageRequest
from trading_api.models.broker.orders import OrderChange, OrderRequest
from trading_api.models.broker.positions import CloseRequest
from trading_api.models.broker.preview import OrderPreview
from trading_api.models.common import CommandAnswer


def account_control_router(service: AccountCommands) -> APIRouter:
    router = APIRouter(prefix="/broker/accounts/{accountId}", tags=["broker"], responses=RESPONSES)
    _previews(router, service)
    _leverage(router, service)
    _limits(router, service)
    _lock(router, service)
    return router


def _previews(router: APIRouter, service: AccountCommands) -> None:
    @router.post(
        "/orders/preview",
        operation_id="previewOrder",
        summary="What an order would come to, and why it would be refused; changes nothing",
        response_model_exclude_none=True,
    )
    async def preview_order(caller: Caller, account_id: Account, order: OrderRequest) -> OrderPreview:
        return await service.preview_order(caller, account_id, order)

    @router.post(
        "/orders/{orderId}/preview",
        operation_id="previewOrderChange",
        summary="What a modification would come to; changes nothing",
        response_model_exclude_none=True,
    )
    async def preview_change(caller: Caller, account_id: Account, order_id: OrderId, change: OrderChange) -> OrderPreview:
        return await service.preview_change(caller, account_id, order_id, change)

    @router.post(
        "/positions/{positionId}/close/preview",
        operation_id="previewClose",
        summary="What closing a position, or part of it, would come to; changes nothing",
        response_model_exclude_none=True,
    )
    async def preview_close(
        caller: Caller, account_id: Account, position_id: PositionId, request: CloseRequest | None = None
    ) -> OrderPreview:
        return await service.preview_close(caller, account_id, position_id, request or CloseRequest())


def _leverage(router: APIRouter, service: AccountCommands) -> None:
    @router.get("/leverage", operation_id="getLeverage", summary="The account's leverage, and what it may be")
    async def get_leverage(caller: Caller, account_id: Account) -> LeverageInfo:
        return await service.leverage(caller, account_id)

    @router.put(
        "/leverage",
        operation_id="setLeverage",
        summary="Set the leverage; answers the one that holds now",
    )
    async def set_leverage(
        caller: Caller, account_id: Account, request: LeverageRequest, key: IdempotencyKey = None
    ) -> LeverageAnswer:
        return await service.set_leverage(caller, account_id, request, client_id=client_id(key, request.client_id))

    @router.post(
        "/leverage/preview",
        operation_id="previewLeverage",
        summary="What another leverage would do to margins; changes nothing",
    )
    async def preview_leverage(caller: Caller, account_id: Account, request: LeverageRequest) -> LeveragePreview:
        return await service.preview_leverage(caller, account_id, request)


def _limits(router: APIRouter, service: AccountCommands) -> None:
    @router.get(
        "/limits",
        operation_id="getLimits",
        summary="The risk limits, and what losses are measured against",
        response_model_exclude_none=True,
    )
    async def get_limits(caller: Caller, account_id: Account) -> MeasuredLimits:
        return service.limits(caller, account_id)

    @router.put(
        "/limits",
        operation_id="setLimits",
        summary="State the risk limits, all of them",
        response_model_exclude_none=True,
    )
    async def set_limits(caller: Caller, account_id: Account, limits: RiskLimits, key: IdempotencyKey = None) -> CommandAnswer:
        return await service.set_limits(caller, account_id, limits, client_id=client_id(key))

    @router.get(
        "/notices",
        operation_id="listNotices",
        summary="The notifications log: fills, rejections, margin, limits and lock in words, the latest first",
        response_model_exclude_none=True,
    )
    async def list_notices(
        caller: Caller, account_id: Account, wanted: NoticeFilter, before: Before = None, limit: Limit = PAGE_USUAL
    ) -> list[Notice]:
        return await service.notices_log(caller, account_id, wanted, before=before, limit=limit)

    @router.get(
        "/risk",
        operation_id="getRisk",
        summary="Lock, limits and margin call together, as the topic `risk` tells them",
        response_model_exclude_none=True,
    )
    async def get_risk(caller: Caller, account_id: Account) -> AccountRisk:
        return service.risk(caller, account_id)


def _lock(router: APIRouter, service: AccountCommands) -> None:
    @router.get(
        "/lock",
        operation_id="getLock",
        summary="Whether new risk is refused, and until when",
        response_model_exclude_none=True,
    )
    async def get_lock(caller: Caller, account_id: Account) -> AccountLock:
        return service.lock_of(caller, account_id)

    @router.post(
        "/lock",
        operation_id="lockAccount",
        summary="The kill switch: cancel entry orders, close what can be traded, open nothing until unlocked",
        response_model_exclude_none=True,
    )
    async def lock(
        caller: Caller, account_id: Account, request: LockRequest | None = None, key: IdempotencyKey = None
    ) -> CommandAnswer:
        request = request or LockRequest()
        return await service.lock(caller, account_id, request, client_id=client_id(key, request.client_id))

    @router.delete(
        "/lock",
        operation_id="unlockAccount",
        summary="Let the account open positions again",
        response_model_exclude_none=True,
    )
    async def unlock(caller: Caller, account_id: Account, key: IdempotencyKey = None) -> CommandAnswer:
        return await service.unlock(caller, account_id, client_id=client_id(key))
