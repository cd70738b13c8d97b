"""What a Trading Terminal asks of an account before it shows a ticket: what is supported, what is tradable, what to list."""

from trading_api.core.access import Principal
from trading_api.core.account_manager import manager_of
from trading_api.core.broker_service import BrokerService
from trading_api.core.instrument_info import InstrumentDesk, InstrumentPrices, untradable
from trading_api.core.sessions import sessions_of
from trading_api.core.terminal import config_of, options_of
from trading_api.core.times import clock_text
from trading_api.core.versioning import API_PREFIX
from trading_api.models.broker.account import AccountProfile
from trading_api.models.broker.manager import AccountManager
from trading_api.models.broker.terminal import BrokerConfig, PipValues, Solutions, Tradable, TradingOptions
from trading_api.models.market.instruments import Instrument


class TerminalService:
    def __init__(self, broker: BrokerService, instruments: InstrumentDesk, prices: InstrumentPrices) -> None:
        self._broker = broker
        self._instruments = instruments
        self._prices = prices

    def config(self, caller: Principal, account_id: str) -> BrokerConfig:
        profile = self._broker.profile(caller, account_id)
        return config_of(profile, has_depth=any(one.book_size is not None for one in self._mine(profile)))

    def manager(self, caller: Principal, account_id: str) -> AccountManager:
        return manager_of(self._broker.profile(caller, account_id), API_PREFIX)

    async def trading(self, caller: Principal, account_id: str, symbol: str) -> TradingOptions:
        profile = self._broker.profile(caller, account_id)
        info = await self._instruments.one(caller, account_id, symbol)
        instrument = self._prices.instrument(info.symbol)
        found = untradable(profile, instrument, has_rate=info.pip_value is not None)
        tradable = (
            Tradable(tradable=True)
            if found is None
            else Tradable(
                tradable=False,
                reason=found.reason,
                short_reason=found.short,
                solutions=self._way_out(caller, profile, instrument),
            )
        )
        options = options_of(profile, warning=self._warning(caller, account_id, instrument, is_open=info.is_open))
        return TradingOptions(symbol=instrument.id, tradable=tradable, options=options)

    async def pip_values(self, caller: Principal, account_id: str, symbol: str) -> PipValues:
        value = (await self._instruments.one(caller, account_id, symbol)).pip_value
        return PipValues(account_id=account_id, symbol=symbol, buy_pip_value=value, sell_pip_value=value)

    def _warning(self, caller: Principal, account_id: str, instrument: Instrument, *, is_open: bool) -> str | None:
        """What a ticket should say before an order is sent."""
        lock = self._broker.lock_of(caller, account_id)
        if lock.locked:
            return f"This account opens nothing until it is unlocked: {lock.text}"
        if is_open:
            return None
        opens = clock_text(sessions_of(instrument).next_open(self._prices.now(instrument.id)))
        return f"Closed until {opens}: market orders are refused, others wait"

    def _way_out(self, caller: Principal, profile: AccountProfile, instrument: Instrument) -> Solutions | None:
        """Another of the caller's accounts that trades it, or the same name on a market of this account."""
        if instrument.tradable:
            for other in self._broker.profiles(caller):
                if instrument.market in other.markets:
                    return Solutions(change_account=other.id)
        for one in self._mine(profile):
            if one.name == instrument.name:
                return Solutions(change_symbol=one.id)
        return None

    def _mine(self, profile: AccountProfile) -> list[Instrument]:
        """What this account can trade."""
        return [one for one in self._prices.instruments if one.tradable and one.market in profile.markets]
