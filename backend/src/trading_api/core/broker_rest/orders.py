"""A trader's commands as TradingView's broker REST API sends them."""

from trading_api.core.access import Principal
from trading_api.core.broker_rest.naming import Names
from trading_api.core.broker_rest.orders_asked import change_of, order_of, plain_change
from trading_api.core.broker_rest.words import OUR_SIDE, OUR_TYPE, to_our_pips
from trading_api.core.broker_service import BrokerService
from trading_api.core.datafeed_service import DatafeedService
from trading_api.core.orders import no_position
from trading_api.models.broker.leverage import LeverageRequest
from trading_api.models.broker.orders import OrderChange
from trading_api.models.broker.positions import CloseRequest, ProtectRequest
from trading_api.models.broker.preview import OrderPreview
from trading_api.models.errors import FixRequest
from trading_api.models.tradingview.leverage import (
    LeverageForm,
    LeverageSet,
    SetLeverageForm,
    WireLeverage,
    WireLeveragePreview,
)
from trading_api.models.tradingview.orders import (
    ChangeForm,
    OrderForm,
    OrderPlaced,
    PreviewForm,
    PreviewRow,
    PreviewSection,
    WirePreview,
)
from trading_api.models.tradingview.positions import CloseForm, PositionForm


class RestOrders:
    def __init__(self, broker: BrokerService, datafeed: DatafeedService, names: Names) -> None:
        self._broker = broker
        self._datafeed = datafeed
        self._names = names

    # Orders

    async def place(
        self, caller: Principal, account_id: str, form: OrderForm, *, request_id: str | None, confirm_id: str | None
    ) -> OrderPlaced:
        """Sent again under its request id, it gets the first answer again."""
        order = order_of(form, self._names.instrument(form.instrument), confirm_id)
        answer = await self._broker.place(caller, account_id, order, client_id=request_id)
        return OrderPlaced(order_id=answer.order_id)

    async def change(
        self, caller: Principal, account_id: str, order_id: str, form: ChangeForm, *, confirm_id: str | None
    ) -> None:
        """Nothing is sent on when the order is already as asked."""
        change = self._change(caller, account_id, order_id, form)
        if not change.model_fields_set and order_id in self._broker.desk(caller, account_id).ledger.orders:
            return
        if confirm_id is not None:
            change = change.model_copy(update={"confirm_id": confirm_id})
        await self._broker.modify(caller, account_id, order_id, change)

    def _change(self, caller: Principal, account_id: str, order_id: str, form: ChangeForm) -> OrderChange:
        order = self._broker.desk(caller, account_id).ledger.orders.get(order_id)
        if order is None:
            return OrderChange.model_validate(plain_change(form))
        return OrderChange.model_validate(change_of(order, form, self._datafeed.instrument(order.symbol)))

    async def cancel(self, caller: Principal, account_id: str, order_id: str) -> None:
        await self._broker.cancel(caller, account_id, order_id)

    async def preview(self, caller: Principal, account_id: str, form: PreviewForm) -> WirePreview:
        if form.id is not None:
            change = self._change(caller, account_id, form.id, form)
            return _told(await self._broker.preview_change(caller, account_id, form.id, change))
        order = order_of(form, self._names.instrument(form.instrument))
        return _told(await self._broker.preview_order(caller, account_id, order))

    # Positions

    async def change_position(self, caller: Principal, account_id: str, position_id: str, form: PositionForm) -> None:
        """Turn it round where the other side is asked for; else state its brackets, all of them."""
        holding = self._broker.desk(caller, account_id).ledger.positions.get(position_id)
        if holding is None:
            raise no_position(position_id)
        pips = to_our_pips(self._datafeed.instrument(holding.symbol), form.trailing_stop_pips)
        if form.side is None or OUR_SIDE[form.side] is holding.side:
            asked = ProtectRequest(take_profit=form.take_profit, stop_loss=form.stop_loss, trailing_stop_pips=pips)
            await self._broker.protect_position(caller, account_id, position_id, asked)
            return
        if (form.take_profit, form.stop_loss, pips) != (None, None, None):
            message = "Expected either the other side or brackets: turning a position round cancels its brackets"
            raise FixRequest("side_and_brackets", message, field="side")
        await self._broker.reverse_position(caller, account_id, position_id)

    async def close(self, caller: Principal, account_id: str, position_id: str, form: CloseForm) -> None:
        await self._broker.close_position(caller, account_id, position_id, CloseRequest(amount=form.amount))

    # Leverage

    async def leverage(self, caller: Principal, account_id: str, form: LeverageForm) -> WireLeverage:
        self._names.instrument(form.instrument)
        told = await self._broker.leverage(caller, account_id)
        return WireLeverage(title=told.title, leverage=told.leverage, min=told.min, max=told.max, step=told.step)

    async def set_leverage(self, caller: Principal, account_id: str, form: SetLeverageForm) -> LeverageSet:
        answer = await self._broker.set_leverage(caller, account_id, self._leverage(form))
        return LeverageSet(leverage=answer.leverage)

    async def preview_leverage(self, caller: Principal, account_id: str, form: SetLeverageForm) -> WireLeveragePreview:
        told = await self._broker.preview_leverage(caller, account_id, self._leverage(form))
        return WireLeveragePreview(infos=told.infos or None, warnings=told.warnings or None, errors=told.errors or None)

    def _leverage(self, form: SetLeverageForm) -> LeverageRequest:
        return LeverageRequest(
            leverage=form.leverage,
            symbol=self._names.instrument(form.instrument).id,
            order_type=OUR_TYPE[form.type],
            side=OUR_SIDE[form.side],
        )


def _told(preview: OrderPreview) -> WirePreview:
    return WirePreview(
        confirm_id=preview.confirm_id,
        sections=tuple(
            PreviewSection(header=one.header, rows=tuple(PreviewRow(title=row.title, value=row.value) for row in one.rows))
            for one in preview.sections
        ),
        warnings=preview.warnings or None,
        errors=preview.errors or None,
    )
