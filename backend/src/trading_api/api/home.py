"""`/`: the terminal for a browser, metadata for everyone else; and TradingView's library beside it, where somebody put it."""

from pathlib import Path

from fastapi import APIRouter, FastAPI, Request
from starlette.responses import Response

from trading_api.api.explorers import POLICY, html
from trading_api.api.static_files import STATIC, HouseFiles
from trading_api.core.versioning import API_PREFIX, CURRENT
from trading_api.models.health import Metadata

LIBRARY_PATH = "/trading_terminal"
LOADER = "charting_library.standalone.js"
LIBRARY_FOLDERS = (LIBRARY_PATH, f"{LIBRARY_PATH}/charting_library")
"""Where the loader may be: people copy the folder itself, or what is in it."""
LIBRARY_POLICY = (
    POLICY.replace("script-src 'self'", "script-src 'self' 'unsafe-inline' blob:")
    + "; frame-src 'self' blob:; worker-src blob:"
)
"""The library draws in a frame that it writes itself, with scripts in it."""


class Library:
    """A copy of TradingView's Trading Terminal: its licence keeps it out of this project, so it is looked for each time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self) -> str | None:
        """Where the page loads it from."""
        for path in LIBRARY_FOLDERS:
            if (self.folder / path.removeprefix(LIBRARY_PATH).lstrip("/") / LOADER).is_file():
                return f"{path}/"
        return None


def home_router(*, release: str, library: Library, static: Path = STATIC, authentication: bool = False) -> APIRouter:
    router = APIRouter(tags=["house"])

    @router.get(
        "/",
        operation_id="getMetadata",
        summary="Where everything is; a browser gets the terminal",
        response_model=Metadata,
        response_model_exclude_none=True,
    )
    async def home(request: Request) -> Response:
        found = library.path()
        if "text/html" in request.headers.get("accept", ""):
            return _terminal(static, POLICY if found is None else LIBRARY_POLICY)
        text = describe(release, found, authentication=authentication).model_dump_json(by_alias=True, exclude_none=True)
        return Response(text, media_type="application/json", headers={"vary": "accept", "cache-control": "no-cache"})

    return router


def mount_library(app: FastAPI, library: Library) -> None:
    app.mount(LIBRARY_PATH, HouseFiles(directory=library.folder, check_dir=False), name="trading_terminal")


def _terminal(static: Path, policy: str) -> Response:
    """Read each time: a page built meanwhile shows at once."""
    page = static / "terminal/index.html"
    if page.is_file():
        return html(page.read_text(), policy)
    return html((static / "pages/unbuilt.html").read_text(), POLICY, 503)


def describe(release: str, library: str | None = None, *, authentication: bool = False) -> Metadata:
    return Metadata(
        name="Trading API",
        release=release,
        api_version=CURRENT.version,
        trading_view_library=library,
        authentication=authentication,
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
