"""The published expectations of broker data (contract 5.2, 4.3, 4.9): signing in, groups, symbols, the stream."""

import re
from zoneinfo import ZoneInfo

from trading_api.conformance.bars import DAY
from trading_api.conformance.broker import FALSE_TOKEN, Broker, payload
from trading_api.conformance.catalogue import BROKER, check
from trading_api.conformance.sessions import schedule
from trading_api.conformance.shapes import (
    BOOLEAN,
    COUNT,
    LIST,
    NAME,
    NUMBER,
    WHOLE,
    Json,
    Kind,
    NotApplicable,
    expect,
    fields,
    needed,
    of_kind,
    one_of,
    shown,
)

LOGINS = 10
GROUPS_MAX = 10
"""Groups of a broker."""
GROUP_ID = re.compile(r"[a-z_]+")
SYMBOL = re.compile(r"[A-Z0-9._]+")


@check(
    BROKER, section="5.2", rule="/authorize answers 200, JSON, s ok, a token and its expiration in the future, in whole seconds"
)
async def auth_basic_fields_format(broker: Broker) -> None:
    broker.need_login()
    answer = await broker.authorize()
    expect(answer.status == 200, f"expected status 200, found {answer.status}")
    expect("json" in answer.headers.get("content-type", ""), f"expected JSON, found {answer.headers.get('content-type')}")
    told = fields(payload(answer, "/authorize"), "d of /authorize", {"access_token": NAME, "expiration": WHOLE})
    left = told["expiration"] - broker.clock.now()
    expect(0 < left < 10 * 365 * DAY, f"expected an expiration in the future, in seconds, found {told['expiration']}")


@check(BROKER, section="5.2", rule="10 logins in a row give 10 different tokens, and the first is still good")
async def auth_basic_new_token_per_request(broker: Broker) -> None:
    broker.need_login()
    tokens = []
    for _ in range(LOGINS):
        with needed("an answer of /authorize"):
            told = fields(payload(await broker.authorize(), "/authorize"), "d of /authorize", {"access_token": NAME})
        tokens.append(told["access_token"])
    expect(len(set(tokens)) == LOGINS, f"expected {LOGINS} different tokens, found {len(set(tokens))}")
    answer = await broker.wire.get("/accounts", {"locale": "en"}, token=tokens[0])
    expect(answer.status == 200, f"expected the first token to stay good, found status {answer.status}")


@check(BROKER, section="4.3", rule="A wrong password gives no token: 401, or 200 with s error")
async def auth_wrong_password(broker: Broker) -> None:
    broker.need_login()
    answer = await broker.authorize(password="not-the-password")
    if answer.status != 401:
        body = answer.json()
        refused = answer.status == 200 and isinstance(body, dict) and body.get("s") == "error" and bool(body.get("errmsg"))
        expect(refused, f"expected 401, or 200 with s error and errmsg, found {answer.status} {shown(body)}")


async def _hold_unauthorized(broker: Broker, path: str, query: dict[str, object] | None = None, *, data: bool = True) -> None:
    if data and broker.terms.public_data:
        raise NotApplicable("the data is public (--public-data)")
    for token, what in ((None, "no token"), (FALSE_TOKEN, "a false token")):
        async with broker.wire.stream(path, query, token=token) as response:
            expect(response.status_code == 401, f"expected 401 from {path} with {what}, found {response.status_code}")


@check(BROKER, section="5.2", rule="/groups without a token is 401")
async def groups_unauthorized_request(broker: Broker) -> None:
    await _hold_unauthorized(broker, "/groups")


@check(BROKER, section="5.2", rule="/symbol_info without a token is 401")
async def symbols_unauthorized_request(broker: Broker) -> None:
    await _hold_unauthorized(broker, "/symbol_info")


