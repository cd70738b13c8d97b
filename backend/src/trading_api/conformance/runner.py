"""Runs checks one after the other, each within its time, and collects what they find."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from enum import StrEnum
from typing import NamedTuple

from trading_api.conformance.bars import Subject
from trading_api.conformance.catalogue import Check
from trading_api.conformance.exchange import Exchange
from trading_api.conformance.shapes import Broken, Doubtful, NotApplicable
from trading_api.conformance.silence import TRIES_MAX

CHECK_SECONDS = 90.0
"""For one check, beside the waits it is told to make."""
RUN_SECONDS_MAX = 3600.0
"""For all checks; those that are left are skipped."""
EXCHANGES_SHOWN_MAX = 4
"""Requests a report shows of a check that failed, the latest."""


class Outcome(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    WARNED = "warned"
    SKIPPED = "skipped"


class Finding(NamedTuple):
    check: Check
    outcome: Outcome
    why: str = ""
    exchanges: tuple[Exchange, ...] = ()
    seconds: float = 0.0


async def run(
    subject: Subject, checks: Sequence[Check], starting: Callable[[Check], object] = lambda check: None
) -> AsyncIterator[Finding]:
    clock = asyncio.get_running_loop().time
    end, given_up = clock() + RUN_SECONDS_MAX, ""
    for check in checks:
        if clock() >= end:
            given_up = f"the run took {RUN_SECONDS_MAX:g} seconds already"
        if given_up:
            yield Finding(check, Outcome.SKIPPED, given_up)
            continue
        starting(check)
        began = clock()
        subject.wire.begin()
        outcome, why = await _tried(subject, check)
        shown = () if outcome is Outcome.PASSED else tuple(subject.wire.exchanges[-EXCHANGES_SHOWN_MAX:])
        yield Finding(check, outcome, subject.wire.masked(why), shown, clock() - began)
        if subject.wire.silence.lasts and not await _answers(subject):
            given_up = f"the server stopped answering: {TRIES_MAX} requests in a row, and then /config, had none in time"


async def _answers(subject: Subject) -> bool:
    try:
        await subject.wire.get("/config")
    except Broken:
        return False
    return True


async def _tried(subject: Subject, check: Check) -> tuple[Outcome, str]:
    within = CHECK_SECONDS + subject.terms.wait + subject.terms.streaming + subject.terms.by_hand
    try:
        async with asyncio.timeout(within):
            await check.run(subject)
    except Broken as broken:
        return Outcome.FAILED, str(broken)
    except Doubtful as doubtful:
        return Outcome.WARNED, str(doubtful)
    except NotApplicable as why:
        return Outcome.SKIPPED, str(why)
    except TimeoutError:
        return Outcome.FAILED, f"expected the check to end within {within:g} seconds, found it still waiting"
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, OSError) as error:
        # A stranger's answer can be wrong in a place that another check names.
        return Outcome.FAILED, f"expected an answer of the form of the rule, found one that cannot be read: {error!r}"
    return Outcome.PASSED, ""
