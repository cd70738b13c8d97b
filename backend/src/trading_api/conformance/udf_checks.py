"""Contract 1.1, 1.6 and 1.8: search, quotes, the clock, marks, errors, pages of other sites."""

from trading_api.conformance.bars import DAY, MINUTE, closed_days, date_of, history, sample
from trading_api.conformance.catalogue import UDF, check
from trading_api.conformance.shapes import (
    ID,
    LIST,
    NAME,
    NUMBER,
    OBJECT,
    POSITIVE,
    TEXT,
    WHOLE,
    Broken,
    Json,
    NotApplicable,
    expect,
    fields,
    of_kind,
    one_of,
    refusal,
    rows,
    shown,
)
from trading_api.conformance.udf import Udf
from trading_api.conformance.udf_symbol_checks import UNKNOWN

ORIGIN = {"Origin": "https://charts.example"}
SEARCH_ROW = {"symbol": NAME, "description": TEXT, "exchange": TEXT, "type": TEXT}
MARKS_OF_BAR_MAX = 10
"""Marks a chart shows of one bar."""


async def _search(udf: Udf, query: str, **filters: object) -> list[Json]:
    await udf.need("supports_search")
    found = (await udf.wire.get("/search", {"query": query, "type": "", "exchange": "", "limit": 30, **filters})).json()
    return list(of_kind(found, LIST, "the answer of /search"))


async def _short_name(udf: Udf) -> str:
    return str((await udf.symbol()).get("name"))


@check(UDF, section="1.6", rule="/search answers a bare array of rows with symbol, description, exchange, type")
async def search_rows(udf: Udf) -> None:
    optional = {"ticker": NAME, "full_name": TEXT, "logo_urls": LIST, "exchange_logo": TEXT}
    rows(await _search(udf, await _short_name(udf)), "/search", SEARCH_ROW, optional)


@check(UDF, section="1.6", rule="An empty query answers a default list")
async def search_empty_query(udf: Udf) -> None:
    expect(bool(await _search(udf, "")), "expected symbols for an empty query, found none")


@check(UDF, section="1.6", rule="limit bounds the rows")
async def search_limit(udf: Udf) -> None:
    found = await _search(udf, "", limit=1)
    expect(len(found) <= 1, f"expected at most 1 row with limit=1, found {len(found)}")


@check(UDF, section="5.4", rule="Search does not look at upper and lower case")
async def search_case(udf: Udf) -> None:
    name = await _short_name(udf)
    upper, lower = await _search(udf, name.upper()), await _search(udf, name.lower())
    expect(_symbols(upper) == _symbols(lower), f"expected the same rows for '{name.lower()}' as for '{name.upper()}'")


@check(UDF, section="6 (14)", rule="A symbol is found by its name, under the ticker it resolves to")
async def search_finds(udf: Udf) -> None:
    symbol = await udf.symbol()
    found = await _search(udf, str(symbol.get("name")))
    tickers = [row.get("ticker") or row.get("symbol") for row in found if isinstance(row, dict)]
    expect(symbol.get("ticker", symbol.get("name")) in tickers, f"expected {symbol.get('ticker')} among {shown(tickers)}")


@check(UDF, section="1.6", rule="[] where nothing matches")
async def search_nothing(udf: Udf) -> None:
    found = await _search(udf, UNKNOWN)
    expect(found == [], f"expected no rows for '{UNKNOWN}', found {len(found)}")


@check(UDF, section="1.6", rule="type and exchange leave out what is of another")
async def search_filters(udf: Udf) -> None:
    config = await udf.config()
    for parameter, field, offered in (("type", "type", "symbols_types"), ("exchange", "exchange", "exchanges")):
        values = [one.get("value") for one in config.get(offered) or [] if isinstance(one, dict) and one.get("value")]
        for value in values[:3]:
            kinds = {row.get(field) for row in await _search(udf, "", **{parameter: value}) if isinstance(row, dict)}
            expect(kinds <= {value}, f"expected only {field} '{value}', found {shown(sorted(map(str, kinds)))}")


def _symbols(found: list[Json]) -> list[Json]:
    return [row.get("symbol") for row in found if isinstance(row, dict)]


