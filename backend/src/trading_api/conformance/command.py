"""`trading-api conformance`: options, progress, reports, exit code."""

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer

from trading_api.conformance.by_hand import can_listen
from trading_api.conformance.catalogue import Check, Protocol
from trading_api.conformance.terms import STREAMING_SECONDS, TIMEOUT_SECONDS, WAIT_SECONDS, OAuthTerms, Terms
from trading_api.interrupts import ended_at_once
from trading_api.models.errors import Stopped
from trading_api.options import ask_hidden

PASSWORD = "CONFORMANCE_PASSWORD"
TOKEN = "CONFORMANCE_TOKEN"
CLIENT_SECRET = "CONFORMANCE_CLIENT_SECRET"
REDIRECT = "http://127.0.0.1:8910/back"
ANY = "auto"


def conformance(
    url: Annotated[str | None, typer.Argument(help="Where the server's paths begin: what stands before /config.")] = None,
    protocol: Annotated[str, typer.Option(help="udf, broker, or auto: as the server answers.")] = ANY,
    symbol: Annotated[str | None, typer.Option(help="Symbol to look at; else one that is open now.")] = None,
    beside: Annotated[
        str | None, typer.Option(metavar="URL", help="Of a datafeed of groups: where the same symbols resolve one by one.")
    ] = None,
    account: Annotated[str | None, typer.Option(metavar="ID", help="Account to look at; else the first.")] = None,
    login: Annotated[
        str | None, typer.Option(help=f"Login of a broker; its password comes from {PASSWORD}, or is asked for.")
    ] = None,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from the first line of the standard input.")
    ] = False,
    token: Annotated[bool, typer.Option("--token", help=f"Use a token instead of a login: {TOKEN}, or asked for.")] = False,
    oauth_client: Annotated[
        str | None,
        typer.Option(metavar="ID", help=f"A client of OAuth the broker knows; its secret, if it has one, in {CLIENT_SECRET}."),
    ] = None,
    oauth_authorize: Annotated[
        str | None, typer.Option(metavar="URL", help="The sign-in page; else oauth2/authorize below the server's URL.")
    ] = None,
    oauth_token: Annotated[
        str | None, typer.Option(metavar="URL", help="Where tokens are given; else oauth2/token below the server's URL.")
    ] = None,
    oauth_redirect: Annotated[
        str, typer.Option(metavar="URL", help="Where the client's users are sent back to, as it is registered.")
    ] = REDIRECT,
    oauth_by_hand: Annotated[
        bool, typer.Option("--oauth-by-hand", help="Sign in with your own browser, not with --login.")
    ] = False,
    public_data: Annotated[bool, typer.Option("--public-data", help="Bars and symbols need no token.")] = False,
    allow_orders: Annotated[
        bool, typer.Option("--allow-orders", help="Place orders far from the market, and cancel them.")
    ] = False,
    allow_fills: Annotated[
        bool, typer.Option("--allow-fills", help="Buy the least there is at the market, and close it: costs the spread.")
    ] = False,
    only: Annotated[list[str] | None, typer.Option(metavar="NAME", help="Only this check; may be given several times.")] = None,
    skip: Annotated[list[str] | None, typer.Option(metavar="NAME", help="Leave out this check; likewise.")] = None,
    listed: Annotated[bool, typer.Option("--list", help="Print all checks with their rules, and stop.")] = False,
    timeout: Annotated[float, typer.Option(min=0.1, help="Seconds for one answer.")] = TIMEOUT_SECONDS,
    wait: Annotated[
        float, typer.Option(min=0, help="Seconds until bars are read again; the published text waits 120.")
    ] = WAIT_SECONDS,
    streaming_seconds: Annotated[
        float, typer.Option(min=1, help="Seconds to read the stream; over 120 compare whole minutes.")
    ] = STREAMING_SECONDS,
    junit: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the findings as JUnit.")] = None,
    json: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the findings as JSON.")] = None,
) -> None:
    """Hold a UDF datafeed or a broker REST server to what TradingView expects; not only this one.

    Nothing is ordered without --allow-orders, and nothing bought without --allow-fills. The exit code is 1 where a rule is
    broken.
    """
    # What a run stands on is imported here, because these options are read at every start.
    with ended_at_once():
        from rich.console import Console

        from trading_api.conformance.report import as_json, as_junit, held, show, show_rules
        from trading_api.conformance.session import findings_of
        from trading_api.conformance.table import CHECKS

    if listed:
        show_rules(CHECKS, Console())
        return
    if url is None:
        raise Stopped("expected the URL of a server, found none; --list prints what would be checked")
    for address in filter(None, (url, beside, oauth_authorize, oauth_token)):
        _hold_address(address)
    if protocol not in (ANY, *Protocol):
        raise Stopped(f"--protocol: expected auto, udf or broker, found '{protocol}'")
    chosen = _chosen(CHECKS, only or [], skip or [])
    terms = Terms(
        symbol=symbol,
        beside=beside,
        account=account,
        login=login,
        password=_password(password_stdin) if login else None,
        token=_token() if token else None,
        oauth=_oauth(url, oauth_client, oauth_authorize, oauth_token, oauth_redirect, oauth_by_hand),
        public_data=public_data,
        allow_orders=allow_orders or allow_fills,
        allow_fills=allow_fills,
        timeout=timeout,
        wait=wait,
        streaming=streaming_seconds,
    )
    # Stopped from outside it closes what it bought, as after Ctrl-C.
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    findings = asyncio.run(findings_of(url, None if protocol == ANY else Protocol(protocol), terms, chosen))
    show(findings, Console())
    for target, text in ((junit, as_junit), (json, as_json)):
        if target is not None:
            _write(text(findings, url), target)
    if not held(findings):
        raise typer.Exit(1)


