"""Contract 1.2 to 1.5 and 1.9 to 1.11: configuration, symbols, groups."""

import re

from trading_api.conformance.catalogue import UDF, check
from trading_api.conformance.sessions import hold_corrections, hold_holidays, schedule
from trading_api.conformance.shapes import (
    BOOLEAN,
    COUNT,
    LIST,
    NAME,
    NUMBER,
    OBJECT,
    TEXT,
    TEXTS,
    WHOLE,
    Doubtful,
    Json,
    Kind,
    NotApplicable,
    expect,
    fields,
    needed,
    of_kind,
    one_of,
    refusal,
    rows,
    shown,
)
from trading_api.conformance.udf import ALIASES, Udf, column, read_symbol, row_of
from trading_api.conformance.wire import Wire
from trading_api.conformance.zones import ZONES

UNKNOWN = "NOSUCHSYMBOL.X9"
RESOLUTION = re.compile(r"[1-9]\d*[TS]?|[1-9]\d*[DWM]|[DWM]")
_STOCKS = "stock index forex futures bitcoin crypto undefined expression spread cfd economic equity dr bond right warrant fund"
TYPES = frozenset((_STOCKS + " structured commodity fundamental spot swap option").split())
REQUIRED = {
    **dict.fromkeys(("name", "session", "timezone", "exchange", "listed_exchange"), NAME),
    **dict.fromkeys(("description", "type"), TEXT),
}
_TEXTS = "ticker long_description session_display session_holidays corrections currency_code original_currency_code unit_id"
_FLAGS = (
    "fractional has_intraday has_seconds has_ticks build_seconds_from_ticks has_daily has_weekly_and_monthly has_empty_bars "
    "expired"
)
_PRICE = r"(\d+\.?\d*|\.\d+)"
TICKS = Kind(
    "ticks and their bounds in turn, such as 0.01 10 0.02",
    lambda value: isinstance(value, str) and re.fullmatch(f"{_PRICE}( {_PRICE} {_PRICE})*", value) is not None,
)
LOGOS = Kind("one text or two", lambda value: TEXTS.holds(value) and len(value) in (1, 2))
SUBSESSIONS = one_of(("regular", "extended", "premarket", "postmarket"))
_LISTS = "base_name seconds_multipliers daily_multipliers weekly_multipliers monthly_multipliers unit_conversion_types"
TYPED = {
    **dict.fromkeys(_TEXTS.split(), TEXT),
    **dict.fromkeys(_FLAGS.split(), BOOLEAN),
    **dict.fromkeys((*_LISTS.split(), "intraday_multipliers", "supported_resolutions"), TEXTS),
    **dict.fromkeys(("volume_precision", "expiration_date"), WHOLE),
    **dict.fromkeys(("original_unit_id", "sector", "industry", "exchange_logo", "price_source_id"), TEXT),
    **dict.fromkeys(("subsessions", "price_sources"), LIST),
    "delay": NUMBER,
    "library_custom_fields": OBJECT,
    "logo_urls": LOGOS,
    "variable_tick_size": TICKS,
    "format": one_of(("price", "volume")),
    "visible_plots_set": one_of(("ohlcv", "ohlc", "hlc", "c")),
    "data_status": one_of(("streaming", "endofday", "delayed_streaming")),
    "subsession_id": SUBSESSIONS,
}


@check(UDF, section="1.2", rule="/config is an object in which supports_search or supports_group_request is true; choose one")
async def config_switches(udf: Udf) -> None:
    body = fields((await udf.wire.steady("/config")).json(), "/config", {})
    switches = [body.get(name) is True for name in ("supports_search", "supports_group_request")]
    expect(any(switches), "expected supports_search or supports_group_request to be true, found neither")
    if all(switches):
        raise Doubtful("expected one of supports_search and supports_group_request, found both")


@check(UDF, section="1.2", rule="The fields of /config have the types of the table")
async def config_fields(udf: Udf) -> None:
    flags = ("supports_search", "supports_group_request", "supports_marks", "supports_timescale_marks", "supports_time")
    body = await udf.config()
    kinds = {**dict.fromkeys(flags, BOOLEAN), **dict.fromkeys(("exchanges", "symbols_types", "currency_codes"), LIST)}
    fields(body, "/config", {}, {**kinds, "supported_resolutions": TEXTS, "units": OBJECT, "symbols_grouping": OBJECT})
    rows(body.get("exchanges") or [], "exchanges", dict.fromkeys(("value", "name", "desc"), TEXT))
    rows(body.get("symbols_types") or [], "symbols_types", dict.fromkeys(("name", "value"), TEXT))
    for number, code in enumerate(body.get("currency_codes") or []):
        if not isinstance(code, str):
            fields(code, f"currency_codes[{number}]", {"id": NAME, "code": NAME}, {"logoUrl": TEXT, "description": TEXT})
    fields(body.get("symbols_grouping") or {}, "symbols_grouping", {}, dict.fromkeys(body.get("symbols_grouping") or {}, NAME))
    for group, units in (body.get("units") or {}).items():
        rows(units, f"units of {group}", {"id": NAME, "name": TEXT, "description": TEXT})