async def _quotes(udf: Udf, *names: str) -> list[Json]:
    body = fields((await udf.wire.get("/quotes", {"symbols": ",".join(names)})).json(), "/quotes", {"s": NAME})
    expect(body["s"] == "ok", f"expected 's' of /quotes to be ok, found {shown(body)}")
    return rows(body.get("d"), "d of /quotes", {"n": TEXT})


async def _quoted_names(udf: Udf) -> list[str]:
    symbol, names = await udf.symbol(), await udf.names()
    asked = [str(symbol.get("ticker") or symbol.get("name")), str(symbol.get("name"))]
    return list(dict.fromkeys((*asked, *(name for name in names if "," not in name))))[:4]


@check(UDF, section="1.8", rule="/quotes answers one entry a symbol, in the order asked, n as it was asked for")
async def quotes_names(udf: Udf) -> None:
    asked = await _quoted_names(udf)
    found = [row["n"] for row in await _quotes(udf, *asked)]
    expect(found == asked, f"expected n {shown(asked)}, found {shown(found)}")


@check(UDF, section="1.8", rule="A quote's values have the types of the table; bid and ask are above 0 or absent")
async def quotes_values(udf: Udf) -> None:
    name = (await _quoted_names(udf))[0]
    entries = [row for row in await _quotes(udf, name) if row.get("n") == name or row.get("s") == "ok"]
    expect(bool(entries), f"expected a quote of {name}")
    fields(entries[0], f"the quote of {name}", {"s": one_of(("ok",)), "v": OBJECT})
    texts = dict.fromkeys(("short_name", "exchange", "description", "original_name"), TEXT)
    numbers = "ch chp spread open_price high_price low_price prev_close_price volume rtc rtc_time rch rchp"
    prices = dict.fromkeys(("lp", "ask", "bid"), POSITIVE)
    values = fields(entries[0]["v"], f"v of {name}", {}, {**texts, **dict.fromkeys(numbers.split(), NUMBER), **prices})
    expect(values.get("lp") is not None, f"expected lp in v of {name}, found {shown(values)}")


@check(UDF, section="1.8", rule="A symbol nobody knows is an error entry of its own; the others are answered")
async def quotes_unknown(udf: Udf) -> None:
    name = (await _quoted_names(udf))[0]
    body = fields((await udf.wire.get("/quotes", {"symbols": f"{name},{UNKNOWN}"})).json(), "/quotes", {"d": LIST})
    states = {row.get("n"): row.get("s") for row in body["d"] if isinstance(row, dict)}
    expect(states.get(UNKNOWN) == "error", f"expected an entry of {UNKNOWN} with s error, found {shown(states)}")
    expect(
        len(states) == 2 and any(state == "ok" for state in states.values()), f"expected {name} answered, found {shown(states)}"
    )


@check(UDF, section="1.8", rule="/time is a bare whole number, Unix seconds of now")
async def time_bare_integer(udf: Udf) -> None:
    await udf.need("supports_time")
    body = of_kind((await udf.wire.get("/time")).json(), WHOLE, "the body of /time")
    expect(10**8 < body < 10**10, f"expected Unix seconds from /time, found {body}")


async def _marks(udf: Udf, path: str, switch: str) -> tuple[Json, int, int]:
    await udf.need(switch)
    traded, now = await udf.traded(), int(await udf.now())
    query = {"symbol": traded.ticker, "from": now - 30 * DAY, "to": now, "resolution": "1D"}
    return (await udf.wire.get(path, query)).json(), now - 31 * DAY, now + DAY


@check(UDF, section="1.8", rule="/marks is columns as long as id, or an array of objects; at most 10 marks a bar")
async def marks_shape(udf: Udf) -> None:
    body, start, end = await _marks(udf, "/marks", "supports_marks")
    marks = _rows_of(body, "/marks")
    typed = dict.fromkeys(("text", "label", "labelFontColor"), TEXT)
    rows(marks, "/marks", {"id": ID, "time": WHOLE}, {**typed, "minSize": NUMBER})
    _hold_times(marks, start, end, "/marks")
    times = [mark["time"] for mark in marks]
    crowded = [time for time in set(times) if times.count(time) > MARKS_OF_BAR_MAX]
    expect(not crowded, f"expected at most {MARKS_OF_BAR_MAX} marks at a time, found more at {shown(crowded)}")


