"""What a trader asks about an account as a whole: leverage, limits, the lock, notices, and previews of orders."""

from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from trading_api.core.access import Principal
from trading_api.core.account_history import Page
from trading_api.core.broker_commands import BrokerCommands, hash_of, profile_of
from trading_api.core.desk import Desk
from trading_api.core.history_rows import ANY, Wanted
from trading_api.core.inspection import Inspection
from trading_api.core.money import booked, check_bookable
from trading_api.core.orders import check_order, nearest_step, no_order
from trading_api.core.preview import Previewed, preview
from trading_api.core.standing_told import limits_told, lock_told, risk_told
from trading_api.models.base import FLOAT_DIGITS_MAX, on_the_wire
from trading_api.models.broker.account import LEVERAGE_MAX, LEVERAGE_MIN, LEVERAGE_STEP, RiskLimits
from trading_api.models.broker.control import AccountLock, AccountRisk, LockRequest, MeasuredLimits, Notice
from trading_api.models.broker.leverage import LeverageAnswer, LeverageInfo, LeveragePreview, LeverageRequest
from trading_api.models.broker.orders import OrderChange, OrderRequest, OrderStatus, PlacedOrder
from trading_api.models.broker.positions import CloseRequest
from trading_api.models.broker.preview import OrderPreview
from trading_api.models.common import CommandAnswer
from trading_api.models.errors import ErrorBody, FixRequest, TradingError
from trading_api.models.facts import Leveraged, Limited, Locked, Requested

ALL_OTHERS = "*"


class AccountCommands(BrokerCommands):
    """Of every account."""

    # Preview

    async def preview_order(self, principal: Principal, account_id: str, order: OrderRequest) -> OrderPreview:
        desk = self._desk(principal, account_id, "trade")
        try:
            instrument = self._tradable(desk, order.symbol)
            seen = await desk.inspect(instrument.id)
        except TradingError as refusal:
            return _refused(refusal)
        command = self._placing(desk, order, instrument, None)
        assert command.order is not None
        try:
            check_order(instrument, command.order)
            seen.venue.check(command, seen.at)
            refusals: tuple[ErrorBody, ...] = ()
        except TradingError as refusal:
            refusals = (refusal.body,)
        return _confirmed(desk, command, preview(seen, _as_placed(command.order, seen.at), refusals))

    async def preview_change(self, principal: Principal, account_id: str, order_id: str, change: OrderChange) -> OrderPreview:
        desk = self._desk(principal, account_id, "trade")
        try:
            command = self._modifying(order_id, change, None)
            seen = await desk.inspect(self._symbol_of(desk, order_id))
            seen.venue.check(command, seen.at)
        except TradingError as refusal:
            return _refused(refusal)
        order = desk.ledger.orders.get(order_id)
        if order is None:
            return _refused(no_order(order_id))
        asked = {name: getattr(change, name) for name in change.model_fields_set if name != "confirm_id"}
        return _confirmed(desk, command, preview(seen, order.model_copy(update=asked)))

    async def preview_close(self, principal: Principal, account_id: str, position_id: str, close: CloseRequest) -> OrderPreview:
        desk = self._desk(principal, account_id, "trade")
        try:
            command = self._closing(desk, position_id, close, None)
            assert command.order is not None
            seen = await desk.inspect(command.order.symbol)
            seen.venue.check(command, seen.at)
        except TradingError as refusal:
            return _refused(refusal)
        order = _as_placed(command.order, seen.at).model_copy(update={"closes": position_id})
        return _confirmed(desk, command, preview(seen, order))

    # Leverage

    async def leverage(self, principal: Principal, account_id: str) -> LeverageInfo:
        desk = self._desk(principal, account_id)
        return LeverageInfo(title=f"Leverage of account {account_id}", leverage=profile_of(desk).leverage)

    async def set_leverage(
        self, principal: Principal, account_id: str, request: LeverageRequest, *, client_id: str | None = None
    ) -> LeverageAnswer:
        desk = self._desk(principal, account_id, "admin")
        leverage = corrected(request.leverage)
        hashed = hash_of(client_id, "leverage", account_id, request)
        answer = await desk.ask(Leveraged(time=0, request_id=client_id, body_hash=hashed, leverage=leverage))
        return LeverageAnswer(leverage=leverage, fact=answer.fact)

    async def preview_leverage(self, principal: Principal, account_id: str, request: LeverageRequest) -> LeveragePreview:
        desk = self._desk(principal, account_id)
        leverage = corrected(request.leverage)
        symbol = self._meant(desk, request.symbol).id if request.symbol else None
        seen = await desk.inspect()
        try:
            seen.venue.check(Leveraged(time=0, leverage=leverage), seen.at)
            errors: tuple[str, ...] = ()
        except TradingError as refusal:
            errors = (str(refusal),)
        infos, warnings = _leverage_words(seen, request.leverage, leverage, symbol)
        return LeveragePreview(leverage=leverage, infos=infos, warnings=() if errors else warnings, errors=errors)

    # Limits and lock

    def limits(self, principal: Principal, account_id: str) -> MeasuredLimits:
        return limits_told(self._desk(principal, account_id).ledger.standing)

    def risk(self, principal: Principal, account_id: str) -> AccountRisk:
        return risk_told(self._desk(principal, account_id).ledger)

    async def set_limits(
        self, principal: Principal, account_id: str, limits: RiskLimits, *, client_id: str | None = None
    ) -> CommandAnswer:
        """All of them: what is absent no longer holds."""
        desk = self._desk(principal, account_id, "admin")
        hashed = hash_of(client_id, "limits", account_id, limits)
        symbols = {one if one == ALL_OTHERS else self._tradable(desk, one).id: limit for one, limit in limits.symbols.items()}
        if len(symbols) < len(limits.symbols):
            raise FixRequest("symbol_twice", "Expected each symbol once, found one under two names", field="symbols")
        for amount, field in ((limits.daily_loss, "dailyLoss"), (limits.drawdown, "drawdown")):
            if amount is not None:
                check_bookable(amount, profile_of(desk).currency, field)
                _check_digits(amount, field)
        for limit in limits.symbols.values():
            _check_digits(limit.order, "symbols")
            _check_digits(limit.position, "symbols")
        _check_zone(limits.timezone)
        chosen = limits.model_copy(update={"symbols": symbols})
        return await desk.ask(Limited(time=0, request_id=client_id, body_hash=hashed, limits=chosen))

    def lock_of(self, principal: Principal, account_id: str) -> AccountLock:
        return lock_told(self._desk(principal, account_id).ledger.standing)

    async def lock(
        self, principal: Principal, account_id: str, request: LockRequest, *, client_id: str | None = None
    ) -> CommandAnswer:
        """The kill switch."""
        desk = self._desk(principal, account_id, "admin")
        hashed = hash_of(client_id, "lock", account_id, request)
        text = f"Kill switch: {request.text}" if request.text else "Kill switch"
        return await desk.ask(Locked(time=0, request_id=client_id, body_hash=hashed, reason="kill_switch", text=text))

    async def unlock(self, principal: Principal, account_id: str, *, client_id: str | None = None) -> CommandAnswer:
        """Whatever locked it; a limit of loss that locked it is measured anew."""
        desk = self._desk(principal, account_id, "admin")
        hashed = hash_of(client_id, "unlock", account_id)
        return await desk.ask(Locked(time=0, request_id=client_id, body_hash=hashed, reason=None, text="Unlocked"))

    def notices(self, principal: Principal, account_id: str) -> list[Notice]:
        """Those at hand, the latest first."""
        return list(self._desk(principal, account_id).topics.recent_notices())[::-1]

    async def notices_log(
        self, principal: Principal, account_id: str, wanted: Wanted = ANY, *, before: str | None = None, limit: int
    ) -> list[Notice]:
        """The last `limit` before the one named, the latest first."""
        desk = self._desk(principal, account_id)
        page = Page(self.resolved(desk, wanted), before, limit)
        return (await self.accounts.history.notices(account_id, desk.ledger.sequence, page))[::-1]

    def resolved(self, desk: Desk, wanted: Wanted) -> Wanted:
        """With the symbol as this account means it."""
        if wanted.tag.symbol is None:
            return wanted
        return wanted._replace(tag=wanted.tag._replace(symbol=self._meant(desk, wanted.tag.symbol).id))