@check(UDF, section="1.3", rule="Resolutions of /config are written 1T, 1S, 1, 1D, 1W, 1M")
async def config_resolutions(udf: Udf) -> None:
    _hold_resolutions((await udf.config()).get("supported_resolutions") or [], "/config")


@check(UDF, section="1.9", rule="A symbol has name, description, type, session, timezone, exchange and listed_exchange")
async def symbol_required_fields(udf: Udf) -> None:
    fields(await udf.symbol(), "the symbol", REQUIRED)


@check(UDF, section="1.9", rule="A symbol's other fields have the types of the table; what has expired says when")
async def symbol_field_types(udf: Udf) -> None:
    _hold_types(await udf.symbol(), "the symbol")


def _hold_types(symbol: Json, what: str) -> None:
    fields(symbol, what, {}, TYPED)
    expect(
        not symbol.get("expired") or symbol.get("expiration_date") is not None, f"expected expiration_date: {what} has expired"
    )
    rows(symbol.get("price_sources") or [], f"price_sources of {what}", {"id": NAME, "name": TEXT})
    _subsessions(symbol, what)


def _subsessions(symbol: Json, what: str) -> list[Json]:
    required = {"id": SUBSESSIONS, "description": TEXT, "session": NAME}
    return rows(symbol.get("subsessions") or [], f"subsessions of {what}", required)


@check(UDF, section="1.9", rule="A symbol's type is one of the words the library knows")
async def symbol_type(udf: Udf) -> None:
    of_kind((await udf.symbol()).get("type"), one_of(TYPES), "the type")


@check(UDF, section="1.4", rule="Where a field is sent under two of its names, both say the same")
async def symbol_aliases(udf: Udf) -> None:
    await udf.symbol()
    raw = await udf.raw(await udf.name())
    for name, others in ALIASES.items():
        values = {one: raw[one] for one in (name, *others) if raw.get(one) is not None}
        expect(len({shown(value) for value in values.values()}) <= 1, f"expected one value for {name}, found {shown(values)}")


@check(UDF, section="1.4", rule="A symbol that is found has no property s: any makes the client report an unknown symbol")
async def symbol_without_status(udf: Udf) -> None:
    await udf.need_mode(grouped=False)
    body = fields((await udf.wire.steady("/symbols", {"symbol": await udf.name()})).json(), "/symbols", {})
    expect("s" not in body, f"expected no 's' beside the symbol, found {shown(body.get('s'))}")


@check(UDF, section="1.4", rule="A name that differs from its ticker resolves to the same symbol, and so does EXCHANGE:NAME")
async def symbol_lookups(udf: Udf) -> None:
    await udf.need_mode(grouped=False)
    symbol = await udf.symbol()
    for name in (symbol.get("name"), symbol.get("ticker"), f"{symbol.get('listed_exchange')}:{symbol.get('name')}"):
        found = (await udf.wire.get("/symbols", {"symbol": name})).json()
        expect(
            isinstance(found, dict) and found.get("ticker", found.get("name")) == symbol.get("ticker", symbol.get("name")),
            f"expected '{name}' to resolve to {symbol.get('ticker')}, found {shown(found)}",
        )


@check(UDF, section="1.4", rule='An unknown symbol is answered {"s":"error","errmsg":…}')
async def symbol_unknown(udf: Udf) -> None:
    await udf.need_mode(grouped=False)
    refusal((await udf.wire.get("/symbols", {"symbol": UNKNOWN})).json(), "/symbols of an unknown symbol")


@check(UDF, section="1.10", rule="Session, holidays and corrections follow the grammar; the subsession shown has the session")
async def symbol_session(udf: Udf) -> None:
    symbol = await udf.symbol()
    schedule(symbol.get("session", ""))
    if symbol.get("session_display"):
        schedule(symbol["session_display"])
    hold_holidays(symbol.get("session_holidays") or "")
    hold_corrections(symbol.get("corrections") or "")
    with needed("subsessions of the types of the table"):
        subsessions = _subsessions(symbol, "the symbol")
    for one in subsessions:
        schedule(one["session"])
        same = one["id"] != symbol.get("subsession_id") or one["session"] == symbol["session"]
        expect(same, f"expected '{symbol['session']}' of the subsession shown, found {shown(one)}")


@check(UDF, section="1.11", rule="The time zone is one that charts accept")
async def symbol_timezone(udf: Udf) -> None:
    zone = (await udf.symbol()).get("timezone")
    expect(zone in ZONES, f"expected a time zone of the list, such as Etc/UTC, found {shown(zone)}")


@check(UDF, section="1.9", rule="pricescale is a power of ten, of two for fractions; minmov is a whole number above 0")
async def symbol_price_format(udf: Udf) -> None:
    symbol = await udf.symbol()
    scale = of_kind(symbol.get("pricescale"), COUNT, "pricescale")
    of_kind(symbol.get("minmov"), COUNT, "minmov")
    base = 2 if symbol.get("fractional") else 10
    while scale % base == 0:
        scale //= base
    expect(scale == 1, f"expected pricescale to be a power of {base}, found {symbol['pricescale']}")


