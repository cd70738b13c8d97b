"""The broker: speaks for all desks. It checks who asks and what needs only the instrument; the account's desk decides."""

import re
from collections.abc import Sequence
from typing import Literal

from trading_api.core.access import LOCAL, Principal
from trading_api.core.account_commands import AccountCommands
from trading_api.core.account_history import Page
from trading_api.core.accounts import Accounts, restart
from trading_api.core.broker_commands import profile_of
from trading_api.core.desk import Desk
from trading_api.core.history_rows import ANY as ANY
from trading_api.core.history_rows import Wanted
from trading_api.core.pip_values import PipTopics
from trading_api.core.routes import Snapshot, TopicCallback, Update
from trading_api.core.watch import Prices
from trading_api.models.broker.account import AccountProfile, AccountRequest, EquityData
from trading_api.models.broker.executions import Execution
from trading_api.models.broker.orders import PlacedOrder
from trading_api.models.broker.positions import IndividualPosition, Position
from trading_api.models.broker.terminal import PipValuesSubscriptionRequest
from trading_api.models.errors import FixRequest, NotFound, Refused
from trading_api.models.health import HealthCheck
from trading_api.models.topics import AccountSubscriptionRequest

REMOVABLE: tuple[Literal["take_profit"], Literal["stop_loss"]] = ("take_profit", "stop_loss")

PIP_VALUES = "pip-values"
ACCOUNTS_OF_USER_MAX = 20
"""Of one user who is no administrator, replays' included."""
REPLAY = re.compile(r"R\d+")
"""Ids of replays: each names a market and the one account that trades it."""


