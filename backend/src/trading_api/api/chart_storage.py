"""Chart storage over HTTP: the requests of the charting library's own storage client, version 1.1.

`charts_storage_url` is this prefix, `charts_storage_api_version` 1.1. A body is a form, multipart or URL-encoded, or JSON
with the same fields. Failures are answered with status 200 and `status` "error", as the library's reference server does;
only who may not, or is nobody, hears so by the status.
"""

import json
from collections.abc import Callable, Coroutine
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends, Query
from fastapi.exceptions import RequestValidationError
from fastapi.requests import Request
from fastapi.responses import JSONResponse, Response
from fastapi.routing import APIRoute
from pydantic import ValidationError
from starlette.exceptions import HTTPException

from trading_api.api.deps import Caller
from trading_api.api.errors import RESPONSES
from trading_api.api.faults import fault_of
from trading_api.api.guards import CHART_BODY_BYTES_MAX
from trading_api.core.chart_storage import ChartStorage, Owner, owner_of
from trading_api.core.wording import worded
from trading_api.models.base import Model
from trading_api.models.chart_storage import (
    ChartForm,
    Charts,
    ChartSaved,
    DrawingTemplateForm,
    DrawingTemplates,
    OneChart,
    OneTemplate,
    StorageDone,
    StorageError,
    StudyTemplateForm,
    StudyTemplates,
    TemplateName,
)
from trading_api.models.errors import FixRequest, NotAllowed, NotSignedIn, TooOften, TradingError

CHART_STORAGE = "/chart-storage"
VERSION = "/1.1"
NAME_TEXT_MAX = 200
FORM_FIELDS_MAX = 16
"""Of one form; the library sends four."""

REFUSED: dict[int | str, dict[str, Any]] = {status: RESPONSES[status] for status in (401, 403, 413, 429)}
"""What the house refuses before a chart is looked at; all else is told as the library reads it, with status 200."""

Client = Annotated[
    str, Query(min_length=1, max_length=NAME_TEXT_MAX, description="The page that saves, as its widget names it")
]
User = Annotated[str, Query(min_length=1, max_length=NAME_TEXT_MAX, description="You, when authentication is on")]
Name = Annotated[str, Query(max_length=NAME_TEXT_MAX)]
Answer = TypeVar("Answer", bound=Model)
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class StorageRoute(APIRoute):
    def get_route_handler(self) -> Handler:
        handler = super().get_route_handler()

        async def answer_or_explain(request: Request) -> Response:
            try:
                return await handler(request)
            except (NotSignedIn, NotAllowed, TooOften):
                raise
            except RequestValidationError as error:
                return _failed(fault_of(error, whole="the body").message)
            except TradingError as error:
                return _failed(error.body.message)

        return answer_or_explain


def _failed(message: str) -> Response:
    return JSONResponse(StorageError(message=message).model_dump())


async def _owner(caller: Caller, client: Client, user: User) -> Owner:
    return owner_of(caller, client, user)


Mine = Annotated[Owner, Depends(_owner)]


async def _form(request: Request, form: type[Answer]) -> Answer:
    """The fields the form has; others are left out."""
    fields = await _fields(request)
    known = {name: value for name, value in fields.items() if name in form.model_fields}
    try:
        return form.model_validate(known)
    except ValidationError as error:
        raise FixRequest("bad_form", worded(error, whole="the form").message) from None


async def _fields(request: Request) -> dict[str, Any]:
    try:
        if "json" in request.headers.get("Content-Type", ""):
            body = json.loads(await request.body() or b"null")
            if not isinstance(body, dict):
                raise FixRequest("bad_form", "Expected a JSON object with content, found another value")
            return body
        # A part may be longer than content may be: then the storage says so, and not the form's reader.
        form = await request.form(max_files=0, max_fields=FORM_FIELDS_MAX, max_part_size=CHART_BODY_BYTES_MAX)
    except (HTTPException, ValueError, RecursionError) as error:
        detail = error.detail if isinstance(error, HTTPException) else "no JSON"
        raise FixRequest("bad_form", f"Expected a form or JSON with content, found: {detail}") from None
    return dict(form)


def _body_of(form: type[Model]) -> dict[str, Any]:
    schema = form.model_json_schema()
    kinds = ("multipart/form-data", "application/x-www-form-urlencoded", "application/json")
    return {"requestBody": {"required": True, "content": {kind: {"schema": schema} for kind in kinds}}}


