"""What TradingView's servers ask for: the symbols there are, and their bars (contract 4.9 and 4.10).

Only what trades live is offered here: replays have a time of their own, and imported symbols have no prices of today.
"""

import re
from collections.abc import Sequence

from trading_api.core.bars import parse_resolution
from trading_api.core.broker_rest.naming import Names
from trading_api.core.broker_rest.sessions import session_column
from trading_api.core.broker_rest.words import KINDS
from trading_api.core.broker_service import REPLAY
from trading_api.core.chart_zones import chart_zone
from trading_api.core.datafeed_service import DatafeedService
from trading_api.core.history import Window
from trading_api.core.symbol_information import symbol_information
from trading_api.models.errors import FixRequest, NotFound
from trading_api.models.market.bars import Bar, Resolution
from trading_api.models.market.instruments import Instrument, InstrumentKind
from trading_api.models.tradingview.market import (
    Group,
    Groups,
    MappedSymbol,
    Mapping,
    NoBars,
    Permissions,
    SymbolInfo,
    WireBars,
)
from trading_api.models.tradingview.words import WireKind

PAGES_MAX = 8
"""Times that older bars are looked for where some had no volume."""


class RestMarket:
    """`prefix` is the broker's on TradingView."""

    def __init__(self, datafeed: DatafeedService, names: Names, prefix: str) -> None:
        self._datafeed = datafeed
        self._names = names
        self._prefix = prefix
        letters = re.sub("[^a-z_]", "", prefix.lower()).strip("_")
        self._groups = {kind: f"{letters}_{kind.value}" for kind in InstrumentKind}
        """By kind: they are there whatever is listed, because a group can never be taken away."""

    def offered(self) -> list[Instrument]:
        return [one for one in self._datafeed.instruments if offers(one)]

    def groups(self) -> Groups:
        return Groups(groups=tuple(Group(id=one) for one in self._groups.values()))

    def permissions(self) -> Permissions:
        """Whoever is signed in may see every symbol's prices."""
        return Permissions(groups=tuple(self._groups.values()))

    def mapping(self) -> Mapping:
        return Mapping(
            symbols=tuple(
                MappedSymbol(name=(name,), symbol=f"{self._prefix}:{name}")
                for name in (self._names.wire(one.id) for one in self.offered())
            )
        )

    def symbol_info(self, group: str | None) -> SymbolInfo:
        if group is not None and group not in self._groups.values():
            raise FixRequest(
                "unknown_group", f"Expected a group of {', '.join(self._groups.values())}, found '{group}'", field="group"
            )
        listed = [one for one in self.offered() if group in (None, self._groups[one.kind])]
        return columns_of(listed, self._names)

    # Bars

    async def history(
        self, symbol: str, resolution: str, since: int | None, to: int, countback: int | None
    ) -> WireBars | NoBars:
        """Seconds, both included. With `countback` exactly that many bars up to `to`, or all there are."""
        instrument = self._names.instrument(symbol, field="symbol")
        if not offers(instrument):
            raise NotFound("unknown_symbol", f"Expected a symbol of symbol_info, found '{symbol}'", field="symbol")
        if since is None and countback is None:
            raise FixRequest("no_window", "Expected from, or countback, found neither", field="from")
        if since is not None and since > to and countback is None:
            message = f"Expected from at or before to, found {since} after {to}"
            raise FixRequest("reversed_range", message, field="from")
        step, before = parse_resolution(resolution), (to + 1) * 1000
        if countback is not None:
            bars = await self._last(instrument, step, before, countback)
            return columns(bars) if bars else NoBars()
        assert since is not None
        found = await self._datafeed.history(instrument.id, step, Window(before=before, since=since * 1000))
        bars = tuple(one for one in found.bars if counts(instrument, one))
        return columns(bars) if found.bars or found.older else NoBars()

    async def _last(self, instrument: Instrument, step: Resolution, before: int, count: int) -> Sequence[Bar]:
        """Bars without volume are left out, so older ones take their place."""
        bars: list[Bar] = []
        for _ in range(PAGES_MAX):
            missing = count - len(bars)
            found = (await self._datafeed.history(instrument.id, step, Window(before=before, countback=missing))).bars
            bars = [*(one for one in found if counts(instrument, one)), *bars]
            if len(found) < missing or len(bars) >= count:
                break
            before = found[0].time
        return bars


def offers(instrument: Instrument) -> bool:
    return instrument.tradable and not REPLAY.fullmatch(instrument.market)


def counts(instrument: Instrument, bar: Bar) -> bool:
    """A bar that is made of trades and has none is no bar; one made of quotes needs no volume."""
    return instrument.bar_source != "trade" or not instrument.has_volume or bar.volume > 0


def columns(bars: Sequence[Bar]) -> WireBars:
    return WireBars.trusted(
        t=tuple(one.time // 1000 for one in bars),
        o=tuple(one.open for one in bars),
        h=tuple(one.high for one in bars),
        l=tuple(one.low for one in bars),
        c=tuple(one.close for one in bars),
        v=tuple(one.volume for one in bars),
    )


def columns_of(listed: Sequence[Instrument], names: Names) -> SymbolInfo:
    charted = [symbol_information(one) for one in listed]
    symbols = tuple(names.wire(one.id) for one in listed)
    exchanges = tuple(one.exchange.upper() for one in listed)
    minutes = tuple(one.intraday_multipliers for one in charted)
    pairs = (InstrumentKind.FOREX, InstrumentKind.CRYPTO)
    return SymbolInfo(
        symbol=symbols,
        ticker=symbols,
        description=tuple(one.description for one in listed),
        currency=tuple(one.currency for one in listed),
        base_currency=tuple(one.base_currency if one.kind in pairs else None for one in listed),
        exchange_listed=exchanges,
        exchange_traded=exchanges,
        minimum_movement=tuple(one.minimum_movement for one in charted),
        pip_ticks=tuple(one.pip_ticks for one in charted),
        fractional=tuple(False for _ in listed),
        price_scale=tuple(one.price_scale for one in charted),
        type=tuple(KINDS[one.kind] for one in listed),
        is_cfd=tuple(KINDS[one.kind] is WireKind.CFD for one in listed),
        timezone=tuple(chart_zone(one.timezone) for one in listed),
        session=tuple(map(session_column, listed)),
        has_intraday=tuple(map(bool, minutes)),
        has_daily=tuple(True for _ in listed),
        has_weekly_and_monthly=tuple(True for _ in listed),
        has_no_volume=tuple(not one.has_volume for one in listed),
        intraday_multipliers=minutes,
        supported_resolutions=tuple(
            tuple(each.value for each in one.supported_resolutions if not each.value.endswith("S")) for one in charted
        ),
        bar_source=tuple(one.bar_source for one in listed),
        bar_transform=tuple("none" for _ in listed),
        bar_fill_gaps=tuple(False for _ in listed),
    )
