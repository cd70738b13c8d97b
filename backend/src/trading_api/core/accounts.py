"""The accounts of the house: a desk for each, kept in the store, opened at start, created and removed while running.

An account that cannot be opened is there all the same, stopped, and says why: the others go on.
"""

from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple, Protocol

from trading_api.core.access import LOCAL, no_account
from trading_api.core.account_history import AccountHistory
from trading_api.core.desk import Desk
from trading_api.core.equity_samples import EquitySampler
from trading_api.core.failures import Unreadable
from trading_api.core.money import Leg, check_bookable, conversion_path, usual_balance
from trading_api.core.owners import Owners
from trading_api.core.ports import Clock, Journal, Market, Snapshots, Store, Venue
from trading_api.core.watch import Prices
from trading_api.models.broker.account import AccountProfile, AccountRequest
from trading_api.models.errors import Conflict, FixRequest, Stopped, TryLater
from trading_api.models.facts import Configured

ACCOUNTS = "accounts"
HOUSE = "house"
DEFAULTS_MADE = "default-accounts"
ACCOUNTS_MAX = 200
"""Each holds a task, a queue and its open book in memory."""
DEFAULT_ACCOUNTS = (
    AccountRequest(id="DEMO-ACCOUNT", name="Demo in dollars", currency="USD"),
    AccountRequest(id="DEMO-EUR", name="Demo in euros", currency="EUR"),
    AccountRequest(id="DEMO-JPY", name="Demo in yen", currency="JPY", balance=usual_balance("JPY")),
)


class AccountPrices(Prices, Protocol):
    """What accounts need of the datafeed."""

    def market(self, name: str) -> Market:
        """Raises FixRequest for a market that is not there."""


Path = Callable[[str, str], tuple[Leg, ...] | None]
VenueFactory = Callable[[AccountProfile, Path], Venue]


class Place(NamedTuple):
    """Everything a desk is given that is the same for all."""

    journal: Journal
    store: Store
    prices: AccountPrices
    clock: Clock
    venue: VenueFactory
    process_epoch: str
    failed: Callable[[str, BaseException], None]
    sampler: EquitySampler | None = None
    """Absent: no curve of equity."""
    snapshots: Snapshots | None = None