def chart_storage_router(storage: ChartStorage) -> APIRouter:
    router = APIRouter(prefix=CHART_STORAGE + VERSION, tags=["chart storage"], responses=REFUSED, route_class=StorageRoute)
    _add_charts(router, storage)
    _add_study_templates(router, storage)
    _add_drawing_templates(router, storage)
    return router


def _add_charts(router: APIRouter, storage: ChartStorage) -> None:
    @router.get(
        "/charts",
        operation_id="getCharts",
        response_model=Charts | OneChart | StorageError,
        summary="Your saved charts; with `chart`, one of them with its content",
    )
    async def charts(mine: Mine, chart: Name = "") -> Charts | OneChart:
        return OneChart(data=await storage.chart(mine, chart)) if chart else Charts(data=storage.charts(mine))

    @router.post(
        "/charts",
        operation_id="saveChart",
        response_model=ChartSaved | StorageError,
        summary="Save a chart; with `chart`, in the place of that one",
        openapi_extra=_body_of(ChartForm),
    )
    async def save_chart(request: Request, mine: Mine, chart: Name = "") -> ChartSaved:
        form = await _form(request, ChartForm)
        return ChartSaved(id=await storage.save_chart(mine, form, chart or None))

    @router.delete(
        "/charts", operation_id="deleteChart", response_model=StorageDone | StorageError, summary="Delete a saved chart"
    )
    async def delete_chart(mine: Mine, chart: Name) -> StorageDone:
        await storage.delete_chart(mine, chart)
        return StorageDone()


def _add_study_templates(router: APIRouter, storage: ChartStorage) -> None:
    @router.get(
        "/study_templates",
        operation_id="getStudyTemplates",
        response_model=StudyTemplates | OneTemplate | StorageError,
        summary="Your study templates; with `template`, one of them with its content",
    )
    async def study_templates(mine: Mine, template: Name = "") -> StudyTemplates | OneTemplate:
        if template:
            return OneTemplate(data=await storage.template(mine, "study", template))
        return StudyTemplates(data=tuple(TemplateName(name=name) for name in storage.study_templates(mine)))

    @router.post(
        "/study_templates",
        operation_id="saveStudyTemplate",
        response_model=StorageDone | StorageError,
        summary="Save a study template under its name",
        openapi_extra=_body_of(StudyTemplateForm),
    )
    async def save_study_template(request: Request, mine: Mine) -> StorageDone:
        form = await _form(request, StudyTemplateForm)
        await storage.save_template(mine, "study", form.name, content=form.content)
        return StorageDone()

    @router.delete(
        "/study_templates",
        operation_id="deleteStudyTemplate",
        response_model=StorageDone | StorageError,
        summary="Delete a study template",
    )
    async def delete_study_template(mine: Mine, template: Name) -> StorageDone:
        await storage.delete_template(mine, "study", template)
        return StorageDone()


def _add_drawing_templates(router: APIRouter, storage: ChartStorage) -> None:
    @router.get(
        "/drawing_templates",
        operation_id="getDrawingTemplates",
        response_model=DrawingTemplates | OneTemplate | StorageError,
        summary="Names of your templates of a drawing tool; with `name`, one of them with its content",
    )
    async def drawing_templates(mine: Mine, tool: Name, name: Name = "") -> DrawingTemplates | OneTemplate:
        if name:
            return OneTemplate(data=await storage.template(mine, "drawing", tool, name))
        return DrawingTemplates(data=storage.drawing_templates(mine, tool))

    @router.post(
        "/drawing_templates",
        operation_id="saveDrawingTemplate",
        response_model=StorageDone | StorageError,
        summary="Save a template of a drawing tool under its name",
        openapi_extra=_body_of(DrawingTemplateForm),
    )
    async def save_drawing_template(
        request: Request, mine: Mine, tool: Name, name: Annotated[str, Query(min_length=1, max_length=NAME_TEXT_MAX)]
    ) -> StorageDone:
        form = await _form(request, DrawingTemplateForm)
        await storage.save_template(mine, "drawing", tool, name, content=form.content)
        return StorageDone()

    @router.delete(
        "/drawing_templates",
        operation_id="deleteDrawingTemplate",
        response_model=StorageDone | StorageError,
        summary="Delete a template of a drawing tool",
    )
    async def delete_drawing_template(mine: Mine, tool: Name, name: Name) -> StorageDone:
        await storage.delete_template(mine, "drawing", tool, name)
        return StorageDone()
