"""The judge of power cuts: what would be on the disk at any moment, and whether everything told by then is there.

`kill -9` keeps the kernel's memory, so it cannot show a missing flush. Here the recorded writes and flushes of a real server
say it: of each file only what a finished flush covers is sure; of what was written since, any part may be there or not.
"""

import random
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from system_calls import SYNCS, Call, sent

_FACT = re.compile(rb'"fact": ?(\d+)')
LOG = "journal.sqlite-wal"
KEPT = ("journal.sqlite", LOG, "journal.head")


def told_too_early(calls: Sequence[Call], bodies: Mapping[int, bytes]) -> list[str]:
    """Every fact that went out over a socket before a flush of the log, begun after the fact was written, had ended."""
    written = _first_written(calls, bodies)
    flushes = [
        (call.began, call.ended) for call in calls if call.name in SYNCS and call.file.endswith(LOG) and call.result == 0
    ]
    found = []
    for call in sent(calls):
        for fact in _facts_in(call):
            at = written.get(fact)
            if at is None or not any(at < began and ended is not None and ended < call.began for began, ended in flushes):
                found.append(f"fact {fact} was told by call {call.began}, written by call {at}, and not flushed in between")
    return found


def told_by(calls: Sequence[Call], place: int) -> int:
    """The latest fact that had begun to go out before this place in the record."""
    return max((fact for call in sent(calls) if call.began < place for fact in _facts_in(call)), default=0)


def disk_after_a_cut(calls: Sequence[Call], place: int, folder: Path, chance: random.Random) -> None:
    """Write to `folder` what may be left of the journal when the power goes at this place."""
    flushed: defaultdict[str, bytearray] = defaultdict(bytearray)
    waiting: defaultdict[str, list[Call]] = defaultdict(list)
    for call in calls:
        name = Path(call.file).name
        if call.began >= place or name not in KEPT:
            continue
        if call.name in SYNCS:
            if call.ended is not None and call.ended < place and call.result == 0:
                _apply(flushed[name], [one for one in waiting[name] if one.began < call.began])
                waiting[name] = [one for one in waiting[name] if one.began >= call.began]
        else:
            waiting[name].append(call)
    for name, calls_left in waiting.items():
        lucky = [one for one in calls_left if chance.random() < 0.5]
        _apply(flushed[name], chance.sample(lucky, len(lucky)))
    for name, content in flushed.items():
        (folder / name).write_bytes(content)


def _apply(content: bytearray, calls: Sequence[Call]) -> None:
    for call in calls:
        if call.name == "ftruncate":
            (length,) = call.numbers
            content[:] = content[:length].ljust(length, b"\0")
            continue
        end = call.offset + len(call.data)
        content.extend(bytes(max(0, end - len(content))))
        content[call.offset : end] = call.data


def _first_written(calls: Sequence[Call], bodies: Mapping[int, bytes]) -> dict[int, int]:
    """Where each fact was first written to the log."""
    pages = [call for call in calls if call.name == "pwrite64" and call.file.endswith(LOG)]
    found: dict[int, int] = {}
    start = 0
    for fact, body in sorted(bodies.items()):
        for index in range(start, len(pages)):
            if body in pages[index].data:
                found[fact], start = pages[index].began, index
                break
    return found


def _facts_in(call: Call) -> list[int]:
    return [int(number) for number in _FACT.findall(call.data)]
