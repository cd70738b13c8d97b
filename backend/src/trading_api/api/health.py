"""The heartbeat."""

from collections.abc import Callable, Iterable, Sequence

from fastapi import APIRouter

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
        summary="Heartbeat with version and what is wrong, if anything",
        response_model_exclude_none=True,
    )
    async def health() -> HealthResponse:
        checks = tuple(check for probe in probes for check in probe())
        return HealthResponse(
            status="degraded" if any(check.trouble for check in checks) else "ok",
            time=clock.now(),
            uptime_ms=max(0, clock.now() - started),
            release=release,
            api_version=CURRENT.version,
            version_info=CURRENT,
            checks=checks,
        )

    return router
