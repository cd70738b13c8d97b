"""What endpoints ask for: who is calling, and the client id of a command."""

from typing import Annotated, Protocol

from fastapi import Depends, Header, Request
from fastapi.security.utils import get_authorization_scheme_param

from trading_api.core.access import Credentials, Principal
from trading_api.core.ports import Doorman
from trading_api.models.common import ClientId
from trading_api.models.errors import FixRequest

IdempotencyKey = Annotated[
    ClientId | None,
    Header(alias="Idempotency-Key", description="Client id of this command: sent again, it gets the first answer again"),
]


class HasDoorman(Protocol):
    doorman: Doorman


def credentials(authorization: str | None) -> Credentials:
    """What the header shows."""
    scheme, token = get_authorization_scheme_param(authorization)
    return Credentials(bearer=token if scheme.lower() == "bearer" else None)


async def principal(request: Request) -> Principal:
    state: HasDoorman = request.app.state
    return await state.doorman.admit(credentials(request.headers.get("Authorization")))


Caller = Annotated[Principal, Depends(principal)]


def client_id(header: str | None, body: str | None = None) -> str | None:
    """The id from the header or the body; both may be given when they are the same."""
    if header is not None and body is not None and header != body:
        message = f"Expected the same client id in the Idempotency-Key header and the body, found '{header}' and '{body}'"
        raise FixRequest("client_id_differs", message, field="clientOrderId")
    return header if header is not None else body
