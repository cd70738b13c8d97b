"""Passwords as argon2id hashes, made by few threads: each takes 64 MiB and tens of milliseconds, and that is what it is for.

argon2 is imported when the first password is hashed, so that a house without users starts as quickly as before.
"""

import asyncio
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from trading_api.models.errors import TryLater

if TYPE_CHECKING:
    from argon2 import PasswordHasher

HASHES_AT_ONCE = 2
"""Threads, and with them the memory: 64 MiB each."""
HASHES_WAITING_MAX = 32
"""In line for them: about a second. A caller beyond that is asked to come back."""

T = TypeVar("T")


class Argon2Passwords:
    """`quick` is for tests: a hash that costs next to nothing."""

    def __init__(self, *, quick: bool = False) -> None:
        self._quick = quick
        self._threads = ThreadPoolExecutor(max_workers=HASHES_AT_ONCE, thread_name_prefix="passwords")
        self._waiting = 0
        self._hasher: PasswordHasher | None = None
        self._nobody: str | None = None

    async def hash(self, password: str) -> str:
        return await self._run(partial(self._hash, password))

    async def verify(self, kept: str | None, password: str) -> bool:
        return await self._run(partial(self._verify, kept, password))

    async def _run(self, work: Callable[[], T]) -> T:
        if self._waiting >= HASHES_WAITING_MAX:
            raise TryLater("busy", f"Expected at most {HASHES_WAITING_MAX} sign-ins at once, found more: try again")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._waiting -= 1

    def _tools(self) -> "PasswordHasher":
        if self._hasher is None:
            from argon2 import PasswordHasher

            self._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1) if self._quick else PasswordHasher()
        return self._hasher

    def _hash(self, password: str) -> str:
        return self._tools().hash(password)

    def _verify(self, kept: str | None, password: str) -> bool:
        from argon2.exceptions import VerifyMismatchError

        if self._nobody is None:
            self._nobody = self._hash(secrets.token_urlsafe())
        try:
            return self._tools().verify(kept or self._nobody, password) and kept is not None
        except VerifyMismatchError:
            return False
