"""Instruments as an account's order ticket sees them."""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple, Protocol

from trading_api.core.access import Principal
from trading_api.core.broker_service import BrokerService
from trading_api.core.money import Rates, conversion_path
from trading_api.core.pip_values import pip_value
from trading_api.core.sessions import sessions_of
from trading_api.core.terminal import DURATIONS
from trading_api.models.base import on_the_wire
from trading_api.models.broker.account import AccountProfile
from trading_api.models.broker.instruments import InstrumentInfo, QuantityRange
from trading_api.models.broker.orders import OrderType
from trading_api.models.market.instruments import Instrument
from trading_api.models.market.quotes import Quote

TENTH = Decimal("0.1")


class InstrumentPrices(Protocol):
    @property
    def instruments(self) -> Sequence[Instrument]: ...

    def instrument(self, symbol: str) -> Instrument: ...

    def now(self, symbol: str) -> int: ...

    async def quote(self, symbol: str) -> Quote | None: ...


class InstrumentDesk:
    """Answers for one account: what can be traded, in which quantities, at which margin, and what a pip is worth."""

    def __init__(self, broker: BrokerService, prices: InstrumentPrices) -> None:
        self._broker = broker
        self._prices = prices

    async def all(self, caller: Principal, account_id: str) -> list[InstrumentInfo]:
        profile = self._broker.profile(caller, account_id)
        return [await self._info(profile, one) for one in self._prices.instruments]

    async def one(self, caller: Principal, account_id: str, symbol: str) -> InstrumentInfo:
        profile = self._broker.profile(caller, account_id)
        return await self._info(profile, self._prices.instrument(symbol))

    async def _info(self, profile: AccountProfile, instrument: Instrument) -> InstrumentInfo:
        value = await self._pip_value(profile, instrument)
        found = untradable(profile, instrument, has_rate=value is not None)
        sessions, now = sessions_of(instrument), self._prices.now(instrument.id)
        return InstrumentInfo(
            symbol=instrument.id,
            description=instrument.description,
            type=instrument.kind,
            quantity=QuantityRange(
                min=instrument.quantity_min,
                max=instrument.quantity_max,
                step=instrument.quantity_step,
                default=max(instrument.quantity_min, min(instrument.lot_size, instrument.quantity_max)),
            ),
            lot_size=instrument.lot_size,
            min_tick=instrument.tick_size,
            pip_size=instrument.pip_size,
            pip_value=value,
            currency=instrument.currency,
            base_currency=instrument.base_currency,
            quote_currency=instrument.currency if instrument.base_currency else None,
            broker_symbol=instrument.name,
            allowed_durations=tuple(one.value for one in DURATIONS),
            allowed_order_types=tuple(OrderType),
            has_depth=instrument.book_size is not None,
            margin_rate=on_the_wire(max(instrument.margin_rate, 1 / profile.leverage)),
            leverage=f"{on_the_wire(min(1 / instrument.margin_rate, profile.leverage)).quantize(TENTH).normalize():f}:1",
            commission=instrument.commission,
            session=instrument.session,
            timezone=instrument.timezone,
            is_open=sessions.is_open(now),
            changes_at=sessions.next_change(now),
            is_tradable=found is None,
            reason=found.reason if found else None,
        )

    async def _pip_value(self, profile: AccountProfile, instrument: Instrument) -> Decimal | None:
        mine = [one for one in self._prices.instruments if one.market in profile.markets]
        path = conversion_path(instrument.currency, profile.currency, mine)
        if path is None:
            return None
        quotes = {leg.symbol: await self._prices.quote(leg.symbol) for leg in path}
        known = {symbol: quote for symbol, quote in quotes.items() if quote is not None}
        return pip_value(Rates(lambda *_: path, known), instrument, profile.currency)


class Untradable(NamedTuple):
    """Why a symbol is not traded on an account."""

    reason: str
    short: str


def untradable(profile: AccountProfile, instrument: Instrument, *, has_rate: bool) -> Untradable | None:
    if not instrument.tradable:
        return Untradable("This symbol can be charted but not traded", "Chart only")
    if instrument.market not in profile.markets:
        return Untradable(f"This account trades {', '.join(profile.markets)}", "Another market")
    if has_rate:
        return None
    return Untradable(f"There is no rate from {instrument.currency} to {profile.currency}", "No conversion rate")
