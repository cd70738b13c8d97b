"""Saved charts and templates, over the requests the charting library's storage client sends."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
import pytest_asyncio
from broker_house import BROKER, serving

from fakes_people import guarded_house
from trading_api.api.guards import CHART_BODY_BYTES_MAX
from trading_api.core.chart_storage import CONTENT_BYTES_MAX

WHO = {"client": "charts.example", "user": "public_user"}
LAYOUT = json.dumps({"name": "Gold — 金", "charts": [{"panes": [{"sources": ['"quoted" & = + %41']}]}]})
pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def storage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[httpx.AsyncClient]:
    async with opened(tmp_path_factory.mktemp("charts")) as client:
        yield client


class opened:
    """A client of the storage of a house of its own, or of one that is started again."""

    def __init__(self, folder: Path) -> None:
        self._serving = serving(folder)

    async def __aenter__(self) -> httpx.AsyncClient:
        broker = await self._serving.__aenter__()
        base = str(broker.base_url).replace(BROKER, "/api/v1/chart-storage/1.1")
        self._client = httpx.AsyncClient(base_url=base, timeout=20)
        return self._client

    async def __aexit__(self, *error: Any) -> None:
        await self._client.aclose()
        await self._serving.__aexit__(*error)


def multipart(**fields: str) -> dict[str, tuple[None, str]]:
    """As a browser sends FormData."""
    return {name: (None, value) for name, value in fields.items()}


async def save(storage: httpx.AsyncClient, name: str, content: str = LAYOUT, **query: str) -> dict[str, Any]:
    form = multipart(name=name, content=content, symbol="DEMO:EURUSD", resolution="1D")
    answer = await storage.post("/charts", params=WHO | query, files=form)
    assert answer.status_code == 200 and answer.headers["content-type"] == "application/json"
    body: dict[str, Any] = answer.json()
    return body


async def ask(storage: httpx.AsyncClient, method: str, path: str, **query: str) -> dict[str, Any]:
    answer = await storage.request(method, path, params=WHO | query)
    assert answer.status_code == 200
    body: dict[str, Any] = answer.json()
    return body


async def test_a_chart_is_saved_listed_loaded_saved_again_and_deleted(storage: httpx.AsyncClient) -> None:
    saved = await save(storage, "Morning")
    chart = saved["id"]
    assert saved == {"status": "ok", "id": chart} and isinstance(chart, str)
    listed = await ask(storage, "GET", "/charts")
    (row,) = listed["data"]
    assert listed["status"] == "ok"
    assert row == {"id": chart, "name": "Morning", "timestamp": row["timestamp"], "symbol": "DEMO:EURUSD", "resolution": "1D"}
    loaded = await ask(storage, "GET", "/charts", chart=chart)
    assert loaded["data"] == {"id": chart, "name": "Morning", "timestamp": row["timestamp"], "content": LAYOUT}

    assert (await save(storage, "Evening", "{}", chart=chart))["status"] == "ok"
    again = (await ask(storage, "GET", "/charts", chart=chart))["data"]
    assert (again["name"], again["content"], len((await ask(storage, "GET", "/charts"))["data"])) == ("Evening", "{}", 1)

    assert await ask(storage, "DELETE", "/charts", chart=chart) == {"status": "ok"}
    assert await ask(storage, "GET", "/charts") == {"status": "ok", "data": []}
    for method in ("GET", "DELETE"):
        gone = await ask(storage, method, "/charts", chart=chart)
        assert gone == {"status": "error", "message": f"Expected one of your charts, found '{chart}'"}
    assert (await save(storage, "Late", chart=chart))["status"] == "error"


async def test_study_templates_are_kept_by_name(storage: httpx.AsyncClient) -> None:
    for name, content in (("Averages & more", "first"), ("Averages & more", LAYOUT), ("Bands", "x")):
        answer = await storage.post("/study_templates", params=WHO, files=multipart(name=name, content=content))
        assert answer.json() == {"status": "ok"}
    assert (await ask(storage, "GET", "/study_templates"))["data"] == [{"name": "Averages & more"}, {"name": "Bands"}]
    one = await ask(storage, "GET", "/study_templates", template="Averages & more")
    assert one == {"status": "ok", "data": {"name": "Averages & more", "content": LAYOUT}}
    assert await ask(storage, "DELETE", "/study_templates", template="Bands") == {"status": "ok"}
    assert "'Bands'" in (await ask(storage, "GET", "/study_templates", template="Bands"))["message"]
    for form in ({"name": "", "content": "x"}, {"name": "x", "content": ""}, {"name": "x"}, {"content": "x"}):
        answer = await storage.post("/study_templates", params=WHO, files=multipart(**form))
        assert answer.status_code == 200 and answer.json()["status"] == "error", form


async def test_drawing_templates_belong_to_a_tool(storage: httpx.AsyncClient) -> None:
    for tool, name in (("LineToolRay", "red"), ("LineToolRay", "blue"), ("LineToolTrendLine", "red")):
        query = WHO | {"tool": tool, "name": name}
        assert (await storage.post("/drawing_templates", params=query, files=multipart(content=f"{tool} {name}"))).json() == {
            "status": "ok"
        }
    assert (await ask(storage, "GET", "/drawing_templates", tool="LineToolRay"))["data"] == ["blue", "red"]
    # The library names the chart as well when it loads one.
    one = await ask(storage, "GET", "/drawing_templates", tool="LineToolTrendLine", name="red", chart="1")
    assert one["data"] == {"name": "red", "content": "LineToolTrendLine red"}
    assert (await ask(storage, "DELETE", "/drawing_templates", tool="LineToolRay", name="red"))["status"] == "ok"
    assert (await ask(storage, "GET", "/drawing_templates", tool="LineToolRay"))["data"] == ["blue"]
    assert (await ask(storage, "GET", "/drawing_templates", tool="LineToolTrendLine"))["data"] == ["red"]
    assert (await ask(storage, "DELETE", "/drawing_templates", tool="LineToolRay", name="red"))["status"] == "error"


@pytest.mark.parametrize("kind", ["multipart", "urlencoded", "json"])
async def test_content_comes_back_letter_for_letter_however_it_was_sent(storage: httpx.AsyncClient, kind: str) -> None:
    form = {"name": f"As {kind}", "content": LAYOUT, "symbol": "A", "resolution": "60", "unknown": "left out"}
    sent = {"multipart": {"files": multipart(**form)}, "urlencoded": {"data": form}, "json": {"json": form}}[kind]
    chart = (await storage.post("/charts", params=WHO, **sent)).json()["id"]
    assert (await ask(storage, "GET", "/charts", chart=chart))["data"]["content"] == LAYOUT
    await ask(storage, "DELETE", "/charts", chart=chart)


async def test_owners_are_apart(storage: httpx.AsyncClient) -> None:
    chart = (await save(storage, "Mine"))["id"]
    for other in ({"client": "other.example"}, {"user": "somebody"}):
        assert (await ask(storage, "GET", "/charts", **other))["data"] == []
        for method in ("GET", "DELETE"):
            assert (await ask(storage, method, "/charts", chart=chart, **other))["status"] == "error"
        assert (await save(storage, "Theirs", chart=chart, **other))["status"] == "error"
    assert (await ask(storage, "GET", "/charts", chart=chart))["data"]["name"] == "Mine"
    await ask(storage, "DELETE", "/charts", chart=chart)


@pytest.mark.parametrize("missing", ["client", "user"])
@pytest.mark.parametrize("path", ["/charts", "/study_templates", "/drawing_templates?tool=x"])
async def test_whoever_does_not_say_whose_is_told(storage: httpx.AsyncClient, path: str, missing: str) -> None:
    query = "&".join(f"{name}={quote(value)}" for name, value in WHO.items() if name != missing)
    join = "&" if "?" in path else "?"
    for asked in (query, f"{query}&{missing}="):
        body = (await storage.get(f"{path}{join}{asked}")).json()
        assert body["status"] == "error" and f"Expected {'the field ' * (asked is query)}{missing}" in body["message"]


async def test_a_chart_may_be_large_and_a_larger_one_is_refused_in_a_sentence(storage: httpx.AsyncClient) -> None:
    large = '"' * CONTENT_BYTES_MAX
    form = {"name": "Large", "content": large, "symbol": "A", "resolution": "1"}
    for sent in ({"files": multipart(**form)}, {"data": form}):
        chart = (await storage.post("/charts", params=WHO, **sent)).json()["id"]
        assert (await ask(storage, "GET", "/charts", chart=chart))["data"]["content"] == large
        await ask(storage, "DELETE", "/charts", chart=chart)
    answer = await save(storage, "Too large", "x" * (CONTENT_BYTES_MAX + 1))
    assert answer["message"] == f"Expected content of at most {CONTENT_BYTES_MAX} bytes, found {CONTENT_BYTES_MAX + 1}"
    beyond = await storage.post("/charts", params=WHO, files=multipart(name="x", content="x" * CHART_BODY_BYTES_MAX))
    assert beyond.status_code == 413
    for body, kind in ((b"{", "application/json"), (b"[]", "application/json"), (b"--x", "multipart/form-data"), (b"", "")):
        answer = (await storage.post("/charts", params=WHO, content=body, headers={"Content-Type": kind})).json()
        assert answer["status"] == "error" and answer["message"].startswith("Expected"), body


async def test_a_foreign_page_can_neither_save_nor_read(storage: httpx.AsyncClient) -> None:
    foreign = {"Origin": "https://charts.example"}
    for method in ("GET", "POST", "DELETE"):
        assert (await storage.request(method, "/charts", params=WHO | {"chart": "1"}, headers=foreign)).status_code == 403
    read = await storage.get("/charts", params=WHO, headers=foreign)
    assert read.status_code == 403 and "access-control-allow-origin" not in read.headers


async def test_what_was_saved_is_there_after_a_restart(tmp_path: Path) -> None:
    async with opened(tmp_path) as storage:
        first = (await save(storage, "Kept"))["id"]
        gone = (await save(storage, "Deleted"))["id"]
        await ask(storage, "DELETE", "/charts", chart=gone)
        await storage.post("/study_templates", params=WHO, files=multipart(name="Bands", content="b"))
    async with opened(tmp_path) as storage:
        assert [row["name"] for row in (await ask(storage, "GET", "/charts"))["data"]] == ["Kept"]
        assert (await ask(storage, "GET", "/charts", chart=first))["data"]["content"] == LAYOUT
        assert (await ask(storage, "GET", "/study_templates", template="Bands"))["data"]["content"] == "b"
        assert (await save(storage, "New"))["id"] not in (first, gone)


async def test_with_authentication_charts_are_those_of_who_is_signed_in(tmp_path: Path) -> None:
    async with guarded_house(tmp_path) as house:
        for login in ("alice", "bob"):
            await house.add(login)
        path, form = "/chart-storage/1.1/charts", {"name": "Mine", "content": LAYOUT}
        alice = {"client": "charts.example", "user": "alice"}
        saved = await house.ask("alice", "POST", path, params=alice, data=form)
        chart = saved.json()["id"]
        for who in ("bob", "root"):
            for method, more in (
                ("GET", {}),
                ("GET", {"chart": chart}),
                ("POST", {"chart": chart}),
                ("DELETE", {"chart": chart}),
            ):
                answer = await house.ask(who, method, path, params=alice | more, data=form)
                assert answer.json() == {"status": "error", "message": "Expected user to be you, found 'alice'"}, (who, method)
        for who in (None, "an invented token"):
            assert (await house.ask(who, "GET", path, params=alice)).status_code == 401
            assert (await house.ask(who, "POST", path, params=alice, data=form)).status_code == 401
        kept = (await house.ask("alice", "GET", path, params=alice | {"chart": chart})).json()
        assert kept["data"]["content"] == LAYOUT