def _hold_address(url: str) -> None:
    try:
        parts = urlsplit(url)
        whole = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        parts, whole = None, False
    if "@" in (parts.netloc if parts else url):
        raise Stopped("expected a URL without a name and a password in it, which reports would repeat; --login signs in")
    if not whole:
        raise Stopped(f"expected a URL such as http://127.0.0.1:8000/api/v1/datafeed, found '{url}'")


def _chosen(checks: Sequence[Check], only: Sequence[str], skip: Sequence[str]) -> list[Check]:
    names = {check.name for check in checks}
    for name in (*only, *skip):
        if name not in names:
            raise Stopped(f"expected the name of a check, found '{name}'; --list prints them")
    return [check for check in checks if (not only or check.name in only) and check.name not in skip]


def _oauth(
    url: str, client: str | None, authorize: str | None, token: str | None, redirect: str, by_hand: bool
) -> OAuthTerms | None:
    if client is None:
        beside = {
            "--oauth-authorize": authorize is not None,
            "--oauth-token": token is not None,
            "--oauth-redirect": redirect != REDIRECT,
            "--oauth-by-hand": by_hand,
        }
        if useless := [option for option, given in beside.items() if given]:
            raise Stopped(f"{useless[0]}: expected --oauth-client beside it, found none")
        return None
    if by_hand and not can_listen(redirect):
        raise Stopped(f"--oauth-by-hand: expected an --oauth-redirect to a port of this machine, found {redirect}")
    below = url.rstrip("/") + "/oauth2"
    secret = os.environ.get(CLIENT_SECRET)
    return OAuthTerms(client, secret, authorize or f"{below}/authorize", token or f"{below}/token", redirect, by_hand)


def _password(from_input: bool) -> str:
    if from_input:
        return sys.stdin.readline().rstrip("\r\n")
    return os.environ.get(PASSWORD) or ask_hidden("Password", instead=f"it can come from {PASSWORD} or by --password-stdin")


def _token() -> str:
    # The option only says that there is one: its text would stand in the list of processes.
    token = os.environ.get(TOKEN) or ask_hidden("Token", instead=f"it can come from {TOKEN}")
    if not (token.isascii() and token.isprintable()):
        raise Stopped("expected a token of ASCII characters, as a header can hold them, found others")
    return token


def _write(text: str, target: Path) -> None:
    from trading_api.conformance.report import write

    try:
        write(text, target)
    except OSError as error:
        raise Stopped(f"expected a file to write to at {target}, found: {error.strerror}") from None
