"""The broker: speaks for all desks. It checks who asks and what needs only the instrument; the account's desk decides."""

import hashlib
import json
import re
from collections.abc import Sequence
from typing import Literal, TypeVar

from trading_api.core.access import Principal, no_account
from trading_api.core.accounts import Accounts, restart
from trading_api.core.desk import Desk, no_position
from trading_api.core.money import check_bookable
from trading_api.core.orders import check_order, normalized
from trading_api.core.routes import Snapshot, TopicCallback, Update
from trading_api.core.watch import Prices
from trading_api.models.base import Model
from trading_api.models.broker.account import AccountProfile, AccountRequest, EquityData, FundRequest, ResetRequest
from trading_api.models.broker.executions import Execution
from trading_api.models.broker.orders import OrderChange, OrderRequest, OrderType, PlacedOrder
from trading_api.models.broker.positions import CloseRequest, Position
from trading_api.models.common import CommandAnswer
from trading_api.models.errors import FixRequest, NotFound
from trading_api.models.facts import Funded, Requested
from trading_api.models.health import HealthCheck
from trading_api.models.market.instruments import Instrument
from trading_api.models.topics import AccountSubscriptionRequest

REMOVABLE: tuple[Literal["take_profit"], Literal["stop_loss"]] = ("take_profit", "stop_loss")

REPLAY = re.compile(r"R\d+")
"""Ids of replays: each names a market and the one account that trades it."""
Ended = TypeVar("Ended", PlacedOrder, Execution)