def corrected(leverage: Decimal) -> Decimal:
    """The nearest leverage that can be set."""
    step = Decimal(LEVERAGE_STEP)
    return min(Decimal(LEVERAGE_MAX), max(Decimal(LEVERAGE_MIN), nearest_step(leverage, step)))


def _leverage_words(
    seen: Inspection, asked: Decimal, leverage: Decimal, symbol: str | None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    currency, now, then = seen.ledger.currency, seen.valuation, seen.valuation.at_leverage(leverage)
    before, after = (booked(one.margin_used, currency) for one in (now, then))
    free = booked(then.equity - then.margin_used, currency)
    infos = [f"Margin held goes from {before} to {after} {currency}, which leaves {free} available"]
    if asked != leverage:
        infos.insert(0, f"{asked} becomes {leverage}: from {LEVERAGE_MIN} to {LEVERAGE_MAX} in steps of {LEVERAGE_STEP}")
    if symbol is not None and leverage * seen.instrument(symbol).margin_rate > 1:
        rate = seen.instrument(symbol).margin_rate
        infos.append(f"{symbol} needs {rate:.2%} of its value whatever the leverage")
    level, call = _level(then.equity, then.position_margin), seen.venue.capabilities.margin_levels.call
    warnings = []
    if level is not None and 0 < call >= level:
        warnings.append(f"The margin level becomes {level} %, at or below the margin call of {call} %")
    return tuple(infos), tuple(warnings)


def _level(equity: Fraction, margin: Fraction) -> Decimal | None:
    return booked(100 * equity / margin, "USD") if margin else None


def _check_digits(number: Decimal | None, field: str) -> None:
    """Limits are told as JSON numbers."""
    if number is not None and on_the_wire(number) != number:
        message = f"Expected at most {FLOAT_DIGITS_MAX} digits, found {number}"
        raise FixRequest("number_too_fine", message, field=field, nearest=on_the_wire(number))


def _check_zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        message = f"Expected an IANA time zone such as Europe/Berlin, found '{name}'"
        raise FixRequest("bad_timezone", message, field="timezone") from None


def _as_placed(order: OrderRequest, at: int) -> PlacedOrder:
    """As it would stand once placed."""
    shared = {name: getattr(order, name) for name in OrderRequest.model_fields if name in PlacedOrder.model_fields}
    return PlacedOrder.model_validate({**shared, "id": "", "status": OrderStatus.PLACING, "place_time": at, "update_time": at})


def _refused(refusal: TradingError) -> OrderPreview:
    return OrderPreview(errors=(refusal.body.message,), refusals=(refusal.body,))


def _confirmed(desk: Desk, command: Requested, previewed: Previewed) -> OrderPreview:
    """What would be refused needs no confirmation."""
    if previewed.preview.errors:
        return previewed.preview
    return previewed.preview.model_copy(update={"confirm_id": desk.confirmations.give(command, previewed.price)})