@check(BROKER, section="5.2", rule="/history without a token is 401")
async def history_unauthorized_request(broker: Broker) -> None:
    now = int(broker.clock.now())
    query = {"symbol": (await broker.traded()).ticker, "resolution": "1", "from": now - DAY, "to": now}
    await _hold_unauthorized(broker, "/history", query)


@check(BROKER, section="5.2", rule="/streaming without a token is 401")
async def streaming_unauthorized_request(broker: Broker) -> None:
    await _hold_unauthorized(broker, "/streaming")


@check(BROKER, section="4.1", rule="What belongs to a user is 401 without a token and with a false one")
async def account_unauthorized_request(broker: Broker) -> None:
    account = (await broker.account())["id"]
    below = f"/accounts/{account}"
    for path in ("/accounts", f"{below}/orders", f"{below}/state", f"{below}/positions", f"{below}/instruments", "/config"):
        await _hold_unauthorized(broker, path, {"locale": "en"}, data=False)


@check(
    BROKER, section="5.2", rule="/groups is 200, application/json, ids of a-z and _ with one prefix that ends in _; 10 at most"
)
async def groups_response_fields_correctness(broker: Broker) -> None:
    answer = await broker.wire.get("/groups")
    if answer.status == 404:
        raise NotApplicable("the broker has no groups: /groups is 404")
    expect(answer.status == 200, f"expected status 200, found {answer.status}")
    kind = answer.headers.get("content-type", "")
    expect(kind.startswith("application/json"), f"expected application/json, found {kind}")
    groups = fields(payload(answer, "/groups"), "d of /groups", {"groups": LIST})["groups"]
    ids = [fields(one, "a group", {"id": NAME})["id"] for one in groups]
    wrong = [one for one in ids if not GROUP_ID.fullmatch(one)]
    expect(not wrong, f"expected ids of a-z and _, found {shown(wrong)}")
    prefixes = {one.split("_")[0] for one in ids if "_" in one}
    expect(all("_" in one for one in ids) and len(prefixes) <= 1, f"expected one prefix that ends in _, found {shown(ids)}")
    expect(len(ids) <= GROUPS_MAX, f"expected at most {GROUPS_MAX} groups, found {len(ids)}")


async def _groups(broker: Broker) -> list[str]:
    answer = await broker.wire.get("/groups")
    if answer.status == 404:
        raise NotApplicable("the broker has no groups: /groups is 404")
    with needed("groups"):
        groups = fields(payload(answer, "/groups"), "d of /groups", {"groups": LIST})["groups"]
        return [fields(one, "a group", {"id": NAME})["id"] for one in groups]


@check(BROKER, section="4.2", rule="/permissions names groups that exist")
async def permissions_are_groups(broker: Broker) -> None:
    groups = await _groups(broker)
    granted = fields(await broker.payload("/permissions"), "d of /permissions", {"groups": LIST})["groups"]
    unknown = [one for one in granted if one not in groups]
    expect(not unknown, f"expected groups of /groups, found {shown(unknown)}")


@check(BROKER, section="4.9", rule="/symbol_info?group= answers the group's symbols; each symbol is in one group only")
async def groups_split_symbols(broker: Broker) -> None:
    listed, seen = await broker.cells("symbol"), dict[str, str]()
    for group in await _groups(broker):
        body = (await broker.wire.get("/symbol_info", {"group": group})).json()
        for symbol in fields(body, f"/symbol_info of {group}", {"symbol": LIST})["symbol"]:
            expect(symbol not in seen, f"expected {symbol} in one group, found it in {seen.get(symbol)} and {group}")
            seen[symbol] = group
    missing = [symbol for symbol in listed if symbol not in seen]
    expect(not missing, f"expected every symbol in a group, found {shown(missing)} in none")


