"""Imports over HTTP: files go up, a job comes back, and asking for it tells how far it is."""

import asyncio
import shutil
from collections.abc import Mapping
from pathlib import Path as FilePath
from typing import Annotated

from fastapi import APIRouter, File, Form, Path, UploadFile
from pydantic import TypeAdapter, ValidationError

from trading_api.api.bounded_body import bounded_route
from trading_api.api.deps import Caller
from trading_api.api.errors import RESPONSES
from trading_api.core.imports import Imports, UploadedFile
from trading_api.models.errors import FixRequest, TooLarge
from trading_api.models.market.imports import (
    IMPORT_FILES_MAX,
    FilePreview,
    ImportJob,
    ImportOptions,
    ImportSide,
    InstrumentChange,
    SeriesReport,
)

CHUNK_BYTES = 262_144
"""Copied at once between two turns of the loop."""
FILE_NAME_MAX = 120
INSTRUMENT_JSON_MAX = 10_000
FORM_BYTES_MAX = 100_000
"""What a form needs beside its files."""
ID_MAX = 40

ImportId = Annotated[str, Path(alias="importId", max_length=ID_MAX)]
_CHANGE = TypeAdapter(InstrumentChange)


def imports_router(imports: Imports) -> APIRouter:
    route = bounded_route(imports.upload_bytes_max + FORM_BYTES_MAX)
    router = APIRouter(prefix="/imports", tags=["imports"], responses=RESPONSES, route_class=route)

    @router.post(
        "",
        operation_id="startImport",
        summary="Upload CSV files of bars or ticks; both sides of a symbol may come together",
        status_code=202,
        response_model=ImportJob,
        response_model_exclude_none=True,
    )
    async def start_import(
        caller: Caller,
        files: Annotated[list[UploadFile], File(description="One or more CSV files")],
        symbol: Annotated[str | None, Form(max_length=ID_MAX)] = None,
        side: Annotated[ImportSide | None, Form(description="The side of one-sided files")] = None,
        spread: Annotated[str | None, Form(description="In price, for one-sided files", max_length=ID_MAX)] = None,
        size_unit: Annotated[
            str | None, Form(alias="sizeUnit", description="What 1 in the files' size columns means", max_length=ID_MAX)
        ] = None,
        zone: Annotated[str, Form(description="Zone of times that carry none", max_length=64)] = "UTC",
        instrument: Annotated[
            str | None, Form(description="JSON with instrument fields to set", max_length=INSTRUMENT_JSON_MAX)
        ] = None,
    ) -> ImportJob:
        caller.require_house()
        given = {"symbol": symbol, "side": side, "spread": spread, "sizeUnit": size_unit, "zone": zone}
        options = _options(given, instrument)
        _expect_few(files)
        return await _submit(imports, files, options)

    @router.post(
        "/preview",
        operation_id="previewImport",
        summary="What files would be taken for, from their first 64 KiB; nothing is imported",
        response_model=list[FilePreview],
        response_model_exclude_none=True,
    )
    async def preview_import(
        caller: Caller,
        files: Annotated[list[UploadFile], File(description="The beginnings of one or more CSV files")],
        symbol: Annotated[str | None, Form(max_length=ID_MAX)] = None,
        side: Annotated[ImportSide | None, Form()] = None,
        zone: Annotated[str, Form(max_length=64)] = "UTC",
    ) -> list[FilePreview]:
        caller.require_house()
        _expect_few(files)
        return await _preview(imports, files, _options({"symbol": symbol, "side": side, "zone": zone}, None))

    @router.get("", operation_id="listImports", summary="Every import", response_model_exclude_none=True)
    async def list_imports(caller: Caller) -> list[ImportJob]:
        return list(imports.all())

    @router.get(
        "/{importId}", operation_id="getImport", summary="One import and its progress", response_model_exclude_none=True
    )
    async def get_import(caller: Caller, import_id: ImportId) -> ImportJob:
        return imports.get(import_id)

    @router.delete("/{importId}", operation_id="deleteImport", summary="Forget an import and its prices", status_code=204)
    async def delete_import(caller: Caller, import_id: ImportId) -> None:
        caller.require_house()
        await imports.delete(import_id)

    @router.patch(
        "/symbols/{symbol}",
        operation_id="changeImported",
        summary="Correct what was guessed about an imported symbol",
        response_model_exclude_none=True,
    )
    async def change_imported(
        caller: Caller, symbol: Annotated[str, Path(max_length=ID_MAX)], change: InstrumentChange
    ) -> SeriesReport:
        caller.require_house()
        return await imports.change(symbol, change)

    return router


def _options(fields: Mapping[str, str | None], instrument: str | None) -> ImportOptions:
    try:
        change = _CHANGE.validate_json(instrument) if instrument else InstrumentChange()
        given = {name: value for name, value in fields.items() if value}
        return ImportOptions.model_validate(given | {"instrument": change})
    except ValidationError as error:
        fault = error.errors()[0]
        field = ".".join(map(str, fault["loc"])) or "instrument"
        raise FixRequest("invalid", f"{field}: {fault['msg']}", field=field) from None


def _expect_few(files: list[UploadFile]) -> None:
    if len(files) > IMPORT_FILES_MAX:
        raise FixRequest("too_many_files", f"Expected at most {IMPORT_FILES_MAX} files, found {len(files)}", field="files")


async def _preview(imports: Imports, files: list[UploadFile], options: ImportOptions) -> list[FilePreview]:
    folder = await asyncio.to_thread(imports.upload_folder)
    try:
        return list(await imports.preview(await _received(imports, files, folder), options))
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, True)


async def _submit(imports: Imports, files: list[UploadFile], options: ImportOptions) -> ImportJob:
    folder = await asyncio.to_thread(imports.upload_folder)
    try:
        return await imports.submit(folder, await _received(imports, files, folder), options)
    except BaseException:
        await asyncio.to_thread(shutil.rmtree, folder, True)
        raise


async def _received(imports: Imports, files: list[UploadFile], folder: FilePath) -> list[UploadedFile]:
    left = imports.upload_bytes_max
    received = []
    for number, file in enumerate(files):
        path = folder / f"upload-{number}"
        left -= await _copy(file, path, left)
        received.append(UploadedFile((file.filename or f"file {number + 1}")[-FILE_NAME_MAX:], path))
    return received


async def _copy(file: UploadFile, path: FilePath, bytes_max: int) -> int:
    copied = 0
    with path.open("wb") as target:
        while chunk := await file.read(CHUNK_BYTES):
            copied += len(chunk)
            if copied > bytes_max:
                raise TooLarge(
                    "too_large", f"Expected at most {bytes_max} more bytes, found more in {file.filename}", field="files"
                )
            await asyncio.to_thread(target.write, chunk)
    return copied
