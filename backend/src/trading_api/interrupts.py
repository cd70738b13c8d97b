"""Ctrl-C while the program is still being read. Python would show where it stood, or what that did to an import."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

INTERRUPTED = 130
"""Exit code that a shell gives what Ctrl-C stopped, and so Typer too."""
STOPPED_EARLY = "stopped before its end"


@contextmanager
def ended_at_once() -> Iterator[None]:
    """For imports: nothing is open yet that would have to be closed. Whoever has a way of its own with Ctrl-C keeps it."""
    usual = (
        threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGINT) is signal.default_int_handler
    )
    if usual:
        signal.signal(signal.SIGINT, _end)
    try:
        yield
    finally:
        if usual:
            signal.signal(signal.SIGINT, signal.default_int_handler)


def _end(*_: object) -> None:
    os.write(2, f"trading-api: {STOPPED_EARLY}\n".encode())
    os._exit(INTERRUPTED)
