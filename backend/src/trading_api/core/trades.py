"""Closed trades: what one execution closed, with its share of what the position had cost and earned until then.

The shares are the ledger's own (core/holdings.py), so all trades of a position together carry exactly its money.
"""

from decimal import Decimal

from trading_api.core.holdings import Holding, closed_share, exit_commission
from trading_api.core.money import booked
from trading_api.models.base import on_the_wire
from trading_api.models.broker.history import ClosedTrade
from trading_api.models.facts import Executed, Extremes


def closed_trade(before: Holding, fact: Executed, currency: str) -> ClosedTrade:
    """`before` is the position as the execution met it."""
    entry_fees, swap = closed_share(before, fact.closed_quantity, currency)
    fees = entry_fees + exit_commission(fact, currency)
    adverse, favourable = _excursions(before, fact.extremes)
    return ClosedTrade.trusted(
        id=fact.execution_id,
        position_id=fact.position_id,
        order_id=fact.order_id,
        symbol=fact.symbol,
        side=before.side,
        quantity=fact.closed_quantity,
        entry_time=before.opened,
        entry_price=on_the_wire(before.average),
        exit_time=fact.time,
        exit_price=fact.price,
        holding_time=fact.time - before.opened,
        gross_profit=fact.profit,
        fees=fees,
        swap=swap,
        net_profit=fact.profit - fees + swap,
        mae_price=_wire(adverse),
        mfe_price=_wire(favourable),
        mae=_in_money(adverse, fact, currency),
        mfe=_in_money(favourable, fact, currency),
    )


def _excursions(before: Holding, extremes: Extremes | None) -> tuple[Decimal, Decimal] | tuple[None, None]:
    """How far the price went against the position and in its favour, from its average entry; never below 0."""
    if extremes is None:
        return None, None
    below, above = before.average - extremes.low, extremes.high - before.average
    adverse, favourable = (below, above) if before.quantity > 0 else (above, below)
    return max(adverse, Decimal(0)), max(favourable, Decimal(0))


def _wire(price: Decimal | None) -> Decimal | None:
    return None if price is None else on_the_wire(price)


def _in_money(price: Decimal | None, fact: Executed, currency: str) -> Decimal | None:
    if price is None or fact.rate is None:
        return None
    return booked(price * fact.closed_quantity * fact.rate, currency)