class BrokerService(AccountCommands):
    """A WsRouteService: commands, reads and topics of every account."""

    def __init__(self, accounts: Accounts, prices: Prices) -> None:
        super().__init__(accounts, prices)
        self._pips = PipTopics(prices, accounts.process_epoch)

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

    # Accounts of replays

    async def open_account(self, request: AccountRequest, owner: str = LOCAL) -> None:
        """Open the account as it was left, or a new one of this user."""
        if await self.accounts.is_stored(request.id):
            await self.accounts.open_stored(request.id)
        else:
            await self.accounts.create(request, owner)

    async def restart_account(self, account_id: str) -> None:
        desk = self.accounts.desk(account_id)
        await restart(desk, profile_of(desk))

    async def catch_up(self, account_id: str) -> None:
        await self.accounts.desk(account_id).catch_up()

    async def remove_account(self, account_id: str) -> None:
        await self.accounts.remove(account_id)

    async def last_fact_time(self, account_id: str) -> int | None:
        return await self.accounts.last_fact_time(account_id)

    # Reads

    def profiles(self, principal: Principal) -> list[AccountProfile]:
        return [self.accounts.profile(one) for one in self.accounts.ids() if principal.sees(one)]

    def profile(self, principal: Principal, account_id: str) -> AccountProfile:
        principal.require(account_id, "read")
        return self.accounts.profile(account_id)

    def is_live(self, account_id: str) -> bool:
        return self.accounts.desk(account_id).live

    async def create_account(self, principal: Principal, request: AccountRequest) -> AccountProfile:
        principal.require_opening()
        if not principal.administers:
            self._expect_own(principal.name, request.id)
        if REPLAY.fullmatch(request.id):
            raise FixRequest(
                "reserved_id", f"Expected an id that is no replay's (R and a number), found '{request.id}'", field="id"
            )
        for market in request.markets:
            if REPLAY.fullmatch(market):
                message = f"Expected a market that stays, found '{market}': a replay is traded with the account it brings"
                raise FixRequest("replay_market", message, field="markets")
        return profile_of(await self.accounts.create(request, principal.name))

    def _expect_own(self, login: str, account_id: str) -> None:
        """Users open accounts under names of their own, so that no answer tells which names others have taken."""
        if not account_id.startswith(f"{login}-"):
            message = f"Expected an id that begins with {login}-, as those of your accounts do, found '{account_id}'"
            raise FixRequest("foreign_id", message, field="id")
        if len(self.accounts.owners.owned_by(login)) >= ACCOUNTS_OF_USER_MAX:
            message = f"Expected at most {ACCOUNTS_OF_USER_MAX} accounts of one user, found as many"
            raise Refused("too_many_accounts", message)

    def equity(self, principal: Principal, account_id: str) -> EquityData:
        return self._desk(principal, account_id).equity()

    def orders(self, principal: Principal, account_id: str) -> list[PlacedOrder]:
        return list(self._desk(principal, account_id).ledger.orders.values())

    async def order(self, principal: Principal, account_id: str, order_id: str) -> PlacedOrder:
        ledger = self._desk(principal, account_id).ledger
        if order_id in ledger.orders:
            return ledger.orders[order_id]
        ended = await self.accounts.history.orders(account_id, ledger.sequence, Page(Wanted(id=order_id)))
        if ended:
            return ended[0]
        raise NotFound("unknown_order", f"Expected one of the account's orders, found '{order_id}'", field="orderId")

    async def orders_history(
        self, principal: Principal, account_id: str, wanted: Wanted = ANY, *, before: str | None = None, limit: int
    ) -> list[PlacedOrder]:
        """The last `limit` orders that ended before the one named, the latest first."""
        desk = self.desk(principal, account_id)
        page = Page(self.resolved(desk, wanted), before, limit)
        return (await self.accounts.history.orders(account_id, desk.ledger.sequence, page))[::-1]

    def positions(self, principal: Principal, account_id: str) -> list[Position]:
        return list(self._desk(principal, account_id).ledger.net_positions())

    def individual_positions(self, principal: Principal, account_id: str) -> list[IndividualPosition]:
        """Of a hedging account; a netting one has none."""
        ledger = self._desk(principal, account_id).ledger
        return [ledger.individual(one) for one in ledger.positions.values()] if ledger.hedging else []

    async def executions(
        self, principal: Principal, account_id: str, wanted: Wanted = ANY, *, before: str | None = None, limit: int
    ) -> list[Execution]:
        """The last `limit` fills before the one named, the oldest first."""
        desk = self.desk(principal, account_id)
        page = Page(self.resolved(desk, wanted), before, limit)
        return await self.accounts.history.executions(account_id, desk.ledger.sequence, page)

    def desk(self, principal: Principal, account_id: str) -> Desk:
        """For reading."""
        return self._desk(principal, account_id)

    # Topics

    def admit(self, topic: str, principal: Principal) -> None:
        """How an account is connected can be heard of every account, also of one that has stopped."""
        name, account_id = _parsed(topic)
        if name == PIP_VALUES:
            self._meant(self._desk(principal, account_id), _pips_of(topic).symbol)
        elif name == "broker-connection":
            principal.require(account_id, "read")
            self.accounts.desk(account_id)
        else:
            self._desk(principal, account_id)

    async def create_topic(self, topic: str, callback: TopicCallback) -> None:
        name, account_id = _parsed(topic)
        desk = self.accounts.desk(account_id)
        if name == PIP_VALUES:
            request, profile = _pips_of(topic), profile_of(desk)
            instrument, path = self._meant(desk, request.symbol), self.accounts.path_of(profile)
            await self._pips.create(topic, request, instrument, currency=profile.currency, path=path, publish=callback)
        else:
            desk.topics.listen(name, callback)

    def snapshot(self, topic: str) -> Snapshot:
        name, account_id = _parsed(topic)
        if name == PIP_VALUES:
            return self._pips.snapshot(topic)
        return self.accounts.desk(account_id).topics.snapshot(name)

    def since(self, topic: str, epoch: str, seq: int) -> Sequence[Update] | None:
        name, account_id = _parsed(topic)
        return self.accounts.desk(account_id).topics.since(name, epoch, seq)

    def remove_topic(self, topic: str) -> None:
        name, account_id = _parsed(topic)
        if name == PIP_VALUES:
            self._pips.remove(topic)
        elif account_id in self.accounts.ids():
            self.accounts.desk(account_id).topics.silence(name)


def _parsed(topic: str) -> tuple[str, str]:
    name, _, request = topic.partition(":")
    if name == PIP_VALUES:
        return name, _pips_of(topic).account_id
    return name, AccountSubscriptionRequest.model_validate_json(request).account_id


def _pips_of(topic: str) -> PipValuesSubscriptionRequest:
    return PipValuesSubscriptionRequest.model_validate_json(topic.partition(":")[2])
