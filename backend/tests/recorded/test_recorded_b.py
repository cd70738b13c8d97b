"""The second recording: hedging, trails, groups, swap, dividend, margin call, stop-out, limits and locks open as they were."""

import json
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from recorded_state import EXPECTED, copy_facts, missing, sqlite_journal, sqlite_store, told
from story_b import NAMES, b_broker, numbered, state_b

from fakes_journal import MemoryJournal
from scenarios.stage import Stage, refusal
from trading_api.core.ledger import Ledger
from trading_api.core.snapshot import document_of, restore
from trading_api.models.broker.orders import OrderStatus
from trading_api.plugins.journal_check import read_through

FOLDER = Path(__file__).with_name("b")


@pytest.fixture
def expected() -> Any:
    return json.loads((FOLDER / EXPECTED).read_text(encoding="utf-8"))


@pytest.fixture
async def nora(tmp_path: Path, expected: Any) -> AsyncIterator[Stage]:
    """The recorded broker, opened from a copy by today's code."""
    shutil.copytree(FOLDER, tmp_path / "b")
    memory, journal, store = MemoryJournal(), sqlite_journal(tmp_path / "b"), sqlite_store(tmp_path / "b")
    assert journal.id == expected["journal"]
    await copy_facts(journal, memory)
    await journal.close()
    async with b_broker(memory, store, expected["prices"], now=expected["now"]) as stage:
        yield stage
    await store.close()


async def test_a_recorded_journal_opens_to_the_same_state(nora: Stage, expected: Any) -> None:
    assert missing(expected["accounts"], {name: state_b(nora.of(name)) for name in NAMES}) == []


async def test_its_client_ids_are_known(nora: Stage, expected: Any) -> None:
    answers = {client_id: told(await command) for client_id, command in numbered(nora).items()}
    assert missing(expected["answers"], answers) == []


async def test_a_locked_account_stays_locked_and_a_waiting_order_waits(nora: Stage) -> None:
    assert (await refusal(nora.of("lou").buy("EURUSD", 1_000))).code == "account_locked"
    waiting = next(one for one in nora.desk.ledger.orders.values() if one.stop_price == 0 or one.status is OrderStatus.WORKING)
    await nora.quote("EURUSD", "1.20010", "1.20020")
    assert nora.order(waiting.id).status is OrderStatus.FILLED


async def test_snapshots_of_it_give_the_same_ledgers(nora: Stage) -> None:
    for name in NAMES:
        ledger, restored = nora.of(name).desk.ledger, Ledger(name)
        restore(restored, json.loads(json.dumps(document_of(ledger))))
        assert vars(restored) == vars(ledger)


def test_its_chain_is_whole(tmp_path: Path, expected: Any) -> None:
    shutil.copytree(FOLDER, tmp_path / "b")
    walk = read_through(tmp_path / "b" / "journal.sqlite", lambda done, total: None)
    assert walk.damages == []
    assert walk.facts.keys() == expected["accounts"].keys()
