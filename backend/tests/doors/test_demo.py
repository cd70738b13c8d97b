"""`make demo` trades a pair of files over the public API, shows what happens, and ends in books that balance."""

import datetime
import math
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "scripts/demo.py"
BEGINS = datetime.datetime(2013, 2, 4, tzinfo=datetime.UTC)
MINUTES, SWINGS, CLIMBS = 12 * 60, 3 * 60, 3 * 60
SPREAD = 0.002


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pair")
    for side, distance in (("bid", 0.0), ("ask", SPREAD)):
        lines = ["timestamp,open,high,low,close", *(_bar(minute, distance) for minute in range(MINUTES))]
        (folder / f"usdjpy-m1-{side}-2013.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def _bar(minute: int, distance: float) -> str:
    begin, end = _price(minute) + distance, _price(minute + 1) + distance
    prices = (begin, max(begin, end) + 0.002, min(begin, end) - 0.002, end)
    return f"{BEGINS + datetime.timedelta(minutes=minute)}," + ",".join(f"{price:.3f}" for price in prices)


def _price(minute: int) -> float:
    """It swings, so that brackets fill; climbs, so that a limit is left behind; rests, so that a position ages."""
    swinging, climbing, resting = min(minute, SWINGS), min(max(minute - SWINGS, 0), CLIMBS), max(minute - SWINGS - CLIMBS, 0)
    return 92 + 0.30 * math.sin(swinging / 31) + 0.004 * climbing + 0.03 * math.sin(resting / 6.4)


def _demo(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([sys.executable, str(SCRIPT), *arguments], capture_output=True, text=True, timeout=180)


def test_the_demo_trades_and_its_books_balance(pair: Path) -> None:
    ran = _demo(str(pair), "--hours", "10")
    assert ran.returncode == 0, ran.stdout[-2000:] + ran.stderr
    assert "The books balance" in ran.stdout and "NOT" not in ran.stdout
    wished = ("at the market", "limit at", "stop at", "> move", "> cancel", "> close 10,000", "> close the position")
    assert [words for words in wished if words not in ran.stdout] == []
    for topic in ("execution ", "order ", "equity ", "position "):
        assert topic in ran.stdout


def test_the_demo_takes_one_file_of_the_pair_and_their_prefix(pair: Path) -> None:
    for data in ("usdjpy-m1-ask-2013.csv", "usdjpy-m1"):
        ran = _demo(str(pair / data), "--hours", "0")
        assert ran.returncode == 0, ran.stderr
        assert "Import   usdjpy-m1-ask-2013.csv, usdjpy-m1-bid-2013.csv" in ran.stdout


def test_the_demo_says_in_one_sentence_what_it_needs(tmp_path: Path) -> None:
    ran = _demo(str(tmp_path))
    assert ran.returncode == 1
    assert ran.stderr.startswith("demo: Expected both sides of a pair") and len(ran.stderr.splitlines()) == 1


def test_the_demo_explains_itself() -> None:
    ran = _demo("--help")
    assert ran.returncode == 0
    assert "make demo DATA=PATH" in ran.stdout