class BrokerService:
    """A WsRouteService. Every command names who asks, the account, and optionally a client id that makes it repeatable."""

    def __init__(self, accounts: Accounts, prices: Prices) -> None:
        self.accounts = accounts
        self._prices = prices

    async def start(self) -> None:
        await self.accounts.open_all()

    async def close(self) -> None:
        await self.accounts.close()

    def health(self) -> list[HealthCheck]:
        """A check of each account that has stopped; the others go on."""
        stopped = [
            HealthCheck(name=f"account {one}", account_id=one, trouble=why) for one, why in self.accounts.troubles().items()
        ]
        return stopped or [HealthCheck(name="accounts")]

    def _desk(self, principal: Principal, account_id: str, right: Literal["read", "trade", "admin"] = "read") -> Desk:
        principal.require(account_id, right)
        desk = self.accounts.desk(account_id)
        desk.expect_folded()
        if right != "read":
            desk.expect_running()
        return desk

    # Commands

    async def place(
        self, principal: Principal, account_id: str, order: OrderRequest, *, client_id: str | None = None
    ) -> CommandAnswer:
        desk = self._desk(principal, account_id, "trade")
        body_hash = _hash(client_id, "place", account_id, order)
        instrument = self._tradable(desk, order.symbol)
        order = normalized(order).model_copy(update={"symbol": instrument.id, "client_order_id": client_id})
        check_order(instrument, order)
        command = Requested(time=0, request_id=client_id, body_hash=body_hash, action="place", order_id="", order=order)
        return await desk.ask(command, instrument.id)

    async def modify(
        self, principal: Principal, account_id: str, order_id: str, change: OrderChange, *, client_id: str | None = None
    ) -> CommandAnswer:
        desk = self._desk(principal, account_id, "trade")
        self._check_nulls(change)
        removes = tuple(one for one in REMOVABLE if one in change.model_fields_set and getattr(change, one) is None)
        command = Requested(
            time=0,
            request_id=client_id,
            body_hash=_hash(client_id, "modify", order_id, change, *removes),
            action="modify",
            order_id=order_id,
            change=change,
            removes=removes,
        )
        return await desk.ask(command, self._symbol_of(desk, order_id))

    @staticmethod
    def _check_nulls(change: OrderChange) -> None:
        for name in sorted(change.model_fields_set.difference(REMOVABLE)):
            if getattr(change, name) is None:
                field = OrderChange.model_fields[name].alias or name
                raise FixRequest(
                    "null_not_removable", f"Expected a value for {field}: only brackets can be removed", field=field
                )

    async def cancel(
        self, principal: Principal, account_id: str, order_id: str, *, client_id: str | None = None
    ) -> CommandAnswer:
        desk = self._desk(principal, account_id, "trade")
        body_hash = _hash(client_id, "cancel", order_id)
        command = Requested(time=0, request_id=client_id, body_hash=body_hash, action="cancel", order_id=order_id)
        return await desk.ask(command, self._symbol_of(desk, order_id))

    def _symbol_of(self, desk: Desk, order_id: str) -> str | None:
        """The order's symbol while it is open; the desk itself says what is wrong with an order it does not know."""
        order = desk.ledger.orders.get(order_id)
        return order.symbol if order else None

    async def close_position(
        self,
        principal: Principal,
        account_id: str,
        position_id: str,
        close: CloseRequest,
        *,
        client_id: str | None = None,
    ) -> CommandAnswer:
        """Close it, or the amount asked for, at the market."""
        desk = self._desk(principal, account_id, "trade")
        body_hash = _hash(client_id, "close", position_id, close)
        if client_id is not None and client_id in desk.ledger.commands:
            return await desk.ask(_close(position_id, None, client_id, body_hash))
        holding = desk.ledger.positions.get(position_id)
        if holding is None:
            raise no_position(position_id)
        order = OrderRequest(
            symbol=holding.symbol,
            type=OrderType.MARKET,
            side=holding.side.opposite,
            quantity=close.amount if close.amount is not None else abs(holding.quantity),
            is_close=True,
            client_order_id=client_id,
        )
        return await desk.ask(_close(position_id, order, client_id, body_hash), holding.symbol)

    async def fund(
        self, principal: Principal, account_id: str, fund: FundRequest, *, client_id: str | None = None
    ) -> CommandAnswer:
        desk = self._desk(principal, account_id, "admin")
        if fund.amount == 0:
            raise FixRequest("amount_zero", "Expected an amount other than 0, found 0", field="amount")
        body_hash = _hash(client_id, "fund", account_id, fund)
        return await desk.ask(Funded(time=0, request_id=client_id, body_hash=body_hash, amount=fund.amount))

    async def reset(
        self, principal: Principal, account_id: str, reset: ResetRequest, *, client_id: str | None = None
    ) -> CommandAnswer:
        desk = self._desk(principal, account_id, "admin")
        profile = _profile(desk)
        if reset.balance is not None:
            check_bookable(reset.balance, profile.currency, "balance")
            profile = profile.model_copy(update={"opening_balance": reset.balance})
        body_hash = _hash(client_id, "reset", account_id, reset)
        return CommandAnswer(fact=await restart(desk, profile, request_id=client_id, body_hash=body_hash))

    async def execute(self, principal: Principal, account_id: str, order_id: str) -> CommandAnswer:
        """Fill an order now, as far as its terms allow: where the simulation waits to be told."""
        return await self._desk(principal, account_id, "trade").execute(order_id)

    # Accounts of replays

    async def open_account(self, request: AccountRequest) -> None:
        """Open the account as it was left, or a new one."""
        if await self.accounts.is_stored(request.id):
            await self.accounts.open_stored(request.id)
        else:
            await self.accounts.create(request)

    async def restart_account(self, account_id: str) -> None:
        desk = self.accounts.desk(account_id)
        await restart(desk, _profile(desk))

    async def catch_up(self, account_id: str) -> None:
        await self.accounts.desk(account_id).catch_up()

    async def remove_account(self, account_id: str) -> None:
        await self.accounts.remove(account_id)

    async def last_fact_time(self, account_id: str) -> int | None:
        return await self.accounts.last_fact_time(account_id)

    def _tradable(self, desk: Desk, symbol: str) -> Instrument:
        markets, instrument = _profile(desk).markets, self._meant(desk, symbol)
        if instrument.market not in markets:
            expected = ", ".join(markets)
            message = f"Expected a symbol of {expected}, which account {desk.account_id} may trade, found {instrument.id}"
            raise FixRequest("not_tradable", message, field="symbol")
        return instrument

    def _meant(self, desk: Desk, symbol: str) -> Instrument:
        """A bare name means the account's own market, where just one of them has it."""
        if ":" in symbol:
            return self._prices.instrument(symbol)
        found = [one for one in (self._listed(market, symbol) for market in _profile(desk).markets) if one is not None]
        return found[0] if len(found) == 1 else self._prices.instrument(symbol)

    def _listed(self, market: str, name: str) -> Instrument | None:
        try:
            return self._prices.instrument(f"{market}:{name}")
        except NotFound:
            return None

    # Reads

    def profiles(self, principal: Principal) -> list[AccountProfile]:
        return [self.accounts.profile(one) for one in self.accounts.ids() if principal.sees(one)]

    def profile(self, principal: Principal, account_id: str) -> AccountProfile:
        principal.require(account_id, "read")
        return self.accounts.profile(account_id)

    async def create_account(self, principal: Principal, request: AccountRequest) -> AccountProfile:
        principal.require(request.id, "admin")
        if REPLAY.fullmatch(request.id):
            raise FixRequest(
                "reserved_id", f"Expected an id that is no replay's (R and a number), found '{request.id}'", field="id"
            )
        for market in request.markets:
            if REPLAY.fullmatch(market):
                message = f"Expected a market that stays, found '{market}': a replay is traded with the account it brings"
                raise FixRequest("replay_market", message, field="markets")
        return _profile(await self.accounts.create(request))

    def equity(self, principal: Principal, account_id: str) -> EquityData:
        return self._desk(principal, account_id).equity()

    def orders(self, principal: Principal, account_id: str) -> list[PlacedOrder]:
        return list(self._desk(principal, account_id).ledger.orders.values())

    async def order(self, principal: Principal, account_id: str, order_id: str) -> PlacedOrder:
        ledger = self._desk(principal, account_id).ledger
        if order_id in ledger.orders:
            return ledger.orders[order_id]
        for one in reversed((await self.accounts.whole(account_id)).ended):
            if one.id == order_id:
                return one
        raise NotFound("unknown_order", f"Expected one of the account's orders, found '{order_id}'", field="orderId")

    async def orders_history(
        self, principal: Principal, account_id: str, *, before: str | None = None, limit: int
    ) -> list[PlacedOrder]:
        """The last `limit` orders that ended before the one named, the latest first."""
        self._desk(principal, account_id)
        return list(reversed(_page((await self.accounts.whole(account_id)).ended, before, limit)))

    def positions(self, principal: Principal, account_id: str) -> list[Position]:
        ledger = self._desk(principal, account_id).ledger
        return [ledger.position(one) for one in ledger.positions.values()]

    async def executions(
        self, principal: Principal, account_id: str, symbol: str | None = None, *, before: str | None = None, limit: int
    ) -> list[Execution]:
        """The last `limit` fills before the one named, the oldest first."""
        desk = self._desk(principal, account_id)
        wanted = self._meant(desk, symbol).id if symbol else None
        found = (await self.accounts.whole(account_id)).executions
        return _page([one for one in found if wanted is None or one.symbol == wanted], before, limit)

    # Topics

    def admit(self, topic: str, principal: Principal) -> None:
        """How an account is connected can be heard of every account, also of one that has stopped."""
        name, account_id = _parsed(topic)
        if name == "broker-connection":
            principal.require(account_id, "read")
            self.accounts.desk(account_id)
        else:
            self._desk(principal, account_id)

    async def create_topic(self, topic: str, callback: TopicCallback) -> None:
        name, account_id = _parsed(topic)
        self.accounts.desk(account_id).topics.listen(name, callback)

    def snapshot(self, topic: str) -> Snapshot:
        name, account_id = _parsed(topic)
        return self.accounts.desk(account_id).topics.snapshot(name)

    def since(self, topic: str, epoch: str, seq: int) -> Sequence[Update] | None:
        name, account_id = _parsed(topic)
        return self.accounts.desk(account_id).topics.since(name, epoch, seq)

    def remove_topic(self, topic: str) -> None:
        name, account_id = _parsed(topic)
        if account_id in self.accounts.ids():
            self.accounts.desk(account_id).topics.silence(name)


