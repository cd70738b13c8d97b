"""One run against one server: which protocol it speaks, who signs in, and the bar that follows the checks.

Apart from the command, whose options are read at every start of `trading-api`: what a run stands on takes a while to import.
"""

from collections.abc import Sequence

import httpx
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from trading_api.conformance.broker import Broker
from trading_api.conformance.by_hand import come_back
from trading_api.conformance.catalogue import Check, Protocol
from trading_api.conformance.clock import SystemClock
from trading_api.conformance.oauth import Person
from trading_api.conformance.runner import Finding, run
from trading_api.conformance.shapes import Broken
from trading_api.conformance.terms import Terms
from trading_api.conformance.udf import Udf
from trading_api.conformance.wire import Wire
from trading_api.models.errors import Stopped

CONNECTIONS_MAX = 8
"""To the server under test."""


async def findings_of(url: str, protocol: Protocol | None, terms: Terms, checks: Sequence[Check]) -> list[Finding]:
    """Without a protocol, the one the server answers in."""
    limits = httpx.Limits(max_connections=CONNECTIONS_MAX)
    console = Console(stderr=True)
    async with httpx.AsyncClient(timeout=terms.timeout, limits=limits) as client:
        wire = Wire(client, url)
        wire.hide(terms.password, terms.token, terms.oauth.secret if terms.oauth else None)
        spoken = await speaks(wire) if protocol is None else protocol
        clock = SystemClock()
        subject = Udf(wire, terms, clock) if spoken is Protocol.UDF else Broker(wire, terms, clock, _person(terms, console))
        if isinstance(subject, Broker):
            await subject.sign_in()
        return await _followed(subject, [check for check in checks if spoken in check.protocols], console)


def _person(terms: Terms, console: Console) -> Person | None:
    """Whoever sits before the console."""
    if terms.oauth is None or not terms.oauth.by_hand:
        return None

    def show(address: str) -> None:
        console.print("Sign in with your browser:", Text(address), soft_wrap=True)

    return lambda address, redirect: come_back(address, redirect, show)


async def _followed(subject: Udf | Broker, checks: Sequence[Check], console: Console) -> list[Finding]:
    """Run, with a bar on the standard error output."""
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    findings = []
    with Progress(*columns, transient=True, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("checking", total=len(checks))
        async for finding in run(subject, checks, lambda check: bar.update(task, description=check.name)):
            findings.append(finding)
            bar.update(task, advance=1)
    return findings


async def speaks(wire: Wire) -> Protocol:
    """A broker's /config is in an envelope or refused without a token, a datafeed's is not."""
    try:
        answer = await wire.get("/config", {"locale": "en"})
        if answer.status in (401, 403):  # a broker has to say 401; one that does not is still none of the datafeeds
            return Protocol.BROKER
        body = answer.json()
    except Broken as broken:
        raise Stopped(f"expected a datafeed or a broker at {wire.base}; --protocol says which. {broken}") from None
    return Protocol.BROKER if isinstance(body, dict) and body.get("s") == "ok" and "d" in body else Protocol.UDF
