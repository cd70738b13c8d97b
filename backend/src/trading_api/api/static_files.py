"""Files that a page consists of, sent packed to whoever takes them so, and kept by the browser where a name is never reused."""

import os
from pathlib import Path

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from starlette.datastructures import Headers
from starlette.responses import FileResponse, Response
from starlette.types import Scope

STATIC = Path(__file__).parent.parent / "static"
STATIC_PATH = "/static"
HASHED = "terminal/assets/"
"""A build names these files by what is in them."""
FOREVER = "public, max-age=31536000, immutable"


class HouseFiles(StaticFiles):
    """`name.gz` beside `name` is `name`, packed when the page was built."""

    def file_response(
        self, full_path: str | os.PathLike[str], stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        headers = Headers(scope=scope)
        packed = Path(f"{full_path}.gz")
        if "gzip" in headers.get("accept-encoding", "") and packed.is_file():
            media_type = FileResponse(full_path).media_type
            response: Response = FileResponse(packed, status_code=status_code, media_type=media_type)
            response.headers["content-encoding"] = "gzip"
        else:
            response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers["vary"] = "accept-encoding"
        response.headers["x-content-type-options"] = "nosniff"
        response.headers["cache-control"] = FOREVER if self.get_path(scope).startswith(HASHED) else "no-cache"
        return response


def mount_static(app: FastAPI, *, static: Path = STATIC) -> None:
    app.mount(STATIC_PATH, HouseFiles(directory=static), name="static")
