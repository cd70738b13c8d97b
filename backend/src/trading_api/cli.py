"""The command `trading-api`."""

from trading_api.interrupts import INTERRUPTED, STOPPED_EARLY, ended_at_once

with ended_at_once():
    import asyncio
    import json
    import sys
    from collections.abc import Iterator
    from contextlib import contextmanager
    from datetime import UTC, datetime
    from enum import StrEnum
    from pathlib import Path
    from typing import Annotated, NoReturn

    import typer
    from pydantic import ValidationError

    from trading_api.client_commands import clients
    from trading_api.conformance.command import conformance
    from trading_api.models.errors import Stopped, TradingError
    from trading_api.models.market.imports import ImportOptions, SeriesReport
    from trading_api.options import DataDir, Yes
    from trading_api.people_commands import keys, users
    from trading_api.plugins.data_folder import keep_private
    from trading_api.plugins.imported.importer import Progress
    from trading_api.safekeeping import backup, restore, verify
    from trading_api.settings import load_settings, release
    from trading_api.symbols import symbols

MISTAKE = 2
"""Exit code of a setting or an option that cannot be used."""

REFUSED = 1
"""Exit code of a command that was understood and cannot be done."""

FOR_OTHERS = ("export-openapi", "export-asyncapi", "conformance")
"""Commands whose files tell nothing of this house; what all others write is its owner's alone."""

commands = typer.Typer(
    name="trading-api",
    help="A TradingView-compatible broker and datafeed. Settings come from TRADING_… variables or a .env file; options win.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Target = Annotated[str, typer.Argument(metavar="FILE", help="Where to write it; - is the standard output.")]


def main() -> None:
    """Run, and turn what stops the program into one sentence."""
    try:
        commands()
    except Stopped as stopped:
        fail(str(stopped), MISTAKE)
    except TradingError as error:
        fail(error.body.message, REFUSED)
    except SystemExit as ended:
        if ended.code == INTERRUPTED:
            fail(STOPPED_EARLY, INTERRUPTED)
        raise
    except KeyboardInterrupt:
        fail(STOPPED_EARLY, INTERRUPTED)


def fail(sentence: str, code: int) -> NoReturn:
    typer.echo(f"trading-api: {sentence}", err=True)
    sys.exit(code)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"trading-api {release()}")
        raise typer.Exit


@commands.callback()
def house(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the release and stop.")
    ] = False,
) -> None:
    if context.invoked_subcommand not in FOR_OTHERS:
        keep_private()


@commands.command()
def serve(
    host: Annotated[
        str | None, typer.Option(help="Address to listen on (TRADING_HOST, default 127.0.0.1: this machine only).")
    ] = None,
    port: Annotated[
        int | None, typer.Option(help="Port to listen on; 0 takes a free one (TRADING_PORT, default 8000).")
    ] = None,
    data_dir: DataDir = None,
    log_level: Annotated[
        str | None, typer.Option(help="debug, info, warning or error (TRADING_LOG_LEVEL, default info).")
    ] = None,
    reload: Annotated[bool, typer.Option("--reload", help="Start again whenever the source changes; for development.")] = False,
) -> None:
    """Start the server and print its addresses."""
    with ended_at_once():
        from trading_api.serving import serve as serve_house

    serve_house(load_settings(host=host, port=port, data_dir=data_dir, log_level=log_level), reload=reload)


class Side(StrEnum):
    BID = "bid"
    ASK = "ask"


