"""The commands of a trader: each is parsed, held against its instrument, and handed to the account's desk."""

import hashlib
import json
from decimal import Decimal
from typing import Literal, get_args

from trading_api.core.access import Principal, no_account
from trading_api.core.accounts import Accounts, restart
from trading_api.core.desk import Desk
from trading_api.core.holdings import Holding
from trading_api.core.money import check_bookable
from trading_api.core.orders import check_order, no_position, normalized
from trading_api.core.possible import no_single_position
from trading_api.core.watch import Prices
from trading_api.models.base import Model
from trading_api.models.broker.account import AccountProfile, FundRequest, ResetRequest
from trading_api.models.broker.orders import OrderChange, OrderRequest, OrderType, Side
from trading_api.models.broker.positions import CloseRequest, ProtectRequest
from trading_api.models.common import CommandAnswer
from trading_api.models.errors import FixRequest, NotFound
from trading_api.models.facts import Funded, Removable, Requested
from trading_api.models.market.instruments import Instrument

REMOVABLE: tuple[Removable, ...] = get_args(Removable)
HASHED_WHEN_ABSENT = frozenset(
    ("quantity", "limit_price", "stop_price", "take_profit", "stop_loss", "duration", "amount", "balance")
    + ("current_quotes", "seen_price", "is_close")
)
"""The optional fields there were when the first commands were journaled. Never longer: see `_unsaid`."""


