"""An account's standing as it is told: its lock, and its limits with what they are measured against."""

from trading_api.core.ledger import Ledger
from trading_api.core.standing import Standing
from trading_api.models.broker.control import AccountLock, AccountRisk, MeasuredLimits


def lock_told(standing: Standing) -> AccountLock:
    lock = standing.lock
    if lock is None:
        return AccountLock(locked=False)
    return AccountLock(locked=True, reason=lock.reason, text=lock.text, until=lock.until, since=lock.time)


def limits_told(standing: Standing) -> MeasuredLimits:
    return MeasuredLimits(
        limits=standing.limits,
        day=standing.day,
        opening_equity=standing.opening_equity,
        high_equity=standing.high_equity,
        reference_equity=standing.reference_equity,
    )


def risk_told(ledger: Ledger) -> AccountRisk:
    standing = ledger.standing
    return AccountRisk(
        account_id=ledger.account_id,
        lock=lock_told(standing),
        risk=limits_told(standing),
        margin_called=standing.margin_called,
        time=ledger.time,
    )