_TYPES = one_of(["stock", "fund", "dr", "right", "bond", "warrant", "structured", "index", "forex", "futures", "crypto", "cfd"])
_UPPER = Kind("a text in upper case", lambda value: isinstance(value, str) and value != "" and value == value.upper())
_OFFERED = Kind("an array of resolutions", lambda value: isinstance(value, list) and all(isinstance(one, str) for one in value))
COLUMNS = {
    "symbol": Kind("of A-Z, 0-9, . and _", lambda value: isinstance(value, str) and SYMBOL.fullmatch(value) is not None),
    "description": NAME,
    "currency": Kind("an ISO code", lambda value: isinstance(value, str) and re.fullmatch(r"[A-Z]{3,5}", value) is not None),
    "exchange-listed": _UPPER,
    "exchange-traded": _UPPER,
    "minmovement": COUNT,
    "pricescale": COUNT,
    "type": _TYPES,
    "timezone": NAME,
    "session-regular": NAME,
}
MORE_COLUMNS = {
    "ticker": Kind("a text without commas", lambda value: isinstance(value, str) and value != "" and "," not in value),
    "base-currency": NAME,
    **dict.fromkeys(("minmovement2", "minmov2", "expiration"), WHOLE),
    **dict.fromkeys(("fractional", "has-intraday", "has-daily", "has-weekly-and-monthly", "has-no-volume", "is-cfd"), BOOLEAN),
    **dict.fromkeys(("supported-resolutions", "intraday-multipliers"), _OFFERED),
    "pointvalue": NUMBER,
    "bar-source": one_of(("bid", "ask", "mid", "trade")),
    "bar-transform": one_of(("none", "openprev", "prevopen")),
    "bar-fillgaps": BOOLEAN,
}


@check(
    BROKER, section="5.2", rule="/symbol_info is 200, application/json, s ok, columns of the types of 4.9, symbols each once"
)
async def symbols_response_fields_correctness(broker: Broker) -> None:
    answer = await broker.wire.steady("/symbol_info")
    expect(answer.status == 200, f"expected status 200, found {answer.status}")
    kind = answer.headers.get("content-type", "")
    expect(kind.startswith("application/json"), f"expected application/json, found {kind}")
    table = fields(answer.json(), "/symbol_info", {"s": one_of(("ok",)), "symbol": LIST})
    expect(len(set(map(str, table["symbol"]))) == len(table["symbol"]), "expected each symbol once in /symbol_info")
    for name, kinds in {**COLUMNS, **MORE_COLUMNS}.items():
        column = table.get(name)
        expect(column is not None or name not in COLUMNS, f"expected the column {name}")
        for cell in _cells(column, len(table["symbol"]), name):
            if cell is not None or name in COLUMNS:
                of_kind(cell, kinds, f"{name} of /symbol_info")
    for scale in await broker.cells("pricescale"):
        expect(re.fullmatch("10*", str(scale)) is not None, f"expected pricescale to be a power of ten, found {scale}")


def _cells(column: Json, count: int, name: str) -> list[Json]:
    flat = name in ("supported-resolutions", "intraday-multipliers") and isinstance(column, list)
    if column is None:
        return []
    if not isinstance(column, list) or (flat and not any(isinstance(one, list) for one in column[:1])):
        return [column]
    expect(len(column) == count, f"expected {count} rows of {name}, found {len(column)}")
    return list(column)


@check(BROKER, section="4.9", rule="Sessions follow the grammar, without a break within a day")
async def symbols_session(broker: Broker) -> None:
    for symbol, text in zip(await broker.cells("symbol"), await broker.cells("session-regular"), strict=False):
        hours = schedule(str(text)).days
        broken = [day for day, ranges in hours.items() if len(ranges) > 1]
        expect(not broken, f"expected one range a day in the session of {symbol}, found '{text}'")


@check(BROKER, section="4.9", rule="Time zones are names of the Olson database")
async def symbols_timezone(broker: Broker) -> None:
    for symbol, name in zip(await broker.cells("symbol"), await broker.cells("timezone"), strict=False):
        try:
            ZoneInfo(str(name))
        except (ValueError, OSError, KeyError):
            expect(False, f"expected an Olson time zone for {symbol}, found {shown(name)}")