class BrokerCommands:
    """Every command names who asks, the account, and optionally a client id that makes it repeatable."""

    def __init__(self, accounts: Accounts, prices: Prices) -> None:
        self.accounts = accounts
        self._prices = prices

    def _desk(self, principal: Principal, account_id: str, right: Literal["read", "trade", "admin"] = "read") -> Desk:
        principal.require(account_id, right)
        desk = self.accounts.desk(account_id)
        desk.expect_folded()
        if right != "read":
            desk.expect_running()
        return desk

    # Orders

    async def place(
        self, principal: Principal, account_id: str, order: OrderRequest, *, client_id: str | None = None
    ) -> CommandAnswer:
        desk = self._desk(principal, account_id, "trade")
        instrument = self._tradable(desk, order.symbol)
        command = self._placing(desk, order, instrument, client_id)
        assert command.order is not None
        check_order(instrument, command.order)
        return await desk.ask(command, instrument.id)

    @staticmethod
    def _placing(desk: Desk, order: OrderRequest, instrument: Instrument, client_id: str | None) -> Requested:
        """An order sent to close is about the symbol's position; twice its size at the market turns it round."""
        ledger, reverses = desk.ledger, False
        if order.is_close and order.type is OrderType.MARKET and not ledger.hedging:
            held = sum((one.quantity for one in ledger.held_in(instrument.id)), Decimal(0))
            reverses = held * order.side < 0 and order.quantity == 2 * abs(held)
        told = {"symbol": instrument.id, "client_order_id": client_id, "confirm_id": None}
        return Requested.trusted(
            time=0,
            request_id=client_id,
            body_hash=hash_of(client_id, "place", desk.account_id, order),
            action="reverse" if reverses else "place",
            order_id="",
            position_id=instrument.id if order.is_close else None,
            order=normalized(order).replaced(told),
            confirm_id=order.confirm_id,
        )

    async def modify(
        self, principal: Principal, account_id: str, order_id: str, change: OrderChange, *, client_id: str | None = None
    ) -> CommandAnswer:
        desk = self._desk(principal, account_id, "trade")
        return await desk.ask(self._modifying(order_id, change, client_id), self._symbol_of(desk, order_id))

    def _modifying(self, order_id: str, change: OrderChange, client_id: str | None) -> Requested:
        self._check_nulls(change)
        removes = tuple(one for one in REMOVABLE if one in change.model_fields_set and getattr(change, one) is None)
        asked = {name: getattr(change, name) for name in change.model_fields_set if name != "confirm_id"}
        return Requested(
            time=0,
            request_id=client_id,
            body_hash=hash_of(client_id, "modify", order_id, change, *removes),
            action="modify",
            order_id=order_id,
            change=OrderChange(**asked),
            removes=removes,
            confirm_id=change.confirm_id,
        )

    @staticmethod
    def _check_nulls(change: OrderChange) -> None:
        for name in sorted(change.model_fields_set.difference(REMOVABLE, ("confirm_id",))):
            if getattr(change, name) is None:
                field = OrderChange.model_fields[name].alias or name
                raise FixRequest(
                    "null_not_removable", f"Expected a value for {field}: only brackets can be removed", field=field
                )

    async def cancel(
        self, principal: Principal, account_id: str, order_id: str, *, client_id: str | None = None
    ) -> CommandAnswer:
        desk = self._desk(principal, account_id, "trade")
        body_hash = hash_of(client_id, "cancel", order_id)
        command = Requested(time=0, request_id=client_id, body_hash=body_hash, action="cancel", order_id=order_id)
        return await desk.ask(command, self._symbol_of(desk, order_id))

    def _symbol_of(self, desk: Desk, order_id: str) -> str | None:
        """The order's symbol while it is open; the desk itself says what is wrong with an order it does not know."""
        order = desk.ledger.orders.get(order_id)
        return order.symbol if order else None

    async def cancel_all(
        self, principal: Principal, account_id: str, symbol: str | None, side: Side | None, *, client_id: str | None = None
    ) -> CommandAnswer:
        """End the entry orders, of one symbol or side if named."""
        desk = self._desk(principal, account_id, "trade")
        meant = self._meant(desk, symbol).id if symbol else None
        body_hash = hash_of(client_id, "cancel_all", account_id, None, meant or "", side.name if side else "")
        command = Requested(
            time=0, request_id=client_id, body_hash=body_hash, action="cancel_all", order_id="", symbol=meant, side=side
        )
        return await desk.ask(command, meant)

    # Positions

    async def close_position(
        self,
        principal: Principal,
        account_id: str,
        position_id: str,
        close: CloseRequest,
        *,
        client_id: str | None = None,
    ) -> CommandAnswer:
        """Close it, or the amount asked for, at the market. Where a symbol names several: the oldest of a side first."""
        desk = self._desk(principal, account_id, "trade")
        known = _begun(client_id, hash_of(client_id, "close", position_id, close), "close", position_id)
        if client_id is not None and client_id in desk.ledger.commands:
            return await desk.ask(known)
        command = self._closing(desk, position_id, close, client_id)
        assert command.order is not None
        return await desk.ask(command, command.order.symbol)

    def _closing(self, desk: Desk, position_id: str, close: CloseRequest, client_id: str | None) -> Requested:
        known = _begun(client_id, hash_of(client_id, "close", position_id, close), "close", position_id)
        holdings = self._closed_by(desk, position_id, close.side)
        held = sum((abs(one.quantity) for one in holdings), Decimal(0))
        order = _market(holdings[0], close.amount if close.amount is not None else held, client_id)
        return known.model_copy(update={"order": order, "confirm_id": close.confirm_id})

    @staticmethod
    def _closed_by(desk: Desk, position_id: str, side: Side | None) -> list[Holding]:
        holding = desk.ledger.positions.get(position_id)
        held = [holding] if holding else desk.ledger.held_in(position_id)
        if side is None and len({one.side for one in held}) > 1:
            raise FixRequest("side_missing", "Expected the side to close, because both are held, found none", field="side")
        found = [one for one in held if side in (None, one.side)]
        if not found:
            raise no_position(position_id)
        return found

    async def reverse_position(
        self, principal: Principal, account_id: str, position_id: str, *, client_id: str | None = None
    ) -> CommandAnswer:
        """Close it and open as much on the other side, in one order."""
        desk = self._desk(principal, account_id, "trade")
        known = _begun(client_id, hash_of(client_id, "reverse", position_id), "reverse", position_id)
        if client_id is not None and client_id in desk.ledger.commands:
            return await desk.ask(known)
        holding = desk.ledger.positions.get(position_id)
        if holding is None:
            raise no_single_position(desk.ledger, position_id)
        order = _market(holding, 2 * abs(holding.quantity), client_id)
        return await desk.ask(known.model_copy(update={"order": order}), order.symbol)

    async def protect_position(
        self,
        principal: Principal,
        account_id: str,
        position_id: str,
        protection: ProtectRequest,
        *,
        client_id: str | None = None,
    ) -> CommandAnswer:
        """State a position's brackets, all of them."""
        desk = self._desk(principal, account_id, "trade")
        command = _begun(client_id, hash_of(client_id, "protect", position_id, protection), "protect", position_id)
        holding = desk.ledger.positions.get(position_id)
        command = command.model_copy(update={"protection": protection})
        return await desk.ask(command, holding.symbol if holding else None)

    async def flatten(
        self, principal: Principal, account_id: str, symbol: str | None, *, client_id: str | None = None
    ) -> CommandAnswer:
        """End the entry orders and close every position that can be traded now, of one symbol if named."""
        desk = self._desk(principal, account_id, "trade")
        meant = self._meant(desk, symbol).id if symbol else None
        hashed = hash_of(client_id, "flatten", account_id, None, meant or "")
        command = Requested(time=0, request_id=client_id, body_hash=hashed, action="flatten", order_id="", symbol=meant)
        return await desk.ask(command, meant)

    # Money

    async def fund(
        self, principal: Principal, account_id: str, fund: FundRequest, *, client_id: str | None = None
    ) -> CommandAnswer:
        desk = self._desk(principal, account_id, "admin")
        if fund.amount == 0:
            raise FixRequest("amount_zero", "Expected an amount other than 0, found 0", field="amount")
        body_hash = hash_of(client_id, "fund", account_id, fund)
        return await desk.ask(Funded(time=0, request_id=client_id, body_hash=body_hash, amount=fund.amount))

    async def reset(
        self, principal: Principal, account_id: str, reset: ResetRequest, *, client_id: str | None = None
    ) -> CommandAnswer:
        desk = self._desk(principal, account_id, "admin")
        profile = profile_of(desk)
        if reset.balance is not None:
            check_bookable(reset.balance, profile.currency, "balance")
            profile = profile.model_copy(update={"opening_balance": reset.balance})
        body_hash = hash_of(client_id, "reset", account_id, reset)
        return CommandAnswer(fact=await restart(desk, profile, request_id=client_id, body_hash=body_hash))

    async def execute(self, principal: Principal, account_id: str, order_id: str) -> CommandAnswer:
        """Fill an order now, as far as its terms allow: where the simulation waits to be told."""
        return await self._desk(principal, account_id, "trade").execute(order_id)

    def _tradable(self, desk: Desk, symbol: str) -> Instrument:
        markets, instrument = profile_of(desk).markets, self._meant(desk, symbol)
        if instrument.market not in markets:
            expected = ", ".join(markets)
            message = f"Expected a symbol of {expected}, which account {desk.account_id} may trade, found {instrument.id}"
            raise FixRequest("not_tradable", message, field="symbol")
        return instrument

    def _meant(self, desk: Desk, symbol: str) -> Instrument:
        """A bare name means the account's own market, where just one of them has it."""
        if ":" in symbol:
            return self._prices.instrument(symbol)
        found = [one for one in (self._listed(market, symbol) for market in profile_of(desk).markets) if one is not None]
        return found[0] if len(found) == 1 else self._prices.instrument(symbol)

    def _listed(self, market: str, name: str) -> Instrument | None:
        try:
            return self._prices.instrument(f"{market}:{name}")
        except NotFound:
            return None


