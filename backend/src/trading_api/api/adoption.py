"""Routers become part of the application as they are.

`include_router` keeps a router apart and builds each of its routes a second time when the first request comes, which is most of
the time that making the application takes.
"""

from fastapi import APIRouter, FastAPI
from starlette.routing import Route, WebSocketRoute, compile_path


def adopt(app: FastAPI, router: APIRouter, *, prefix: str = "") -> None:
    """Its routes below `prefix`, which names no parameters. What the router says of all its routes they have already."""
    for route in router.routes:
        assert isinstance(route, Route | WebSocketRoute), f"expected a route, found {route}: a router in a router is included"
        route.path = prefix + route.path
        route.path_regex, route.path_format, route.param_convertors = compile_path(route.path)
        app.router.routes.append(route)
