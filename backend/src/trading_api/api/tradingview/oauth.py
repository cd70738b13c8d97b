"""OAuth 2, authorization code with PKCE: the sign-in page, and the tokens for what it gave. Errors are those of RFC 6749."""

import base64
import binascii
import secrets
from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import unquote_plus

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, Response
from fastapi.routing import APIRoute
from pydantic import SecretStr

from trading_api.api.auth import address_of
from trading_api.api.once import expect_once
from trading_api.api.tradingview.deps import Bodied
from trading_api.api.tradingview.door import OAUTH
from trading_api.api.tradingview.errors import Handler
from trading_api.api.tradingview.sign_in_page import STYLE, back, form_page, refusal_page
from trading_api.core.broker_rest.oauth import Asked, OAuth, OAuthRefusal
from trading_api.core.publisher import to_wire
from trading_api.models.errors import FixRequest, NotSignedIn, TooOften, TradingError
from trading_api.models.people import Tokens
from trading_api.models.tradingview.clients import OAuthClient
from trading_api.models.tradingview.sign_in import PARAMETER_MAX, OAuthError, OAuthTokens, PageForm, TokenForm

COOKIE = "trading_api_sign_in_"
"""How the name of a page's cookie begins: each page has its own, so that several can be open."""
COOKIE_SECONDS = 600
"""How long a sign-in page can be sent; TradingView closes it after two minutes."""
PAGES_MAX = 10
"""Sign-in pages of one browser that can be sent; one more takes the place of the oldest."""

EMPTY = PageForm()
"""As a page is shown first."""

PAGES: dict[int | str, dict[str, Any]] = {
    status: {"description": text, "content": {"text/html": {"schema": {"type": "string"}}}}
    for status, text in (
        (400, "A page that says why a user cannot sign in for this client, or which parameter is wrong"),
        (401, "The page again: login and password do not fit"),
        (429, "The page again: too many tries"),
    )
}
"""Besides the page itself, and 303 back to the client."""
PAGES[400]["content"]["application/json"] = {"schema": OAuthError.model_json_schema()}
BACK: dict[int | str, dict[str, Any]] = {303: {"description": "Back to the client, with a code or with what is wrong"}}

Parameter = Annotated[str, Query(max_length=PARAMETER_MAX)]
Optional = Annotated[str | None, Query(max_length=PARAMETER_MAX)]


class OAuthRoute(APIRoute):
    def get_route_handler(self) -> Handler:
        answer = super().get_route_handler()

        async def answer_or_explain(request: Request) -> Response:
            try:
                expect_once(request.query_params)
                return await answer(request)
            except RequestValidationError as error:
                field = ".".join(str(part) for part in error.errors()[0]["loc"][1:])
                return oauth_error("invalid_request", f"Expected a parameter that is right, found another: {field}")
            except OAuthRefusal as refusal:
                return oauth_error(refusal.code, str(refusal))
            except FixRequest as error:
                return oauth_error("invalid_request", str(error))

        return answer_or_explain


def oauth_error(code: str, message: str) -> Response:
    status = 401 if code == "invalid_client" else 400
    headers = {"Cache-Control": "no-store"} | ({"WWW-Authenticate": "Basic"} if status == 401 else {})
    body = to_wire(OAuthError(error=code, error_description=message))
    return Response(body, status, headers, media_type="application/json")


def oauth_router(oauth: OAuth) -> APIRouter:
    router = APIRouter(prefix="/oauth2", route_class=OAuthRoute)
    _add_page(router, oauth)
    _add_tokens(router, oauth)
    return router


def _add_page(router: APIRouter, oauth: OAuth) -> None:
    async def asked(
        client_id: Parameter = "",
        redirect_uri: Parameter = "",
        response_type: Parameter = "",
        state: Optional = None,
        code_challenge: Optional = None,
        code_challenge_method: Optional = None,
    ) -> Asked | Response:
        try:
            client = await oauth.client(client_id, redirect_uri)
        except OAuthRefusal as refusal:
            return refusal_page(str(refusal))
        try:
            return oauth.asked(
                client,
                redirect_uri=redirect_uri,
                state=state,
                response_type=response_type,
                challenge=code_challenge,
                method=code_challenge_method,
            )
        except OAuthRefusal as refusal:
            return back(redirect_uri, error=refusal.code, error_description=str(refusal), state=state)

    AskedFor = Annotated[Asked | Response, Depends(asked)]

    @router.get(
        "/authorize",
        operation_id="showRestSignIn",
        response_class=HTMLResponse,
        responses=PAGES | BACK,
        summary="The page on which a user signs in for a client",
    )
    async def page(wanted: AskedFor, request: Request) -> Response:
        return wanted if isinstance(wanted, Response) else _shown(wanted, request)

    @router.post(
        "/authorize",
        operation_id="signInRest",
        response_class=HTMLResponse,
        responses=PAGES | BACK,
        summary="What the page sends; the user goes back to the client with a code",
    )
    async def sent(wanted: AskedFor, request: Request, form: Annotated[PageForm, Form()]) -> Response:
        if isinstance(wanted, Response):
            return wanted
        kept = request.cookies.get(_cookie_of(form.mark), "")
        if not kept or not secrets.compare_digest(kept.encode(), form.mark.encode()):
            alert = "This page had been open for too long. Please try again."
            return _shown(wanted, request, PageForm(login=form.login), alert=alert, status=400)
        return await _signed_in(oauth, wanted, request, form)

    @router.get("/sign-in.css", include_in_schema=False)
    async def style() -> Response:
        return Response(STYLE, media_type="text/css")