def profile_of(desk: Desk) -> AccountProfile:
    if desk.ledger.profile is None:
        raise no_account(desk.account_id)
    return desk.ledger.profile


def _market(holding: Holding, quantity: Decimal, client_id: str | None) -> OrderRequest:
    """The order that closes a position, or turns it round."""
    return OrderRequest(
        symbol=holding.symbol,
        type=OrderType.MARKET,
        side=holding.side.opposite,
        quantity=quantity,
        is_close=True,
        client_order_id=client_id,
    )


def _begun(
    client_id: str | None, body_hash: str | None, action: Literal["close", "reverse", "protect"], position_id: str
) -> Requested:
    """A command about a position; where its client id is known already, this is enough to get the first answer again."""
    return Requested(time=0, request_id=client_id, body_hash=body_hash, action=action, order_id="", position_id=position_id)


def hash_of(client_id: str | None, action: str, target: str, body: Model | None = None, *more: str) -> str | None:
    """What was asked under a client id, without that id: the same command has one hash however its numbers were spelled."""
    if client_id is None:
        return None
    unsaid = {"client_order_id", "client_id", "confirm_id", *_unsaid(body)} if body else set()
    fields = body.model_dump(mode="json", exclude=unsaid) if body else {}
    text = json.dumps([action, target, fields, more], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _unsaid(body: Model) -> list[str]:
    """Later fields that say nothing: the hash of a command journaled before there were any stays what it was."""
    return [
        name
        for name, field in type(body).model_fields.items()
        if name not in HASHED_WHEN_ABSENT and getattr(body, name) == field.default
    ]
