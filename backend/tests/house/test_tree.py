"""What may and may not stand in the tree."""

import json
import re

from tree import BACKEND, ROOT, SOURCE, shown, text_of, tracked

LINES_MAX = 400
LOCKS = (BACKEND / "requirements.lock", BACKEND / "requirements-dev.lock", ROOT / "frontend/package-lock.json")

# Written in pieces, so that this file is not what it looks for.
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:" + "|".join(("wo" + "rk", "ro" + "ot", "ho" + "me/[a-z]", "t" + "mp")) + r")/")
REGISTRY = re.compile("|".join(("pypi" + r"\.org", "python" + "hosted", r"registry\.npm" + "js", r"deb\.deb" + r"ian\.org")))
TRADINGVIEW = re.compile(
    "charting" + "_library|trading" + "_terminal/|broker-api" + r"\.d\.ts|datafeed-api" + r"\.d\.ts|udf" + "-compatible"
)


def test_no_source_file_is_longer_than_one_idea() -> None:
    long = {shown(path): len(text_of(path).splitlines()) for path in SOURCE.rglob("*.py")}
    assert {name: lines for name, lines in long.items() if lines > LINES_MAX} == {}


def test_no_file_names_a_place_on_somebody_s_machine() -> None:
    assert [shown(path) for path in tracked() if MACHINE_PATH.search(text_of(path))] == []


def test_no_file_names_a_package_registry() -> None:
    assert [shown(path) for path in tracked() if REGISTRY.search(text_of(path))] == []


def test_locks_carry_hashes_and_no_addresses() -> None:
    for lock in LOCKS:
        assert "://" not in text_of(lock), shown(lock)
    for lock in LOCKS[:2]:
        pins = re.findall(r"^(\S+==\S+)[^\n]*\\\n +--hash=sha256:", text_of(lock), re.MULTILINE)
        assert len(pins) == len(re.findall(r"^[a-z]", text_of(lock), re.MULTILINE)) > 20
    packages = json.loads(text_of(LOCKS[2]))["packages"]
    assert not any("resolved" in package for package in packages.values())
    bare = {name for name, package in packages.items() if name and "integrity" not in package}
    # Builds for other machines, which a registry may lack, are named only; none of them is installed here.
    assert all(name.startswith("node_modules/@biomejs/cli-") and packages[name]["optional"] for name in bare)


def test_the_lock_for_development_holds_what_runs_unchanged() -> None:
    run, develop = (set(re.findall(r"^(\S+==\S+)", text_of(lock), re.MULTILINE)) for lock in LOCKS[:2])
    assert run - develop == set()


def test_nothing_of_tradingview_s_library_is_committed() -> None:
    assert [shown(path) for path in tracked() if TRADINGVIEW.search(shown(path))] == []


def test_what_an_install_or_a_start_makes_is_ignored() -> None:
    ignored = text_of(ROOT / ".gitignore").split()
    for name in (
        ".venv/",
        "node_modules/",
        "/var/",
        ".env",
        "/backend/src/trading_api/static/vendor/",
        "/frontend/trading_terminal/",
    ):
        assert name in ignored


def test_nothing_is_left_to_be_done() -> None:
    marks = re.compile(r"\b(?:TO" + "DO|FIX" + "ME|XX" + "X)\b|raise Not" + "Implemented")
    assert [shown(path) for path in tracked() if path.suffix in (".py", ".js", ".mjs") and marks.search(text_of(path))] == []
