"""The third recording: custom fields, extremes, an order whose venue says nothing, and a saved chart open as they were."""

import json
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from recorded_state import EXPECTED, copy_facts, missing, sqlite_journal, sqlite_store, state_of, told
from story_c import CHARTS, c_broker, extremes, numbered

from fakes import FakeClock
from fakes_journal import MemoryJournal
from fakes_market import MONDAY
from trading_api.core.chart_storage import ChartStorage
from trading_api.core.ledger import Ledger
from trading_api.models.broker.orders import OrderStatus
from trading_api.plugins.journal_check import read_through
from trading_api.plugins.store_sqlite import SqliteStore

FOLDER = Path(__file__).with_name("c")


class Opened(NamedTuple):
    journal: MemoryJournal
    store: SqliteStore
    expected: Any


@pytest.fixture
async def opened(tmp_path: Path) -> AsyncIterator[Opened]:
    """A copy, opened by today's code."""
    shutil.copytree(FOLDER, tmp_path / "c")
    expected = json.loads((FOLDER / EXPECTED).read_text(encoding="utf-8"))
    memory, journal, store = MemoryJournal(), sqlite_journal(tmp_path / "c"), sqlite_store(tmp_path / "c")
    assert journal.id == expected["journal"]
    await copy_facts(journal, memory)
    await journal.close()
    yield Opened(memory, store, expected)
    await store.close()


async def test_an_account_opens_as_it_was_with_custom_fields_and_extremes(opened: Opened) -> None:
    expected = opened.expected
    async with c_broker("cora", opened.journal, opened.store, expected["prices"], now=expected["now"]) as cora:
        assert missing(expected["accounts"]["cora"], state_of(cora)) == []
        assert missing(expected["extremes"], extremes(cora)) == []
        answers = {client_id: told(await command) for client_id, command in numbered(cora).items()}
        assert missing(expected["answers"], answers) == []


async def test_an_order_without_an_answer_keeps_its_place(opened: Opened) -> None:
    """As the ledger has it, before any venue is asked what became of it."""
    ledger = Ledger("quinn")
    async for one in opened.journal.read("quinn"):
        ledger.apply(one.fact)
    (order,) = ledger.orders.values()
    assert (order.status, order.client_order_id) == (OrderStatus.PLACING, "unheard")
    assert missing(opened.expected["accounts"]["quinn"]["orders"], [told(order)]) == []


async def test_a_saved_chart_is_still_there(opened: Opened) -> None:
    charts = ChartStorage(opened.store, FakeClock(MONDAY))
    await charts.load()
    chart = await charts.chart(CHARTS, opened.expected["chart"])
    assert (chart.name, json.loads(chart.content)) == ("Morning", {"lines": [1.08]})


def test_its_chain_is_whole(tmp_path: Path) -> None:
    shutil.copytree(FOLDER, tmp_path / "c")
    walk = read_through(tmp_path / "c" / "journal.sqlite", lambda done, total: None)
    assert walk.damages == []
    assert walk.facts.keys() == {"cora", "quinn"}
