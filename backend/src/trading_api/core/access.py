"""Who may see and do what. A foreign account looks exactly like an absent one."""

from typing import Literal, NamedTuple

from trading_api.models.errors import NotAllowed, NotFound

Right = Literal["read", "trade", "admin"]


class Credentials(NamedTuple):
    """What a caller showed at the door."""

    bearer: str | None = None


class Principal(NamedTuple):
    """A caller who has been let in. `accounts` None means every account."""

    name: str
    rights: frozenset[Right]
    accounts: frozenset[str] | None = None

    def sees(self, account_id: str) -> bool:
        return self.accounts is None or account_id in self.accounts

    def require(self, account_id: str, right: Right) -> None:
        if not self.sees(account_id):
            raise no_account(account_id)
        if right not in self.rights:
            raise NotAllowed("not_allowed", f"Expected the right to {right} on account {account_id}, found none")


def no_account(account_id: str) -> NotFound:
    return NotFound("unknown_account", f"Expected one of your accounts, found '{account_id}'", field="accountId")
