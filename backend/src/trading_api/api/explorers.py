"""The pages about the API: Swagger UI, ReDoc and the AsyncAPI explorer. Nothing on them comes from another host.

The bundles stand in `static/vendor`, put there by `make install`. Every page carries a content policy; only the AsyncAPI bundle
compiles code at run time, so only its page allows that.
"""

from pathlib import Path
from typing import NamedTuple

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from starlette.responses import Response

from trading_api.api.static_files import STATIC

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


class _page:
    """Reads the page on each request: it is small, and a bundle installed meanwhile shows at once."""

    def __init__(self, explorer: Explorer, static: Path) -> None:
        self._explorer, self._static = explorer, static

    async def __call__(self) -> Response:
        installed = (self._static / "vendor" / self._explorer.bundle).is_file()
        page = self._explorer.page if installed else "missing.html"
        return html((self._static / "pages" / page).read_text(), self._explorer.policy, 200 if installed else 503)


def html(text: str, policy: str, status: int = 200) -> HTMLResponse:
    headers = {
        "content-security-policy": policy,
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "vary": "accept",
        "cache-control": "no-cache",
    }
    return HTMLResponse(text, status_code=status, headers=headers)