@commands.command(name="import")
def import_(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE…", exists=True, dir_okay=False, help="CSV files of bars or ticks."),
    ],
    symbol: Annotated[str | None, typer.Option(help="Name to import under; else from the file's columns or name.")] = None,
    side: Annotated[Side | None, typer.Option(help="Which side one-sided files hold; else from the file's name.")] = None,
    spread: Annotated[
        str | None, typer.Option(metavar="PRICE", help="Distance of the missing side, in price; else one tick.")
    ] = None,
    size_unit: Annotated[
        str | None, typer.Option(metavar="UNITS", help="What 1 in the files' size columns means; else guessed.")
    ] = None,
    zone: Annotated[str, typer.Option(help="IANA zone of times that carry none.")] = "UTC",
    instrument: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            exists=True,
            dir_okay=False,
            help="JSON that replaces guesses: tickSize, session, currency …",
        ),
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Load bars or ticks from CSV files into the archive; all of them or, at the first bad line, nothing.

    While a server runs, upload to it instead: POST /api/v1/imports.
    """
    with ended_at_once():
        from trading_api.offline import import_files

    options = _options(symbol=symbol, side=side, spread=spread, size_unit=size_unit, zone=zone, instrument=instrument)
    settings = load_settings(data_dir=data_dir)
    with _bar() as progress:
        report = asyncio.run(import_files(settings, files, options, progress))
    for series in report.series:
        typer.echo(_told(series))


def _options(*, instrument: Path | None, **given: object) -> ImportOptions:
    fields = {name: value for name, value in given.items() if value is not None}
    try:
        if instrument is not None:
            fields["instrument"] = json.loads(instrument.read_text())
        return ImportOptions.model_validate(fields)
    except json.JSONDecodeError as error:
        raise Stopped(f"{instrument}: expected JSON, found line {error.lineno}: {error.msg}") from None
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"]).replace("sizeUnit", "size-unit")
        found = "" if "found" in first["msg"] else f", found '{first['input']}'"
        raise Stopped(f"--{name.replace('instrument.', 'instrument: ')}: {first['msg']}{found}") from None


@contextmanager
def _bar() -> Iterator[Progress]:
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    with Bar(
        TextColumn("Reading"),
        BarColumn(),
        DownloadColumn(),
        TimeRemainingColumn(),
        transient=True,
        console=Console(stderr=True),
    ) as bar:
        task = bar.add_task("reading")
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _told(series: SeriesReport) -> str:
    own = series.instrument
    first, last = (f"{datetime.fromtimestamp(time / 1000, UTC):%Y-%m-%d %H:%M}" for time in (series.first, series.last))
    lines = [
        f"{own.id}: {series.rows} {series.kind}, {first} to {last} UTC, sides: {series.sides}",
        f"  tick {own.tick_size}, session {own.session} {own.timezone}, currency {own.currency}",
        f"  lines read {series.lines_read}, repeated {series.duplicates}, contradicting {series.conflicts}, "
        f"out of order {series.disordered}, ask lifted to bid {series.lifted}, one side only {series.one_sided}",
        *(f"  {note}" for note in series.notes),
    ]
    return "\n".join(lines)


@commands.command()
def reset(
    account: Annotated[
        str | None, typer.Option(metavar="ID", help="Only this account: no orders, no positions, its opening balance again.")
    ] = None,
    yes: Yes = False,
    data_dir: DataDir = None,
) -> None:
    """Remove all state, or start one account anew. Refused while a server runs on the folder."""
    with ended_at_once():
        from trading_api.offline import reset_account, reset_state

    settings = load_settings(data_dir=data_dir)
    what = f"account {account}" if account else "every account, user, key, journal and import"
    if not yes:
        typer.confirm(f"Reset {what} in {settings.data_dir.resolve()}?", abort=True)
    if account:
        asyncio.run(reset_account(settings, account))
        typer.echo(f"Account {account} starts anew.")
    else:
        typer.echo(f"Removed: {', '.join(reset_state(settings)) or 'nothing, there was no state'}")


for command in (symbols, verify, backup, restore, conformance):
    commands.command()(command)


commands.add_typer(users)
commands.add_typer(keys)
commands.add_typer(clients)


@commands.command(name="export-openapi")
def export_openapi(target: Target = "-") -> None:
    """Write the OpenAPI document of the REST API."""
    with ended_at_once():
        from trading_api.offline import openapi_text

    _write(asyncio.run(openapi_text()), target)


@commands.command(name="export-asyncapi")
def export_asyncapi(target: Target = "-") -> None:
    """Write the AsyncAPI document of the topics."""
    with ended_at_once():
        from trading_api.ws.asyncapi import asyncapi_text

    _write(asyncapi_text(), target)


def _write(text: str, target: str) -> None:
    if target == "-":
        typer.echo(text, nl=False)
        return
    try:
        Path(target).write_text(text, encoding="utf-8")
    except OSError as error:
        raise Stopped(f"expected a file to write to at {target}, found: {error.strerror}") from None


if __name__ == "__main__":
    main()