def _page(items: Sequence[Ended], before: str | None, limit: int) -> list[Ended]:
    """The last `limit` items that come before the one with this id."""
    ids = [one.id for one in items] if before is not None else []
    if before is not None and before not in ids:
        raise NotFound("unknown_id", f"Expected the id of an earlier answer, found '{before}'", field="before")
    end = ids.index(before) if before is not None else len(items)
    return list(items)[max(0, end - limit) : end]


def _profile(desk: Desk) -> AccountProfile:
    if desk.ledger.profile is None:
        raise no_account(desk.account_id)
    return desk.ledger.profile


def _close(position_id: str, order: OrderRequest | None, client_id: str | None, body_hash: str | None) -> Requested:
    return Requested(
        time=0,
        request_id=client_id,
        body_hash=body_hash,
        action="close",
        order_id="",
        position_id=position_id,
        order=order,
    )


def _parsed(topic: str) -> tuple[str, str]:
    name, _, request = topic.partition(":")
    return name, AccountSubscriptionRequest.model_validate_json(request).account_id


def _hash(client_id: str | None, action: str, target: str, body: Model | None = None, *more: str) -> str | None:
    """What was asked under a client id, without that id: the same command has one hash however its numbers were spelled."""
    if client_id is None:
        return None
    fields = body.model_dump(mode="json", exclude={"client_order_id", "client_id"}) if body else {}
    text = json.dumps([action, target, fields, more], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:32]
