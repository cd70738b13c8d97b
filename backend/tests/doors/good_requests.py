"""For every operation of the API document, a request that succeeds."""

import re
from collections.abc import Callable
from typing import Any

from live_house import API, BACK, CHALLENGE, FIRST, VERIFIER, LiveHouse, Prepared, an_upload

from fakes_people import PASSWORD

BTC = "DEMO:BTCUSD"
TV = f"{API}/tradingview"
ACCOUNT = f"{API}/broker/accounts/{{accountId}}"
REST = f"{TV}/accounts/{{accountId}}"
CHARTS = f"{API}/chart-storage/1.1"
OWNER = {"client": "c", "user": "root"}
A_LIMIT = {"symbol": "BTCUSD", "type": 1, "side": 1, "qty": 0.5, "limitPrice": 1000}
A_FORM = {"instrument": "BTCUSD", "side": "buy", "type": "limit", "qty": 0.5, "limitPrice": 1000}
LEVERAGE = {"instrument": "BTCUSD", "side": "buy", "orderType": "market"}
HOUR = {"from": FIRST, "to": FIRST + 3600}
OAUTH = {
    "client_id": "app",
    "redirect_uri": BACK,
    "response_type": "code",
    "state": "s",
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
}

BODIES: dict[str, Any] = {
    f"POST {API}/datafeed/quotes": {"symbols": ["BTCUSD"]},
    f"POST {ACCOUNT}/orders": A_LIMIT,
    f"POST {ACCOUNT}/orders/preview": A_LIMIT,
    f"POST {ACCOUNT}/fund": {"amount": 100},
    f"POST {ACCOUNT}/reset": {"balance": 100_000_000},
    f"POST {ACCOUNT}/positions/{{positionId}}/close": {},
    f"POST {ACCOUNT}/positions/{{positionId}}/close/preview": {},
    f"POST {ACCOUNT}/positions/{{positionId}}/reverse": {},
    f"PUT {ACCOUNT}/positions/{{positionId}}/protection": {"stopLoss": 100},
    f"PATCH {ACCOUNT}/orders/{{orderId}}": {"limitPrice": 1001},
    f"POST {ACCOUNT}/orders/{{orderId}}/preview": {"limitPrice": 1001},
    f"PUT {ACCOUNT}/leverage": {"leverage": 2},
    f"POST {ACCOUNT}/leverage/preview": {"leverage": 2},
    f"PUT {ACCOUNT}/limits": {"openPositions": 50},
    f"POST {ACCOUNT}/lock": {},
    f"POST {REST}/orders": A_FORM,
    f"PUT {REST}/orders/{{orderId}}": {"qty": 0.5, "limitPrice": 1001},
    f"POST {REST}/previewOrder": A_FORM,
    f"PUT {REST}/positions/{{positionId}}": {"stopLoss": 100},
    f"DELETE {REST}/positions/{{positionId}}": {"amount": 0.05},
    f"POST {REST}/getLeverage": LEVERAGE,
    f"POST {REST}/setLeverage": {**LEVERAGE, "leverage": 2},
    f"POST {REST}/previewLeverage": {**LEVERAGE, "leverage": 2},
    f"POST {TV}/authorize": {"login": "root", "password": PASSWORD},
    f"POST {CHARTS}/charts": {"name": "n", "content": "{}", "symbol": "S", "resolution": "1"},
    f"POST {CHARTS}/study_templates": {"name": "n", "content": "{}"},
    f"POST {CHARTS}/drawing_templates": {"content": "{}"},
    f"PATCH {API}/imports/symbols/{{symbol}}": {"description": "Dollar in yen"},
    f"POST {API}/replays/{{replayId}}/step": {"ticks": 1},
    f"POST {API}/replays/{{replayId}}/seek": {"time": (FIRST + 600) * 1000},
    f"PUT {API}/replays/{{replayId}}/speed": {"speed": 2},
    f"POST {API}/auth/token": {"login": "root", "password": PASSWORD},
    f"PATCH {API}/users/{{login}}": {"administrator": False},
    f"PATCH {API}/keys/{{keyId}}": {"name": "another"},
}
QUERIES: dict[str, dict[str, Any]] = {
    f"GET {API}/datafeed/symbols": {"symbol": "BTCUSD"},
    f"GET {API}/datafeed/symbol_info": {"group": "COIN"},
    f"GET {API}/datafeed/search": {"query": "BTC", "limit": 5},
    f"GET {API}/datafeed/history": {"symbol": "BTCUSD", "resolution": "1", **HOUR},
    f"GET {API}/datafeed/bars": {"symbol": "BTCUSD", "resolution": "1", **HOUR},
    f"GET {API}/datafeed/quotes": {"symbols": BTC},
    f"GET {API}/datafeed/marks": {"symbol": "BTCUSD", "resolution": "1", **HOUR},
    f"GET {API}/datafeed/timescale_marks": {"symbol": "BTCUSD", "resolution": "1", **HOUR},
    f"GET {API}/datafeed/depth": {"symbol": "BTCUSD"},
    f"GET {TV}/symbol_info": {},
    f"GET {TV}/history": {"symbol": "BTCUSD", "resolution": "1", **HOUR},
    f"GET {CHARTS}/charts": OWNER,
    f"POST {CHARTS}/charts": OWNER,
    f"GET {CHARTS}/study_templates": OWNER,
    f"POST {CHARTS}/study_templates": OWNER,
    f"GET {CHARTS}/drawing_templates": {**OWNER, "tool": "line"},
    f"POST {CHARTS}/drawing_templates": {**OWNER, "tool": "line", "name": "n"},
    f"GET {TV}/oauth2/authorize": OAUTH,
}


