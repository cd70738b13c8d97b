"""Between our words and TradingView's text (contract 4.6)."""

from decimal import Decimal
from typing import Final

from trading_api.models.broker.orders import OrderStatus, OrderType, ParentType, Side
from trading_api.models.market.instruments import Instrument, InstrumentKind
from trading_api.models.tradingview.words import WireKind, WireOrderType, WireParent, WireSide, WireStatus

SIDES: Final = {Side.BUY: WireSide.BUY, Side.SELL: WireSide.SELL}
TYPES: Final = {
    OrderType.LIMIT: WireOrderType.LIMIT,
    OrderType.MARKET: WireOrderType.MARKET,
    OrderType.STOP: WireOrderType.STOP,
    OrderType.STOP_LIMIT: WireOrderType.STOP_LIMIT,
}
STATUSES: Final = {
    OrderStatus.CANCELED: WireStatus.CANCELLED,
    OrderStatus.FILLED: WireStatus.FILLED,
    OrderStatus.INACTIVE: WireStatus.INACTIVE,
    OrderStatus.PLACING: WireStatus.PLACING,
    OrderStatus.REJECTED: WireStatus.REJECTED,
    OrderStatus.WORKING: WireStatus.WORKING,
}
PARENTS: Final = {
    ParentType.ORDER: WireParent.ORDER,
    ParentType.POSITION: WireParent.POSITION,
    ParentType.INDIVIDUAL_POSITION: WireParent.POSITION,
}
KINDS: Final = {
    InstrumentKind.STOCK: WireKind.STOCK,
    InstrumentKind.INDEX: WireKind.INDEX,
    InstrumentKind.FOREX: WireKind.FOREX,
    InstrumentKind.CRYPTO: WireKind.CRYPTO,
    InstrumentKind.COMMODITY: WireKind.CFD,
}
OUR_SIDE: Final = {wire: ours for ours, wire in SIDES.items()}
OUR_TYPE: Final = {wire: ours for ours, wire in TYPES.items()}

FRACTION_OF_PIP: Final = 10
"""A currency pair's pip is its tick, or this many."""


def pip_size(instrument: Instrument) -> Decimal:
    """A pip as TradingView counts them: the tick, of currency pairs also ten of them (contract 4.11)."""
    tick = instrument.tick_size
    if instrument.kind is InstrumentKind.FOREX and instrument.pip_size == FRACTION_OF_PIP * tick:
        return instrument.pip_size
    return tick


def to_wire_pips(instrument: Instrument, pips: Decimal) -> Decimal:
    return pips * instrument.pip_size / pip_size(instrument)


def to_our_pips(instrument: Instrument, pips: Decimal | None) -> Decimal | None:
    return None if pips is None else pips * pip_size(instrument) / instrument.pip_size


def seconds(time_ms: int) -> int:
    return time_ms // 1000
