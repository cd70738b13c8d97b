"""The faults of datafeeds."""

from faults import Fault, _shifted, answer, append, bar_faults, bars, body, drop, each, minutes, reply_of, setting, without
from reference_datafeed import SYMBOL
from reference_wire import DAY, NOW, Asked, Reply

DAY_ONLY = {"description": "By day", "session": "0930-1600"}
WEEKDAYS = {"session": "0000-0000", "subsessions": []}


def _unknown(asked: Asked) -> bool:
    return "NOSUCH" in str(asked.query)


def _found(asked: Asked) -> bool:
    return not _unknown(asked) and "symbol" in asked.query


def _fives(asked: Asked) -> bool:
    return asked.query.get("resolution") == "5" and "countback" in asked.query


def _without_origin(reply: Reply) -> None:
    reply.headers.pop("access-control-allow-origin", None)


def _quoted(told: dict[str, object]) -> None:
    for entry in told["d"]:  # type: ignore[attr-defined]
        if entry["s"] == "ok":
            entry["n"] = entry["n"].lower()


def datafeed_faults() -> list[Fault]:
    row = {"symbol": "Q", "description": "", "exchange": "LTRS", "type": "index"}
    return [
        Fault("configSwitches", body("/config", setting(supports_search=False))),
        Fault("configSwitches", body("/config", setting(supports_group_request=True)), warns=True),
        Fault("configFields", body("/config", setting(supports_marks="yes"))),
        Fault("configFields", body("/config", setting(symbols_grouping={"futures": 1}))),
        Fault("configResolutions", body("/config", setting(supported_resolutions=["1", "1 day"]))),
        Fault("symbolRequiredFields", body("/symbols", without("description"), _found)),
        Fault("symbolFieldTypes", body("/symbols", setting(has_empty_bars="no"), _found)),
        Fault("symbolFieldTypes", body("/symbols", setting(expired=True), _found)),
        Fault("symbolFieldTypes", body("/symbols", setting(logo_urls=["a", "b", "c"]), _found)),
        Fault("symbolFieldTypes", body("/symbols", setting(variable_tick_size="0.01 10 0.02 25"), _found)),
        Fault("symbolFieldTypes", body("/symbols", setting(subsessions=[{"id": "regular", "description": ""}]), _found)),
        Fault("symbolType", body("/symbols", setting(type="share"), _found)),
        Fault("symbolAliases", body("/symbols", setting(minmovement=5), _found)),
        Fault("symbolWithoutStatus", body("/symbols", setting(s="ok"), _found)),
        Fault(
            "symbolLookups", answer("/symbols", {"s": "error", "errmsg": "?"}, lambda a: a.query.get("symbol") == "LTRS:ABC")
        ),
        Fault("symbolUnknown", answer("/symbols", {"s": "error"}, _unknown)),
        Fault("symbolSession", body("/symbols", setting(session="9:30-16:00"), _found)),
        Fault("symbolSession", body("/symbols", setting(corrections="1000-1200:20231229,20240102"), _found)),
        Fault("symbolSession", body("/symbols", setting(subsessions=[{**DAY_ONLY, "id": "regular"}]), _found)),
        Fault("symbolTimezone", body("/symbols", setting(timezone="UTC"), _found)),
        Fault("symbolPriceFormat", body("/symbols", setting(pricescale=250), _found)),
        Fault("symbolResolutions", body("/symbols", setting(supported_resolutions=[]), _found)),
        Fault("searchRows", body("/search", each(without("description")))),
        Fault("searchEmptyQuery", answer("/search", [], lambda a: a.query["query"] == "")),
        Fault("searchLimit", body("/search", lambda told: told.append(row), lambda a: a.query["limit"] == "1")),
        Fault("searchCase", answer("/search", [], lambda a: a.query["query"] == "abc")),
        Fault("searchFinds", body("/search", each(setting(ticker="M9:ABC")), lambda a: a.query["query"] == "ABC")),
        Fault("searchNothing", answer("/search", [row], _unknown)),
        Fault("searchFilters", body("/search", lambda told: told.append(row), lambda a: a.query["type"] == "stock")),
        Fault("quotesNames", body("/quotes", _quoted)),
        Fault("quotesValues", body("/quotes", lambda told: told["d"][0]["v"].update(bid=0))),
        Fault("quotesUnknown", body("/quotes", lambda told: told["d"].pop(), _unknown)),
        Fault("timeBareInteger", answer("/time", {"time": NOW})),
        Fault("marksShape", body("/marks", setting(time=[NOW]))),
        Fault("timescaleMarksShape", body("/timescale_marks", each(setting(time=NOW * 1000)))),
        Fault("historyUnknownSymbol", answer("/history", {"s": "no_data"}, _unknown)),
        Fault(
            "historyUnknownResolution",
            answer("/history", {"s": "error", "errmsg": "no"}, lambda a: a.query.get("resolution") == "7919"),
        ),
        Fault("errorsInJson", answer("/history", "<h1>Bad request</h1>", lambda a: not a.query, 400)),
        Fault("historyResolutionSpellings", answer("/history", {"s": "no_data"}, lambda a: a.query.get("resolution") == "D")),
        Fault("corsOnSuccess", reply_of(_without_origin, lambda a, r: a.path == "/config" and a.method == "GET")),
        Fault("corsOnErrors", reply_of(_without_origin, lambda a, r: r.status == 404)),
        Fault("corsPreflight", reply_of(lambda reply: setattr(reply, "status", 405), lambda a, r: a.method == "OPTIONS")),
        Fault(
            "historyCurrentBar", bars(lambda told, a: drop(told, -1), lambda a: minutes(a) and a.query.get("countback") == "2")
        ),
        Fault("historyFromZero", answer("/history", {"s": "no_data"}, lambda a: a.query.get("from") == "0")),
        Fault(
            "historyWindow",
            bars(lambda told, a: append(told, int(a.query["to"])), lambda a: minutes(a) and int(a.query["to"]) % 60 == 0),
        ),
        Fault("historyWeeksAndMonths", bars(_shifted(3600), lambda a: a.query["resolution"] in ("W", "1W"))),
        Fault("historyWeeksAndMonths", bars(_shifted(2 * DAY), lambda a: a.query["resolution"] in ("M", "1M"))),
        Fault("historyMultipliers", answer("/history", {"s": "error", "errmsg": "resolution"}, _fives)),
        Fault("historyDailyHistoryAvailability", body("/symbols", setting(**WEEKDAYS), _found)),
        Fault("historySessionAlignment", bars(_shifted(1800), lambda a: a.query["resolution"] == "60")),
        *bar_faults(),
    ]


def group_faults() -> list[Fault]:
    abc = [SYMBOL["name"]]
    equal = ("groupEqualsSymbols",)
    return [
        Fault("groupColumns", body("/symbol_info", lambda told: told.update(extra=[1, 2, 3]) if "symbol" in told else None)),
        Fault(
            "groupRows",
            body("/symbol_info", lambda told: told.update(pricescale=[0]) if told.get("symbol") not in (None, abc) else None),
            equal,
        ),
        Fault("groupUnknown", answer("/symbol_info", {}, lambda a: "NOSUCH" in a.query["group"])),
        Fault(
            "groupEqualsSymbols",
            body("/symbol_info", lambda told: told.update(description=["?"]) if "symbol" in told else None),
        ),
    ]
