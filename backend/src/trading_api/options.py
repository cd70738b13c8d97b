"""Options that several commands of `trading-api` share."""

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from getpass import GetPassWarning
from pathlib import Path
from typing import Annotated

import typer

from trading_api.models.errors import Stopped

DataDir = Annotated[
    Path | None,
    typer.Option("--data-dir", metavar="FOLDER", help="Folder that holds all state (TRADING_DATA_DIR, default ./var)."),
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


def ask_hidden(what: str, *, instead: str, again: bool = False) -> str:
    """Asked on the terminal, without showing it; `instead` says how it is given where there is none."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", GetPassWarning)
            return str(typer.prompt(what, hide_input=True, err=True, confirmation_prompt="The same again" if again else False))
    except GetPassWarning:
        typer.echo(err=True)
        raise Stopped(f"expected a terminal to ask for the {what.lower()} on, found none; {instead}") from None


@contextmanager
def progress_of(rows: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on the standard error output: call it with how much is done, and of how much."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = TextColumn(rows), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    console = Console(stderr=True)
    with Progress(*columns, transient=True, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task(rows)
        yield lambda done, total: bar.update(task, completed=done, total=total)
