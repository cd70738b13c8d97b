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

from trading_api.plugins.data_folder import LOCK_NAME

REAL = ("-m", "trading_api.cli")
START_S_MAX = 60
"""Generous: the machine may be running the rest of the tests."""


class ServerProcess:
    def __init__(self, process: Process, url: str, pid: int) -> None:
        self._process = process
        self.url = url
        self.pid = pid
        """The server's own: what runs it may be another process."""

    @classmethod
    async def start(cls, folder: Path, program: Sequence[str] = REAL, *, under: Sequence[str] = ()) -> Self:
        """Serve this folder on a free port; returns once the server has told its address. `under` is what runs it."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("TRADING_")}
        environment["UV_USE_IO_URING"] = "0"  # what goes through a ring of the kernel's is not seen by who records system calls
        log = folder.parent / "server.log"
        with log.open("ab") as errors:
            process = await asyncio.create_subprocess_exec(
                *(*under, sys.executable, *program, "serve", "--port", "0", "--data-dir", str(folder)),
                cwd=folder.parent,
                env=environment,
                stdout=PIPE,
                stderr=errors,
            )
        assert process.stdout is not None
        async with asyncio.timeout(START_S_MAX):
            greeting = (await process.stdout.readline()).decode().split()
        assert greeting, f"the server did not start: {log.read_text()}"
        return cls(process, greeting[-1].rstrip("/"), int((folder / LOCK_NAME).read_text()))

    def kill(self) -> None:
        """At once and without warning; nothing is left to do when it has already ended."""
        if self._process.returncode is None:
            # Not Process.kill: it may collect the exit code that `gone` is to tell.
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)

    async def gone(self) -> int:
        """Its exit code, once it has ended."""
        return await self._process.wait()
