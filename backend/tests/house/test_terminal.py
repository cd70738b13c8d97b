"""The built terminal: how much a browser loads, that all of it is ours, and that TradingView's library is nowhere in it."""

import gzip
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from theirs import is_theirs
from tree import BACKEND, ROOT

BUILT = BACKEND / "src/trading_api/static/terminal"
SCRIPT_BYTES_MAX = 600_000
"""Of all scripts together, packed."""

needs_page = pytest.mark.skipif(not (BUILT / "index.html").is_file(), reason="the terminal is not built: make install")


def committed() -> list[str]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    return listed.stdout.splitlines()


def test_the_rule_knows_their_files() -> None:
    theirs = ("frontend/trading_terminal/charting_library/bundles/a.js", "x/charting_library.standalone.js", "broker-api.d.ts")
    assert all(is_theirs(path) for path in theirs)
    assert not is_theirs("docs/how-to/tradingview-library.md")


def test_no_file_of_tradingviews_library_is_committed_and_its_folder_is_ignored() -> None:
    assert [path for path in committed() if is_theirs(path)] == []
    ignored = subprocess.run(
        ["git", "check-ignore", "frontend/trading_terminal/charting_library/charting_library.js"], cwd=ROOT, check=False
    )
    assert ignored.returncode == 0


def test_no_source_of_the_page_imports_tradingviews_library() -> None:
    for path in (ROOT / "frontend/src").rglob("*.[tv]*"):
        for line in path.read_text().splitlines():
            assert not ("import" in line and "from '" in line and is_theirs(line.split("from '")[-1].split("'")[0])), path


@needs_page
def test_the_built_page_has_nothing_of_tradingviews_library() -> None:
    assert [str(path) for path in BUILT.rglob("*") if is_theirs(str(path.relative_to(BUILT)))] == []


@needs_page
def test_all_scripts_of_the_page_are_small_when_packed() -> None:
    scripts = list(BUILT.rglob("*.js"))
    assert scripts
    assert sum(len(gzip.compress(path.read_bytes())) for path in scripts) < SCRIPT_BYTES_MAX


@needs_page
def test_the_page_loads_from_here_only_and_has_no_inline_script() -> None:
    page = (BUILT / "index.html").read_text()
    assert "://" not in page
    assert "<script>" not in page
    assert 'src="/static/terminal/assets/' in page


@needs_page
@pytest.mark.long
def test_the_wheel_has_the_built_page_and_nothing_of_tradingviews_library(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "-w", str(tmp_path), "."]
    copy = tmp_path / "backend"
    subprocess.run(["cp", "-r", str(BACKEND), str(copy)], check=True)
    planted = tmp_path / "frontend/trading_terminal/charting_library"
    planted.mkdir(parents=True)
    (planted / "charting_library.js").write_text("theirs()")
    subprocess.run(command, cwd=copy, check=True, env=dict(os.environ))
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert "trading_api/static/terminal/index.html" in names
    assert any(name.startswith("trading_api/static/terminal/assets/") and name.endswith(".js.gz") for name in names)
    assert [name for name in names if is_theirs(name)] == []


@needs_page
def test_the_licences_of_what_the_page_is_made_with_lie_beside_it() -> None:
    licences = (BUILT / "licences.txt").read_text()
    for package in ("klinecharts", "dockview-core", "@vue/runtime-dom", "openapi-fetch"):
        assert f"## {package} - " in licences
    assert "Apache License" in licences
