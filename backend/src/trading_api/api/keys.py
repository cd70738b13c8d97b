"""API keys over REST: everybody's own, and all of them for administrators of the house."""

from typing import Annotated

from fastapi import APIRouter, Path
from starlette.responses import Response

from trading_api.api.auth import UNKEPT
from trading_api.api.deps import Caller
from trading_api.api.errors import RESPONSES
from trading_api.core.access import LOCAL, Principal, no_account
from trading_api.core.broker_service import BrokerService
from trading_api.core.people import People, no_key
from trading_api.core.sign_in import Grants
from trading_api.core.times import clock_text
from trading_api.models.errors import NotAllowed
from trading_api.models.people import EVERY_ACCOUNT, ApiKey, KeyChange, KeyId, KeyRequest, NewKey, Scopes

Id = Annotated[KeyId, Path(alias="keyId")]


def keys_router(people: People, broker: BrokerService) -> APIRouter:
    router = APIRouter(prefix="/keys", tags=["people"], responses=RESPONSES)

    @router.get("", operation_id="listKeys", summary="The caller's keys; an administrator's list has everybody's")
    async def list_keys(caller: Caller) -> list[ApiKey]:
        return people.keys(None if caller.administers else caller.name)

    @router.post("", operation_id="addKey", summary="Make a key; this answer alone shows its secret", status_code=201)
    async def add_key(caller: Caller, request: KeyRequest, response: Response) -> NewKey:
        login = request.login or caller.name
        if login != caller.name:
            if not caller.administers:
                raise NotAllowed("not_allowed", "Expected a key for yourself, found one for another user")
            if login != LOCAL:
                people.user(login)
        _expect_held(broker, caller, request.scopes)
        _expect_lasting(people, caller, request.expires)
        response.headers.update(UNKEPT)
        return await people.add_key(login, request)

    @router.get("/{keyId}", operation_id="getKey", summary="One key")
    async def get_key(caller: Caller, key_id: Id) -> ApiKey:
        return _own(people, caller, key_id)

    @router.patch("/{keyId}", operation_id="changeKey", summary="Change a key's name or scopes; both hold at once")
    async def change_key(caller: Caller, key_id: Id, change: KeyChange) -> ApiKey:
        _own(people, caller, key_id)
        _expect_held(broker, caller, change.scopes or {})
        return await people.change_key(key_id, change)

    @router.delete(
        "/{keyId}", operation_id="revokeKey", summary="Revoke a key: it is good for nothing from now on", status_code=204
    )
    async def revoke_key(caller: Caller, key_id: Id) -> None:
        _own(people, caller, key_id)
        await people.revoke_key(key_id)

    return router


def _own(people: People, caller: Principal, key_id: str) -> ApiKey:
    """A foreign key looks like an absent one."""
    key = people.key(key_id)
    if key.login != caller.name and not caller.administers:
        raise no_key(key_id)
    return key


def _expect_held(broker: BrokerService, caller: Principal, scopes: Scopes) -> None:
    """Accounts the caller sees, and on each at most the caller's own right; what is not there yet may be named by *."""
    for account_id in scopes:
        if account_id != EVERY_ACCOUNT and not (caller.sees(account_id) and account_id in broker.accounts.ids()):
            raise no_account(account_id)
    exceeded = caller.reach.exceeded_on(scopes) if isinstance(caller.reach, Grants) else None
    if exceeded is not None:
        raise NotAllowed("not_allowed", f"Expected at most the rights of the key that gives them, found more on {exceeded}")


def _expect_lasting(people: People, caller: Principal, expires: int | None) -> None:
    """A key that ends makes none that outlives it."""
    kind, _, name = caller.standing.partition(":")
    own = people.key(name).expires if kind == "key" else None
    if own is not None and (expires is None or expires > own):
        message = f"Expected a key that expires with the one that makes it, at {clock_text(own)}, or before"
        raise NotAllowed("not_allowed", message, field="expires")
