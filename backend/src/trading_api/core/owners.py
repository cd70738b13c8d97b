"""Whose account it is. One nobody has been named for is the local user's: it was opened without authentication."""

from trading_api.core.access import LOCAL
from trading_api.core.ports import Store

OWNERS = "owners"


class Owners:
    """`load` before use. It is asked on every request, so all are in memory."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._owners: dict[str, str] = {}

    async def load(self) -> None:
        """Again whenever another process may have written."""
        documents = await self._store.all(OWNERS)
        self._owners = {account: str(document["login"]) for account, document in documents.items()}

    def of(self, account_id: str) -> str:
        return self._owners.get(account_id, LOCAL)

    def owned_by(self, login: str) -> list[str]:
        """Accounts that were given to this user by name; the local user's are all the others."""
        return [account for account, owner in self._owners.items() if owner == login]

    async def give(self, account_id: str, login: str) -> None:
        if login == LOCAL:
            return await self.forget(account_id)
        await self._store.put(OWNERS, account_id, {"login": login})
        self._owners[account_id] = login

    async def forget(self, account_id: str) -> None:
        if self._owners.pop(account_id, None) is not None:
            await self._store.delete(OWNERS, account_id)
