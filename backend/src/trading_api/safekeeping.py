"""`trading-api verify`, `backup` and `restore`: is everything still there, a copy of it, and the way back."""

import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from trading_api.models.errors import Stopped
from trading_api.options import DataDir, Yes, progress_of
from trading_api.plugins.backup import DATABASES, Backup, check_pages, unpack_backup, write_backup
from trading_api.plugins.data_folder import JOURNAL, RESTORING, DataFolder
from trading_api.plugins.journal_check import Walk, accept_end, read_through
from trading_api.settings import load_settings, release

DAMAGED = 1
"""Exit code when something is not as it was written."""


def verify(
    data_dir: DataDir = None,
    accept_end_: Annotated[
        bool,
        typer.Option(
            "--accept-end",
            help="First take the journal's present end for its true one: after its end was lost and no backup has it. "
            "Refused while a server runs.",
        ),
    ] = False,
    yes: Yes = False,
) -> None:
    """Read every fact of every account and compare it with its checksum, the one before it and the journal's end.

    Changes nothing, and may run beside a server. Names the first damaged fact of each account and ends with 1 when one is
    not as it was written. Of the store and the archive, which have no checksums, the pages are looked at.
    """
    folder = load_settings(data_dir=data_dir).data_dir
    journal = folder / JOURNAL
    if not journal.exists():
        raise Stopped(f"expected a journal in the data folder {folder}, found none")
    if accept_end_:
        with DataFolder(folder):
            if not yes:
                typer.confirm("Facts that were acknowledged may be missing. Go on without them?", abort=True)
            accept_end(journal)
    with progress_of("Facts read") as progress:
        walk = read_through(journal, progress)
    damages = [*walk.damages, *_damaged_pages(folder)]
    typer.echo(_told(journal, walk))
    if damages:
        for damage in damages:
            typer.echo(f"trading-api: {damage}", err=True)
        sys.exit(DAMAGED)
    typer.echo("Everything is as it was written.")


def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write it; its folder needs room for two copies.")],
    force: Annotated[bool, typer.Option("--force", "-f", help="Replace the file if it is there.")] = False,
    data_dir: DataDir = None,
) -> None:
    """Copy journal, accounts and imported prices, as they are at this moment, into one file.

    May run beside a server, which goes on trading. The copy has been read through before the file gets its name.
    Not in it: uploads under way, and settings.
    """
    if file.exists() and not force:
        raise Stopped(f"expected {file} not to be there, found it: choose another name, or replace it with --force")
    folder = load_settings(data_dir=data_dir).data_dir
    with progress_of("Copying and reading") as progress:
        written = write_backup(folder, file, release=release(), progress=progress)
    typer.echo(f"{file}: {_described(written)}, {file.stat().st_size:,} bytes")


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="A file that `backup` wrote.")],
    yes: Yes = False,
    data_dir: DataDir = None,
) -> None:
    """Put a backup in the place of what the data folder holds, and what it holds into a folder beside it.

    Refused while a server runs. The backup is read through first; a damaged one changes nothing.
    """
    settings = load_settings(data_dir=data_dir)
    with DataFolder(settings.data_dir, restoring=True) as folder:
        unpacked = folder.path / f"{RESTORING}.part"
        try:
            with progress_of("Reading the backup") as progress:
                found = unpack_backup(file, unpacked, progress=progress)
            typer.echo(f"{file}: {_described(found)}")
            if folder.state() and not yes:
                typer.confirm(f"Put it in the place of the state in {folder.path.resolve()}?", abort=True)
            aside = folder.path / f"replaced-{datetime.now(UTC):%Y%m%dT%H%M%S%f}"
            replaced = folder.replace_state(unpacked, aside)
        finally:
            shutil.rmtree(unpacked, ignore_errors=True)
    typer.echo(f"Restored. What was there is in {aside}" if replaced else "Restored.")


def _damaged_pages(folder: Path) -> list[str]:
    found = []
    for name in DATABASES[1:]:
        if (folder / name).exists():
            try:
                check_pages(folder / name)
            except Stopped as stopped:
                found.append(str(stopped))
    return found


def _told(journal: Path, walk: Walk) -> str:
    width = max((len(account) for account in walk.facts), default=0)
    lines = [f"{journal}: {_counted(walk.facts)}"]
    for account, count in walk.facts.items():
        last = f", the last at {_moment(walk.times[account])}" if account in walk.times else ""
        lines.append(f"  {account:<{width}}  {count:>9,} facts{last}")
    return "\n".join(lines)


def _described(one: Backup) -> str:
    return f"made {_moment(one.made_at)} by release {one.release}, {_counted(one.facts)}"


def _counted(facts: dict[str, int]) -> str:
    return f"{sum(facts.values()):,} facts of {len(facts)} accounts"


def _moment(time: int) -> str:
    return f"{datetime.fromtimestamp(time / 1000, UTC):%Y-%m-%d %H:%M:%S} UTC"