async def _signed_in(oauth: OAuth, wanted: Asked, request: Request, form: PageForm) -> Response:
    try:
        code = await oauth.signed_in(wanted, form.login, form.password.get_secret_value(), address=address_of(request))
    except NotSignedIn:
        return _shown(wanted, request, form, alert="That login and password do not fit.", status=401)
    except TooOften as error:
        return _shown(wanted, request, form, alert=str(error), status=429)
    except TradingError as error:
        return _shown(wanted, request, form, alert=str(error), status=400)
    answer = back(wanted.redirect_uri, code=code, state=wanted.state)
    answer.delete_cookie(_cookie_of(form.mark), path=OAUTH)
    return answer


def _cookie_of(mark: str) -> str:
    """Of the page that has this mark."""
    return COOKIE + mark.partition(".")[0]


def _shown(wanted: Asked, request: Request, form: PageForm = EMPTY, *, alert: str = "", status: int = 200) -> Response:
    """Only a page that was shown here can be sent here: what it sends must match the cookie it was shown with."""
    mark = form.mark or f"{secrets.token_urlsafe(6)}.{secrets.token_urlsafe()}"
    name, secure = _cookie_of(mark), request.url.scheme == "https"
    page = form_page(wanted.client, wanted.redirect_uri, mark, login=form.login, alert=alert, status=status)
    others = [one for one in request.cookies if one.startswith(COOKIE) and one != name]  # the oldest first
    for one in others[: max(0, len(others) - PAGES_MAX + 1)]:
        page.delete_cookie(one, path=OAUTH)
    page.set_cookie(name, mark, max_age=COOKIE_SECONDS, path=OAUTH, secure=secure, httponly=True, samesite="strict")
    return page


def _add_tokens(router: APIRouter, oauth: OAuth) -> None:
    @router.post(
        "/token",
        operation_id="giveRestTokens",
        response_model=OAuthTokens,
        dependencies=[Bodied],
        responses={400: {"model": OAuthError}, 401: {"model": OAuthError}},
        summary="Tokens for a code, or the next ones for a refresh token",
    )
    async def token(request: Request, form: Annotated[TokenForm, Form()]) -> Response:
        client = await _recognized(oauth, request.headers, form)
        if form.grant_type == "authorization_code":
            tokens = await oauth.exchange(
                client=client,
                code=_plain(form.code) or "",
                redirect_uri=form.redirect_uri,
                verifier=_plain(form.code_verifier),
            )
        elif form.grant_type == "refresh_token":
            tokens = await oauth.refresh(client=client, refresh_token=_plain(form.refresh_token) or "")
        else:
            raise OAuthRefusal("unsupported_grant_type", "Expected grant_type authorization_code or refresh_token")
        return _told(tokens)


async def _recognized(oauth: OAuth, headers: Mapping[str, str], form: TokenForm) -> OAuthClient:
    client_id, secret = _basic(headers.get("authorization")) or (form.client_id, _plain(form.client_secret))
    found = await oauth.clients.recognized(client_id, secret)
    if found is None:
        raise OAuthRefusal("invalid_client", "Expected a registered client and its secret, found none")
    return found


def _basic(header: str | None) -> tuple[str, str] | None:
    """RFC 6749, section 2.3.1."""
    scheme, _, text = (header or "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, _, secret = base64.b64decode(text, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return unquote_plus(name), unquote_plus(secret)


def _plain(secret: SecretStr | None) -> str | None:
    return None if secret is None else secret.get_secret_value()


def _told(tokens: Tokens) -> Response:
    told = OAuthTokens(access_token=tokens.access_token, expires_in=tokens.expires_in, refresh_token=tokens.refresh_token)
    return Response(to_wire(told), headers={"Cache-Control": "no-store", "Pragma": "no-cache"}, media_type="application/json")
