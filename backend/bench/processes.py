"""Servers as processes of their own, pinned to the server's core."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NamedTuple
from urllib.parse import urlsplit

from bench.client import folder
from bench.machine import pin, server_core

STOP_SECONDS = 30


class Running(NamedTuple):
    port: int
    process_id: int
    start_seconds: float
    """From the launch until it printed its address."""
    out: IO[str]
    """What it says after that."""
    log: Path

    def signal(self, number: int) -> None:
        os.kill(self.process_id, number)


class ServerFailed(Exception):
    """It ended instead of printing its address; a sentence."""


@contextmanager
def small_server(name: str, *options: str) -> Iterator[Running]:
    """One of `bench/servers.py`."""
    with program("-m", "bench.servers", name, *options) as running:
        yield running


@contextmanager
def house(data_dir: Path, *, settings: dict[str, str] | None = None, pinned: bool = True) -> Iterator[Running]:
    """The whole server, as `make run` starts it."""
    given = ("-m", "trading_api.cli", "serve", "--port", "0", "--data-dir", str(data_dir))
    with program(*given, settings=settings, pinned=pinned) as running:
        yield running


@contextmanager
def program(*given: str, settings: dict[str, str] | None = None, pinned: bool = True) -> Iterator[Running]:
    """Any program of ours that prints its address when it is ready."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TRADING_")}
    log = folder() / f"server-{time.monotonic_ns()}.log"
    begun = time.monotonic()
    with log.open("w") as errors:
        process = subprocess.Popen(
            [sys.executable, *given], stdout=subprocess.PIPE, stderr=errors, text=True, env={**environment, **(settings or {})}
        )
    if pinned:
        pin(process.pid, server_core())
    try:
        assert process.stdout is not None
        port = _port(process.stdout, log)
        yield Running(port, process.pid, time.monotonic() - begun, process.stdout, log)
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _port(out: IO[str], log: Path) -> int:
    for line in out:
        for word in line.split():
            if (port := urlsplit(word).port if word.startswith("http") else None) is not None:
                return port
    raise ServerFailed(f"Expected the server to print its address, found that it ended: {log.read_text().strip()[-2000:]}")
