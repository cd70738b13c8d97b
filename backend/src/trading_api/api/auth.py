"""Signing in and out over REST, who one is, and tickets for browsers' sockets."""

from fastapi import APIRouter, Header, Request
from starlette.responses import Response

from trading_api.api.command_limits import network_of
from trading_api.api.deps import Caller, credentials
from trading_api.api.errors import RESPONSES
from trading_api.core.access import LOCAL, Principal
from trading_api.core.broker_service import BrokerService
from trading_api.core.people import People
from trading_api.core.sign_in import ALL_RIGHTS, Grants, SignIn
from trading_api.core.tickets import TICKET_SECONDS, Tickets
from trading_api.models.errors import Refused
from trading_api.models.people import (
    KnownBy,
    PasswordChange,
    PasswordGrant,
    RefreshGrant,
    SocketTicket,
    Tokens,
    UserChange,
    WhoAmI,
)

UNKEPT = {"Cache-Control": "no-store"}
"""Of every answer that holds a secret."""
KNOWN_BY: dict[str, KnownBy] = {"": "loopback", "visit": "session", "key": "key", "client": "client"}
"""How what a caller stands on begins."""


def auth_router(sign_in: SignIn, people: People, broker: BrokerService, tickets: Tickets) -> APIRouter:
    router = APIRouter(prefix="/auth", tags=["people"], responses=RESPONSES)
    _signing_in(router, sign_in)

    @router.get("/whoami", operation_id="whoAmI", summary="Who the house takes the caller for, and what that may do")
    async def whoami(caller: Caller) -> WhoAmI:
        return WhoAmI(
            login=caller.name,
            administrator=caller.administers,
            by=_known_by(caller),
            scopes=dict(caller.reach.scopes if isinstance(caller.reach, Grants) else ALL_RIGHTS),
            accounts=tuple(one.id for one in broker.profiles(caller)),
        )

    @router.post(
        "/password", operation_id="changePassword", summary="Change one's own password; every session ends", status_code=204
    )
    async def change_password(caller: Caller, request: Request, change: PasswordChange) -> None:
        if caller.name == LOCAL:
            raise Refused("no_password", "Expected a user who signs in, found the local user, who has no password")
        if not caller.standing.startswith("visit:"):
            raise Refused("no_session", "Expected a session to change its user's password, found another token")
        await sign_in.check_password(caller.name, change.current.get_secret_value(), address=address_of(request))
        await people.change_user(caller.name, UserChange(password=change.password))
        await sign_in.end_all(caller.name)

    @router.post("/ticket", operation_id="giveTicket", summary="A ticket that opens one socket, within 30 seconds, as ?ticket=")
    async def ticket(caller: Caller, response: Response) -> SocketTicket:
        response.headers.update(UNKEPT)
        return SocketTicket(ticket=tickets.give(caller), expires_in=int(TICKET_SECONDS))

    return router


def _signing_in(router: APIRouter, sign_in: SignIn) -> None:
    @router.post("/token", operation_id="signIn", summary="Sign in with login and password")
    async def sign_in_with_password(request: Request, grant: PasswordGrant, response: Response) -> Tokens:
        response.headers.update(UNKEPT)
        return await sign_in.with_password(grant.login, grant.password.get_secret_value(), address=address_of(request))

    @router.post("/refresh", operation_id="refresh", summary="The next tokens; a refresh token works once")
    async def refresh(grant: RefreshGrant, response: Response) -> Tokens:
        response.headers.update(UNKEPT)
        return await sign_in.refresh(grant.refresh_token.get_secret_value())

    @router.post(
        "/logout",
        operation_id="signOut",
        summary="End the session of the access token in the header, or of the refresh token in the body",
        status_code=204,
    )
    async def sign_out(
        grant: RefreshGrant | None = None, authorization: str | None = Header(default=None, include_in_schema=False)
    ) -> None:
        bearer = credentials(authorization).bearer
        if bearer is not None:
            await sign_in.revoke(bearer)
        if grant is not None:
            await sign_in.revoke(grant.refresh_token.get_secret_value())


def address_of(request: Request) -> str:
    """Where the caller is, as far as one caller can be told from another."""
    return network_of(request.client.host) if request.client else ""


def _known_by(caller: Principal) -> KnownBy:
    return KNOWN_BY[caller.standing.partition(":")[0]]
