"""Makes tests/recorded/c: a small journal of what was new, and the state it opened to when it was made.

    PYTHONPATH=tests python tests/recorded/make_c.py

Made once, as tests/recorded/a was; it is not made again when code changes.
"""

import asyncio
import json
import shutil
from pathlib import Path

from recorded_state import EXPECTED, copy_facts, sqlite_journal, sqlite_store, state_of
from story_c import AFTER, BEFORE, c_broker, draw, extremes, trade, wait_in_vain

from fakes_journal import MemoryJournal
from fakes_store import MemoryStore
from trading_api.models.facts import Marked, Unanswered

FOLDER = Path(__file__).with_name("c")


async def make() -> None:
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir()
    memory, journal, store = MemoryJournal(), sqlite_journal(FOLDER), sqlite_store(FOLDER)
    async with c_broker("cora", memory, store, BEFORE) as cora:
        answers = await trade(cora)
        states, now, widest = {"cora": state_of(cora)}, cora.market.now(), extremes(cora)
    async with c_broker("quinn", memory, MemoryStore(), BEFORE) as quinn:
        await wait_in_vain(quinn)
        states["quinn"] = state_of(quinn)
    written = {type(one.fact) for name in states async for one in memory.read(name)}
    assert written >= {Marked, Unanswered}, written
    recorded = {
        "journal": journal.id,
        "now": now,
        "prices": AFTER,
        "answers": answers,
        "accounts": states,
        "extremes": widest,
        "chart": await draw(store),
    }
    await copy_facts(memory, journal)
    await journal.close()
    await store.close()
    text = json.dumps(recorded, indent=1, ensure_ascii=False)
    (FOLDER / EXPECTED).write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(make())
