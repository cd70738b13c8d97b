"""Contract 4.1 to 4.7: envelopes, pages of TradingView, accounts and what they hold."""

import math

from trading_api.conformance.broker import NO_ACCOUNT, Broker
from trading_api.conformance.catalogue import BROKER, check
from trading_api.conformance.shapes import (
    BOOLEAN,
    ID,
    LIST,
    NAME,
    NUMBER,
    OBJECT,
    POSITIVE,
    TEXT,
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

UNKNOWN = "no-such-thing"
ORIGINS = ("https://www.tradingview.com", "https://app.xstaging.tv")
PULLING_MS_MAX = {"quotes": 1000, "orders": 1000, "positions": 1500, "accountManager": 1500, "balances": 1500}
"""Longest recommended waits between two readings."""
FLAGS = frozenset(
    [
        "supportOrderBrackets",
        "supportMarketBrackets",
        "supportPositionBrackets",
        "supportPositions",
        "supportMultiposition",
        "supportClosePosition",
        "supportPartialClosePosition",
        "supportReversePosition",
        "supportNativeReversePosition",
        "supportMarketOrders",
        "supportLimitOrders",
        "supportStopOrders",
        "supportStopLimitOrders",
        "supportTrailingStop",
        "supportStopOrdersInBothDirections",
        "supportPartialOrderExecution",
        "supportModifyOrderPrice",
        "supportEditAmount",
        "supportModifyBrackets",
        "supportModifyDuration",
        "supportPlaceOrderPreview",
        "supportModifyOrderPreview",
        "showQuantityInsteadOfAmount",
        "supportBalances",
        "supportOrdersHistory",
        "supportExecutions",
        "supportLeverage",
        "supportDOM",
        "supportLevel2Data",
        "supportPLUpdate",
        "supportDisplayBrokerNameInSymbolSearch",
        "supportLogout",
        "supportCustomAccountSummaryRow",
        "supportPositionCustomFields",
        "supportOrderCustomFields",
        "supportOrderHistoryCustomFields",
        "supportDigitalSignature",
        "supportCryptoExchangeOrderTicket",
    ]
)
FINAL = frozenset(("rejected", "filled", "cancelled"))
STATUSES = FINAL | {"placing", "inactive", "working"}
TYPES = frozenset(("market", "stop", "limit", "stoplimit"))
SIDE = one_of(("buy", "sell"))
ORDER = {"id": NAME, "instrument": NAME, "qty": NUMBER, "side": SIDE, "type": one_of(TYPES), "status": NAME}
ORDER_MORE = {
    **dict.fromkeys(("filledQty", "avgPrice", "limitPrice", "stopPrice", "lastModified"), NUMBER),
    "trailingStopPips": POSITIVE,
    "isTrailingStop": BOOLEAN,
    "parentId": NAME,
    "parentType": one_of(("order", "position")),
    "duration": OBJECT,
    "customFields": LIST,
    "message": OBJECT,
}


@check(BROKER, section="4.1", rule='A success is {"s":"ok","d":…} with status 200 and application/json')
async def envelope_of_success(broker: Broker) -> None:
    account = (await broker.account())["id"]
    for path in ("/config", "/accounts", f"/accounts/{account}/state", f"/accounts/{account}/orders"):
        answer = await broker.wire.get(path, {"locale": "en"})
        expect(answer.status == 200, f"expected status 200 from {path}, found {answer.status}")
        kind = answer.headers.get("content-type", "")
        expect(kind.startswith("application/json"), f"expected application/json from {path}, found {kind}")
        body = fields(answer.json(), f"the answer of {path}", {"s": one_of(("ok",)), "d": Kind("there", lambda _: True)})
        expect("errmsg" not in body, f"expected no errmsg beside s ok from {path}")


@check(BROKER, section="4.1", rule="A refusal has status 200, s error, and a text for the user in errmsg")
async def errors_with_status_200(broker: Broker) -> None:
    account = (await broker.account())["id"]
    for method, path in (("GET", f"/accounts/{UNKNOWN}/orders"), ("DELETE", f"/accounts/{account}/orders/{UNKNOWN}")):
        answer = await broker.wire.ask(method, path, {"locale": "en"})
        expect(answer.status == 200, f"expected status 200 with an error from {method} {path}, found {answer.status}")
        refusal(answer.json(), f"the answer of {method} {path}")


@check(BROKER, section="4.1", rule="locale is understood on every request; a locale of the list changes texts, not shapes")
async def locale_accepted(broker: Broker) -> None:
    for locale in ("en", "de_DE", "zh_CN"):
        with needed("accounts"):
            await broker.accounts()
        body = (await broker.wire.get("/accounts", {"locale": locale})).json()
        fields(body, f"/accounts?locale={locale}", {"s": one_of(("ok",)), "d": LIST})


@check(BROKER, section="4.1", rule="A page of *.tradingview.com and *.xstaging.tv gets its origin back, on errors and 401 too")
async def cors_origin_echoed(broker: Broker) -> None:
    for origin in ORIGINS:
        for path, token in (
            ("/config", "own"),
            (f"/accounts/{UNKNOWN}/orders", "own"),
            ("/accounts", None),
            ("/no-path", "own"),
        ):
            answer = await broker.wire.get(path, {"locale": "en"}, token=token, headers={"Origin": origin})
            found = answer.headers.get("access-control-allow-origin")
            expect(found == origin, f"expected {origin} back from {path} (status {answer.status}), found {shown(found)}")


@check(BROKER, section="4.1", rule="A preflight allows Authorization, and the methods PUT and DELETE")
async def cors_preflight(broker: Broker) -> None:
    account = (await broker.account())["id"]
    for method in ("POST", "PUT", "DELETE"):
        asked = {"Access-Control-Request-Method": method, "Access-Control-Request-Headers": "authorization,content-type"}
        path = f"/accounts/{account}/orders" + ("" if method == "POST" else f"/{UNKNOWN}")
        answer = await broker.wire.ask("OPTIONS", path, token=None, headers={"Origin": ORIGINS[0], **asked})
        expect(answer.status in (200, 204), f"expected status 200 or 204 of the preflight for {method}, found {answer.status}")
        told = {
            name: answer.headers.get(f"access-control-allow-{name}", "").lower() for name in ("origin", "methods", "headers")
        }
        expect(told["origin"] == ORIGINS[0], f"expected {ORIGINS[0]} back, found '{told['origin']}'")
        expect(method.lower() in told["methods"], f"expected {method} among the methods, found '{told['methods']}'")
        expect("authorization" in told["headers"], f"expected authorization among the headers, found '{told['headers']}'")


@check(
    BROKER, section="4.4", rule="/config has the shape of the table; waits are at most 1000 ms, 1500 ms for what changes slowly"
)
async def config_fields(broker: Broker) -> None:
    config = of_kind(await broker.payload("/config", steady=True), OBJECT, "d of /config")
    rows(config.get("accountSummaryRow") or [], "accountSummaryRow", {"id": NAME, "title": TEXT})
    for table in rows(config.get("accountManager") or [], "accountManager", {"id": NAME, "columns": LIST}, {"title": TEXT}):
        alignment = one_of(("left", "right"))
        rows(table["columns"], "columns", {"id": NAME, "title": TEXT}, {"alignment": alignment, "tooltip": TEXT})
    pulling = fields(config.get("pullingInterval") or {}, "pullingInterval", {}, dict.fromkeys(PULLING_MS_MAX, WHOLE))
    slow = {name: wait for name, wait in pulling.items() if name in PULLING_MS_MAX and not 0 < wait <= PULLING_MS_MAX[name]}
    if slow:
        raise Doubtful(f"expected waits of at most {shown(PULLING_MS_MAX)}, found {shown(slow)}")


@check(
    BROKER, section="4.4", rule="Durations have id and title, each id once, at most one default, and order types of the list"
)
async def durations_fields(broker: Broker) -> None:
    with needed("/config"):
        config = of_kind(await broker.payload("/config", steady=True), OBJECT, "d of /config")
    lists = [config.get("durations"), *(account.get("durations") for account in await broker.accounts())]
    flags = dict.fromkeys(("hasDatePicker", "hasTimePicker", "default"), BOOLEAN)
    for durations in filter(None, lists):
        found = rows(durations, "durations", {"id": NAME, "title": NAME}, {**flags, "supportedOrderTypes": LIST})
        expect(len({one["id"] for one in found}) == len(found), "expected each duration once")
        expect(sum(one.get("default") is True for one in found) <= 1, "expected at most one default duration")
        for one in found:
            wrong = [kind for kind in one.get("supportedOrderTypes") or [] if kind not in TYPES]
            expect(not wrong, f"expected order types of the list in {one['id']}, found {shown(wrong)}")


@check(BROKER, section="4.4", rule="Accounts have an id of their own, name, type live or demo, and config")
async def accounts_fields(broker: Broker) -> None:
    found = of_kind(await broker.payload("/accounts", steady=True), LIST, "d of /accounts")
    kinds = {"id": NAME, "name": TEXT, "type": one_of(("live", "demo")), "config": OBJECT}
    more = {"currency": NAME, "currencySign": TEXT, "durations": LIST, "ui": OBJECT, "prefix": TEXT, "isVerified": BOOLEAN}
    accounts = rows(found, "d of /accounts", kinds, more)
    if not accounts:
        raise NotApplicable(NO_ACCOUNT)
    expect(len({one["id"] for one in accounts}) == len(accounts), "expected each account's id once")
    for one in accounts:
        _hold_ui(one.get("ui") or {}, f"account {one['id']}")


def _hold_ui(ui: Json, what: str) -> None:
    """The fields and bounds that an order ticket is given."""
    fields(ui, f"ui of {what}", {}, {"orderDialogCustomFields": OBJECT, "validationRules": LIST})
    boxes = (ui.get("orderDialogCustomFields") or {}).get("comboBox") or []
    flags = dict.fromkeys(("saveToSettings", "mutable", "forceUserEnterInitialValue"), BOOLEAN)
    for box in rows(boxes, f"comboBox of {what}", {"id": NAME, "title": TEXT, "items": LIST}, flags):
        rows(box["items"], f"items of {box['id']} of {what}", {"text": TEXT, "value": ID})
    bounded = one_of(("stopPercent", "limitPercent", "slPercent", "tpPercent"))
    for one in rows(ui.get("validationRules") or [], f"validationRules of {what}", {"id": bounded, "options": OBJECT}):
        fields(one["options"], f"options of {one['id']} of {what}", {}, {"min": NUMBER, "max": NUMBER})


@check(BROKER, section="4.5", rule="Flags are those of the table, true or false")
async def account_flags(broker: Broker) -> None:
    accounts = await broker.accounts()
    if not accounts:
        raise NotApplicable(NO_ACCOUNT)
    for account in accounts:
        config = account.get("config")
        if not isinstance(config, dict):
            raise NotApplicable("needs an account with config")
        fields(config, f"config of {account['id']}", {}, dict.fromkeys(FLAGS, BOOLEAN))
        unknown = sorted(config.keys() - FLAGS - {"supportBrackets", "supportModifyOrder"})
        if unknown:
            raise Doubtful(f"expected flags of the table, found {shown(unknown)}")


@check(
    BROKER,
    section="4.5",
    rule="What a flag announces is answered: history, executions, positions, balances, leverage, depth, preview",
)
async def flags_honoured(broker: Broker) -> None:
    account, instrument = await broker.account(), await broker.instrument()
    below, name = f"/accounts/{account['id']}", instrument["name"]
    readings: tuple[tuple[str, bool, str, dict[str, object]], ...] = (
        ("supportOrdersHistory", False, f"{below}/ordersHistory", {}),
        ("supportExecutions", False, f"{below}/executions", {"instrument": name}),
        ("supportPositions", True, f"{below}/positions", {}),
        ("supportBalances", False, f"{below}/balances", {}),
        ("supportLevel2Data", False, "/depth", {"accountId": account["id"], "symbol": name}),
    )
    for flag, default, path, query in readings:
        if await broker.flag(flag, default):
            body = (await broker.wire.get(path, {"locale": "en", **query})).json()
            found = isinstance(body, dict) and body.get("s") == "ok"
            expect(found, f"expected {path} to answer because of {flag}, found {shown(body)}")


@check(
    BROKER, section="4.6", rule="Instruments have name, description, pipSize, pipValue, minTick above 0, and a type of the list"
)
async def instruments_fields(broker: Broker) -> None:
    numbers = dict.fromkeys(("pipSize", "pipValue", "minTick"), POSITIVE)
    more = dict.fromkeys(("minQty", "maxQty", "qtyStep", "lotSize"), POSITIVE)
    kind = one_of(["stock", "dr", "right", "bond", "warrant", "structured", "index", "forex", "futures", "crypto", "cfd"])
    found = await broker.of_account("/instruments", steady=True)
    required = {"name": NAME, "description": TEXT, "type": kind, **numbers}
    texts = dict.fromkeys(("baseCurrency", "quoteCurrency", "units"), TEXT)
    listed = rows(
        found, "d of /instruments", required, {**more, **texts, "marginRate": NUMBER, "hasQuotes": BOOLEAN, "ui": OBJECT}
    )
    expect(len({one["name"] for one in listed}) == len(listed), "expected each instrument once")
    for one in listed:
        _hold_ui(one.get("ui") or {}, str(one["name"]))


@check(BROKER, section="4.11", rule="pipSize is minTick; of forex minTick or ten of it")
async def instruments_pip_size(broker: Broker) -> None:
    for one in await broker.instruments():
        with needed("numbers of the instruments"):
            fields(one, "an instrument", {"pipSize": POSITIVE, "minTick": POSITIVE})
        ticks = one["pipSize"] / one["minTick"]
        allowed = (1, 10) if one.get("type") == "forex" else (1,)
        expect(
            any(math.isclose(ticks, each) for each in allowed),
            f"expected pipSize of {one['name']} to be {' or '.join(map(str, allowed))} ticks, found {ticks:g}",
        )


@check(BROKER, section="4.6", rule="The state has balance and unrealizedPl; equity is their sum")
async def state_fields(broker: Broker) -> None:
    numbers = {"balance": NUMBER, "unrealizedPl": NUMBER}
    state = fields(await broker.of_account("/state"), "d of /state", numbers, {"equity": NUMBER})
    if state.get("equity") is not None:
        total = state["balance"] + state["unrealizedPl"]
        close = math.isclose(state["equity"], total, rel_tol=1e-6, abs_tol=0.01)
        expect(close, f"expected equity {total:g}, balance and unrealizedPl, found {state['equity']}")


@check(BROKER, section="4.6", rule="amData and accountSummaryRowData fit the tables that /config announces")
async def state_rows(broker: Broker) -> None:
    with needed("/config and the state"):
        config = of_kind(await broker.payload("/config", steady=True), OBJECT, "d of /config")
        state = of_kind(await broker.of_account("/state"), OBJECT, "d of /state")
    summary, tables = config.get("accountSummaryRow") or [], config.get("accountManager") or []
    if not summary and not tables:
        raise NotApplicable("/config announces neither a summary nor tables")
    if state.get("accountSummaryRowData") is not None or summary:
        data = of_kind(state.get("accountSummaryRowData"), LIST, "accountSummaryRowData")
        expect(len(data) == len(summary), f"expected {len(summary)} cells of the summary, found {len(data)}")
    data = of_kind(state.get("amData") or [], LIST, "amData")
    expect(len(data) == len(tables), f"expected {len(tables)} tables in amData, found {len(data)}")
    for table, told in zip(tables, data, strict=True):
        for row in told:
            fits = isinstance(row, list) and len(row) == len(table["columns"]) and all(isinstance(one, str) for one in row)
            expect(fits, f"expected rows of {len(table['columns'])} texts in {table['id']}, found {shown(row)}")


def hold_orders(found: Json, what: str, *, final: bool) -> list[Json]:
    orders = rows(found, what, ORDER, ORDER_MORE)
    for order in orders:
        of_kind(order["status"], one_of(FINAL if final else STATUSES), f"status of order {order['id']}")
        for price, types in (("limitPrice", ("limit", "stoplimit")), ("stopPrice", ("stop", "stoplimit"))):
            # A trailing stop that waits for its parent has no level yet.
            trails = order.get("isTrailingStop") is True
            needless = order["type"] not in types or order.get(price) is not None or trails
            expect(needless, f"expected {price} of the {order['type']} order {order['id']}")
        if order.get("duration"):
            fields(order["duration"], f"duration of order {order['id']}", {"type": NAME}, {"datetime": NUMBER})
    expect(len({one["id"] for one in orders}) == len(orders), f"expected each order once in {what}")
    return orders


@check(BROKER, section="4.6", rule="Orders have the fields of the table; statuses are spelt as there, cancelled with two l")
async def orders_fields(broker: Broker) -> None:
    hold_orders(await broker.of_account("/orders"), "d of /orders", final=False)


@check(BROKER, section="4.6", rule="The order history holds orders that are over: rejected, filled, cancelled")
async def orders_history_fields(broker: Broker) -> None:
    await broker.need_flag("supportOrdersHistory")
    hold_orders(await broker.of_account("/ordersHistory"), "d of /ordersHistory", final=True)


@check(BROKER, section="4.6", rule="Positions have id, instrument, qty, side, avgPrice")
async def positions_fields(broker: Broker) -> None:
    await broker.need_flag("supportPositions", default=True)
    kinds = {"id": NAME, "instrument": NAME, "qty": NUMBER, "side": SIDE, "avgPrice": NUMBER}
    rows(await broker.of_account("/positions"), "d of /positions", kinds, {"unrealizedPl": NUMBER, "message": OBJECT})


@check(BROKER, section="4.6", rule="Executions have id, instrument, price, time, qty, side, orderId, isClose")
async def executions_fields(broker: Broker) -> None:
    await broker.need_flag("supportExecutions")
    numbers = dict.fromkeys(("price", "time", "qty"), POSITIVE)
    kinds = {"id": NAME, "instrument": NAME, **numbers, "side": SIDE, "orderId": NAME, "isClose": BOOLEAN}
    found = await broker.of_account("/executions", {"instrument": (await broker.instrument())["name"]})
    for one in rows(found, "d of /executions", kinds, {"positionId": TEXT, "commission": NUMBER}):
        expect(one["time"] < 10**11, f"expected times of executions in seconds, found {one['time']}")


@check(BROKER, section="3.6", rule="Balances have symbol, total, available")
async def balances_fields(broker: Broker) -> None:
    await broker.need_flag("supportBalances")
    numbers = {"total": NUMBER, "available": NUMBER}
    rows(await broker.of_account("/balances"), "d of /balances", {"symbol": NAME, **numbers}, {"reserved": NUMBER})