class Accounts:
    """`open_all` before use."""

    def __init__(self, place: Place, defaults: Sequence[AccountRequest] = DEFAULT_ACCOUNTS) -> None:
        self._place = place
        self._defaults = defaults
        self._desks: dict[str, Desk] = {}
        self._profiles: dict[str, AccountProfile] = {}
        """As stored, of every desk; what a desk has folded is newer."""
        self._creating: set[str] = set()
        self.history = AccountHistory(place.journal)
        self.owners = Owners(place.store)

    async def open_all(self) -> None:
        """Open every stored account whose markets are there; the first start creates the default ones."""
        await self.owners.load()
        documents = await self._place.store.all(ACCOUNTS)
        await self._create_defaults(documents.keys())
        for document in documents.values():
            profile = AccountProfile.model_validate(document)
            if profile.id not in self._desks and self._markets_are_there(profile):
                await self._open_or_stop(profile)

    async def _create_defaults(self, known: Collection[str]) -> None:
        """Once, and also when the first start was cut off in the middle of it."""
        store = self._place.store
        if await store.get(HOUSE, DEFAULTS_MADE) is not None:
            return
        for request in self._defaults:
            if request.id not in known:
                await self.create(request)
        await store.put(HOUSE, DEFAULTS_MADE, {"accounts": [request.id for request in self._defaults]})

    def _markets_are_there(self, profile: AccountProfile) -> bool:
        """A replay's account is opened with its replay, not before."""
        try:
            return all(self._place.prices.market(market) for market in profile.markets)
        except FixRequest:
            return False

    async def close(self) -> None:
        for desk in self._desks.values():
            await desk.close()
        self._desks.clear()

    @property
    def process_epoch(self) -> str:
        return self._place.process_epoch

    def ids(self) -> list[str]:
        return list(self._desks)

    def troubles(self) -> dict[str, str]:
        """Why accounts have stopped."""
        return {name: desk.trouble for name, desk in self._desks.items() if desk.trouble is not None}

    def profile(self, account_id: str) -> AccountProfile:
        """Also of an account whose history cannot be read."""
        return self.desk(account_id).profile or self._profiles[account_id]

    def desk(self, account_id: str) -> Desk:
        desk = self._desks.get(account_id)
        if desk is None:
            raise no_account(account_id)
        return desk

    async def create(self, request: AccountRequest, owner: str = LOCAL) -> Desk:
        """Open a new account; one whose history is in the journal begins anew."""
        if request.id in self._desks or request.id in self._creating:
            raise taken(request.id)
        if len(self._desks) + len(self._creating) >= ACCOUNTS_MAX:
            raise TryLater("too_many_accounts", f"Expected at most {ACCOUNTS_MAX} accounts, found as many")
        check_bookable(request.balance, request.currency, "balance")
        for market in request.markets:
            self._place.prices.market(market)
        profile = AccountProfile(
            id=request.id,
            name=request.name or request.id,
            currency=request.currency,
            leverage=request.leverage,
            markets=request.markets,
            opening_balance=request.balance,
            position_mode=request.position_mode,
            fifo=request.fifo,
        )
        self._creating.add(profile.id)
        try:
            await self.owners.give(profile.id, owner)
            await self._place.store.put(ACCOUNTS, profile.id, profile.model_dump(mode="json"))
            return await self._begin(profile)
        finally:
            self._creating.discard(profile.id)

    async def _begin(self, profile: AccountProfile) -> Desk:
        try:
            desk = await self._open(profile)
            if desk.ledger.sequence > 1 or desk.ledger.profile != profile:
                await restart(desk, profile)
            return desk
        except BaseException:
            self._desks.pop(profile.id, None)
            await self._place.store.delete(ACCOUNTS, profile.id)
            await self.owners.forget(profile.id)
            raise

    async def is_stored(self, account_id: str) -> bool:
        return await self._place.store.get(ACCOUNTS, account_id) is not None

    async def last_fact_time(self, account_id: str) -> int | None:
        """Market time of the account's last fact; None when it has none, cannot be read, or there is no such account."""
        if not await self.is_stored(account_id):
            return None
        try:
            last = await self._place.journal.last(account_id)
        except Stopped:
            return None
        return last.fact.time if last else None

    async def open_stored(self, account_id: str) -> Desk:
        """Open an account whose market has only now come up."""
        document = await self._place.store.get(ACCOUNTS, account_id)
        if document is None:
            raise no_account(account_id)
        if account_id in self._desks:
            raise taken(account_id)
        return await self._open_or_stop(AccountProfile.model_validate(document))

    async def remove(self, account_id: str) -> None:
        """Forget the account, open or not; its facts stay in the journal."""
        desk = self._desks.pop(account_id, None)
        if desk is not None:
            del self._profiles[account_id]
            await desk.close()
        await self._place.store.delete(ACCOUNTS, account_id)
        await self.owners.forget(account_id)

    async def _open(self, profile: AccountProfile) -> Desk:
        """Raises Stopped when the disk has failed."""
        desk = self._desk_of(profile)
        try:
            await desk.start(profile)
        except BaseException as error:
            await desk.close()
            if isinstance(desk.failure, Stopped):
                raise desk.failure from None
            if isinstance(error, Unreadable):
                raise TryLater("unreadable_account", str(error), field="id") from error
            raise
        self._keep(profile, desk)
        return desk

    async def _open_or_stop(self, profile: AccountProfile) -> Desk:
        """An account that fails to open is kept, stopped. Raises Stopped when the disk has failed."""
        desk = self._desk_of(profile)
        try:
            await desk.start(profile)
        except Exception as error:
            if desk.failure is None:
                desk.fail(error)
            await desk.close()
            if isinstance(desk.failure, Stopped):
                raise desk.failure from None
        self._keep(profile, desk)
        return desk

    def _keep(self, profile: AccountProfile, desk: Desk) -> None:
        self._desks[profile.id] = desk
        self._profiles[profile.id] = profile

    def _desk_of(self, profile: AccountProfile) -> Desk:
        prices, clock = self._place.prices, self._place.clock
        path = self.path_of(profile)
        return Desk(
            profile.id,
            venue=self._place.venue(profile, path),
            journal=self._place.journal,
            prices=prices,
            path=path,
            now=lambda: prices.market(profile.markets[0]).now(),
            wall=clock.now,
            sleep=clock.sleep,
            process_epoch=self._place.process_epoch,
            snapshots=self._place.snapshots,
            failed=lambda error: self._place.failed(profile.id, error),
            sampler=self._place.sampler,
        )

    def path_of(self, profile: AccountProfile) -> Path:
        """Which pairs convert one currency into another, on the markets of an account."""
        found: dict[tuple[str, str], tuple[Leg, ...]] = {}

        def path(source: str, target: str) -> tuple[Leg, ...] | None:
            if (source, target) not in found:
                instruments = [one for market in profile.markets for one in self._place.prices.market(market).search()]
                legs = conversion_path(source, target, instruments)
                if legs is None:
                    return None
                found[source, target] = legs
            return found[source, target]

        return path


def taken(account_id: str) -> Conflict:
    return Conflict("account_exists", f"Expected a new account id, found '{account_id}' taken", field="id")


async def restart(desk: Desk, profile: AccountProfile, **command: str | None) -> int:
    """Begin a new generation: no orders, no positions, the profile's opening balance. Answers the fact."""
    fact = Configured.model_validate({"time": 0, "profile": profile, **command})
    return (await desk.ask(fact)).fact
