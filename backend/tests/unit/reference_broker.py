"""A broker REST server of one account and one symbol that keeps every rule."""

import json
from collections.abc import AsyncIterator
from typing import Any

from reference_oauth import OAuthServer
from reference_trading import ASK, BID, Trading, ok, refused
from reference_wire import DAY, TICK, Asked, FakeClock, Reply, bar, columns, price_at

ORIGINS = ("https://www.tradingview.com", "https://app.xstaging.tv")
FLAGS = (
    "supportOrderBrackets supportPositions supportOrdersHistory supportExecutions supportLeverage supportLevel2Data "
    "supportBalances supportPositionBrackets supportClosePosition supportPartialClosePosition supportNativeReversePosition "
    "supportStopLimitOrders supportTrailingStop supportModifyDuration supportModifyOrderPreview supportLogout"
)
ACCOUNT = {
    "id": "A1",
    "name": "One",
    "type": "demo",
    "currency": "USD",
    "config": dict.fromkeys(
        (*FLAGS.split(), "supportLimitOrders", "supportModifyOrderPrice", "supportPlaceOrderPreview"), True
    ),
}
INSTRUMENTS = [
    {
        "name": "ABC",
        "description": "Letters",
        "pipSize": 0.01,
        "pipValue": 0.01,
        "minTick": 0.01,
        "type": "stock",
        "minQty": 1,
        "baseCurrency": "ABC",
    },
    {
        "name": "EURUSD",
        "description": "Euro",
        "pipSize": 0.0001,
        "pipValue": 1,
        "minTick": 0.00001,
        "type": "forex",
        "minQty": 1000,
    },
]
DURATIONS = [
    {"id": "GTC", "title": "Until cancelled", "default": True, "supportedOrderTypes": ["limit", "stop"]},
    {"id": "GTD", "title": "Until a date", "hasDatePicker": True},
    {"id": "DAY", "title": "Today"},
]
CONFIG = {
    "accountSummaryRow": [{"id": "balance", "title": "Balance"}],
    "accountManager": [{"id": "account", "title": "Account", "columns": [{"id": "b", "title": "B", "alignment": "right"}]}],
    "durations": DURATIONS,
    "pullingInterval": {"quotes": 500, "orders": 500, "positions": 1000, "accountManager": 1000, "balances": 1000},
}
TABLE: dict[str, Any] = {
    "s": "ok",
    "symbol": ["ABC", "EURUSD"],
    "ticker": ["ABC", "EURUSD"],
    "description": ["Letters", "Euro"],
    "currency": ["USD", "USD"],
    "exchange-listed": "LTRS",
    "exchange-traded": "LTRS",
    "minmovement": 1,
    "pricescale": [100, 100000],
    "type": ["stock", "forex"],
    "timezone": "Etc/UTC",
    "session-regular": ["24x7", "1700-1700:23456"],
    "has-intraday": True,
    "has-daily": True,
    "supported-resolutions": ["1", "D"],
}
GROUPS = {"broker_stock": 0, "broker_forex": 1}


