"""The faults of broker REST servers."""

from typing import Any

from faults import (
    Fault,
    answer,
    at_times,
    bar_faults,
    bars,
    body,
    each,
    minutes,
    payload,
    reply_of,
    setting,
    spaced,
    stream,
    without,
)
from faults_orders import A1, order_faults, orders
from reference_wire import Asked, Change, Reply

from trading_api.conformance.lines import LINE_BYTES_MAX

TOKEN = "/oauth2/token"


def _open(path: str) -> Change:
    """Let everybody in."""

    def opened(reply: Reply) -> None:
        reply.status, reply.body, reply.lines = 200, {}, None

    return reply_of(opened, lambda asked, reply: asked.path == path and reply.status == 401)


def _backwards() -> Change:
    count = [0]

    def edit(line: dict[str, Any]) -> list[dict[str, Any]]:
        count[0] += 1
        return [{**line, "t": line["t"] - 15 * (count[0] % 2)} if line["f"] == "q" and count[0] > 9 else line]

    return stream(edit)


def _only(kind: str, **changes: Any) -> Change:
    return stream(lambda line: [{**line, **{k: v(line) for k, v in changes.items()}} if line["f"] == kind else line])


def _dropped(kind: str) -> Change:
    return stream(lambda line: [] if line["f"] == kind else [line])


def _few_readers() -> Change:
    """One reading and then three more."""
    count = [0]

    def edit(reply: Reply) -> None:
        count[0] += 1
        if count[0] > 4:
            reply.status, reply.lines = 503, None

    return reply_of(edit, lambda asked, reply: asked.path == "/streaming" and reply.lines is not None)


def _header(name: str, value: str | None, when: Any) -> Change:
    return reply_of(lambda reply: reply.headers.update({name: value}) if value else reply.headers.pop(name, None), when)


def _at(path: str) -> Any:
    return lambda asked, reply: asked.path == path


def _used_again() -> Change:
    """A code that was used gives the first tokens again."""
    given = dict[str, Any]()

    def edit(asked: Asked, reply: Reply) -> None:
        code = asked.form.get("code")
        if code in given:
            reply.status, reply.body = 200, given[code]
        elif code and reply.status == 200:
            given[code] = reply.body

    return edit


def _any_verifier() -> Change:
    def edit(reply: Reply) -> None:
        reply.status, reply.body = 200, {"token_type": "bearer", "access_token": "token-0"}

    seen = set[str]()

    def wrong(asked: Asked, reply: Reply) -> bool:
        code = asked.form.get("code", "")
        fresh = code not in seen
        seen.add(code)
        return fresh and asked.path == TOKEN and reply.status == 400

    return reply_of(edit, wrong)


def oauth_faults() -> list[Fault]:
    refused = {"error": "invalid_grant"}
    return [
        Fault("authOAuth2FieldsFormat", body(TOKEN, setting(expires_in="1200"))),
        Fault("authOAuth2FieldsFormat", body(TOKEN, without("expires_in")), warns=True),
        Fault("authOAuth2FieldsFormat", body(TOKEN, setting(expires_in=10**9))),
        Fault("authOAuth2NewTokenPerRequest", body(TOKEN, setting(access_token="token-0"), _with_code)),
        Fault("authOAuth2State", _header_of_state()),
        Fault("authOAuth2Refresh", answer(TOKEN, refused, lambda asked: not _with_code(asked), 400)),
        Fault("authOAuth2CodeOnce", _used_again()),
        Fault("authOAuth2ProofKey", _any_verifier(), warns=True),
    ]


def _with_code(asked: Asked) -> bool:
    return asked.form.get("grant_type") == "authorization_code"


def _header_of_state() -> Change:
    """The state comes back unescaped, and so is cut."""

    def edit(reply: Reply) -> None:
        reply.headers["location"] = reply.headers["location"].partition("+%26")[0]

    return reply_of(edit, lambda asked, reply: "location" in reply.headers)


