"""The pages about the API: `/`, Swagger UI, ReDoc and the AsyncAPI explorer. Nothing on them comes from another host.

The bundles stand in `static/vendor`, put there by `make install`. Every page carries a content policy; only the AsyncAPI bundle
compiles code at run time, so only its page allows that.
"""

from pathlib import Path
from typing import NamedTuple

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles
from starlette.responses import Response

from trading_api.core.versioning import API_PREFIX, CURRENT
from trading_api.models.health import Metadata

STATIC = Path(__file__).parent.parent / "static"
STATIC_PATH = "/static"
POLICY = (
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; connect-src 'self'; "
    "img-src 'self' data:; font-src 'self' data:; style-src 'self' 'unsafe-inline'; script-src 'self'"
)


class Explorer(NamedTuple):
    """One page, the bundle it stands on, and what its policy allows beyond the house's."""

    path: str
    page: str
    bundle: str
    policy: str = POLICY


EXPLORERS = (
    Explorer("/docs", "docs.html", "swagger-ui/swagger-ui-bundle.js"),
    Explorer("/redoc", "redoc.html", "redoc/redoc.standalone.js", f"{POLICY}; worker-src blob:"),
    Explorer("/ws/asyncapi", "asyncapi.html", "asyncapi/index.js", f"{POLICY} 'unsafe-eval'"),
)


def explorers_router(*, static: Path = STATIC) -> APIRouter:
    """Pages under the API's prefix."""
    router = APIRouter(include_in_schema=False)
    for explorer in EXPLORERS:
        router.add_api_route(explorer.path, _page(explorer, static), methods=["GET"], response_class=HTMLResponse)
    return router


def home_router(*, release: str, static: Path = STATIC) -> APIRouter:
    """`/`: a page for a browser, metadata for everyone else."""
    router = APIRouter(tags=["house"])
    metadata = describe(release)

    @router.get("/", operation_id="getMetadata", summary="Where everything is; a browser gets a page", response_model=Metadata)
    async def home(request: Request) -> Response:
        if "text/html" in request.headers.get("accept", ""):
            return _html((static / "pages/home.html").read_text(), POLICY)
        return Response(metadata.model_dump_json(), media_type="application/json", headers={"vary": "accept"})

    return router


def mount_static(app: FastAPI, *, static: Path = STATIC) -> None:
    app.mount(STATIC_PATH, StaticFiles(directory=static), name="static")


def describe(release: str) -> Metadata:
    return Metadata(
        name="Trading API",
        release=release,
        api_version=CURRENT.version,
        documentation={
            "docs": f"{API_PREFIX}/docs",
            "redoc": f"{API_PREFIX}/redoc",
            "openapi": f"{API_PREFIX}/openapi.json",
            "asyncapi": f"{API_PREFIX}/ws/asyncapi",
            "asyncapiDocument": f"{API_PREFIX}/ws/asyncapi.json",
        },
        endpoints={
            "health": f"{API_PREFIX}/health",
            "versions": f"{API_PREFIX}/versions",
            "datafeed": f"{API_PREFIX}/datafeed",
            "broker": f"{API_PREFIX}/broker",
            "socket": f"{API_PREFIX}/ws",
        },
    )


class _page:
    """Reads the page on each request: it is small, and a bundle installed meanwhile shows at once."""

    def __init__(self, explorer: Explorer, static: Path) -> None:
        self._explorer, self._static = explorer, static

    async def __call__(self) -> Response:
        installed = (self._static / "vendor" / self._explorer.bundle).is_file()
        page = self._explorer.page if installed else "missing.html"
        return _html((self._static / "pages" / page).read_text(), self._explorer.policy, 200 if installed else 503)


def _html(text: str, policy: str, status: int = 200) -> HTMLResponse:
    headers = {
        "content-security-policy": policy,
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "vary": "accept",
        "cache-control": "no-cache",
    }
    return HTMLResponse(text, status_code=status, headers=headers)
