"""The versions of the API: what is offered, and what is announced."""

from trading_api.models.versioning import ApiVersion, ApiVersions

API_VERSIONS = (
    ApiVersion(
        version="v1",
        status="stable",
        summary="REST, UDF datafeed and WebSocket topics for a TradingView terminal",
        base_path="/api/v1",
    ),
    ApiVersion(
        version="v2",
        status="planned",
        summary="Not offered yet; named here so that clients can prepare",
        changes=(
            "every request carries a token",
            "refusals follow RFC 9457 (problem details)",
            "/health becomes /livez and /readyz",
        ),
    ),
)
CURRENT = API_VERSIONS[0]
API_PREFIX = "/api/v1"


def catalogue() -> ApiVersions:
    return ApiVersions(current_version=CURRENT.version, available_versions=API_VERSIONS)