def good_request(house: LiveHouse, label: str) -> Prepared:
    made = SPECIAL[label](house) if label in SPECIAL else Prepared()
    ids = {name: made.ids.get(name) or _usual(house, name, made.ids) for name in re.findall(r"\{(\w+)\}", label)}
    query = QUERIES.get(label, {}) if made.query is None else made.query
    return made._replace(ids=ids, query=query, body=BODIES.get(label) if made.body is None else made.body)


def _usual(house: LiveHouse, name: str, known: dict[str, str]) -> str:
    account = known.get("accountId") or house.account()
    match name:
        case "accountId":
            return account
        case "orderId":
            return house.once(f"order of {account}", lambda: house.order(account))
        case "positionId":
            return house.once(f"position of {account}", lambda: house.position(account))
        case "executionId":
            house.once(f"position of {account}", lambda: house.position(account))
            return house.execution(account)
        case "symbol":
            return "BTCUSD"
        case "replayId":
            return house.once("replay", house.replay)
        case "importId":
            return house.once("import", house.imported)
        case "login":
            return house.once("user", house.user)
        case "keyId":
            return house.once("key", house.key)
    raise AssertionError(f"no usual value of {name}")


def _with_order(house: LiveHouse) -> Prepared:
    account = house.once("orders", lambda: house.account(fresh=True))
    return Prepared({"accountId": account, "orderId": house.order(account)})


def _with_position(house: LiveHouse) -> Prepared:
    account = house.once("positions", lambda: house.account(fresh=True))
    return Prepared({"accountId": account, "positionId": house.position(account)})


def _apart(house: LiveHouse) -> Prepared:
    """An account that may be locked, limited, emptied."""
    return Prepared({"accountId": house.once("apart", lambda: house.account(fresh=True))})


def _locked(house: LiveHouse) -> Prepared:
    account = house.account(fresh=True)
    house.made("POST", f"/broker/accounts/{account}/lock", json={})
    return Prepared({"accountId": account})


def _password(house: LiveHouse) -> Prepared:
    login = house.user()
    return Prepared(body={"current": PASSWORD, "password": PASSWORD + "!"}, headers=house.signed(login))


def _refresh(house: LiveHouse) -> Prepared:
    return Prepared(body={"refreshToken": house.tokens(house.once("user", house.user))["refreshToken"]})


def _leave(house: LiveHouse) -> Prepared:
    given = house.tokens(house.once("user", house.user))
    return Prepared(body={"refreshToken": given["refreshToken"]}, headers=bearing(given["accessToken"]))


