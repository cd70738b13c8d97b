"""The heartbeat."""

from collections.abc import Callable, Iterable, Sequence

from fastapi import APIRouter, Request

from trading_api.api.deps import somebody
from trading_api.core.ports import Clock
from trading_api.core.versioning import CURRENT
from trading_api.models.health import HealthCheck, HealthResponse

Probe = Callable[[], Iterable[HealthCheck]]


def health_router(*, clock: Clock, release: str, probes: Sequence[Probe] = ()) -> APIRouter:
    router = APIRouter(tags=["house"])
    started = clock.now()

    @router.get(
        "/health",
        operation_id="getHealth",
        summary="Heartbeat with version and what is wrong, if anything; accounts are named to those who see them",
        response_model_exclude_none=True,
    )
    async def health(request: Request) -> HealthResponse:
        found = [check for probe in probes for check in probe()]
        caller = await somebody(request)
        checks = tuple(check for check in found if check.account_id is None or (caller and caller.sees(check.account_id)))
        return HealthResponse(
            status="degraded" if any(check.trouble for check in found) else "ok",
            time=clock.now(),
            uptime_ms=max(0, clock.now() - started),
            release=release,
            api_version=CURRENT.version,
            version_info=CURRENT,
            checks=checks,
        )

    return router
