"""A UDF server as its client sees it: which mode it speaks, and a symbol read as the adapter reads it."""

from collections.abc import Mapping
from typing import Final

from trading_api.conformance.bars import Bar, Traded, is_open
from trading_api.conformance.clock import Clock
from trading_api.conformance.shapes import OBJECT, Broken, Json, NotApplicable, expect, needed, of_kind
from trading_api.conformance.terms import Terms
from trading_api.conformance.wire import Wire

GROUPS: Final = ("NYSE", "FOREX", "AMEX")
"""The groups that the client asks for, whatever there is."""
SYMBOLS_TRIED_MAX = 12
"""Symbols looked at until one is open."""
FALLBACK: Final = {
    "supports_search": False,
    "supports_group_request": True,
    "supported_resolutions": ["1", "5", "15", "30", "60", "1D", "1W", "1M"],
}
"""What a client assumes when /config cannot be read."""
ALIASES: Final[Mapping[str, tuple[str, ...]]] = {
    "listed_exchange": ("exchange-listed", "listed-exchange"),
    "exchange": ("exchange-traded",),
    "minmov": ("minmovement",),
    "minmove2": ("minmovement2",),
    "session": ("session-regular",),
    **{
        name: (name.replace("_", "-"),)
        for name in (
            *("currency_code", "original_currency_code", "unit_id", "original_unit_id", "unit_conversion_types"),
            *("has_intraday", "has_daily", "has_weekly_and_monthly", "has_empty_bars", "session_holidays"),
            *("supported_resolutions", "intraday_multipliers", "visible_plots_set", "volume_precision"),
        )
    },
}
DEFAULTS: Final = {
    "has_intraday": False,
    "has_daily": True,
    "format": "price",
    "intraday_multipliers": ["1", "5", "15", "30", "60"],
}
_TOLD_WITH_HYPHENS: Final = frozenset(other for others in ALIASES.values() for other in others)
ARRAYS: Final = ("supported-resolutions", "intraday-multipliers", "unit-conversion-types")


class Udf:
    to_included = False

    def __init__(self, wire: Wire, terms: Terms, clock: Clock) -> None:
        self.wire, self.terms, self.clock = wire, terms, clock
        self._name: str | None = None
        self.sampled: list[Bar] | None = None

    async def config(self) -> Json:
        """As the client holds it: an unreadable one is its fallback."""
        try:
            body = (await self.wire.steady("/config")).json()
        except Broken:
            return FALLBACK
        return body if isinstance(body, dict) else FALLBACK

    async def supports(self, switch: str) -> bool:
        return (await self.config()).get(switch) is True

    async def grouped(self) -> bool:
        return await self.supports("supports_group_request")

    async def need(self, switch: str) -> None:
        if not await self.supports(switch):
            raise NotApplicable(f"/config says no {switch}")

    async def need_mode(self, *, grouped: bool) -> None:
        if await self.grouped() != grouped:
            raise NotApplicable(
                "the datafeed answers whole groups" if not grouped else "the datafeed resolves symbols one by one"
            )

    async def now(self) -> float:
        if await self.supports("supports_time"):
            try:
                return float((await self.wire.get("/time")).json())
            except (Broken, TypeError, ValueError):
                pass
        return self.clock.now()

    async def name(self) -> str:
        """The symbol that is looked at: the one asked for, else one that is open now, else the first."""
        if self._name is None:
            self._name = self.terms.symbol or await self._choose()
        return self._name

    async def _choose(self) -> str:
        names = (await self.names())[:SYMBOLS_TRIED_MAX]
        if not names:
            raise NotApplicable("needs a symbol: the server names none, give --symbol")
        now = await self.now()
        for name in names:
            try:
                if is_open(_traded(read_symbol(await self.raw(name))), now):
                    return name
            except (Broken, NotApplicable):
                continue
        return names[0]

    async def names(self) -> list[str]:
        """What can be resolved: tickers, of the groups or of an empty search."""
        if await self.grouped():
            return [
                str(name) for _, table in await self.tables() for name in column(table, "ticker") or column(table, "symbol")
            ]
        with needed("a search"):
            found = (await self.wire.steady("/search", {"query": "", "type": "", "exchange": "", "limit": 30})).json()
        listed = found if isinstance(found, list) else []
        return [str(row.get("ticker") or row.get("symbol")) for row in listed if isinstance(row, dict)]

    async def tables(self) -> list[tuple[str, Json]]:
        """The groups that answer: the client's three, and the exchanges of /config."""
        exchanges = (await self.config()).get("exchanges") or []
        more = [one.get("value") for one in exchanges if isinstance(one, dict)]
        found = []
        for group in dict.fromkeys((*GROUPS, *filter(None, more))):
            try:
                table = (await self.wire.steady("/symbol_info", {"group": group})).json()
            except Broken:
                continue
            if isinstance(table, dict) and isinstance(table.get("symbol"), list):
                found.append((group, table))
        return found

    async def raw(self, name: str) -> Json:
        """A symbol as it is sent, a group's row included."""
        if not await self.grouped():
            body = (await self.wire.steady("/symbols", {"symbol": name})).json()
            return of_kind(body, OBJECT, "the answer of /symbols")
        for _, table in await self.tables():
            for number, symbol in enumerate(table["symbol"]):
                row = row_of(table, number)
                if name in (symbol, row.get("ticker"), f"{row.get('exchange-listed')}:{symbol}"):
                    return row
        raise Broken(f"expected {name} in one of the groups")

    async def symbol(self) -> Json:
        """As the adapter hands it on; another check says when there is none."""
        with needed("a symbol"):
            raw = await self.raw(await self.name())
            expect("s" not in raw, f"/symbols answers {raw.get('s')!r} for {await self.name()}")
            return read_symbol(raw)

    async def traded(self) -> Traded:
        return _traded(await self.symbol())


def _traded(symbol: Json) -> Traded:
    name = symbol.get("ticker") or symbol.get("name")
    texts = (name, symbol.get("session"), symbol.get("timezone"))
    if not all(isinstance(one, str) for one in texts):
        raise NotApplicable("needs a symbol with name, session and timezone")
    intraday, daily = symbol.get("has_intraday") is True, symbol.get("has_daily") is not False
    return Traded(str(name), str(texts[1]), str(texts[2]), intraday, daily, str(symbol.get("corrections") or ""))


def read_symbol(raw: Json) -> Json:
    """With the adapter's aliases and defaults (contract 1.4)."""
    read = dict(raw)
    for name, others in ALIASES.items():
        found = next((raw[one] for one in (name, *others) if raw.get(one) is not None), DEFAULTS.get(name))
        if found is not None:
            read[name] = found
    read.setdefault("format", "price")
    return read


def column(table: Json, name: str) -> list[Json]:
    """A column with one cell a row; a scalar is every row's."""
    count, cells = len(table["symbol"]), table.get(name)
    if name in ARRAYS and isinstance(cells, list) and not any(isinstance(one, list) for one in cells[:1]):
        return [cells] * count
    if isinstance(cells, list):
        return cells
    return [] if cells is None else [cells] * count


def row_of(table: Json, number: int) -> dict[str, Json]:
    """A row under the names of a symbol: hyphens stay, `symbol` is its name."""
    row: dict[str, Json] = {"name": table["symbol"][number]}
    for name in table:
        if name in ("symbol", "s"):
            continue
        cells = column(table, name)
        if number < len(cells) and cells[number] is not None:
            row[name if name in _TOLD_WITH_HYPHENS else name.replace("-", "_")] = cells[number]
    row.setdefault("ticker", row["name"])
    return row