@check(UDF, section="1.8", rule="/timescale_marks is an array of objects with id, time, color, label, tooltip")
async def timescale_marks_shape(udf: Udf) -> None:
    body, start, end = await _marks(udf, "/timescale_marks", "supports_timescale_marks")
    marks = _rows_of(body, "/timescale_marks")
    shapes = one_of(("circle", "earningUp", "earningDown", "earning"))
    rows(marks, "/timescale_marks", {"id": ID, "time": WHOLE}, {"label": TEXT, "tooltip": LIST, "shape": shapes})
    _hold_times(marks, start, end, "/timescale_marks")


def _rows_of(body: Json, what: str) -> list[Json]:
    if isinstance(body, list):
        return body
    count = len(fields(body, what, {"id": LIST})["id"])
    columns = {name: cells if isinstance(cells, list) else [cells] * count for name, cells in body.items()}
    uneven = [name for name, cells in columns.items() if len(cells) != count]
    expect(not uneven, f"expected columns of {count} rows in {what}, found {', '.join(uneven)} otherwise")
    return [{name: cells[number] for name, cells in columns.items()} for number in range(count)]


def _hold_times(marks: list[Json], start: int, end: int, what: str) -> None:
    outside = [mark["time"] for mark in marks if not start <= mark["time"] <= end]
    expect(not outside, f"expected times of {what} in seconds, within what was asked for, found {shown(outside)}")


@check(UDF, section="1.7", rule='/history of an unknown symbol is {"s":"error","errmsg":…}')
async def history_unknown_symbol(udf: Udf) -> None:
    now = int(await udf.now())
    query = {"symbol": UNKNOWN, "resolution": "1D", "from": now - DAY, "to": now, "countback": 2}
    refusal((await udf.wire.get("/history", query)).json(), "/history of an unknown symbol")


@check(UDF, section="5.4", rule="A resolution that is not served is an error whose text contains the word resolution")
async def history_unknown_resolution(udf: Udf) -> None:
    now, traded = int(await udf.now()), await udf.traded()
    query = {"symbol": traded.ticker, "resolution": "7919", "from": now - DAY, "to": now, "countback": 2}
    text = refusal((await udf.wire.get("/history", query)).json(), "/history in a resolution nobody serves")
    expect("resolution" in text.lower(), f"expected the word 'resolution' in errmsg, found '{text}'")


@check(UDF, section="1.1", rule="A request that misses its parameters is answered in JSON with s error")
async def errors_in_json(udf: Udf) -> None:
    for path in ("/history",) if await udf.grouped() else ("/history", "/symbols"):
        refusal((await udf.wire.get(path)).json(), f"{path} without parameters")


@check(UDF, section="1.3", rule="D and 1D, W and 1W, M and 1M are the same resolution")
async def history_resolution_spellings(udf: Udf) -> None:
    now, traded = int(await udf.now()), await udf.traded()
    if not traded.daily:
        raise NotApplicable(f"{traded.ticker} has no daily bars")
    units = ("D", "W", "M") if (await udf.symbol()).get("has_weekly_and_monthly") else ("D",)
    for unit in units:
        answers = [
            await history(udf, now - 40 * DAY, now - 2 * DAY, resolution=text, countback=3) for text in (unit, f"1{unit}")
        ]
        expect(answers[0].times == answers[1].times, f"expected the same bars for {unit} as for 1{unit}")


