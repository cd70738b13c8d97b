"""What the API says about its versions."""

from typing import Literal

from pydantic import Field

from trading_api.models.base import Model


class ApiVersion(Model):
    """One major version: `planned` is announced only, `deprecated` still answers until `sunset`."""

    version: str
    status: Literal["planned", "stable", "deprecated"]
    summary: str
    base_path: str | None = Field(default=None, alias="basePath")
    changes: tuple[str, ...] = ()
    sunset: int | None = None
    """UTC milliseconds after which a deprecated version no longer answers."""


class ApiVersions(Model):
    current_version: str = Field(alias="currentVersion")
    available_versions: tuple[ApiVersion, ...] = Field(alias="availableVersions")


class ActiveVersion(Model):
    """The version that answers here, and the release of the software behind it."""

    release: str
    api: ApiVersion
