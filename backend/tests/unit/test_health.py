"""The heartbeat and the versions."""

import httpx
from fastapi import FastAPI

from fakes import FakeClock
from trading_api.api.health import health_router
from trading_api.api.versions import versions_router
from trading_api.core.access import Credentials, Principal, not_signed_in
from trading_api.core.versioning import API_VERSIONS, CURRENT, catalogue
from trading_api.models.health import HealthCheck
from trading_api.plugins.doorman_local import LocalDoorman


async def get(app: FastAPI, path: str) -> httpx.Response:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
        return await client.get(path)


async def test_health_tells_time_release_and_version() -> None:
    clock, app = FakeClock(), FastAPI()
    app.include_router(health_router(clock=clock, release="1.2.3"))
    clock.jump(1500)
    body = (await get(app, "/health")).json()
    assert body["status"] == "ok"
    assert (body["uptimeMs"], body["time"], body["release"], body["apiVersion"]) == (1500, clock.now(), "1.2.3", "v1")
    assert body["versionInfo"]["basePath"] == "/api/v1"


async def test_health_is_degraded_and_says_why_when_a_part_is_in_trouble() -> None:
    app = FastAPI()
    broken = HealthCheck(name="account R1", account_id="R1", trouble="an order filled twice")
    probes = (lambda: [HealthCheck(name="journal")], lambda: [broken, HealthCheck(name="account R2")])
    app.include_router(health_router(clock=FakeClock(), release="1.2.3", probes=probes))
    app.state.doorman = LocalDoorman()
    answer = await get(app, "/health")
    assert answer.status_code == 200
    assert answer.json()["status"] == "degraded"
    assert [check.get("trouble") for check in answer.json()["checks"]] == [None, "an order filled twice", None]
    assert answer.json()["checks"][1]["accountId"] == "R1"


async def test_health_names_an_account_only_to_those_who_see_it() -> None:
    class Stranger(LocalDoorman):
        async def admit(self, credentials: Credentials) -> Principal:
            raise not_signed_in()

    app = FastAPI()
    broken = HealthCheck(name="account R1", account_id="R1", trouble="an order filled twice")
    app.include_router(health_router(clock=FakeClock(), release="1.2.3", probes=[lambda: [broken]]))
    app.state.doorman = Stranger()
    body = (await get(app, "/health")).json()
    assert (body["status"], body["checks"]) == ("degraded", [])


async def test_versions_announce_what_is_planned_and_name_the_one_that_answers() -> None:
    app = FastAPI()
    app.include_router(versions_router(release="1.2.3"))
    every = (await get(app, "/versions")).json()
    assert every["currentVersion"] == "v1"
    assert {one["version"]: one["status"] for one in every["availableVersions"]} == {"v1": "stable", "v2": "planned"}
    assert (await get(app, "/version")).json()["api"]["version"] == "v1"


def test_exactly_the_offered_versions_have_an_address() -> None:
    assert catalogue().available_versions == API_VERSIONS
    assert CURRENT in API_VERSIONS
    for one in API_VERSIONS:
        assert (one.base_path is not None) == (one.status != "planned")
