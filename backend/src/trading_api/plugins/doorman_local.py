"""The doorman of a house bound to loopback: whoever reaches it is the one local user, and may do everything."""

from trading_api.core.access import Credentials, Principal

LOCAL_USER = Principal(name="local", rights=frozenset({"read", "trade", "admin"}))


class LocalDoorman:
    async def admit(self, credentials: Credentials) -> Principal:
        return LOCAL_USER