@check(UDF, section="1.7", rule="Weeks and months are stamped 00:00 UTC, each once, a month on its first trading day")
async def history_weeks_and_months(udf: Udf) -> None:
    now, symbol = int(await udf.now()), await udf.symbol()
    if not symbol.get("has_weekly_and_monthly"):
        raise NotApplicable("the symbol says no has_weekly_and_monthly")
    for unit, form in (("W", "%G-%V"), ("M", "%Y-%m")):
        times = (await history(udf, now - 100 * DAY, now, resolution=f"1{unit}")).times
        expect(bool(times), f"expected bars of 1{unit} in the last hundred days, found none")
        uneven = [time for time in times if time % DAY]
        expect(not uneven, f"expected bars of 1{unit} at 00:00 UTC, found {shown(uneven)}")
        named = [date_of(time).strftime(form) for time in times]
        expect(named == sorted(set(named)), f"expected one bar of 1{unit} for each, found {shown(times)}")
    await closed_days(udf, 1)
    for month in times[1:]:  # data may begin within the first one
        start = month - (date_of(month).day - 1) * DAY
        days = (await history(udf, start, start + 28 * DAY, resolution="1D")).times
        first = date_of(days[0] if days else month)
        expect(date_of(month) == first, f"expected the month of {first} to begin on that day, found {date_of(month)}")


@check(UDF, section="1.9", rule="The minutes that a symbol's intraday_multipliers name are answered")
async def history_multipliers(udf: Udf) -> None:
    bars, symbol = await sample(udf), await udf.symbol()
    offered = symbol.get("supported_resolutions")
    for text in symbol.get("intraday_multipliers") or ():
        if offered is None or text in offered:
            found = await history(udf, bars[0].time, bars[-1].time + 1, resolution=text, countback=2)
            expect(bool(found.rows), f"expected bars of {text} minutes, found none")


@check(UDF, section="1.1", rule="Access-Control-Allow-Origin stands on successful answers")
async def cors_on_success(udf: Udf) -> None:
    _hold_origin((await udf.wire.get("/config", headers=ORIGIN)).headers.get("access-control-allow-origin"), "/config")


@check(UDF, section="1.1", rule="Access-Control-Allow-Origin stands on errors and on paths that are not there")
async def cors_on_errors(udf: Udf) -> None:
    for path, query in (("/history", {"symbol": UNKNOWN}), ("/no-such-path", {})):
        answer = await udf.wire.get(path, query, headers=ORIGIN)
        _hold_origin(answer.headers.get("access-control-allow-origin"), f"{path} with status {answer.status}")


@check(UDF, section="1.1", rule="A preflight for custom headers is answered with the origin and the headers")
async def cors_preflight(udf: Udf) -> None:
    asked = {**ORIGIN, "Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "x-own"}
    answer = await udf.wire.ask("OPTIONS", "/config", headers=asked)
    expect(answer.status in (200, 204), f"expected status 200 or 204 of a preflight, found {answer.status}")
    _hold_origin(answer.headers.get("access-control-allow-origin"), "the preflight")
    allowed = answer.headers.get("access-control-allow-headers", "")
    expect("x-own" in allowed.lower() or allowed == "*", f"expected x-own among the allowed headers, found '{allowed}'")


def _hold_origin(allowed: str | None, what: str) -> None:
    expect(allowed in ("*", ORIGIN["Origin"]), f"expected Access-Control-Allow-Origin on {what}, found {shown(allowed)}")


@check(UDF, section="1.7", rule="The current bar is in the poll of a chart: to = now, ten periods back, countback = 2")
async def history_current_bar(udf: Udf) -> None:
    now, traded = int(await udf.now()), await udf.traded()
    if not traded.schedule.span_at(now - 3 * MINUTE, traded.zone) or not traded.schedule.span_at(now, traded.zone):
        raise NotApplicable(f"{traded.ticker} is closed")
    await sample(udf)
    found = await history(udf, now - 10 * MINUTE, now, countback=2)
    expect(len(found.rows) >= 2, f"expected at least 2 bars, found {len(found.rows)}")
    latest = max(found.times)
    expect(latest > now - 2 * MINUTE, f"expected the bar that is open at {now}, found {latest} as the latest")


@check(UDF, section="1.7", rule="Without countback a window is answered all the same; from = 0 is legal")
async def history_from_zero(udf: Udf) -> None:
    bars = await sample(udf)
    found = await history(udf, 0, bars[-1].time + 1, countback=5)
    if len(found.rows) < 5:
        raise Broken(f"expected 5 bars with from=0 and countback=5, found {len(found.rows)}")
