"""Floors, style and types hold, and so does what holds them: each checker is shown a mistake and must see it."""

import subprocess
import sys
from pathlib import Path

import pytest
from tree import BACKEND

BIN = Path(sys.executable).parent
CHECK_S_MAX = 240


def check(*command: str, given: str | None = None) -> subprocess.CompletedProcess[str]:
    tool, *arguments = command
    return subprocess.run(
        [str(BIN / tool), *arguments],
        cwd=BACKEND,
        input=given,
        capture_output=True,
        text=True,
        timeout=CHECK_S_MAX,
        check=False,
    )


def test_imports_only_go_down() -> None:
    result = check("lint-imports", "--no-cache", "--no-logo")
    assert result.returncode == 0, result.stdout


def test_the_code_is_linted() -> None:
    result = check("ruff", "check", "--quiet", "--no-cache", ".")
    assert result.returncode == 0, result.stdout


def test_the_code_is_formatted() -> None:
    result = check("ruff", "format", "--check", "--quiet", "--no-cache", ".")
    assert result.returncode == 0, result.stdout


def test_types_are_strict_and_right() -> None:
    result = check("mypy")
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize(
    "line",
    [
        "import time",
        "from time import monotonic",
        "import random",
        "import asyncio\n\nasyncio.sleep(1)",
        "import datetime\n\ndatetime.datetime.now()",
        "from datetime import date\n\ndate.today()",
        "import os\n\nos.environ['A']",
        "from os import getenv",
        "import uuid",
    ],
)
@pytest.mark.parametrize("floor", ["core", "models"])
def test_the_lower_floors_may_not_read_clock_chance_or_environment(line: str, floor: str) -> None:
    command = ("ruff", "check", "--quiet", "--no-cache", "--output-format", "concise")
    below = check(*command, "--stdin-filename", f"src/trading_api/{floor}/thing.py", "-", given=line)
    above = check(*command, "--stdin-filename", "src/trading_api/plugins/thing.py", "-", given=line)
    assert "TID251" in below.stdout
    assert "TID251" not in above.stdout


@pytest.mark.parametrize(
    ("place", "line"),
    [
        ("models/thing.py", "import trading_api.core.ports"),
        ("models/thing.py", "import fastapi"),
        ("core/thing.py", "import trading_api.api.health"),
        ("core/thing.py", "import trading_api.settings"),
        ("core/thing.py", "import sqlite3"),
        ("core/thing.py", "import fastws"),
        ("api/thing.py", "import trading_api.plugins.clock"),
        ("api/thing.py", "import trading_api.ws.hub"),
        ("ws/thing.py", "import trading_api.plugins.clock"),
        ("plugins/thing.py", "import trading_api.api.health"),
        ("plugins/thing.py", "import trading_api.plugins.clock"),
        ("settings.py", "import trading_api.app"),
    ],
)
def test_an_uphill_import_is_seen(tmp_path: Path, place: str, line: str) -> None:
    package = tmp_path / "trading_api"
    for path in (BACKEND / "src/trading_api").rglob("*.py"):
        copy = package / path.relative_to(BACKEND / "src/trading_api")
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    (package / place).open("a").write(f"\n{line}\n")
    result = subprocess.run(
        [str(BIN / "lint-imports"), "--no-cache", "--no-logo", "--config", str(BACKEND / "pyproject.toml")],
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=CHECK_S_MAX,
        check=False,
    )
    assert result.returncode == 1, result.stdout + result.stderr
    assert "BROKEN" in result.stdout
