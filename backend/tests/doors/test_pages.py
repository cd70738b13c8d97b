"""The pages about the API, over HTTP and in a real browser."""

import json
import shutil
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from server_process import ServerProcess

from trading_api.api.explorers import EXPLORERS, STATIC, explorers_router, home_router
from trading_api.models.topics import TOPICS

LOOK = Path(__file__).parents[3] / "frontend/tests/look.mjs"
LOOK_S_MAX = 120
PAGES = tuple(explorer.path for explorer in EXPLORERS)


def app_with(static: Path) -> FastAPI:
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.include_router(home_router(release="1.2.3", static=static))
    app.include_router(explorers_router(static=static), prefix="/api/v1")
    return app


async def get(app: FastAPI, path: str, accept: str = "text/html") -> httpx.Response:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
        return await client.get(path, headers={"accept": accept})


@pytest.fixture
def static(tmp_path: Path) -> Path:
    """The pages with bundles in place."""
    shutil.copytree(STATIC / "pages", tmp_path / "pages")
    for explorer in EXPLORERS:
        bundle = tmp_path / "vendor" / explorer.bundle
        bundle.parent.mkdir(parents=True)
        bundle.touch()
    return tmp_path


async def test_home_is_a_page_for_a_browser_and_metadata_for_everyone_else(static: Path) -> None:
    page = await get(app_with(static), "/", "text/html,application/xhtml+xml,*/*;q=0.8")
    data = await get(app_with(static), "/", "*/*")
    assert "<h1>Trading API</h1>" in page.text
    assert data.json()["release"] == "1.2.3"
    assert data.json()["documentation"]["docs"] == "/api/v1/docs"
    assert page.headers["vary"] == data.headers["vary"] == "accept"


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_may_load_from_here_only_and_run_no_inline_script(static: Path, path: str) -> None:
    page = await get(app_with(static), f"/api/v1{path}")
    rules = dict(rule.strip().split(" ", 1) for rule in page.headers["content-security-policy"].split(";"))
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == ("'self' 'unsafe-eval'" if path == "/ws/asyncapi" else "'self'")
    assert rules["connect-src"] == "'self'"
    assert not any("http:" in rule or "https:" in rule or "*" in rule for rule in rules.values())
    assert "<script>" not in page.text
    assert "://" not in page.text.replace("http://www.w3.org", "")


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_whose_bundle_is_absent_names_the_target_that_installs_it(static: Path, path: str) -> None:
    shutil.rmtree(static / "vendor")
    page = await get(app_with(static), f"/api/v1{path}")
    assert page.status_code == 503
    assert "make install" in page.text


@pytest_asyncio.fixture
async def server(tmp_path: Path) -> AsyncIterator[ServerProcess]:
    running = await ServerProcess.start(tmp_path / "state")
    yield running
    running.kill()
    await running.gone()


@pytest.mark.browser
async def test_a_browser_shows_every_page_and_asks_no_other_host(server: ServerProcess, browser_path: str) -> None:
    paths = json.loads((Path(__file__).parents[2] / "openapi.json").read_text())["paths"]
    wanted = {
        "/": ["Trading API", "Running release"],
        "/api/v1/docs": sorted(paths),
        "/api/v1/redoc": ["Heartbeat", "/api/v1/broker/accounts/{accountId}/orders"],
        "/api/v1/ws/asyncapi": ["Trading API topics", *(f"{topic.name}.update" for topic in TOPICS)],
    }
    orders = [{"url": server.url + path, "expect": expect} for path, expect in wanted.items()]
    looked = subprocess.run(
        ["node", str(LOOK), browser_path, json.dumps(orders)], capture_output=True, text=True, timeout=LOOK_S_MAX, check=False
    )
    assert looked.returncode == 0, looked.stderr
    for line in looked.stdout.splitlines():
        seen = json.loads(line)
        found = {what: seen[what] for what in ("missing", "troubles", "foreign")}
        assert found == {"missing": [], "troubles": [], "foreign": []}, seen["url"]
    assert len(looked.stdout.splitlines()) == len(wanted)
