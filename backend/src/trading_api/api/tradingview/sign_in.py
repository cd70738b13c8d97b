"""Signing in with a password, and signing out."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from trading_api.api.auth import address_of
from trading_api.api.deps import credentials
from trading_api.api.tradingview.deps import Bodied, Locale, SignedIn
from trading_api.api.tradingview.errors import answer, failure
from trading_api.core.sign_in import SignIn
from trading_api.models.errors import NotSignedIn
from trading_api.models.tradingview.envelope import Answer, Done, Failure
from trading_api.models.tradingview.sign_in import AccessToken, SignInForm


def add_sign_in(router: APIRouter, sign_in: SignIn) -> None:
    @router.post(
        "/authorize",
        operation_id="authorizeRest",
        response_model=Answer[AccessToken] | Failure,
        dependencies=[Bodied],
        summary="A new token for a login and its password; earlier ones stay good",
    )
    async def authorize(request: Request, form: Annotated[SignInForm, Form()]) -> Response:
        password, address = form.password.get_secret_value(), address_of(request)
        try:
            tokens = await sign_in.with_password(form.login, password, address=address, lasting=True)
        except NotSignedIn as error:
            return failure(str(error))
        told = AccessToken(access_token=tokens.access_token, expiration=tokens.expires_at // 1000)
        return uncached(answer(Answer(d=told)))

    @router.post(
        "/logout",
        operation_id="logoutRest",
        response_model=Done | Failure,
        dependencies=[Locale],
        summary="End what the token stands for",
    )
    async def logout(request: Request, caller: SignedIn) -> Response:
        token = credentials(request.headers.get("Authorization")).bearer
        if token is not None:
            await sign_in.revoke(token)
        return answer(Done())


def uncached(response: Response) -> Response:
    """Tokens are kept by nobody on the way."""
    response.headers["Cache-Control"] = "no-store"
    return response
