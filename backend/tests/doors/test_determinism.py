"""The same commands, prices with their market time, and seed give the same facts, byte for byte.

One recording, made once, is played by other processes: under another hash seed, and with desks that decide one input at a time,
a few, or many. Each prints a digest of the facts as the journal keeps them, without when they were written down and the chain.
"""

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
from determinism_run import ACCOUNTS, NAMES, Event

EVENTS = 1_500
FIRST = {"EURUSD": 108_500, "USDJPY": 150_000, "BTCUSD": 20_000}
SCALE = {"EURUSD": 5, "USDJPY": 3, "BTCUSD": 2}
OTHERS = (("1", 1), ("4242", 7))
"""Hash seed and batch size."""


def price(name: str, ticks: int) -> str:
    return f"{ticks / 10 ** SCALE[name]:.{SCALE[name]}f}"


def a_recording(seed: int) -> list[Event]:
    """Prices that wander, orders of every kind around them, and what traders do with them."""
    chance = random.Random(seed)
    bids = dict(FIRST)
    events = [a_tick(chance, name, bids[name]) for name in NAMES]
    for _ in range(EVENTS):
        wait = chance.choice((0, 0, 40, 180, 1_000, 1_000, 5_000, 59_000))
        name = chance.choice(NAMES)
        event: Event = {"wait": wait, "account": chance.choice(ACCOUNTS), "name": name}
        kind = chance.random()
        if kind < 0.55:
            bids[name] = max(bids[name] + chance.randint(-40, 40), 1_000)
            event |= a_tick(chance, name, bids[name]) | {"wait": wait}
        elif kind < 0.85:
            event |= {"do": "place"} | an_order(chance, name, bids[name])
        elif kind < 0.93:
            event |= {"do": "close", "pick": chance.randrange(5)}
        elif kind < 0.95:
            event |= {"do": "cancel", "pick": chance.randrange(20)}
        elif kind < 0.97:
            event |= {"do": "modify", "pick": chance.randrange(20), "qty": chance.choice((500, 2_000))}
        elif kind < 0.98:
            event |= {"do": "protect", "pick": chance.randrange(5), "trailingStopPips": chance.randint(3, 9)}
        elif kind < 0.995:
            event |= {"do": "reverse", "pick": chance.randrange(5)}
        else:
            event |= {"do": "flatten"}
        events.append(event)
    return events


def a_tick(chance: random.Random, name: str, bid: int) -> Event:
    sizes = [chance.choice((700, 2_500, 90_000)) for _ in range(2)] if chance.random() < 0.7 else None
    ask = price(name, bid + chance.randint(1, 12))
    return {"wait": 0, "name": name, "do": "tick", "bid": price(name, bid), "ask": ask, "sizes": sizes}


def an_order(chance: random.Random, name: str, bid: int) -> Event:
    side, type = chance.choice((1, -1)), chance.choice((1, 2, 2, 2, 3, 4))
    away = chance.randint(1, 60)
    near = bid + side * away * (-1 if type == 1 else 1)
    order: Event = {"side": side, "type": type, "qty": chance.choice((300, 1_000, 4_000))}
    if type in (1, 4):
        order["limitPrice"] = price(name, near + (side * 10 if type == 4 else 0))
    if type in (3, 4):
        order["stopPrice"] = price(name, near)
    entry = bid if type == 2 else near
    if chance.random() < 0.4:
        order["takeProfit"] = price(name, entry + side * chance.randint(80, 150))
        order["stopLoss"] = price(name, entry - side * chance.randint(80, 150))
    if type in (1, 2) and chance.random() < 0.2:
        order["duration"] = {"type": chance.choice(("IOC", "FOK"))}
    if type == 3 and chance.random() < 0.2:
        order["ocoGroup"] = chance.choice(("left", "right"))
    return order


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("recording") / "events.json"
    path.write_text(json.dumps(a_recording(2024)), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def first(recording: Path) -> dict[str, object]:
    return played(recording, recording.parent / "first", "0", 256)


def played(recording: Path, folder: Path, hash_seed: str, batch: int, *, seed: str = "1") -> dict[str, object]:
    """What another process makes of it."""
    script = Path(__file__).with_name("determinism_run.py")
    done = subprocess.run(
        [sys.executable, str(script), str(recording), str(folder), str(batch), seed],
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, object] = json.loads(done.stdout)
    return found


def test_other_processes_make_the_same_facts_byte_for_byte(first: dict[str, object], recording: Path, tmp_path: Path) -> None:
    for hash_seed, batch in OTHERS:
        other = played(recording, tmp_path / hash_seed, hash_seed, batch)
        assert other["digest"] == first["digest"]
        assert other["largest_flush"] != first["largest_flush"], "the batches were different ones"
    kinds = first["kinds"]
    assert isinstance(kinds, dict)
    assert kinds["executed"] > 200 and kinds["cancelled"] > 20 and kinds["triggered"] > 20, kinds
    assert first["slipped"] and first["delayed"] and first["partial"], "chance and sizes had their part in it"


def test_another_seed_or_another_price_makes_other_facts(first: dict[str, object], recording: Path, tmp_path: Path) -> None:
    assert played(recording, tmp_path / "seed", "0", 256, seed="2")["digest"] != first["digest"]
    events = json.loads(recording.read_text(encoding="utf-8"))
    ticks = [one for one in events if one["do"] == "tick" and one["name"] == "BTCUSD"]
    ticks[len(ticks) // 2]["bid"] = price("BTCUSD", FIRST["BTCUSD"] // 2)
    other = tmp_path / "other.json"
    other.write_text(json.dumps(events), encoding="utf-8")
    assert played(other, tmp_path / "price", "0", 256)["digest"] != first["digest"]


def test_one_account_s_draws_do_not_depend_on_the_others(first: dict[str, object], recording: Path, tmp_path: Path) -> None:
    events: list[Event] = json.loads(recording.read_text(encoding="utf-8"))
    name = ACCOUNTS[0]
    alone = [one if one["do"] == "tick" or one["account"] == name else {**one, "do": "nothing"} for one in events]
    other = tmp_path / "alone.json"
    other.write_text(json.dumps(alone), encoding="utf-8")
    together, apart = first["accounts"], played(other, tmp_path / "alone", "0", 256)["accounts"]
    assert isinstance(together, dict) and isinstance(apart, dict)
    assert together[name] == apart[name]
    assert together[ACCOUNTS[1]] != apart[ACCOUNTS[1]]
