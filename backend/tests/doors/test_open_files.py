"""A system that allows few open files gets fewer connections, and the journal can still be read."""

import asyncio
from pathlib import Path

import httpx
import pytest
from server_process import ServerProcess

from trading_api.plugins import open_files
from trading_api.plugins.open_files import FILES_BESIDE, room_for

ROOM = 20


@pytest.mark.parametrize(
    ("soft", "hard", "room"),
    [(1_024, 20_000, 12_000), (1_024, 4_096, 4_096 - FILES_BESIDE), (100, 100, 1), (-1, -1, 12_000), (1_024, -1, 12_000)],
)
def test_the_limit_is_raised_as_far_as_it_goes(monkeypatch: pytest.MonkeyPatch, soft: int, hard: int, room: int) -> None:
    assert open_files.resource.RLIM_INFINITY == -1
    monkeypatch.setattr(open_files.resource, "getrlimit", lambda _: (soft, hard))
    asked: list[tuple[int, int]] = []
    monkeypatch.setattr(open_files.resource, "setrlimit", lambda _, limits: asked.append(limits))
    assert room_for(12_000) == room
    assert all(one == hard for _, one in asked)


async def test_connections_leave_files_for_the_journal(tmp_path: Path) -> None:
    few = tmp_path / "few.py"
    few.write_text(
        "import resource, runpy, sys\n"
        f"resource.setrlimit(resource.RLIMIT_NOFILE, ({FILES_BESIDE + ROOM},) * 2)\n"
        "runpy.run_module('trading_api.cli', run_name='__main__')\n"
    )
    server = await ServerProcess.start(tmp_path / "var", (str(few),))
    try:
        place = server.url.removeprefix("http://").split(":")
        held = [await asyncio.open_connection(*place) for _ in range(ROOM - 1)]
        async with httpx.AsyncClient(base_url=server.url) as client:
            funded = await client.post("/api/v1/broker/accounts/DEMO-ACCOUNT/fund", json={"amount": 5})
            assert funded.status_code == 200
            async with httpx.AsyncClient(base_url=server.url) as one_more:
                refused = await one_more.get("/api/v1/health")
            assert (refused.status_code, refused.json()["code"]) == (503, "too_many_connections")
            history = await client.get("/api/v1/broker/accounts/DEMO-ACCOUNT/orders/history")
            assert history.status_code == 200
        for _, writer in held:
            writer.close()
    finally:
        server.kill()
        await server.gone()
