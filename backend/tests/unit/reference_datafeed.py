"""A UDF datafeed of two symbols that keeps every rule, resolving symbols one by one or as groups."""

from copy import deepcopy
from typing import Any

from reference_wire import DAY, NOW, STEPS, Asked, FakeClock, Reply, columns

SYMBOL: dict[str, Any] = {
    "name": "ABC",
    "ticker": "M1:ABC",
    "description": "A company of letters",
    "type": "stock",
    "session": "24x7",
    "session_holidays": "20240101",
    "corrections": "1000-1200:20240102,20231229",
    "timezone": "Etc/UTC",
    "exchange": "LTRS",
    "listed_exchange": "LTRS",
    "format": "price",
    "pricescale": 100,
    "minmov": 1,
    "has_intraday": True,
    "intraday_multipliers": ["1", "5", "60"],
    "has_daily": True,
    "has_weekly_and_monthly": True,
    "supported_resolutions": ["1", "5", "60", "1D", "1W", "1M"],
    "volume_precision": 0,
    "variable_tick_size": "0.01 10 0.02",
    "logo_urls": ["https://letters.example/abc.svg"],
    "subsession_id": "regular",
    "subsessions": [{"id": "regular", "description": "Regular", "session": "24x7"}],
}
OTHER = {
    **SYMBOL,
    "name": "XYZ",
    "ticker": "M1:XYZ",
    "description": "Its rival",
    "type": "index",
    "exchange": "LAST",
    "listed_exchange": "LAST",
}
ALL = (SYMBOL, OTHER)
HYPHENS = {
    "session": "session-regular",
    "exchange": "exchange-traded",
    "listed_exchange": "exchange-listed",
    "minmov": "minmovement",
}
QUOTE = {
    "lp": 100.5,
    "bid": 100.4,
    "ask": 100.6,
    "spread": 0.2,
    "ch": 1.5,
    "chp": 1.51,
    "volume": 12,
    "open_price": 99,
    "high_price": 101,
    "low_price": 98.5,
    "prev_close_price": 99,
    "short_name": "ABC",
    "exchange": "LTRS",
}
MARKS = {
    "id": [1, 2],
    "time": [NOW // DAY * DAY, NOW // DAY * DAY - DAY],
    "color": ["red", "blue"],
    "text": ["a", "b"],
    "label": ["A", "B"],
    "labelFontColor": ["white", "white"],
    "minSize": [10, 12],
}
TIMESCALE_MARKS = [
    {"id": "x", "time": NOW // DAY * DAY, "color": "red", "label": "E", "tooltip": ["one", "two"], "shape": "circle"}
]


def refused(text: str) -> Reply:
    return Reply({"s": "error", "errmsg": text})


class Datafeed:
    def __init__(self, clock: FakeClock, *, grouped: bool) -> None:
        self._clock, self._grouped = clock, grouped

    def __call__(self, asked: Asked) -> Reply:
        reply = self._answer(asked)
        reply.headers["access-control-allow-origin"] = "*"
        return reply

    def _answer(self, asked: Asked) -> Reply:
        if asked.method == "OPTIONS":
            return Reply("", 204, {"access-control-allow-headers": asked.headers["access-control-request-headers"]})
        answers = {
            "/config": self._config,
            "/symbols": self._symbols,
            "/symbol_info": self._symbol_info,
            "/search": self._search,
            "/history": self._history,
            "/quotes": self._quotes,
            "/time": lambda _: Reply(int(self._clock.now())),
            "/marks": lambda _: Reply(deepcopy(MARKS)),
            "/timescale_marks": lambda _: Reply(deepcopy(TIMESCALE_MARKS)),
        }
        answer = answers.get(asked.path)
        return answer(asked.query) if answer else Reply({"s": "error", "errmsg": "no such path"}, 404)

    def _config(self, query: dict[str, str]) -> Reply:
        exchanges = [{"value": value, "name": value or "All", "desc": value} for value in ("", "LTRS", "LAST")]
        return Reply(
            {
                "supports_search": not self._grouped,
                "supports_group_request": self._grouped,
                "supports_marks": True,
                "supports_timescale_marks": True,
                "supports_time": True,
                "supported_resolutions": ["1", "5", "60", "1D", "1W", "1M"],
                "exchanges": exchanges,
                "symbols_types": [{"name": "All", "value": ""}, {"name": "Stock", "value": "stock"}],
                "currency_codes": ["USD", {"id": "EUR", "code": "EUR"}],
                "symbols_grouping": {"futures": "^(.+)([12]!)$"},
                "units": {"weight": [{"id": "kg", "name": "kg", "description": "kilograms"}]},
            }
        )

    def _symbols(self, query: dict[str, str]) -> Reply:
        found = symbol_of(query.get("symbol", ""))
        return Reply(deepcopy(found)) if found else refused("unknown symbol")

    def _symbol_info(self, query: dict[str, str]) -> Reply:
        rows = [symbol for symbol in ALL if symbol["exchange"] == query.get("group")]
        if not rows:
            return refused("unknown group")
        table = {name: [deepcopy(row[name]) for row in rows] for name in SYMBOL if name != "name"}
        return Reply({"symbol": [row["name"] for row in rows], **{hyphenated(name): cells for name, cells in table.items()}})

    def _search(self, query: dict[str, str]) -> Reply:
        text, limit = query["query"].upper(), int(query["limit"])
        found = [
            {"symbol": one["name"], **{name: one[name] for name in ("ticker", "description", "exchange", "type")}}
            for one in ALL
            if text in one["name"] and query["type"] in ("", one["type"]) and query["exchange"] in ("", one["exchange"])
        ]
        return Reply(found[:limit])

    def _history(self, query: dict[str, str]) -> Reply:
        if not symbol_of(query.get("symbol", "")):
            return refused("unknown symbol")
        if query.get("resolution") not in STEPS:
            return refused("unsupported resolution")
        return Reply(columns(self._clock, query, int(query["to"])))

    def _quotes(self, query: dict[str, str]) -> Reply:
        names = query["symbols"].split(",")
        told = [{"s": "ok", "n": n, "v": dict(QUOTE)} if symbol_of(n) else {"s": "error", "n": n, "v": {}} for n in names]
        return Reply({"s": "ok", "d": told})


def symbol_of(name: str) -> dict[str, Any] | None:
    return next((one for one in ALL if name in (one["name"], one["ticker"], f"{one['exchange']}:{one['name']}")), None)


def hyphenated(name: str) -> str:
    if name in HYPHENS:
        return HYPHENS[name]
    return name if name == "has_seconds" else name.replace("_", "-")
