"""A start: quick, told in one sentence when it cannot be, and without a trace in the source tree."""

import asyncio
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
from tree import BACKEND, ROOT

READY_S_MAX = 2.0
BUSY_FACTOR = 4
"""How much longer it may take here, where other tests share the machine."""
COMMAND_S_MAX = 60


def environment(**more: str) -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("TRADING_")} | more


def command(*arguments: str, cwd: Path, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "trading_api.cli", *arguments],
        cwd=cwd,
        env=environment(**more),
        capture_output=True,
        text=True,
        timeout=COMMAND_S_MAX,
        check=False,
    )


def picture(folder: Path) -> dict[str, int]:
    return {str(path): path.stat().st_mtime_ns for path in sorted(folder.rglob("*")) if path.is_file()}


async def test_a_start_is_quick_answers_and_writes_nothing_into_the_source_tree(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    shutil.copytree(BACKEND / "src", tree, ignore=shutil.ignore_patterns("*.egg-info"))
    before = picture(tree)
    began = time.monotonic()
    server = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "trading_api.cli", "serve", "--port", "0"),
        cwd=tmp_path,
        env=environment(PYTHONPATH=str(tree), PYTHONDONTWRITEBYTECODE="1"),
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert server.stdout is not None
        async with asyncio.timeout(COMMAND_S_MAX):
            address = (await server.stdout.readline()).decode().split()[-1]
        ready = time.monotonic() - began
        async with httpx.AsyncClient(base_url=address) as client:
            health = (await client.get("/api/v1/health")).json()
            await client.get("/", headers={"accept": "text/html"})
            await client.get("/api/v1/datafeed/quotes", params={"symbols": "DEMO:BTCUSD"})
    finally:
        server.terminate()
        code = await server.wait()
    assert health["status"] == "ok"
    assert ready < READY_S_MAX * BUSY_FACTOR
    assert code == 0
    assert picture(tree) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["tree", "var"]


async def test_the_makefile_starts_the_server_without_writing_bytecode() -> None:
    dry = subprocess.run(["make", "-n", "-C", str(ROOT), "run"], capture_output=True, text=True, check=True)
    assert "PYTHONDONTWRITEBYTECODE=1" in dry.stdout


def test_a_taken_port_is_one_sentence(tmp_path: Path) -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = command("serve", "--port", str(port), cwd=tmp_path)
    assert result.returncode == 2
    assert f"127.0.0.1:{port}" in result.stderr and "TRADING_PORT" in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("TRADING_PORT", "x"),
        ("TRADING_HOST", "0.0.0.0"),
        ("TRADING_HOST", "no.such.host.invalid"),
        ("TRADING_DATA_DIR", "/dev/null/x"),
    ],
)
def test_a_setting_that_cannot_be_used_is_one_sentence(tmp_path: Path, setting: str, value: str) -> None:
    result = (
        command("serve", "--port", "0", cwd=tmp_path, **{setting: value})
        if setting != "TRADING_PORT"
        else command("serve", cwd=tmp_path, TRADING_PORT=value)
    )
    assert result.returncode == 2
    assert setting in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("present", "named"),
    [
        ((), ["git", "make", "Python 3.11 or newer with venv (found none)", "Node 20 or newer (found none)"]),
        (("git", "make", "python3"), ["Node 20 or newer (found none)"]),
        (
            ("git", "make", "old-python", "old-node"),
            ["Python 3.11 or newer with venv (found Python 3.9.2)", "Node 20 or newer (found v18.19.0)"],
        ),
    ],
)
def test_what_is_missing_is_named_in_one_sentence(tmp_path: Path, present: tuple[str, ...], named: list[str]) -> None:
    fakes = {
        "old-python": ("python3", 'case "$1" in --version) echo Python 3.9.2;; *) exit 1;; esac'),
        "old-node": ("node", "case $1 in --version) echo v18.19.0;; *) exit 1;; esac"),
    }
    for name in present:
        target, script = fakes.get(name, (name, f'exec {sys.executable if name == "python3" else "true"} "$@"'))
        (tmp_path / target).write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / target).chmod(0o755)
    result = subprocess.run(
        ["/bin/sh", str(ROOT / "scripts/prerequisites")],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 1
    assert result.stderr == f"Before this can start, please install: {', '.join(named)}.\n"


def test_the_backend_folder_forwards_every_target() -> None:
    there, here = (
        subprocess.run(["make", "-C", str(folder), "help"], capture_output=True, text=True, check=True).stdout
        for folder in (ROOT, BACKEND)
    )
    assert "  run  " in there
    assert set(there.splitlines()) - {line for line in there.splitlines() if line.startswith("make")} <= set(here.splitlines())
