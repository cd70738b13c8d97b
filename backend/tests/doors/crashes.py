"""A server that is killed under load and started again, and the comparison with what its traders wrote down.

CRASH_SEED says which commands are sent.
"""

import asyncio
import os
import random
import shutil
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any, Self

import httpx
from crash_judge import Seen, differences, lost_facts
from crash_record import Record, Sent
from crash_traders import BROKER, TIMEOUT_S, exact, load, send
from server_process import ServerProcess

from fakes import FakeClock
from trading_api.plugins.journal_sqlite import SqliteJournal

SEED = int(os.environ.get("CRASH_SEED", "1"))

OPENING = 1_000_000
ACCOUNTS, TRADERS = 3, 3
ANSWERS_PER_KILL = (100, 220)
LOAD_S_MAX = 120
KILLS_PER_BATCH = 3
"""New accounts after so many kills: a server lists the latest thousand executions of an account."""
AT_ONCE = 8
OTHER_BODY = {"amount": Decimal("54321.99")}
"""More than any trader deposits."""


class Crashes:
    """A data folder, the servers that live and die on it, and the traders' records."""

    def __init__(self, folder: Path, program: Sequence[str], *, under: Sequence[str] = ()) -> None:
        self._data = folder / "var"
        self._program = program
        self._under = under
        self._chance = random.Random(SEED)
        self._server: ServerProcess | None = None
        self._records: list[Record] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._die()

    async def trade_and_kill(self, number: int) -> list[str]:
        """Differences after one kill under load and the start that follows."""
        server = await self._start()
        if number % KILLS_PER_BATCH == 0:
            await self._open_accounts(number)
        await self._load(f"kill{number}", until=self._chance.randrange(*ANSWERS_PER_KILL), enough=server.kill)
        await self._die()
        return await self._start_and_compare()

    async def trade_until_it_stops(self) -> tuple[int, str]:
        """The exit code of a server that stops by itself under load, and its last words."""
        server = await self._start()
        await self._open_accounts(0)
        await self._load("stop", until=0, enough=server.kill)
        code = await server.gone()
        await self._die()
        return code, self._data.with_name("server.log").read_text().splitlines()[-1]

    async def restart(self, program: Sequence[str]) -> list[str]:
        """Differences after another program was started on what is left."""
        self._program, self._under = program, ()
        return await self._start_and_compare()

    async def _load(self, name: str, *, until: int, enough: Callable[[], None]) -> None:
        server, records = await self._start(), self._records[-ACCOUNTS:]
        async with asyncio.timeout(LOAD_S_MAX):
            await load(server.url, records, traders=TRADERS, until=until, name=name, chance=self._chance, enough=enough)

    async def _start_and_compare(self) -> list[str]:
        facts = await facts_in_a_copy_of(self._data)
        lost = [one for record in self._records for one in lost_facts(record, facts.get(record.account_id, 0))]
        await self._start()
        return lost + await self._compare()

    async def repeat(self) -> list[str]:
        """Differences after every command of the latest accounts was sent again under its id, and with another body."""
        found: list[str] = []
        async with self._client() as client, asyncio.TaskGroup() as group:
            turn = asyncio.Semaphore(AT_ONCE)
            for record in self._records[-ACCOUNTS:]:
                for sent in record.sent:
                    group.create_task(self._repeat(client, turn, sent, found))
        return found + await self._compare()

    async def _repeat(self, client: httpx.AsyncClient, turn: asyncio.Semaphore, sent: Sent, found: list[str]) -> None:
        async with turn:
            if sent.unknown:
                sent.heard = await send(client, sent)
            if not sent.done:
                return
            again = await send(client, sent)
            if again != sent.heard:
                found.append(f"{sent.kind} {sent.client_id} was answered {sent.heard}, sent again {again}")
            fund = f"{BROKER}/{sent.path.removeprefix(BROKER).split('/')[1]}/fund"
            other = await send(client, replace(sent, method="POST", path=fund, body=OTHER_BODY))
            if other.status != 409:
                found.append(f"{sent.kind} {sent.client_id} with another body was answered {other}, expected 409")

    async def _open_accounts(self, number: int) -> None:
        async with self._client() as client:
            for letter in "ABC"[:ACCOUNTS]:
                account = {"id": f"{letter}{number}", "currency": "USD", "balance": OPENING}
                answer = await client.post(BROKER, json=account)
                assert answer.status_code == 201, answer.text
                self._records.append(Record(account["id"], Decimal(OPENING)))

    async def _compare(self) -> list[str]:
        async with self._client() as client:
            seen = [await self._see(client, record.account_id) for record in self._records]
        return [one for record, what in zip(self._records, seen, strict=True) for one in differences(record, what)]

    async def _see(self, client: httpx.AsyncClient, account_id: str) -> Seen:
        async def get(path: str) -> Any:
            answer = await client.get(f"{BROKER}/{account_id}{path}")
            assert answer.status_code == 200, answer.text
            return exact(answer)

        lists = [await get(path) for path in ("/orders", "/orders/history", "/executions", "/positions")]
        return Seen(*lists, await get("/state"))

    async def _start(self) -> ServerProcess:
        self._server = self._server or await ServerProcess.start(self._data, self._program, under=self._under)
        return self._server

    async def _die(self) -> None:
        if self._server is None:
            return
        self._server.kill()
        await self._server.gone()
        self._server = None

    def _client(self) -> httpx.AsyncClient:
        assert self._server is not None
        return httpx.AsyncClient(base_url=self._server.url, timeout=TIMEOUT_S)


@asynccontextmanager
async def copied_journal(data: Path) -> AsyncIterator[SqliteJournal]:
    """A dead server's journal. A copy: opening mends what the kill left, which is the next server's part."""
    copy = data.with_name("copy")
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(data, copy)
    journal = SqliteJournal(copy / "journal.sqlite", FakeClock())
    yield journal
    await journal.close()


async def facts_in_a_copy_of(data: Path) -> dict[str, int]:
    """How many facts each account's journal holds, the chain checked."""
    async with copied_journal(data) as journal:
        return {name: len([one async for one in journal.read(name)]) for name in await journal.accounts()}
