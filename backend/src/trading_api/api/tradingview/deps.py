"""What these endpoints ask for: a caller with a token, whatever the house is bound to, a form, and the caller's language."""

from typing import Annotated, Any, Protocol  # Any: a form's values may be files

from fastapi import Depends, Path, Query, Request
from pydantic import BeforeValidator
from starlette.datastructures import ImmutableMultiDict

from trading_api.api.deps import account_of, credentials
from trading_api.api.once import expect_once
from trading_api.api.paging import ID_MAX
from trading_api.api.policies import policy_of
from trading_api.core.access import Principal, hold
from trading_api.models.broker.orders import ConfirmId as PreviewId
from trading_api.models.common import ClientId
from trading_api.models.errors import FixRequest
from trading_api.models.tradingview.leverage import SetLeverageForm
from trading_api.models.tradingview.orders import PreviewForm
from trading_api.models.tradingview.positions import CloseForm, PositionForm
from trading_api.models.tradingview.sign_in import SignInForm

FORM = "application/x-www-form-urlencoded"
FORMS = PreviewForm, PositionForm, CloseForm, SetLeverageForm, SignInForm
OF_FORMS = frozenset(field.alias or name for form in FORMS for name, field in form.model_fields.items()) - {"locale"}
"""Fields of a command. In its query they would be left out, and closing a part would close all."""
OF_QUERIES = frozenset(("requestId", "confirmId"))
"""In a form they would be left out, and an order sent again would be another one."""
LOCALE_MAX = 40
"""Characters of a locale; we speak English, whichever is asked for."""


class Admits(Protocol):
    def admit(self, bearer: str | None) -> Principal:
        """Raises NotSignedIn."""


class HasSignIn(Protocol):
    sign_in: Admits


async def caller_of(request: Request) -> Principal:
    """The local user of a house without authentication signs in here too, because pages of another site call."""
    state: HasSignIn = request.app.state
    caller = state.sign_in.admit(credentials(request.headers.get("Authorization")).bearer)
    policy = policy_of(request)
    if policy is not None:
        hold(policy, caller, account_of(request.path_params))
    await expect_form(request)
    return caller


async def expect_form(request: Request) -> None:
    """A body that is something else would be read as a form without fields: close all of it, remove the brackets.

    And each field once, where it belongs.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == FORM:
        is_form = not any(name.startswith(("{", "[")) for name in await request.form())
    else:
        is_form = not kind.startswith("multipart/") and not await request.body()
    if not is_form:
        raise FixRequest("form_expected", f"Expected the body to be a form ({FORM}), found another")
    expect_once(request.query_params)
    if request.method != "GET":
        form = await request.form()
        expect_once(form)
        _expect_none(OF_FORMS, request.query_params, "Expected {} in the form, found it in the query")
        _expect_none(OF_QUERIES, form, "Expected {} in the query, found it in the form")


def _expect_none(misplaced: frozenset[str], given: ImmutableMultiDict[str, Any], sentence: str) -> None:
    for name in sorted(misplaced):
        if given.get(name):
            raise FixRequest("misplaced", sentence.format(name), field=name)


def _locale(
    locale: Annotated[str, Query(max_length=LOCALE_MAX, description="Texts are English, whichever is asked for")] = "en",
) -> str:
    return locale


Bodied = Depends(expect_form)
"""Of a route that asks for no caller."""
SignedIn = Annotated[Principal, Depends(caller_of)]
Locale = Depends(_locale)
Account = Annotated[str, Path(alias="accountId", max_length=ID_MAX)]
OrderId = Annotated[str, Path(alias="orderId", max_length=ID_MAX)]
PositionId = Annotated[str, Path(alias="positionId", max_length=ID_MAX)]
ABSENT = BeforeValidator(lambda text: text or None)
"""An empty parameter counts as absent, as an empty field does."""
RequestId = Annotated[
    ClientId | None, ABSENT, Query(alias="requestId", description="Sent again, the request gets the first answer again")
]
ConfirmId = Annotated[
    PreviewId | None, ABSENT, Query(alias="confirmId", description="Of a preview: only if it is still what was shown")
]
