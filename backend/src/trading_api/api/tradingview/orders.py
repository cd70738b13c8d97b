"""A trader's commands: orders, positions, leverage. Their bodies are forms."""

from typing import Annotated, Any

from fastapi import APIRouter, Form
from fastapi.responses import Response

from trading_api.api.tradingview.accounts import ACCOUNT
from trading_api.api.tradingview.deps import Account, ConfirmId, Locale, OrderId, PositionId, RequestId, SignedIn
from trading_api.api.tradingview.errors import answer
from trading_api.core.broker_rest.orders import RestOrders
from trading_api.models.tradingview.envelope import Answer, Done, Failure
from trading_api.models.tradingview.leverage import (
    LeverageForm,
    LeverageSet,
    SetLeverageForm,
    WireLeverage,
    WireLeveragePreview,
)
from trading_api.models.tradingview.orders import ChangeForm, OrderForm, OrderPlaced, PreviewForm, WirePreview
from trading_api.models.tradingview.positions import CloseForm, PositionForm

DONE = Done()
ALL_OPTIONAL: dict[str, Any] = {"requestBody": {"required": False}}
"""No field of the form need be there, and so the form need not either."""


def add_orders(router: APIRouter, orders: RestOrders) -> None:
    @router.post(
        ACCOUNT + "/orders",
        operation_id="placeRestOrder",
        response_model=Answer[OrderPlaced] | Failure,
        dependencies=[Locale],
        summary="Place an order, with brackets if wanted",
    )
    async def place(
        caller: SignedIn,
        account_id: Account,
        form: Annotated[OrderForm, Form()],
        request_id: RequestId = None,
        confirm_id: ConfirmId = None,
    ) -> Response:
        placed = await orders.place(caller, account_id, form, request_id=request_id, confirm_id=confirm_id)
        return answer(Answer(d=placed))

    @router.put(
        ACCOUNT + "/orders/{orderId}",
        operation_id="modifyRestOrder",
        response_model=Done | Failure,
        dependencies=[Locale],
        summary="Change an order; brackets that are absent are removed",
    )
    async def change(
        caller: SignedIn,
        account_id: Account,
        order_id: OrderId,
        form: Annotated[ChangeForm, Form()],
        confirm_id: ConfirmId = None,
    ) -> Response:
        await orders.change(caller, account_id, order_id, form, confirm_id=confirm_id)
        return answer(DONE)

    @router.delete(
        ACCOUNT + "/orders/{orderId}",
        operation_id="cancelRestOrder",
        response_model=Done | Failure,
        dependencies=[Locale],
        summary="Cancel an order",
    )
    async def cancel(caller: SignedIn, account_id: Account, order_id: OrderId) -> Response:
        await orders.cancel(caller, account_id, order_id)
        return answer(DONE)

    @router.post(
        ACCOUNT + "/previewOrder",
        operation_id="previewRestOrder",
        response_model=Answer[WirePreview] | Failure,
        dependencies=[Locale],
        summary="What an order, or with `id` a change of one, would come to",
    )
    async def preview(caller: SignedIn, account_id: Account, form: Annotated[PreviewForm, Form()]) -> Response:
        return answer(Answer(d=await orders.preview(caller, account_id, form)))

    _add_positions(router, orders)
    _add_leverage(router, orders)


def _add_positions(router: APIRouter, orders: RestOrders) -> None:
    @router.put(
        ACCOUNT + "/positions/{positionId}",
        operation_id="modifyRestPosition",
        openapi_extra=ALL_OPTIONAL,
        response_model=Done | Failure,
        dependencies=[Locale],
        summary="State a position's brackets, or with the other side turn it round",
    )
    async def change_position(
        caller: SignedIn, account_id: Account, position_id: PositionId, form: Annotated[PositionForm, Form()]
    ) -> Response:
        await orders.change_position(caller, account_id, position_id, form)
        return answer(DONE)

    @router.delete(
        ACCOUNT + "/positions/{positionId}",
        operation_id="closeRestPosition",
        openapi_extra=ALL_OPTIONAL,
        response_model=Done | Failure,
        dependencies=[Locale],
        summary="Close a position, or a part of it",
    )
    async def close(
        caller: SignedIn, account_id: Account, position_id: PositionId, form: Annotated[CloseForm, Form()]
    ) -> Response:
        await orders.close(caller, account_id, position_id, form)
        return answer(DONE)


def _add_leverage(router: APIRouter, orders: RestOrders) -> None:
    @router.post(
        ACCOUNT + "/getLeverage",
        operation_id="getRestLeverage",
        response_model=Answer[WireLeverage] | Failure,
        dependencies=[Locale],
        summary="The account's leverage, and what it may be",
    )
    async def leverage(caller: SignedIn, account_id: Account, form: Annotated[LeverageForm, Form()]) -> Response:
        return answer(Answer(d=await orders.leverage(caller, account_id, form)))

    @router.post(
        ACCOUNT + "/setLeverage",
        operation_id="setRestLeverage",
        response_model=Answer[LeverageSet] | Failure,
        dependencies=[Locale],
        summary="Set it, to the nearest that can be set",
    )
    async def set_leverage(caller: SignedIn, account_id: Account, form: Annotated[SetLeverageForm, Form()]) -> Response:
        return answer(Answer(d=await orders.set_leverage(caller, account_id, form)))

    @router.post(
        ACCOUNT + "/previewLeverage",
        operation_id="previewRestLeverage",
        response_model=Answer[WireLeveragePreview] | Failure,
        dependencies=[Locale],
        summary="What setting it would do",
    )
    async def preview_leverage(caller: SignedIn, account_id: Account, form: Annotated[SetLeverageForm, Form()]) -> Response:
        return answer(Answer(d=await orders.preview_leverage(caller, account_id, form)))
