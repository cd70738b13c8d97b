"""Users over REST, for administrators of the house."""

from typing import Annotated

from fastapi import APIRouter, Path

from trading_api.api.deps import Caller
from trading_api.api.errors import RESPONSES
from trading_api.api.paging import Account
from trading_api.core.broker_service import BrokerService
from trading_api.core.people import People
from trading_api.core.sign_in import SignIn
from trading_api.models.errors import Conflict
from trading_api.models.people import Login, OwnedAccount, User, UserChange, UserRequest

UserLogin = Annotated[Login, Path(alias="login")]


def users_router(people: People, sign_in: SignIn, broker: BrokerService) -> APIRouter:
    router = APIRouter(prefix="/users", tags=["people"], responses=RESPONSES)

    @router.get("", operation_id="listUsers", summary="Every user")
    async def list_users(caller: Caller) -> list[User]:
        return people.users()

    @router.post("", operation_id="addUser", summary="Add a user", status_code=201)
    async def add_user(caller: Caller, request: UserRequest) -> User:
        return await people.add_user(request)

    @router.get("/{login}", operation_id="getUser", summary="One user")
    async def get_user(caller: Caller, login: UserLogin) -> User:
        return people.user(login)

    @router.patch(
        "/{login}",
        operation_id="changeUser",
        summary="Disable or enable a user, set the password, or the right to administer; a new password ends all sessions",
    )
    async def change_user(caller: Caller, login: UserLogin, change: UserChange) -> User:
        user = await people.change_user(login, change)
        if change.disabled or change.password is not None:
            await sign_in.end_all(login)
        return user

    @router.delete(
        "/{login}", operation_id="removeUser", summary="Remove a user who owns no account, and the keys", status_code=204
    )
    async def remove_user(caller: Caller, login: UserLogin) -> None:
        owned = broker.accounts.owners.owned_by(login)
        if owned:
            message = (
                f"Expected a user without accounts, found {', '.join(sorted(owned))}: give them to another, or disable the user"
            )
            raise Conflict("owns_accounts", message, field="login")
        await people.remove_user(login)
        await sign_in.end_all(login)

    @router.put("/{login}/accounts/{accountId}", operation_id="giveAccount", summary="Make an account this user's own")
    async def give_account(caller: Caller, login: UserLogin, account_id: Account) -> OwnedAccount:
        people.user(login)
        broker.profile(caller, account_id)
        await broker.accounts.owners.give(account_id, login)
        await people.changed()
        return OwnedAccount(account_id=account_id, login=login)

    return router
