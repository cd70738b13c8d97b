"""Waiting with an end, by the house's clock."""

import asyncio
from collections.abc import Coroutine
from typing import TypeVar

from trading_api.core.ports import Clock

Answer = TypeVar("Answer")


async def within(clock: Clock, seconds: float, work: Coroutine[object, object, Answer]) -> Answer:
    """The work's answer; `TimeoutError`, with the work cancelled, when it takes longer."""
    task = asyncio.ensure_future(work)
    alarm = asyncio.ensure_future(clock.sleep(seconds))
    try:
        await asyncio.wait({task, alarm}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise TimeoutError
        return task.result()
    finally:
        task.cancel()
        alarm.cancel()
