"""Where everything meets: the one place that chooses which plugs stand behind the ports."""

from fastapi import FastAPI

from trading_api.api.explorers import explorers_router, home_router, mount_static
from trading_api.api.guards import Doors, Guard
from trading_api.api.health import health_router
from trading_api.api.versions import versions_router
from trading_api.core.versioning import API_PREFIX
from trading_api.plugins.clock import WallClock
from trading_api.settings import Settings, release


def create_app(settings: Settings) -> FastAPI:
    app = FastAPI(title="Trading API", version=release(), openapi_url=f"{API_PREFIX}/openapi.json", docs_url=None, redoc_url=None)
    doors = Doors(loopback=settings.loopback, hosts=settings.allowed_hosts, origins=settings.allowed_origins)
    app.add_middleware(Guard, doors=doors)
    app.include_router(home_router(release=release()))
    app.include_router(health_router(clock=WallClock(), release=release()), prefix=API_PREFIX)
    app.include_router(versions_router(release=release()), prefix=API_PREFIX)
    app.include_router(explorers_router(), prefix=API_PREFIX)
    mount_static(app)
    return app