def broker_faults() -> list[Fault]:
    refused = {"s": "error", "errmsg": "no"}
    given = {"s": "ok", "d": {"access_token": "x", "expiration": 1}}
    return [
        Fault("authBasicFieldsFormat", payload("/authorize", setting(expiration="tomorrow"))),
        Fault("authBasicNewTokenPerRequest", payload("/authorize", setting(access_token="token-0"))),
        Fault("authWrongPassword", answer("/authorize", given, lambda asked: asked.form["password"] != "demo")),
        Fault("groupsUnauthorizedRequest", _open("/groups")),
        Fault("symbolsUnauthorizedRequest", _open("/symbol_info")),
        Fault("historyUnauthorizedRequest", _open("/history")),
        Fault("streamingUnauthorizedRequest", _open("/streaming")),
        Fault("accountUnauthorizedRequest", _open(f"{A1}/state")),
        Fault("groupsResponseFieldsCorrectness", _header("content-type", "text/html", _at("/groups"))),
        Fault("permissionsAreGroups", payload("/permissions", lambda told: told["groups"].append("broker_none"))),
        Fault(
            "groupsSplitSymbols",
            body("/symbol_info", setting(symbol=["ABC"]), lambda a: a.query.get("group") == "broker_forex"),
        ),
        Fault("symbolsResponseFieldsCorrectness", body("/symbol_info", without("description"))),
        Fault("symbolsSession", body("/symbol_info", setting(**{"session-regular": ["24x7", "0930-1200,1300-1600"]}))),
        Fault("symbolsTimezone", body("/symbol_info", setting(timezone=["Etc/UTC", "Mars/Base"]))),
        Fault("streamingFieldsFormat", stream(lambda line: [line, {"f": "z", "id": "ABC"}])),
        Fault("streamingFieldsFormat", spaced),
        Fault("streamingFieldsFormat", stream(lambda line: [line, {**line, "note": "n" * LINE_BYTES_MAX}])),
        Fault("streamingAskBidQuoteTradeExistence", _dropped("q")),
        Fault("streamingAskBidQuoteTradeExistence", stream(lambda line: [])),
        Fault("streamingFieldsFormat", _only("t", s=lambda line: -1)),
        Fault("streamingSymbolsCheck", _only("q", id=lambda line: "NOPE")),
        Fault("streamingTimeGrow", _backwards(), ("streamingNoDelays",)),
        Fault("streamingNoDelays", _only("q", t=lambda line: line["t"] - 20)),
        Fault("streamingPermanentConnection", stream(lambda line: [line], until=12)),
        Fault("streamingTransferEncodingHeader", _header("transfer-encoding", None, _at("/streaming"))),
        Fault("streamingFourReaders", _few_readers()),
        Fault("streamingHistoryEquality", _only("t", p=lambda line: line["p"] + 1)),
        Fault("streamingDailyBarsUpdate", _dropped("d"), warns=True),
        Fault("envelopeOfSuccess", _header("content-type", "text/plain", _at(f"{A1}/state"))),
        Fault("errorsWithStatus200", answer("/accounts/no-such-thing/orders", refused, status=404)),
        Fault("localeAccepted", answer("/accounts", refused, lambda asked: asked.query.get("locale") == "de_DE")),
        Fault("corsOriginEchoed", _header("access-control-allow-origin", None, lambda asked, reply: reply.status == 401)),
        Fault(
            "corsPreflight",
            _header("access-control-allow-methods", "GET, POST", lambda asked, reply: asked.method == "OPTIONS"),
        ),
        Fault("configFields", payload("/config", lambda told: told["accountSummaryRow"][0].pop("title"))),
        Fault("configFields", payload("/config", lambda told: told["pullingInterval"].update(quotes=5000)), warns=True),
        Fault("durationsFields", payload("/config", lambda told: told["durations"][1].update(default=True))),
        Fault("accountsFields", payload("/accounts", each(setting(type="real")))),
        Fault("accountsFields", payload("/accounts", each(setting(ui={"orderDialogCustomFields": {"comboBox": [{"id": 5}]}})))),
        Fault("accountFlags", payload("/accounts", lambda told: told[0]["config"].update(supportDOM="yes"))),
        Fault("flagsHonoured", answer(f"{A1}/balances", refused), ("balancesFields",)),
        Fault(
            "instrumentsFields",
            payload(
                f"{A1}/instruments",
                each(setting(type="share")),
            ),
            ("instrumentsPipSize",),
        ),
        Fault(
            "instrumentsFields",
            payload(f"{A1}/instruments", each(setting(ui={"validationRules": [{"id": "x", "options": {}}]}))),
        ),
        Fault("instrumentsPipSize", payload(f"{A1}/instruments", each(setting(pipSize=0.05)))),
        Fault("stateFields", payload(f"{A1}/state", setting(equity=2000))),
        Fault("stateRows", payload(f"{A1}/state", setting(amData=[]))),
        Fault("ordersFields", orders(setting(status="canceled"), lambda order: order["id"] == "o1")),
        Fault("ordersHistoryFields", payload(f"{A1}/ordersHistory", each(setting(status="working")))),
        Fault("positionsFields", payload(f"{A1}/positions", each(setting(side="long"))), ("positionOfFill",)),
        Fault("executionsFields", payload(f"{A1}/executions", each(setting(time=1_717_590_871_000))), ("executionsOfFill",)),
        Fault("balancesFields", payload(f"{A1}/balances", each(setting(total="1000")))),
        Fault("quotesNames", payload("/quotes", each(setting(n="abc")))),
        Fault("quotesValues", payload("/quotes", lambda told: told[0]["v"].update(ask=1))),
        Fault("depthAscending", payload("/depth", lambda told: told["bids"].reverse())),
        Fault("mappingWithoutToken", answer("/mapping", refused, status=401)),
        Fault("mappingFields", body("/mapping", setting(fields=["symbol"]))),
        Fault("mappingCoversInstruments", body("/mapping", lambda told: told["symbols"].pop())),
        Fault("leverageFields", payload(f"{A1}/getLeverage", setting(max=5))),
        Fault("previewFields", payload(f"{A1}/previewOrder", lambda told: told["sections"][0]["rows"][0].update(value=1))),
        Fault(
            "formDecoding",
            reply_of(
                lambda reply: setattr(reply, "status", 400),
                lambda asked, reply: (
                    asked.method == "POST" and reply.body and reply.body.get("s") == "error" and "orders" in asked.path
                ),
            ),
        ),
        *order_faults(),
        Fault("historyZeroVolume", bars(at_times("v", lambda volume: 0, lambda time: time % 5820 == 0), minutes)),
        Fault("historyFromEqTo", answer("/history", {"s": "no_data"}, lambda asked: asked.query["from"] == asked.query["to"])),
        Fault(
            "historySessionAlignment",
            body("/symbol_info", setting(**{"session-regular": "0900-1000"})),
            ("historyPriceMatch", "historyDailyHistoryAvailability"),
        ),
        *oauth_faults(),
        *bar_faults(),
    ]
