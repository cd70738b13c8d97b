"""The wire's words where TradingView's broker REST API spells them as text (contract 4.6)."""

from enum import StrEnum


class WireSide(StrEnum):
    BUY = "buy"
    SELL = "sell"


class WireOrderType(StrEnum):
    MARKET = "market"
    STOP = "stop"
    LIMIT = "limit"
    STOP_LIMIT = "stoplimit"


class WireStatus(StrEnum):
    """Cancelled has two l here, and one in the Broker API."""

    PLACING = "placing"
    INACTIVE = "inactive"
    WORKING = "working"
    REJECTED = "rejected"
    FILLED = "filled"
    CANCELLED = "cancelled"


class WireParent(StrEnum):
    ORDER = "order"
    POSITION = "position"


class WireKind(StrEnum):
    """Kinds of instruments, as far as there are any here."""

    STOCK = "stock"
    INDEX = "index"
    FOREX = "forex"
    CRYPTO = "crypto"
    CFD = "cfd"