def bearing(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _rest_leave(house: LiveHouse) -> Prepared:
    form = {"login": house.once("user", house.user), "password": PASSWORD}
    return Prepared(headers=bearing(house.made("POST", "/tradingview/authorize", data=form)["d"]["access_token"]))


def _upload(house: LiveHouse) -> Prepared:
    given = an_upload()
    return Prepared(body=given["data"], files=given["files"])


def _saved(kind: str, query: dict[str, str], body: dict[str, str], name: str) -> Callable[[LiveHouse], Prepared]:
    def prepare(house: LiveHouse) -> Prepared:
        saved = house.made("POST", f"/chart-storage/1.1/{kind}", params=OWNER | query, data=body)
        own = {name: str(saved["id"])} if name == "chart" else {name: body.get("name", query.get("name"))}
        return Prepared(query=OWNER | {key: value for key, value in query.items() if key == "tool"} | own)

    return prepare


def _sign_in(house: LiveHouse) -> Prepared:
    page = house.http.get("/tradingview/oauth2/authorize", params=OAUTH)
    found = re.search(r'name="mark" value="([^"]+)"', page.text)
    assert found, page.text
    cookie = page.headers["set-cookie"].partition(";")[0]
    house.http.cookies.clear()
    form = {"login": "root", "password": PASSWORD, "mark": found[1]}
    return Prepared(query=OAUTH, body=form, headers={"Cookie": cookie})


def _code(house: LiveHouse) -> Prepared:
    asked = _sign_in(house)
    back = house.http.post("/tradingview/oauth2/authorize", params=asked.query, data=asked.body, headers=asked.headers)
    code = re.search(r"code=([^&]+)", back.headers["location"])
    assert code
    form = {
        "grant_type": "authorization_code",
        "code": code[1],
        "redirect_uri": BACK,
        "code_verifier": VERIFIER,
        "client_id": "app",
        "client_secret": house.secret,
    }
    return Prepared(body=form)


def _with(account_of: Callable[[LiveHouse], str], **query: str) -> Callable[[LiveHouse], Prepared]:
    return lambda house: Prepared(query={"accountId": account_of(house), **query})


SPECIAL: dict[str, Callable[[LiveHouse], Prepared]] = {
    f"POST {API}/broker/accounts": lambda house: Prepared(body={"id": house.fresh("n")}),
    f"DELETE {ACCOUNT}/orders": _apart,
    f"POST {ACCOUNT}/positions/flatten": _apart,
    f"POST {ACCOUNT}/reset": _apart,
    f"PUT {ACCOUNT}/limits": _apart,
    f"POST {ACCOUNT}/lock": lambda house: Prepared({"accountId": house.account(fresh=True)}),
    f"DELETE {ACCOUNT}/lock": _locked,
    f"PATCH {ACCOUNT}/orders/{{orderId}}": _with_order,
    f"DELETE {ACCOUNT}/orders/{{orderId}}": _with_order,
    f"POST {ACCOUNT}/orders/{{orderId}}/execute": lambda house: Prepared({"orderId": house.waiting(house.account())}),
    f"POST {ACCOUNT}/orders/{{orderId}}/preview": _with_order,
    f"POST {ACCOUNT}/positions/{{positionId}}/close": _with_position,
    f"POST {ACCOUNT}/positions/{{positionId}}/close/preview": _with_position,
    f"POST {ACCOUNT}/positions/{{positionId}}/reverse": _with_position,
    f"PUT {ACCOUNT}/positions/{{positionId}}/protection": _with_position,
    f"PUT {REST}/orders/{{orderId}}": _with_order,
    f"DELETE {REST}/orders/{{orderId}}": _with_order,
    f"PUT {REST}/positions/{{positionId}}": _with_position,
    f"DELETE {REST}/positions/{{positionId}}": _with_position,
    f"GET {TV}/quotes": _with(LiveHouse.account, symbols="BTCUSD"),
    f"GET {TV}/depth": _with(LiveHouse.account, symbol="BTCUSD"),
    f"POST {TV}/logout": _rest_leave,
    f"POST {TV}/oauth2/authorize": _sign_in,
    f"POST {TV}/oauth2/token": _code,
    f"DELETE {CHARTS}/charts": _saved("charts", {}, BODIES[f"POST {CHARTS}/charts"], "chart"),
    f"DELETE {CHARTS}/study_templates": _saved("study_templates", {}, {"name": "n", "content": "{}"}, "template"),
    f"DELETE {CHARTS}/drawing_templates": _saved("drawing_templates", {"tool": "line", "name": "n"}, {"content": "{}"}, "name"),
    f"POST {API}/imports": _upload,
    f"POST {API}/imports/preview": _upload,
    f"DELETE {API}/imports/{{importId}}": lambda house: Prepared({"importId": house.imported()}),
    f"PATCH {API}/imports/symbols/{{symbol}}": lambda house: Prepared({"symbol": house.data("EURJPY")}),
    f"POST {API}/replays": lambda house: Prepared(body={"symbols": [house.data("USDJPY")]}),
    f"DELETE {API}/replays/{{replayId}}": lambda house: Prepared({"replayId": house.replay()}),
    f"POST {API}/auth/refresh": _refresh,
    f"POST {API}/auth/logout": _leave,
    f"POST {API}/auth/password": _password,
    f"POST {API}/users": lambda house: Prepared(body={"login": house.fresh("w"), "password": PASSWORD}),
    f"DELETE {API}/users/{{login}}": lambda house: Prepared({"login": house.user()}),
    f"PATCH {API}/users/{{login}}": lambda house: Prepared({"login": house.user()}),
    f"POST {API}/keys": lambda house: Prepared(
        body={"name": "k", "scopes": {"*": "read"}, "login": house.once("keyholder", house.user)}
    ),
    f"PATCH {API}/keys/{{keyId}}": lambda house: Prepared({"keyId": house.key()}),
    f"DELETE {API}/keys/{{keyId}}": lambda house: Prepared({"keyId": house.key()}),
}
