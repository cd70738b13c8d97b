"""What the command line does with the data folder while no server runs on it: import, list, reset, export documents."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from trading_api.app import House, create_app, open_plugs
from trading_api.core.imports import UploadedFile
from trading_api.models.broker.account import ResetRequest
from trading_api.models.market.imports import ImportOptions, ImportReport
from trading_api.models.market.instruments import Instrument
from trading_api.plugins.archive import SqliteArchive
from trading_api.plugins.clock import WallClock
from trading_api.plugins.data_folder import ARCHIVE, STORE, DataFolder
from trading_api.plugins.doorman_local import LOCAL_USER
from trading_api.plugins.imported.importer import Progress
from trading_api.plugins.imported.jobs import run_import
from trading_api.plugins.imported.library import Library
from trading_api.plugins.store_sqlite import SqliteStore
from trading_api.plugins.synthetic.files import listings_of
from trading_api.settings import Settings


async def import_files(settings: Settings, files: Sequence[Path], options: ImportOptions, progress: Progress) -> ImportReport:
    with DataFolder(settings.data_dir) as folder, TemporaryDirectory(dir=folder.path) as scratch:
        archive, store = SqliteArchive(folder.path / ARCHIVE), SqliteStore(folder.path / STORE)
        try:
            uploads = [UploadedFile(file.name, file) for file in files]
            return await run_import(archive, store, uploads, options, progress, folder=Path(scratch), now=WallClock().now())
        finally:
            await archive.close()
            await store.close()


async def instruments(settings: Settings) -> list[Instrument]:
    """Every instrument of every market. Reads beside a running server."""
    found = [
        listing.instrument
        for listed in listings_of(settings.instrument_paths, WallClock().now()).values()
        for listing in listed
    ]
    archive_file, store_file = settings.data_dir / ARCHIVE, settings.data_dir / STORE
    if not archive_file.exists() or not store_file.exists():
        return found
    archive, store = SqliteArchive(archive_file), SqliteStore(store_file)
    try:
        library = Library(archive, store)
        await library.load()
        return found + [holding.instrument for holding in library.all()]
    finally:
        await archive.close()
        await store.close()


def reset_state(settings: Settings) -> list[str]:
    """Remove all state; returns the names of what was removed."""
    with DataFolder(settings.data_dir) as folder:
        doomed = folder.state()
        for path in doomed:
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
        return [path.name for path in doomed]


async def reset_account(settings: Settings, account_id: str) -> None:
    """Start one account again at its opening balance."""
    house = House(settings, open_plugs(settings))
    async with house.open():
        await house.broker.reset(LOCAL_USER, account_id, ResetRequest())


async def openapi_text() -> str:
    """The document of the default house, whatever this one's settings."""
    with TemporaryDirectory() as folder:
        settings = Settings(_env_file=None, data_dir=Path(folder), instruments=())
        plugs = open_plugs(settings)
        try:
            return json.dumps(create_app(settings, plugs).openapi(), ensure_ascii=False, indent=2) + "\n"
        finally:
            await plugs.archive.close()
            await plugs.store.close()
            await plugs.journal.close()
            await plugs.snapshots.close()
            plugs.folder.close()
