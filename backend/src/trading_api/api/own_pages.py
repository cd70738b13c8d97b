"""Whether what asks is a page that may see an account: of this server, of an allowed origin, or no page at all.

The datafeed is open to every page, and whoever sits before the browser may have accounts here that such a page must not see.
A page elsewhere names its origin when it wants to read an answer; without one the browser says where a request comes from.
"""

from fastapi import Request

from trading_api.api.deps import somebody
from trading_api.api.guards import Doors
from trading_api.core.access import Principal


async def reader(request: Request, doors: Doors) -> Principal | None:
    """Who may be shown what accounts have done; None: nobody in particular."""
    return await somebody(request) if _is_own(request, doors) else None


def _is_own(request: Request, doors: Doors) -> bool:
    origin = request.headers.get("Origin")
    if origin is not None:
        return doors.knows_origin(origin.lower(), request.headers.get("Host", "").lower())
    return request.headers.get("Sec-Fetch-Site", "none") in ("none", "same-origin")