class BrokerServer:
    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock
        self._tokens: set[str] = set()
        self._given = 0
        self._oauth = OAuthServer(self._token)
        self._trading = Trading(clock)

    def __call__(self, asked: Asked) -> Reply:
        reply = self._answer(asked)
        origin = asked.headers.get("origin")
        if origin in ORIGINS:
            reply.headers["access-control-allow-origin"] = origin
        return reply

    def _answer(self, asked: Asked) -> Reply:
        if asked.method == "OPTIONS":
            return Reply(
                "",
                204,
                {"access-control-allow-methods": "GET, POST, PUT, DELETE", "access-control-allow-headers": "authorization"},
            )
        if asked.path == "/authorize":
            return self._authorize(asked.form)
        if asked.path.startswith("/oauth2/"):
            return self._oauth(asked)
        if asked.path == "/mapping":
            symbols = [{"f": [one["name"]], "s": f"LTRS:{one['name']}"} for one in INSTRUMENTS]
            return Reply({"symbols": symbols, "fields": ["brokerSymbol"]})
        token = asked.headers.get("authorization", "").removeprefix("Bearer ")
        if token not in self._tokens:
            return Reply({"s": "error", "errmsg": "sign in"}, 401)
        if asked.path == "/logout":
            self._tokens.discard(token)
            return ok()
        if asked.path.startswith("/accounts/"):
            _, _, account, *rest = asked.path.split("/")
            return self._of_account(asked, rest) if account == "A1" else refused("no such account")
        return self._of_house(asked)

    def _authorize(self, form: dict[str, str]) -> Reply:
        if (form.get("login"), form.get("password")) != ("demo", "demo"):
            return refused("wrong password")
        return ok({"access_token": self._token(), "expiration": int(self._clock.now()) + DAY})

    def _token(self) -> str:
        token, self._given = f"token-{self._given}", self._given + 1
        self._tokens.add(token)
        return token

    def _of_house(self, asked: Asked) -> Reply:
        match asked.path:
            case "/config":
                return ok(CONFIG)
            case "/accounts":
                return ok([ACCOUNT])
            case "/groups":
                return ok({"groups": [{"id": one} for one in GROUPS]})
            case "/permissions":
                return ok({"groups": list(GROUPS)})
            case "/symbol_info":
                return self._table(asked.query.get("group"))
            case "/history":
                return Reply(columns(self._clock, asked.query, int(asked.query["to"]) + 1))
            case "/streaming":
                return Reply(None, headers={"transfer-encoding": "chunked"}, lines=self._stream())
            case "/quotes":
                return ok([self._quote(name) for name in asked.query["symbols"].split(",")])
            case "/depth":
                return ok({"asks": [[100.6, 5], [100.7, 9]], "bids": [[100.3, 7], [100.4, 2]]})
        return refused("no such path")

    def _table(self, group: str | None) -> Reply:
        if group is None:
            return Reply(json.loads(json.dumps(TABLE)))
        number = GROUPS[group]
        return Reply(
            {name: [cells[number]] if isinstance(cells, list) and len(cells) == 2 else cells for name, cells in TABLE.items()}
        )

    def _quote(self, name: str) -> dict[str, Any]:
        return {"s": "ok", "n": name, "v": {"ask": ASK, "bid": BID, "buyPipValue": 0.01, "sellPipValue": 0.01}}

    async def _stream(self) -> AsyncIterator[str]:
        while True:
            await self._clock.sleep(TICK - int(self._clock.now()) % TICK)
            now = int(self._clock.now())
            opened, price = bar(now // DAY * DAY, now + TICK), price_at(now)
            lines = (
                {"f": "t", "id": "ABC", "p": price, "s": 1, "t": now},
                {"f": "q", "id": "ABC", "t": now, "ap": price + 0.1, "as": 1, "bp": price, "bs": 1},
                {"f": "d", "id": "ABC", **dict(zip("ohlcv", opened, strict=True)), "t": now // DAY * DAY},
            )
            for line in lines:
                yield json.dumps(line, separators=(",", ":"))

    def _of_account(self, asked: Asked, rest: list[str]) -> Reply:
        match asked.method, rest:
            case "GET", ["instruments"]:
                return ok(INSTRUMENTS)
            case "GET", ["state"]:
                money = {"balance": 1000, "unrealizedPl": 3, "equity": 1003}
                return ok({**money, "amData": [[["1000"]]], "accountSummaryRowData": ["1000"]})
            case "POST", ["getLeverage"]:
                return ok({"title": "Leverage", "leverage": 10, "min": 1, "max": 50, "step": 1})
            case "POST", ["setLeverage"]:
                return ok({"leverage": float(asked.form["leverage"])})
            case "POST", ["previewLeverage"]:
                return ok({"infos": ["10:1"]})
        return self._trading.answer(asked, rest)
