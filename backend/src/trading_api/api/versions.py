"""Which versions of the API there are, and which one answers here."""

from fastapi import APIRouter

from trading_api.core.versioning import CURRENT, catalogue
from trading_api.models.versioning import ActiveVersion, ApiVersions


def versions_router(*, release: str) -> APIRouter:
    router = APIRouter(tags=["house"])

    @router.get("/versions", operation_id="getVersions", summary="Every version, announced ones included")
    async def versions() -> ApiVersions:
        return catalogue()

    @router.get("/version", operation_id="getVersion", summary="The version that answers here, and its release")
    async def version() -> ActiveVersion:
        return ActiveVersion(release=release, api=CURRENT)

    return router
