"""Journals written by earlier code open to the state they had then. A change that breaks this breaks somebody's account."""

import json
import shutil
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from recorded_state import EXPECTED, a_broker, copy_facts, missing, sqlite_journal, sqlite_store, state_of, told

from fakes_journal import MemoryJournal
from scenarios.stage import Stage, refusal
from trading_api.models.broker.orders import OrderStatus

FOLDER = Path(__file__).with_name("a")


@pytest.fixture
def expected() -> Any:
    return json.loads((FOLDER / EXPECTED).read_text(encoding="utf-8"))


@pytest.fixture
async def alice(tmp_path: Path, expected: Any) -> AsyncIterator[Stage]:
    """The recorded broker, opened from a copy by today's code."""
    shutil.copytree(FOLDER, tmp_path / "a")
    memory, journal, store = MemoryJournal(), sqlite_journal(tmp_path / "a"), sqlite_store(tmp_path / "a")
    assert journal.id == expected["journal"]
    await copy_facts(journal, memory)
    await journal.close()
    async with a_broker(memory, store, expected["prices"], now=expected["now"]) as stage:
        yield stage
    await store.close()


async def test_a_recorded_journal_opens_to_the_same_state(alice: Stage, expected: Any) -> None:
    found = {name: state_of(alice.of(name)) for name in expected["accounts"]}
    assert missing(expected["accounts"], found) == []


async def test_its_client_ids_are_known(alice: Stage, expected: Any) -> None:
    """Every command sent again gets its first answer: also the hash of a body means the same for ever."""
    yuki = alice.of("yuki")
    again = {
        "deposit": alice.fund("2500.50", client_id="deposit"),
        "market": alice.buy("DEMO:EURUSD", 10_000, client_id="market", take_profit="1.09", stop_loss="1.08"),
        "bracketed": alice.buy(
            "DEMO:EURUSD", 5_000, limit="1.07", take_profit="1.0950", stop_loss="1.06", client_id="bracketed"
        ),
        "third": alice.close("DEMO:EURUSD", "2667", client_id="third"),
        "reset": yuki.reset(500_000, client_id="reset"),
        "yen": yuki.sell("DEMO:EURUSD", 7_000, client_id="yen", stop_loss="1.1"),
        "flip": yuki.buy("DEMO:EURUSD", 20_000, client_id="flip"),
    }
    answers = {client_id: told(await command) for client_id, command in again.items()}
    assert missing(expected["answers"], answers) == []
    assert (await refusal(alice.fund("2500.51", client_id="deposit"))).code == "client_id_reused"
    assert alice.balance == Decimal("12518.70")


async def test_its_waiting_orders_fire_and_its_brackets_wake(alice: Stage) -> None:
    await alice.quote("EURUSD", "1.20010", "1.20020")
    assert (alice.order("o12").status, alice.order("o12").average_price) == (OrderStatus.FILLED, Decimal("1.20020"))
    await alice.quote("EURUSD", "1.07080", "1.07090")
    assert alice.order("o4").status == OrderStatus.FILLED
    assert alice.order("o6").status == OrderStatus.WORKING


async def test_what_is_placed_next_gets_a_new_id(alice: Stage) -> None:
    await alice.quote("EURUSD", "1.08800", "1.08810")
    assert (await alice.buy("DEMO:EURUSD", 1_000)).order_id == "o14"


def test_the_comparison_sees_what_is_gone_or_different() -> None:
    was = {"orders": [{"id": "o1", "qty": 1}], "balance": "1"}
    assert missing(was, {"orders": [{"id": "o1", "qty": 1, "new": 2}], "balance": "1", "more": 1}) == []
    assert missing(was, {"orders": [{"id": "o1"}], "balance": "2"}) == [
        ".orders[0].qty was 1, found None",
        ".balance was 1, found 2",
    ]
    assert missing(was, {"orders": [], "balance": "1"}) == [".orders was [{'id': 'o1', 'qty': 1}], found []"]