@check(
    UDF,
    section="1.9",
    rule="Some resolution is offered; minutes need has_intraday, seconds has_seconds; multipliers ascend",
)
async def symbol_resolutions(udf: Udf) -> None:
    symbol = await udf.symbol()
    offered = symbol.get("supported_resolutions")
    if offered is not None:
        expect(offered != [], "expected resolutions, found none: the client disables every one")
        _hold_resolutions(offered, "the symbol")
        minutes = [one for one in offered if one.isdigit()]
        expect(not minutes or symbol.get("has_intraday") is True, f"expected has_intraday, found it absent beside {minutes}")
        seconds = [one for one in offered if one.endswith("S")]
        expect(not seconds or symbol.get("has_seconds") is True, f"expected has_seconds, found it absent beside {seconds}")
    for name in (
        "intraday_multipliers",
        "seconds_multipliers",
        "daily_multipliers",
        "weekly_multipliers",
        "monthly_multipliers",
    ):
        texts = symbol.get(name) or []
        expect(
            all(isinstance(one, str) and one.isdigit() for one in texts),
            f"expected numbers as texts in {name}, found {shown(texts)}",
        )
        expect(texts == sorted(set(texts), key=int), f"expected {name} to ascend, found {shown(texts)}")


def _hold_resolutions(offered: list[str], where: str) -> None:
    wrong = [one for one in offered if not (isinstance(one, str) and RESOLUTION.fullmatch(one))]
    expect(not wrong, f"expected resolutions such as 1, 5S or 1D in {where}, found {shown(wrong)}")


GROUP_COLUMNS = (
    "symbol",
    "description",
    "exchange-listed",
    "exchange-traded",
    "type",
    "timezone",
    "session-regular",
    "pricescale",
)


@check(
    UDF,
    section="1.5",
    rule="A group has the required columns, each one value for all rows or one a row",
)
async def group_columns(udf: Udf) -> None:
    await udf.need_mode(grouped=True)
    tables = await udf.tables()
    expect(bool(tables), "expected one of the groups NYSE, FOREX, AMEX to answer columns, found none")
    for group, table in tables:
        missing = [name for name in GROUP_COLUMNS if table.get(name) is None]
        expect(not missing, f"expected the columns {', '.join(missing)} in group {group}")
        expect("minmovement" in table or "minmov" in table, f"expected minmovement in group {group}")
        for name in table:
            cells = column(table, name)
            expect(
                len(cells) in (0, len(table["symbol"])),
                f"expected {len(table['symbol'])} rows of {name} in group {group}, found {len(cells)}",
            )


@check(UDF, section="1.5", rule="Every symbol of every group has fields of the right types, session, zone and price format")
async def group_rows(udf: Udf) -> None:
    await udf.need_mode(grouped=True)
    for group, table in await udf.tables():
        for number, name in enumerate(table["symbol"]):
            row = read_symbol(row_of(table, number))
            what = f"{name} of group {group}"
            fields(row, what, {"pricescale": COUNT, "minmov": COUNT}, REQUIRED)
            _hold_types(row, what)
            schedule(row.get("session", ""))
            expect(
                row.get("timezone") in ZONES, f"expected a time zone of the list for {what}, found {shown(row.get('timezone'))}"
            )


@check(UDF, section="1.5", rule="An unknown group is 404 or an error body")
async def group_unknown(udf: Udf) -> None:
    await udf.need_mode(grouped=True)
    answer = await udf.wire.get("/symbol_info", {"group": "NOSUCHGROUP"})
    if answer.status != 404:
        refusal(answer.json(), "/symbol_info of an unknown group")


COMPARED = frozenset((*REQUIRED, *ALIASES, "pricescale", "minmov", "fractional", "corrections"))
"""What a group can say of a symbol."""


@check(UDF, section="1.5", rule="A group's row equals what /symbols answers, field by field")
async def group_equals_symbols(udf: Udf) -> None:
    await udf.need_mode(grouped=True)
    beside = Wire(udf.wire.client, udf.terms.beside) if udf.terms.beside else udf.wire
    compared = 0
    for _, table in await udf.tables():
        for number in range(len(table["symbol"])):
            row = row_of(table, number)
            answer = await beside.get("/symbols", {"symbol": row["ticker"]})
            if answer.status == 404 and not udf.terms.beside:
                raise NotApplicable("/symbols is not there; give --beside URL of the datafeed that resolves the same symbols")
            _hold_equal(row["ticker"], read_symbol(row), read_symbol(fields(answer.json(), "/symbols", {})))
            compared += 1
    if not compared:
        raise NotApplicable("needs a group with symbols")


def _hold_equal(ticker: str, row: dict[str, object], symbol: dict[str, object]) -> None:
    fields_told = {name for name in (*REQUIRED, *TYPED, "pricescale", "minmov", "minmove2", "ticker") if name in row}
    pairs = {name: (row.get(name), symbol.get(name)) for name in sorted(fields_told | COMPARED)}
    different = {name: pair for name, pair in pairs.items() if (pair[0] or None) != (pair[1] or None)}
    expect(not different, f"expected {ticker} of the group to equal /symbols, found (group, symbols) {shown(different)}")
