"""The page that shows an order's life is what the running server says, and what it shows is the order of announcement."""

import json
import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

HOUSE = Path(__file__).resolve().parents[3]
SCRIPT = HOUSE / "backend/scripts/life_of_an_order.py"
PAGE = HOUSE / "docs/topics/life-of-an-order.md"
ANNOUNCED = ("executions", "orders", "equity", "positions")


def _updates() -> list[tuple[str, Any]]:
    frames = [json.loads(line[2:]) for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("← ")]
    named = [(frame["type"].split("."), frame["payload"]) for frame in frames]
    return [(name, payload) for (name, *kind), payload in named if kind == ["update"]]


def _by_fact() -> dict[int, list[str]]:
    facts = defaultdict(list)
    for name, update in _updates():
        facts[update["fact"]].append(name)
    return facts


def test_the_page_shows_what_a_running_server_says() -> None:
    ran = subprocess.run([sys.executable, str(SCRIPT), "--check"], capture_output=True, text=True, timeout=120)
    assert ran.returncode == 0, ran.stderr


def test_each_fact_is_announced_as_execution_then_orders_then_equity_then_position() -> None:
    facts = _by_fact()
    assert list(facts) == sorted(facts)
    for fact, names in facts.items():
        assert names == sorted(names, key=ANNOUNCED.index), f"fact {fact}"
    fill, take_profit = list(facts.values())[-2:]
    assert fill == ["executions", "orders", "orders", "orders", "equity", "positions"]
    assert take_profit == ["executions", "orders", "orders", "equity", "positions"]


def test_every_frame_says_how_many_frames_its_fact_has_on_each_topic() -> None:
    facts = _by_fact()
    for _, update in _updates():
        assert update["of"] == Counter(facts[update["fact"]])


def test_orders_executions_and_positions_are_numbered_without_a_gap() -> None:
    numbers = defaultdict(list)
    for name, update in _updates():
        numbers[name].append(update["seq"])
    for name in ("executions", "orders", "positions"):
        assert numbers[name] == list(range(1, len(numbers[name]) + 1)), name
    assert numbers["equity"] == sorted(set(numbers["equity"]))


def test_the_position_ends_with_quantity_zero_and_the_profit_in_the_balance() -> None:
    last = dict(_updates())
    assert last["positions"]["payload"]["qty"] == 0
    assert last["equity"]["payload"]["balance"] == last["equity"]["payload"]["equity"] == 100050
    assert last["executions"]["payload"]["profit"] == 50
