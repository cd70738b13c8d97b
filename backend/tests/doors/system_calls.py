"""What a process asked the kernel to write, to flush and to send, in order; and a kernel that refuses (strace)."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

WRITES = ("write", "writev", "sendto", "sendmsg", "pwrite64")
SYNCS = ("fdatasync", "fsync")
BYTES_SHOWN = 70_000
"""Of one write: more than SQLite or a socket writes at once here."""

_LINE = re.compile(r"(?P<pid>\d+) +(?:<\.\.\. (?P<resumed>\w+) resumed>|(?P<call>\w+)\()(?P<rest>.*)")
_RESULT = re.compile(r"\) += (?P<result>-?\d+)")
_FILE = re.compile(r"\d+<((?:\\x[0-9a-f]{2})*)>")
_TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?')
_NUMBERS = re.compile(r", (\d+)(?:, (\d+))?\)? *(?:<unfinished|=|$)")


class Call(NamedTuple):
    """One system call. `began` and `ended` are places in the one order of everything; `ended` is None when it never did."""

    name: str
    file: str
    """Path of the file, or what the kernel calls it: socket:[1234]."""
    data: bytes
    numbers: tuple[int, ...]
    """Whole numbers after the data: for pwrite64 length and offset, for ftruncate the length."""
    began: int
    ended: int | None
    result: int | None

    @property
    def offset(self) -> int:
        return self.numbers[-1]


def recording(trace: Path, calls: Sequence[str] = (*WRITES, *SYNCS, "ftruncate", "unlink")) -> tuple[str, ...]:
    """Put before a command, it writes down its system calls."""
    shown = ("-f", "-y", "-xx", "-s", str(BYTES_SHOWN), "--seccomp-bpf", "-o", str(trace))
    return ("strace", *shown, "-e", f"trace={','.join(calls)}", "-e", "signal=none")


def refusing(calls: str, error: str, first: int, file: Path, trace: Path) -> tuple[str, ...]:
    """Put before a command, the kernel refuses these calls on this file, from the given one on."""
    inject = f"inject={calls}:error={error}:when={first}+"
    return ("strace", "-f", "-o", str(trace), "-P", str(file), "-e", f"trace={calls}", "-e", inject, "-e", "signal=none")


def recorded(trace: Path) -> list[Call]:
    """The calls in the order in which they began."""
    found: list[Call] = []
    open_by_thread: dict[str, int] = {}
    with trace.open() as lines:
        for place, line in enumerate(lines):
            parts = _LINE.match(line)
            if parts is None:
                continue
            ended = _RESULT.search(parts["rest"])
            result = int(ended["result"]) if ended else None
            if parts["call"]:
                found.append(_call(parts["call"], parts["rest"], place, result))
                open_by_thread[parts["pid"]] = len(found) - 1
            elif parts["pid"] in open_by_thread:
                index = open_by_thread.pop(parts["pid"])
                found[index] = found[index]._replace(ended=place, result=result)
    return found


def _call(name: str, rest: str, place: int, result: int | None) -> Call:
    file, texts = _FILE.match(rest), list(_TEXT.finditer(rest))
    assert not any(text[2] for text in texts), f"expected to see all of it, found only the start: {rest[:200]}"
    data = b"".join(_plain(text[1]) for text in texts)
    numbers = _NUMBERS.search(rest[texts[-1].end() if texts else file.end() if file else 0 :])
    whole = tuple(int(number) for number in numbers.groups() if number) if numbers else ()
    path = _plain(file[1]).decode() if file else ""
    return Call(name, path, data, whole, place, place if result is not None else None, result)


def _plain(text: str) -> bytes:
    return bytes.fromhex(text.replace("\\x", ""))


def sent(calls: Sequence[Call]) -> Iterator[Call]:
    """What went out over a socket."""
    return (call for call in calls if call.name in WRITES and call.file.startswith("socket:"))
