"""Instruments, quotes and depth as an account's order ticket asks for them."""

from decimal import Decimal

from trading_api.core.access import Principal
from trading_api.core.broker_rest.naming import Names
from trading_api.core.broker_rest.words import KINDS, pip_size
from trading_api.core.broker_service import BrokerService
from trading_api.core.datafeed_service import DatafeedService
from trading_api.core.depth import depth_of, expect_depth
from trading_api.core.instrument_info import InstrumentDesk
from trading_api.models.base import on_the_wire
from trading_api.models.broker.instruments import InstrumentInfo
from trading_api.models.errors import FixRequest, TradingError
from trading_api.models.market.depth import DepthLevel
from trading_api.models.market.instruments import Instrument
from trading_api.models.market.quotes import QUOTES_MAX
from trading_api.models.tradingview.instruments import QuoteValues, WireDepth, WireInstrument, WireQuote
from trading_api.models.tradingview.words import WireKind


class RestPrices:
    def __init__(self, broker: BrokerService, datafeed: DatafeedService, instruments: InstrumentDesk, names: Names) -> None:
        self._broker = broker
        self._datafeed = datafeed
        self._instruments = instruments
        self._names = names

    async def instruments(self, caller: Principal, account_id: str) -> tuple[WireInstrument, ...]:
        """Those the account may trade."""
        listed = await self._instruments.all(caller, account_id)
        told = [self._told(one, one.pip_value) for one in listed if one.is_tradable and one.pip_value is not None]
        return tuple(told)

    def _told(self, listed: InstrumentInfo, pip_value: Decimal) -> WireInstrument:
        instrument = self._datafeed.instrument(listed.symbol)
        kind = KINDS[instrument.kind]
        crypto = kind is WireKind.CRYPTO
        return WireInstrument(
            name=self._names.wire(instrument.id),
            description=instrument.description,
            pip_size=pip_size(instrument),
            pip_value=_worth(instrument, pip_value),
            min_tick=instrument.tick_size,
            type=kind,
            quantity_min=instrument.quantity_min,
            quantity_max=instrument.quantity_max,
            quantity_step=instrument.quantity_step,
            base_currency=instrument.base_currency if crypto else None,
            quote_currency=instrument.currency if crypto else None,
            margin_rate=listed.margin_rate,
            units=instrument.base_currency,
        )

    async def quotes(self, caller: Principal, account_id: str, symbols: str) -> tuple[WireQuote, ...]:
        """One for each symbol asked for, in that order."""
        self._broker.profile(caller, account_id)
        asked = symbols.split(",")
        if not symbols or len(asked) > QUOTES_MAX:
            found = len(asked) if symbols else 0
            raise FixRequest("bad_symbols", f"Expected 1 to {QUOTES_MAX} symbols, found {found}", field="symbols")
        return tuple([await self._quote(caller, account_id, one) for one in asked])

    async def _quote(self, caller: Principal, account_id: str, asked: str) -> WireQuote:
        try:
            instrument = self._names.instrument(asked)
            quote = await self._datafeed.quote(instrument.id)
        except TradingError:
            return WireQuote(s="error", n=asked)
        if quote is None:
            return WireQuote(s="error", n=asked)
        value = (await self._instruments.one(caller, account_id, instrument.id)).pip_value
        worth = None if value is None else _worth(instrument, value)
        return WireQuote(
            s="ok", n=asked, v=QuoteValues(ask=quote.ask, bid=quote.bid, buy_pip_value=worth, sell_pip_value=worth)
        )

    async def depth(self, caller: Principal, account_id: str, symbol: str) -> WireDepth:
        self._broker.profile(caller, account_id)
        listing = self._datafeed.resolve(self._names.instrument(symbol, field="symbol").id)
        expect_depth(listing.instrument)
        quote = await self._datafeed.quote(listing.instrument.id)
        book = None if quote is None else depth_of(listing, quote, symbol)
        if book is None:
            return WireDepth(asks=(), bids=())
        return WireDepth(asks=_levels(book.asks), bids=_levels(book.bids))


def _levels(levels: tuple[DepthLevel, ...]) -> tuple[tuple[Decimal, Decimal], ...]:
    return tuple((one.price, one.volume) for one in levels)


def _worth(instrument: Instrument, pip_value: Decimal) -> Decimal:
    """Of a pip as TradingView counts them."""
    return on_the_wire(pip_value * pip_size(instrument) / instrument.pip_size)
