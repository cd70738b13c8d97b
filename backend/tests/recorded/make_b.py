"""Makes tests/recorded/b: a small journal with every kind of fact there was then, and the state it opened to when it was made.

    PYTHONPATH=tests python tests/recorded/make_b.py

Made once, as tests/recorded/a was; it is not made again when code changes.
"""

import asyncio
import json
import shutil
from pathlib import Path
from typing import get_args

from recorded_state import EXPECTED, copy_facts, sqlite_journal, sqlite_store
from story_b import AFTER, BEFORE, NAMES, b_broker, state_b, trade

from fakes_journal import MemoryJournal
from trading_api.models.facts import Fact, Rejected

FOLDER = Path(__file__).with_name("b")


async def make() -> None:
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir()
    memory, journal, store = MemoryJournal(), sqlite_journal(FOLDER), sqlite_store(FOLDER)
    async with b_broker(memory, store, BEFORE) as nora:
        answers = await trade(nora)
        states = {name: state_b(nora.of(name)) for name in NAMES}
        recorded = {"journal": journal.id, "now": nora.market.now(), "prices": AFTER, "answers": answers, "accounts": states}
    written = {type(one.fact) for name in NAMES async for one in memory.read(name)}
    # A venue that knows the account at once refuses before anything is written.
    assert {kind for kind in get_args(get_args(Fact)[0]) if kind not in written} == {Rejected}
    await copy_facts(memory, journal)
    await journal.close()
    await store.close()
    text = json.dumps(recorded, indent=1, ensure_ascii=False)
    (FOLDER / EXPECTED).write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(make())
