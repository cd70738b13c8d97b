"""The state of an account's way to its venue."""

from enum import IntEnum

from pydantic import Field

from trading_api.models.base import Model


class ConnectionStatus(IntEnum):
    CONNECTED = 1
    CONNECTING = 2
    DISCONNECTED = 3
    ERROR = 4


class BrokerConnection(Model):
    """Contract 3.4: 1 connected, 2 connecting, 3 disconnected, 4 error."""

    account_id: str = Field(alias="accountId")
    status: ConnectionStatus
    message: str | None = None
    disconnect_type: int | None = Field(default=None, alias="disconnectType")
    timestamp: int = Field(description="UTC milliseconds of wall time")
