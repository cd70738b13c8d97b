"""The doorman of a house without authentication: whoever reaches it is the one local user, and may do everything."""

from trading_api.core.access import ADMINISTERS, LOCAL, Credentials, Principal

LOCAL_USER = Principal(name=LOCAL, rights=ADMINISTERS)


class LocalDoorman:
    async def admit(self, credentials: Credentials) -> Principal:
        return LOCAL_USER

    def renew(self, principal: Principal) -> Principal:
        return LOCAL_USER
