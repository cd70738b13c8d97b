"""What endpoints ask for: who is calling, and the client id of a command."""

from collections.abc import Mapping
from typing import Annotated, Protocol

from fastapi import Depends, Header, Request
from fastapi.security.utils import get_authorization_scheme_param

from trading_api.api.once import expect_once
from trading_api.api.policies import policy_of
from trading_api.core.access import Credentials, Principal, hold
from trading_api.core.ports import Doorman
from trading_api.models.common import ClientId
from trading_api.models.errors import FixRequest, NotSignedIn

IdempotencyKey = Annotated[
    ClientId | None,
    Header(alias="Idempotency-Key", description="Client id of this command: sent again, it gets the first answer again"),
]


def account_of(path: Mapping[str, str]) -> str | None:
    """A replay's account has its name."""
    return path.get("accountId") or path.get("replayId")


class HasDoorman(Protocol):
    doorman: Doorman


def credentials(authorization: str | None) -> Credentials:
    """What the header shows."""
    scheme, token = get_authorization_scheme_param(authorization)
    return Credentials(bearer=token if scheme.lower() == "bearer" else None)


async def principal(request: Request) -> Principal:
    """Whoever calls, if the route's policy lets this caller in."""
    state: HasDoorman = request.app.state
    caller = await state.doorman.admit(credentials(request.headers.get("Authorization")))
    policy = policy_of(request)
    if policy is not None:
        hold(policy, caller, account_of(request.path_params))
    expect_once(request.query_params)
    return caller


async def somebody(request: Request) -> Principal | None:
    """Whoever calls, for a route that is open to nobody as well."""
    state: HasDoorman = request.app.state
    if not hasattr(state, "doorman"):
        return None
    try:
        return await state.doorman.admit(credentials(request.headers.get("Authorization")))
    except NotSignedIn:
        return None


Caller = Annotated[Principal, Depends(principal)]


def client_id(header: str | None, body: str | None = None) -> str | None:
    """The id from the header or the body; both may be given when they are the same."""
    if header is not None and body is not None and header != body:
        message = f"Expected the same client id in the Idempotency-Key header and the body, found '{header}' and '{body}'"
        raise FixRequest("client_id_differs", message, field="clientOrderId")
    return header if header is not None else body
