"""Runs the load client: the C program, compiled on first use, or its stand-in in Python where there is no compiler."""

import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from bench.machine import client_core, has_two_cores, pin

SOURCE = Path(__file__).with_name("load_client.c")
COMPILERS = ("cc", "gcc", "clang")
SHARE_MAX = 0.8
"""A client busier than this may be what was measured; the figure is void."""
END_SECONDS = 120
"""How long a client may take beyond its window to connect and end."""


class ClientFailed(Exception):
    """The load client could not do its work; a sentence."""


class Counted(NamedTuple):
    """What a client counted in its window."""

    rate: float
    share: float
    least_rate: float = 0.0
    """Of the reader that got the fewest."""


class Waited(NamedTuple):
    p50_ms: float
    p99_ms: float


@cache
def folder() -> Path:
    """Emptied by whoever runs the bench, at its end."""
    return Path(tempfile.mkdtemp(prefix="trading-api-bench-"))


def compiler() -> str | None:
    return next(filter(None, map(shutil.which, COMPILERS)), None)


@cache
def program() -> tuple[str, ...]:
    found = compiler()
    if found is None:
        return sys.executable, "-m", "bench.plain_client"
    target = folder() / "load_client"
    subprocess.run([found, "-O2", "-o", str(target), str(SOURCE)], check=True)
    return (str(target),)


def readers(
    port: int, path: str, messages: Sequence[str], *, count: int, seconds: float, warm: float, stalled: int = 0
) -> Counted:
    """Sockets that send `messages` and count what comes; the first `stalled` of them never read."""
    given = (port, path, _file(messages), count, stalled, round(warm * 1000), round(seconds * 1000), _spin())
    return _counted(_run("readers", given, warm + seconds))


def post(
    port: int,
    requests: Sequence[str],
    *,
    connections: int,
    seconds: float,
    warm: float,
    path: str = "",
    messages: Sequence[str] = (),
) -> Counted:
    """Each connection sends the next request when the last is answered; with `path`, a socket listens meanwhile."""
    given = (port, _file(requests), connections, round(warm * 1000), round(seconds * 1000), _spin())
    listening = (path, _file(messages)) if path else ()
    return _counted(_run("post", (*given, *listening), warm + seconds))


def fill(port: int, requests: Sequence[str], *, rounds: int, path: str, messages: Sequence[str], needle: str) -> Waited:
    """From sending a request until a frame that holds `needle` is on the socket, one after another."""
    said = _run("fill", (port, _file(requests), rounds, path, _file(messages), needle), END_SECONDS)
    return Waited(said["p50"], said["p99"])


def _counted(said: dict[str, float]) -> Counted:
    if said["failed"]:
        raise ClientFailed(f"Expected every answer to be good, found {said['failed']:.0f} refused or cut off")
    return Counted(said["count"] / said["seconds"], said["share"], said.get("least", 0) / said["seconds"])


def _run(mode: str, given: Sequence[object], seconds: float) -> dict[str, float]:
    process = subprocess.Popen([*program(), mode, *map(str, given)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    pin(process.pid, client_core())
    try:
        out, errors = process.communicate(timeout=seconds + END_SECONDS)
    finally:
        process.kill()
    if process.returncode:
        raise ClientFailed(errors.strip() or f"the load client ended with {process.returncode}")
    said: dict[str, float] = json.loads(out)
    return said


def _spin() -> int:
    return int(has_two_cores())


def _file(parts: Sequence[str]) -> Path:
    text = "\0".join(parts) + "\0"
    target = folder() / f"{hashlib.sha256(text.encode()).hexdigest()[:16]}.parts"
    target.write_text(text)
    return target
