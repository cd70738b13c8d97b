"""Who may use which route and topic: one row for each. A route without a row keeps the house from starting.

`Caller` (api/deps.py) holds a request against its row before anything of it is read but the path; the services hold it again.
A route that is open to everyone asks for no caller.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.routing import iter_route_contexts
from starlette.routing import Mount, WebSocketRoute

from trading_api.core.access import Policy
from trading_api.core.versioning import API_PREFIX
from trading_api.models.errors import Stopped
from trading_api.models.topics import TOPIC

SOCKET = "WS"
FILES = "FILES"
ANY = "ANY"
"""What stands in a row instead of a method: a socket, a folder of files, or whatever the methods before it leave."""

Rows = Mapping[tuple[str, str], Policy]
OPEN, SIGNED_IN, OWN, READ, TRADE, ADMIN, OPENS, HOUSE = Policy


def _below(prefix: str, rows: Mapping[str, Policy]) -> Iterator[tuple[tuple[str, str], Policy]]:
    """Each row is written `METHOD /path`."""
    for name, policy in rows.items():
        method, _, path = name.partition(" ")
        yield (method, prefix + path), policy


_PAGES = {
    "GET /": OPEN,
    "FILES /static": OPEN,
    "FILES /trading_terminal": OPEN,
    f"GET {API_PREFIX}/openapi.json": OPEN,
    f"GET {API_PREFIX}/docs": OPEN,
    f"GET {API_PREFIX}/redoc": OPEN,
    f"GET {API_PREFIX}/ws/asyncapi": OPEN,
    f"GET {API_PREFIX}/ws/asyncapi.json": OPEN,
    f"GET {API_PREFIX}/health": OPEN,
    f"GET {API_PREFIX}/version": OPEN,
    f"GET {API_PREFIX}/versions": OPEN,
    f"WS {API_PREFIX}/ws": SIGNED_IN,
}

_DATAFEED = {
    "GET /config": OPEN,
    "GET /time": OPEN,
    "GET /symbols": OPEN,
    "GET /resolve/{symbol}": OPEN,
    "GET /search": OPEN,
    "GET /health": OPEN,
    "GET /history": OPEN,
    "GET /bars": OPEN,
    "GET /quotes": OPEN,
    "POST /quotes": OPEN,
    "GET /depth": OPEN,
    "GET /symbol_info": OPEN,
    "GET /marks": OPEN,
    "GET /timescale_marks": OPEN,
}

_BROKER = {
    "GET /accounts": SIGNED_IN,
    "POST /accounts": OPENS,
    "GET /accounts/{accountId}": READ,
    "GET /accounts/{accountId}/state": READ,
    "POST /accounts/{accountId}/fund": ADMIN,
    "POST /accounts/{accountId}/reset": ADMIN,
    "GET /accounts/{accountId}/instruments": READ,
    "GET /accounts/{accountId}/instruments/{symbol}": READ,
    "GET /accounts/{accountId}/instruments/{symbol}/trading": READ,
    "GET /accounts/{accountId}/instruments/{symbol}/pip-values": READ,
    "GET /accounts/{accountId}/config": READ,
    "GET /accounts/{accountId}/account-manager": READ,
    "GET /accounts/{accountId}/risk": READ,
    "GET /accounts/{accountId}/orders": READ,
    "POST /accounts/{accountId}/orders": TRADE,
    "DELETE /accounts/{accountId}/orders": TRADE,
    "GET /accounts/{accountId}/orders/history": READ,
    "POST /accounts/{accountId}/orders/preview": TRADE,
    "GET /accounts/{accountId}/orders/{orderId}": READ,
    "PATCH /accounts/{accountId}/orders/{orderId}": TRADE,
    "DELETE /accounts/{accountId}/orders/{orderId}": TRADE,
    "POST /accounts/{accountId}/orders/{orderId}/execute": TRADE,
    "POST /accounts/{accountId}/orders/{orderId}/preview": TRADE,
    "GET /accounts/{accountId}/positions": READ,
    "POST /accounts/{accountId}/positions/flatten": TRADE,
    "POST /accounts/{accountId}/positions/{positionId}/close": TRADE,
    "POST /accounts/{accountId}/positions/{positionId}/close/preview": TRADE,
    "POST /accounts/{accountId}/positions/{positionId}/reverse": TRADE,
    "PUT /accounts/{accountId}/positions/{positionId}/protection": TRADE,
    "GET /accounts/{accountId}/individual-positions": READ,
    "GET /accounts/{accountId}/executions": READ,
    "GET /accounts/{accountId}/executions/{executionId}/explain": READ,
    "GET /accounts/{accountId}/trades": READ,
    "GET /accounts/{accountId}/statement": READ,
    "GET /accounts/{accountId}/equity-curve": READ,
    "GET /accounts/{accountId}/leverage": READ,
    "PUT /accounts/{accountId}/leverage": ADMIN,
    "POST /accounts/{accountId}/leverage/preview": READ,
    "GET /accounts/{accountId}/limits": READ,
    "PUT /accounts/{accountId}/limits": ADMIN,
    "GET /accounts/{accountId}/notices": READ,
    "GET /accounts/{accountId}/lock": READ,
    "POST /accounts/{accountId}/lock": ADMIN,
    "DELETE /accounts/{accountId}/lock": ADMIN,
}

_PEOPLE = {
    "POST /auth/token": OPEN,
    "POST /auth/refresh": OPEN,
    "POST /auth/logout": OPEN,
    "GET /auth/whoami": SIGNED_IN,
    "POST /auth/password": SIGNED_IN,
    "POST /auth/ticket": SIGNED_IN,
    "GET /users": HOUSE,
    "POST /users": HOUSE,
    "GET /users/{login}": HOUSE,
    "PATCH /users/{login}": HOUSE,
    "DELETE /users/{login}": HOUSE,
    "PUT /users/{login}/accounts/{accountId}": HOUSE,
    "GET /keys": OPENS,
    "POST /keys": OPENS,
    "GET /keys/{keyId}": OPENS,
    "PATCH /keys/{keyId}": OPENS,
    "DELETE /keys/{keyId}": OPENS,
}

_REPLAYS = {
    "POST ": OPENS,
    "GET ": SIGNED_IN,
    "GET /{replayId}": READ,
    "DELETE /{replayId}": ADMIN,
    "POST /{replayId}/play": TRADE,
    "POST /{replayId}/pause": TRADE,
    "POST /{replayId}/step": TRADE,
    "POST /{replayId}/seek": TRADE,
    "PUT /{replayId}/speed": TRADE,
}

_CHARTS = {
    f"{method} /{what}": OWN
    for what in ("charts", "study_templates", "drawing_templates")
    for method in ("GET", "POST", "DELETE")
}

_IMPORTS = {
    "POST ": HOUSE,
    "POST /preview": HOUSE,
    "GET ": SIGNED_IN,
    "GET /{importId}": SIGNED_IN,
    "DELETE /{importId}": HOUSE,
    "PATCH /symbols/{symbol}": HOUSE,
}

_TRADINGVIEW = {
    "POST /authorize": OPEN,
    "POST /logout": SIGNED_IN,
    "GET /config": SIGNED_IN,
    "GET /mapping": OPEN,
    "GET /accounts": SIGNED_IN,
    "GET /accounts/{accountId}/instruments": READ,
    "GET /accounts/{accountId}/state": READ,
    "GET /accounts/{accountId}/balances": READ,
    "GET /accounts/{accountId}/orders": READ,
    "POST /accounts/{accountId}/orders": TRADE,
    "PUT /accounts/{accountId}/orders/{orderId}": TRADE,
    "DELETE /accounts/{accountId}/orders/{orderId}": TRADE,
    "POST /accounts/{accountId}/previewOrder": TRADE,
    "GET /accounts/{accountId}/ordersHistory": READ,
    "GET /accounts/{accountId}/positions": READ,
    "PUT /accounts/{accountId}/positions/{positionId}": TRADE,
    "DELETE /accounts/{accountId}/positions/{positionId}": TRADE,
    "GET /accounts/{accountId}/executions": READ,
    "POST /accounts/{accountId}/getLeverage": READ,
    "POST /accounts/{accountId}/setLeverage": ADMIN,
    "POST /accounts/{accountId}/previewLeverage": READ,
    "GET /quotes": SIGNED_IN,
    "GET /depth": SIGNED_IN,
    "GET /groups": SIGNED_IN,
    "GET /permissions": SIGNED_IN,
    "GET /symbol_info": SIGNED_IN,
    "GET /history": SIGNED_IN,
    "GET /streaming": SIGNED_IN,
    "GET /oauth2/authorize": OPEN,
    "POST /oauth2/authorize": OPEN,
    "GET /oauth2/sign-in.css": OPEN,
    "POST /oauth2/token": OPEN,
    "ANY /{path:path}": SIGNED_IN,
}

ROUTES: Rows = dict(
    (
        *_below("", _PAGES),
        *_below(f"{API_PREFIX}/datafeed", _DATAFEED),
        *_below(f"{API_PREFIX}/datafeed/grouped", {name: policy for name, policy in _DATAFEED.items() if name != "GET /depth"}),
        *_below(f"{API_PREFIX}/broker", _BROKER),
        *_below(API_PREFIX, _PEOPLE),
        *_below(f"{API_PREFIX}/tradingview", _TRADINGVIEW),
        *_below(f"{API_PREFIX}/replays", _REPLAYS),
        *_below(f"{API_PREFIX}/imports", _IMPORTS),
        *_below(f"{API_PREFIX}/chart-storage/1.1", _CHARTS),
    )
)

TOPIC_ROWS: Mapping[str, Policy] = {
    "bars": SIGNED_IN,
    "depth": SIGNED_IN,
    "quotes": SIGNED_IN,
    "executions": READ,
    "orders": READ,
    "equity": READ,
    "positions": READ,
    "individual-positions": READ,
    "broker-connection": READ,
    "notices": READ,
    "risk": READ,
    "pip-values": READ,
}


def routes_of(app: FastAPI) -> Iterator[tuple[tuple[str, str], object]]:
    """Method and path of everything this application answers, and the function that does."""
    for route in iter_route_contexts(app.router.routes):
        assert route.path is not None, f"expected {route.original_route} to have a path"
        if isinstance(route.original_route, WebSocketRoute):
            yield (SOCKET, route.path), route.endpoint
        elif isinstance(route.original_route, Mount):
            yield (FILES, route.path), None
        else:
            for method in sorted(route.methods or (ANY,)):
                if method != "HEAD":
                    yield (method, route.path), route.endpoint


def missing_rows(app: FastAPI, rows: Rows = ROUTES) -> list[str]:
    return [" ".join(name) for name, _ in routes_of(app) if name not in rows]


def missing_topics(names: Iterable[str] = TOPIC) -> list[str]:
    return [name for name in names if name not in TOPIC_ROWS]


def install_policies(app: FastAPI) -> None:
    """After the last route. Raised, not asserted: a house that runs without assertions is held to it as well."""
    missing = [*missing_rows(app), *missing_topics()]
    if missing:
        raise Stopped(f"expected a row in api/policies.py for {', '.join(missing)}, found none")
    app.state.policies = {endpoint: ROUTES[name] for name, endpoint in routes_of(app) if endpoint is not None}


def declare_bearer(app: FastAPI) -> None:
    """Let the pages about the API, of a house that asks who is calling, send a token."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:  # Any: as FastAPI has it
        document = plain()
        schemes = document.setdefault("components", {}).setdefault("securitySchemes", {})
        schemes["bearer"] = {"type": "http", "scheme": "bearer", "description": "An access token or an API key"}
        document["security"] = [{"bearer": []}]
        for path, operations in document["paths"].items():
            for method, operation in operations.items():
                if ROUTES[(method.upper(), path)] is OPEN:
                    operation["security"] = []
        return document

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's own way of changing its document


def policy_of(request: Request) -> Policy | None:
    """None where none were installed, in an application that has a part of the routes: its services decide alone."""
    policies: dict[object, Policy] = getattr(request.app.state, "policies", {})
    return policies.get(request.scope.get("endpoint"))
