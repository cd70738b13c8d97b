"""The command `trading-api`."""

import asyncio
import logging
import shutil
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from trading_api.models.errors import Stopped
from trading_api.settings import load_settings, release

MISTAKE = 2
"""Exit code of a setting or an option that cannot be used."""

commands = typer.Typer(
    name="trading-api",
    help="A TradingView-compatible broker and datafeed. Settings come from TRADING_… variables or a .env file; options win.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

DataDir = Annotated[
    Path | None,
    typer.Option("--data-dir", metavar="FOLDER", help="Folder that holds all state (TRADING_DATA_DIR, default ./var)."),
]
Target = Annotated[str, typer.Argument(metavar="FILE", help="Where to write it; - is the standard output.")]


def main() -> None:
    """Run, and turn what stops the program into one sentence."""
    try:
        commands()
    except Stopped as stopped:
        fail(str(stopped))


def fail(sentence: str) -> NoReturn:
    typer.echo(f"trading-api: {sentence}", err=True)
    sys.exit(MISTAKE)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"trading-api {release()}")
        raise typer.Exit


@commands.callback()
def house(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the release and stop.")
    ] = False,
) -> None:
    pass


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
    from trading_api.serving import serve as serve_house

    serve_house(load_settings(host=host, port=port, data_dir=data_dir, log_level=log_level), reload=reload)


if __name__ == "__main__":
    main()
