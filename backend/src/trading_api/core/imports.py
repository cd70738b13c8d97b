"""What the house offers for imports. Files are already on the disk here; how they are read is the plug's business."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

from trading_api.models.market.imports import FilePreview, ImportJob, ImportOptions, InstrumentChange, SeriesReport


class UploadedFile(NamedTuple):
    """A file under a temporary path, with the name its owner gave it."""

    name: str
    path: Path


class Imports(Protocol):
    """Turns files into series of the imported market, one import at a time."""

    @property
    def upload_bytes_max(self) -> int:
        """The most bytes the files of one import may have together."""

    def upload_folder(self) -> Path:
        """A new folder for one import's files; `submit` takes it over, else the caller removes it."""

    async def preview(self, files: Sequence[UploadedFile], options: ImportOptions) -> Sequence[FilePreview]:
        """What each file would be taken for. Their beginnings are enough."""

    async def submit(self, folder: Path, files: Sequence[UploadedFile], options: ImportOptions) -> ImportJob:
        """Queue an import. Raises `TryLater` when too many are waiting."""

    def all(self) -> Sequence[ImportJob]:
        """Every import, oldest first."""

    def get(self, import_id: str) -> ImportJob: ...

    async def wait(self, import_id: str) -> ImportJob:
        """The import once it is done or has failed."""

    async def change(self, symbol: str, change: InstrumentChange) -> SeriesReport:
        """Correct what was guessed about an imported symbol."""

    async def delete(self, import_id: str) -> None:
        """Forget the import and the series it made; stop it if it is still running."""
