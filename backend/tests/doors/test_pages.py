"""The pages about the API, over HTTP and in a real browser."""

import gzip
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

from trading_api.api.explorers import EXPLORERS, explorers_router
from trading_api.api.home import LOADER, Library, home_router, mount_library
from trading_api.api.static_files import STATIC, mount_static
from trading_api.models.topics import TOPICS

LOOK = Path(__file__).parents[3] / "frontend/tests/look.mjs"
WHITE_MAX = 0.1
"""Of a page in the dark: its letters."""
LOOK_S_MAX = 120
PAGES = tuple(explorer.path for explorer in EXPLORERS)


def app_with(static: Path) -> FastAPI:
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    library = Library(static / "library")
    app.include_router(home_router(release="1.2.3", library=library, static=static))
    app.include_router(explorers_router(static=static), prefix="/api/v1")
    mount_static(app, static=static)
    mount_library(app, library)
    return app


async def get(app: FastAPI, path: str, accept: str = "text/html", packing: str = "identity") -> httpx.Response:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
        return await client.get(path, headers={"accept": accept, "accept-encoding": packing})


def rules_of(page: httpx.Response) -> dict[str, str]:
    rules: dict[str, str] = {}
    for rule in page.headers["content-security-policy"].split("; "):
        name, _, allowed = rule.partition(" ")
        rules[name] = allowed
    return rules


@pytest.fixture
def static(tmp_path: Path) -> Path:
    """The pages with bundles in place."""
    shutil.copytree(STATIC / "pages", tmp_path / "pages")
    for explorer in EXPLORERS:
        bundle = tmp_path / "vendor" / explorer.bundle
        bundle.parent.mkdir(parents=True)
        bundle.touch()
    assets = tmp_path / "terminal/assets"
    assets.mkdir(parents=True)
    (tmp_path / "terminal/index.html").write_text("<title>Terminal</title>")
    (assets / "index-1a2b.js").write_text("go()" * 500)
    (assets / "index-1a2b.js.gz").write_bytes(gzip.compress(b"go()" * 500))
    return tmp_path


async def test_home_is_a_page_for_a_browser_and_metadata_for_everyone_else(static: Path) -> None:
    page = await get(app_with(static), "/", "text/html,application/xhtml+xml,*/*;q=0.8")
    data = await get(app_with(static), "/", "*/*")
    assert "<title>Terminal</title>" in page.text
    assert rules_of(page)["script-src"] == rules_of(page)["connect-src"] == "'self'"
    assert (data.json()["release"], data.json()["authentication"]) == ("1.2.3", False)
    assert data.json()["documentation"]["docs"] == "/api/v1/docs"
    assert page.headers["vary"] == data.headers["vary"] == "accept"


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_may_load_from_here_only_and_run_no_inline_script(static: Path, path: str) -> None:
    page = await get(app_with(static), f"/api/v1{path}")
    rules = rules_of(page)
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


async def test_a_terminal_that_is_not_built_says_how_to_build_it_and_shows_what_there_is(static: Path) -> None:
    shutil.rmtree(static / "terminal")
    page = await get(app_with(static), "/")
    assert page.status_code == 503
    assert "make run" in page.text
    assert "/api/v1/docs" in page.text


async def test_a_built_file_is_kept_for_ever_and_sent_packed_to_whoever_takes_it_so(static: Path) -> None:
    path = "/static/terminal/assets/index-1a2b.js"
    plain, packed = await get(app_with(static), path), await get(app_with(static), path, packing="gzip")
    assert plain.text == packed.text == "go()" * 500
    assert "content-encoding" not in plain.headers and packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) < 100
    assert plain.headers["content-type"] == packed.headers["content-type"]
    assert plain.headers["cache-control"] == packed.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert plain.headers["vary"] == packed.headers["vary"] == "accept-encoding"
    other = await get(app_with(static), "/static/pages/unbuilt.html")
    assert other.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("folder", ["", "charting_library"])
async def test_tradingviews_library_is_found_offered_and_allowed_to_draw_only_where_it_is(static: Path, folder: str) -> None:
    app = app_with(static)
    without = await get(app, "/", "*/*"), await get(app, "/")
    assert "tradingViewLibrary" not in without[0].json()
    assert "frame-src" not in rules_of(without[1])
    place = static / "library" / folder
    place.mkdir(parents=True)
    (place / LOADER).write_text("theirs()")
    path = (await get(app, "/", "*/*")).json()["tradingViewLibrary"]
    assert (await get(app, f"{path}{LOADER}")).text == "theirs()"
    assert rules_of(await get(app, "/"))["frame-src"] == "'self' blob:"


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
        "/": ["Watchlist", "Order"],
        "/api/v1/docs": sorted(paths),
        "/api/v1/redoc": ["Heartbeat", "/api/v1/broker/accounts/{accountId}/orders"],
        "/api/v1/ws/asyncapi": ["Trading API topics", *(f"{topic.name}.update" for topic in TOPICS)],
    }
    orders = [{"url": server.url + path, "expect": expect, "dark": True} for path, expect in wanted.items()]
    looked = subprocess.run(
        ["node", str(LOOK), browser_path, json.dumps(orders)], capture_output=True, text=True, timeout=LOOK_S_MAX, check=False
    )
    assert looked.returncode == 0, looked.stderr
    for line in looked.stdout.splitlines():
        seen = json.loads(line)
        found = {what: seen[what] for what in ("missing", "troubles", "foreign")}
        assert found == {"missing": [], "troubles": [], "foreign": []}, seen["url"]
        assert seen["white"] < WHITE_MAX, f"{seen['url']} is not dark in the dark"
    assert len(looked.stdout.splitlines()) == len(wanted)
