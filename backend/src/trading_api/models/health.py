"""What the house says about itself."""

from typing import Literal

from pydantic import Field

from trading_api.models.base import Model
from trading_api.models.versioning import ApiVersion


class HealthCheck(Model):
    """One part of the house: `trouble` is a sentence, absent when there is none."""

    name: str
    account_id: str | None = Field(
        default=None, alias="accountId", description="Only of an account, or a replay, that has stopped"
    )
    trouble: str | None = None


class HealthResponse(Model):
    """The heartbeat. `degraded` still serves; `checks` say what is wrong."""

    status: Literal["ok", "degraded"]
    time: int
    uptime_ms: int = Field(alias="uptimeMs")
    release: str
    api_version: str = Field(alias="apiVersion")
    version_info: ApiVersion = Field(alias="versionInfo")
    checks: tuple[HealthCheck, ...] = ()


class Metadata(Model):
    """What `/` tells a program: where everything is."""

    name: str
    release: str
    api_version: str = Field(alias="apiVersion")
    documentation: dict[str, str]
    endpoints: dict[str, str]
    authentication: bool = Field(default=False, description="Whether callers must sign in")
    trading_view_library: str | None = Field(
        default=None,
        alias="tradingViewLibrary",
        description="Where a page finds TradingView's own terminal; absent where nobody put it",
    )
