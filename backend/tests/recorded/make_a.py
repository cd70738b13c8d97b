"""Makes tests/recorded/a: a small journal with its store, and the state it opened to when it was made.

    PYTHONPATH=tests python tests/recorded/make_a.py

It was made once. It is not made again when code changes: later code must open it to the same state. A format or a habit that it
does not cover gets a recording of its own, beside it.
"""

import asyncio
import json
import shutil
from pathlib import Path

from recorded_state import EXPECTED, a_broker, copy_facts, sqlite_journal, sqlite_store, state_of

from fakes_journal import MemoryJournal
from scenarios.stage import Stage
from trading_api.models.base import Model

FOLDER = Path(__file__).with_name("a")
DAY_MS = 86_400_000
BEFORE = {"EURUSD": ("1.08500", "1.08510"), "USDJPY": ("144.500", "144.510")}
AFTER = BEFORE | {"EURUSD": ("1.08800", "1.08810")}


async def trade(alice: Stage, yuki: Stage) -> dict[str, object]:
    """A bit of everything. Returns the answers by client id."""
    answers: dict[str, Model] = {}
    answers["deposit"] = await alice.fund("2500.50", client_id="deposit")
    answers["market"] = await alice.buy("DEMO:EURUSD", 10_000, client_id="market", take_profit="1.09", stop_loss="1.08")
    bracketed = await alice.buy(
        "DEMO:EURUSD", 5_000, limit="1.07", take_profit="1.0950", stop_loss="1.06", client_id="bracketed"
    )
    answers["bracketed"] = bracketed
    await alice.modify(bracketed.order_id, limit_price="1.0710", take_profit=None)
    unwanted = await alice.sell("DEMO:EURUSD", 3_000, limit="1.2")
    await alice.cancel(unwanted.order_id)
    await alice.buy("DEMO:EURUSD", 1_000, limit="1.0", duration={"type": "DAY"})
    breakout = await alice.sell("DEMO:EURUSD", 2_000, stop="1.0835", limit="1.0834")
    await alice.quote("EURUSD", "1.08340", "1.08350")
    assert alice.order(breakout.order_id).final
    answers["third"] = await alice.close("DEMO:EURUSD", "2667", client_id="third")
    await alice.quote("EURUSD", "1.09010", "1.09020")
    answers["reset"] = await yuki.reset(500_000, client_id="reset")
    answers["yen"] = await yuki.sell("DEMO:EURUSD", 7_000, client_id="yen", stop_loss="1.1")
    await yuki.quote("EURUSD", "1.08777", "1.08790")
    answers["flip"] = await yuki.buy("DEMO:EURUSD", 20_000, client_id="flip")
    await alice.pass_time(DAY_MS)
    await alice.quote("EURUSD", *AFTER["EURUSD"])
    await alice.sell("DEMO:EURUSD", 4_000)
    await alice.buy("DEMO:EURUSD", 4_000, stop="1.2", stop_loss="1.1")
    return {client_id: answer.model_dump(mode="json", exclude_none=True) for client_id, answer in answers.items()}


async def make() -> None:
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir()
    memory, journal, store = MemoryJournal(), sqlite_journal(FOLDER), sqlite_store(FOLDER)
    async with a_broker(memory, store, BEFORE) as alice:
        yuki = alice.of("yuki")
        answers = await trade(alice, yuki)
        states = {one.account_id: state_of(one) for one in (alice, yuki)}
        recorded = {"journal": journal.id, "now": alice.market.now(), "prices": AFTER, "answers": answers, "accounts": states}
    await copy_facts(memory, journal)
    await journal.close()
    await store.close()
    text = json.dumps(recorded, indent=1, ensure_ascii=False)
    (FOLDER / EXPECTED).write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(make())
