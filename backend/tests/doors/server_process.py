"""The real server as its own process, to be killed."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self

REAL = ("-m", "trading_api.cli")
START_S_MAX = 60
"""Generous: the machine may be running the rest of the tests."""


class ServerProcess:
    def __init__(self, process: Process, url: str) -> None:
        self._process = process
        self.url = url

    @classmethod
    async def start(cls, folder: Path, program: Sequence[str] = REAL) -> Self:
        """Serve this folder on a free port; returns once the server has told its address."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("TRADING_")}
        log = folder.parent / "server.log"
        with log.open("ab") as errors:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, *program, "serve", "--port", "0", "--data-dir", str(folder)),
                cwd=folder.parent,
                env=environment,
                stdout=PIPE,
                stderr=errors,
            )
        assert process.stdout is not None
        async with asyncio.timeout(START_S_MAX):
            greeting = (await process.stdout.readline()).decode().split()
        assert greeting, f"the server did not start: {log.read_text()}"
        return cls(process, greeting[-1].rstrip("/"))

    @property
    def pid(self) -> int:
        return self._process.pid

    def kill(self) -> None:
        """At once and without warning; nothing is left to do when it has already ended."""
        if self._process.returncode is None:
            # Not Process.kill: it may collect the exit code that `gone` is to tell.
            with suppress(ProcessLookupError):
                os.kill(self._process.pid, signal.SIGKILL)

    async def gone(self) -> int:
        """Its exit code, once it has ended."""
        return await self._process.wait()
