"""The machine: who runs where, which versions, and what a process holds."""

import contextlib
import os
import platform
import sqlite3
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

PACKAGES = ("fastapi", "starlette", "uvicorn", "uvloop", "httptools", "websockets", "pydantic", "fastws")
KIB = 1024


def cores() -> Sequence[int]:
    return sorted(os.sched_getaffinity(0))


def server_core() -> int:
    return cores()[0]


def client_core() -> int:
    return cores()[-1]


def has_two_cores() -> bool:
    """With one core a client that polls would starve the server."""
    return len(cores()) > 1


def pin(process_id: int, core: int) -> None:
    """Only before the process has started threads: they inherit it."""
    os.sched_setaffinity(process_id, {core})


def described() -> str:
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return (
        f"{len(cores())} cores ({_model()}), {platform.system()} {platform.release()}, "
        f"CPython {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {packages}"
    )


def _model() -> str:
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.machine()


def resident_bytes(process_id: int) -> int:
    pages = int(Path(f"/proc/{process_id}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def descriptors(process_id: int) -> int:
    return len(os.listdir(f"/proc/{process_id}/fd"))


def processor_seconds(process_id: int) -> float:
    """What the process and its threads have used."""
    fields = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
