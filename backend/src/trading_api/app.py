"""Where everything meets: the one place that chooses which plugs stand behind the ports, and starts and stops them in order."""

import asyncio
import logging
import random
import secrets
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import partial
from typing import NamedTuple

from fastapi import FastAPI

from trading_api.api.account_control import account_control_router
from trading_api.api.adoption import adopt
from trading_api.api.auth import auth_router
from trading_api.api.broker import broker_router
from trading_api.api.chart_storage import chart_storage_router
from trading_api.api.command_limits import CommandLimits
from trading_api.api.cors import OpenDatafeed
from trading_api.api.datafeed import Marked, datafeed_router
from trading_api.api.depth import depth_router
from trading_api.api.errors import install_errors
from trading_api.api.explorers import explorers_router
from trading_api.api.guards import Doors, Guard
from trading_api.api.health import health_router
from trading_api.api.history import history_router
from trading_api.api.home import Library as TradingViewLibrary
from trading_api.api.home import home_router, mount_library
from trading_api.api.imports import imports_router
from trading_api.api.keys import keys_router
from trading_api.api.order_lane import OrderLane
from trading_api.api.policies import declare_bearer, install_policies
from trading_api.api.replays import replays_router
from trading_api.api.static_files import mount_static
from trading_api.api.terminal import terminal_router
from trading_api.api.tradingview.door import TradingViewDoor
from trading_api.api.tradingview.router import tradingview_router
from trading_api.api.users import users_router
from trading_api.api.versions import versions_router
from trading_api.core.accounts import Accounts, Path, Place
from trading_api.core.broker_rest.oauth import OAuth
from trading_api.core.broker_rest.oauth_clients import OAuthClients
from trading_api.core.broker_rest.service import BrokerRest, broker_rest
from trading_api.core.broker_rest.service import Doors as RestDoors
from trading_api.core.broker_service import BrokerService
from trading_api.core.chart_storage import ChartStorage
from trading_api.core.datafeed_service import DatafeedService
from trading_api.core.equity_samples import EquitySampler
from trading_api.core.failures import sentence
from trading_api.core.history_service import HistoryService
from trading_api.core.instrument_info import InstrumentDesk
from trading_api.core.mark_service import MarkService
from trading_api.core.people import People
from trading_api.core.people_watch import PeopleWatch
from trading_api.core.ports import Clock, Doorman, Market, Passwords
from trading_api.core.publisher import Publisher
from trading_api.core.replay_service import ReplayService
from trading_api.core.sign_in import SignIn
from trading_api.core.terminal_service import TerminalService
from trading_api.core.tickets import Tickets
from trading_api.core.versioning import API_PREFIX
from trading_api.core.visits import Visits
from trading_api.models.broker.account import AccountProfile
from trading_api.models.errors import Stopped
from trading_api.models.health import HealthCheck
from trading_api.plugins.archive import SqliteArchive
from trading_api.plugins.bus_memory import MemoryBus
from trading_api.plugins.clock import WallClock
from trading_api.plugins.data_folder import ARCHIVE, JOURNAL, STORE, DataFolder
from trading_api.plugins.doorman_local import LocalDoorman
from trading_api.plugins.doorman_people import PeopleDoorman
from trading_api.plugins.imported.charts import Charts
from trading_api.plugins.imported.jobs import ImportJobs
from trading_api.plugins.imported.library import Library
from trading_api.plugins.imported.maker import LibraryReplays
from trading_api.plugins.imported.market import ImportedMarket
from trading_api.plugins.journal_sqlite import SqliteJournal
from trading_api.plugins.passwords_argon2 import Argon2Passwords
from trading_api.plugins.signer_jwt import JwtSigner
from trading_api.plugins.simulated.venue import SimulatedVenue
from trading_api.plugins.snapshot_files import SnapshotFiles, code_mark
from trading_api.plugins.store_sqlite import SqliteStore
from trading_api.plugins.synthetic.files import listings_of
from trading_api.plugins.synthetic.market import SyntheticMarket
from trading_api.settings import Settings, release
from trading_api.ws.endpoint import mount_sockets, open_hub

_log = logging.getLogger(__name__)


class Plugs(NamedTuple):
    """What stands behind the ports."""

    clock: Clock
    folder: DataFolder
    journal: SqliteJournal
    store: SqliteStore
    archive: SqliteArchive
    snapshots: SnapshotFiles
    signer: JwtSigner
    passwords: Passwords


def open_plugs(settings: Settings) -> Plugs:
    """Takes the data folder; a second server on it is refused."""
    clock = WallClock()
    folder = DataFolder(settings.data_dir)
    return Plugs(
        clock,
        folder,
        SqliteJournal(folder.path / JOURNAL, clock),
        SqliteStore(folder.path / STORE),
        SqliteArchive(folder.path / ARCHIVE),
        SnapshotFiles(folder.path / "snapshots", code_mark()),
        JwtSigner(folder.path),
        Argon2Passwords(),
    )


class House:
    """Every service on its plugs. `open` starts them, ground floor first, and ends them in the opposite order."""

    def __init__(self, settings: Settings, plugs: Plugs) -> None:
        self.plugs = plugs
        self.app: FastAPI | None = None
        clock, store = plugs.clock, plugs.store
        epoch = uuid.uuid4().hex[:12]
        self._settings = settings
        self._troubles: dict[str, str] = {}
        store.on_failure = partial(self.failed, "store")
        self.library = Library(plugs.archive, store)
        charts = Charts(self.library)
        listed = listings_of(settings.instrument_paths, clock.now())
        synthetic = [SyntheticMarket(clock, settings.seed, listings, name=name) for name, listings in listed.items()]
        markets: list[Market] = [*synthetic, ImportedMarket(self.library, charts, clock)]
        self.datafeed = DatafeedService(markets, clock, epoch, on_stop=self.market_failed)
        self.sampler = EquitySampler(plugs.archive, clock)
        place = Place(
            plugs.journal, store, self.datafeed, clock, self._venue, epoch, self.failed, self.sampler, plugs.snapshots
        )
        self.broker = BrokerService(Accounts(place), self.datafeed)
        self.replays = ReplayService(LibraryReplays(self.library, charts, clock), self.datafeed, self.broker, store)
        self._meet_people(settings, plugs)
        self.charts = ChartStorage(store, clock, self._person_since)
        self.imports = ImportJobs(
            self.library,
            store,
            clock,
            partial(SqliteArchive, plugs.folder.path / ARCHIVE),
            plugs.folder.path / "uploads",
        )

    def _meet_people(self, settings: Settings, plugs: Plugs) -> None:
        clock, store, is_open = plugs.clock, plugs.store, not settings.authentication
        owners = self.broker.accounts.owners
        self.people = People(store, clock, plugs.passwords, secrets.token_urlsafe, open_house=is_open)
        self.visits = Visits(store, clock, secrets.token_urlsafe)
        self.sign_in = SignIn(
            self.people,
            self.visits,
            passwords=plugs.passwords,
            signer=plugs.signer,
            owners=owners,
            clock=clock,
            draw=secrets.token_urlsafe,
            open_house=is_open,
            access_ms=settings.access_token_seconds * 1000,
        )
        self.tickets = Tickets(clock, secrets.token_urlsafe)
        self.doorman: Doorman = LocalDoorman() if is_open else PeopleDoorman(self.sign_in, self.tickets)
        self.clients = OAuthClients(store, clock, secrets.token_urlsafe)
        self._watch = PeopleWatch(
            self.people, self.visits, owners, self.clients, signer_changed=plugs.signer.has_changed, clock=clock
        )

    def tradingview(self, instruments: InstrumentDesk, history: HistoryService) -> BrokerRest:
        oauth = OAuth(self.clients, self.sign_in, self.plugs.clock, secrets.token_urlsafe)
        doors = RestDoors(self.sign_in, oauth)
        prefix = self._settings.tradingview_prefix
        return broker_rest(self.broker, self.datafeed, instruments, history, doors, prefix=prefix)

    async def _open_doors(self, stack: AsyncExitStack) -> None:
        """Nobody is let in who is not known by then."""
        await self.people.load()
        await self.visits.load()
        await self._watch.end_forgotten_clients()
        if self._settings.authentication and not self.people.users():
            _log.warning("Nobody can sign in yet. Add somebody: trading-api users add NAME --administrator")
        stack.push_async_callback(self._watch.rest)
        watching = asyncio.create_task(self._watch.run())
        watching.add_done_callback(self._watch_ended)
        stack.push_async_callback(_ended, watching)

    def _person_since(self, login: str) -> int:
        person = self.people.person(login)
        return 0 if person is None else person.created

    def _watch_ended(self, watching: asyncio.Task[None]) -> None:
        """Access that is taken away must end, so a house that no longer sees it must stop."""
        error = None if watching.cancelled() else watching.exception()
        if error is not None:
            self.failed("people", error if isinstance(error, Stopped) else Stopped(sentence(error)))

    def _venue(self, profile: AccountProfile, path: Path) -> SimulatedVenue:
        chance = random.Random(f"{self._settings.seed}/{profile.id}")  # its own, so that no account's draws move another's
        return SimulatedVenue(
            instrument=self.datafeed.instrument,
            path=path,
            random=chance,
            model=self._settings.fill_model,
            levels=self._settings.margin_levels,
        )

    def failed(self, name: str, error: BaseException) -> None:
        """A part has stopped. When the journal has, the process must: going on would acknowledge what is not kept."""
        _log.critical("%s has stopped: %s", name, sentence(error), exc_info=error)
        if isinstance(error, Stopped) and self.app is not None and hasattr(self.app.state, "stop"):
            self.app.state.stop(error)

    def market_failed(self, name: str, error: BaseException) -> None:
        self._troubles = {one: why for one, why in self._troubles.items() if one in self.datafeed.feeds}
        self._troubles[name] = sentence(error)
        self.failed(name, error)

    def health(self) -> list[HealthCheck]:
        """A check of each market that has stopped and is still there; the others go on."""
        stopped = [
            HealthCheck(name=f"market {name}", trouble=why)
            for name, why in self._troubles.items()
            if name in self.datafeed.feeds
        ]
        return stopped or [HealthCheck(name="markets")]

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        plugs = self.plugs
        async with AsyncExitStack() as stack:
            stack.callback(plugs.folder.close)
            stack.push_async_callback(plugs.archive.close)
            stack.push_async_callback(plugs.store.close)
            stack.push_async_callback(plugs.journal.close)
            stack.push_async_callback(plugs.snapshots.close)
            await self.library.load()
            await self.charts.load()
            await self.imports.load()
            stack.push_async_callback(self.imports.close)
            await self.datafeed.start()
            stack.push_async_callback(self.datafeed.close)
            stack.push_async_callback(self.sampler.close)
            self.sampler.start(partial(self.failed, "samples of equity"))
            await self.broker.start()
            stack.push_async_callback(self.broker.close)
            await self.replays.restore()
            await self._open_doors(stack)
            yield


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError, Exception):
        await task


def _tell(*hearers: Callable[[], None]) -> None:
    for hear in hearers:
        hear()


def create_app(settings: Settings, plugs: Plugs | None = None) -> FastAPI:
    """The application; `plugs` stand in for the usual ones."""
    house = House(settings, plugs or open_plugs(settings))
    doorman = house.doorman
    bus = MemoryBus()
    hub = open_hub(bus=bus, publish=Publisher(bus).publish, doorman=doorman, broker=house.broker, datafeed=house.datafeed)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with house.open():
            yield

    app = FastAPI(
        title="Trading API",
        version=release(),
        openapi_url=f"{API_PREFIX}/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    app.state.doorman = doorman
    house.app = app
    install_errors(app)
    doors = Doors(loopback=settings.loopback, hosts=settings.allowed_hosts, origins=settings.allowed_origins)
    per_connection, per_address = settings.command_limits
    app.add_middleware(OrderLane, service=house.broker)
    app.add_middleware(CommandLimits, clock=house.plugs.clock, per_connection=per_connection, per_address=per_address)
    app.add_middleware(Guard, doors=doors)
    app.add_middleware(OpenDatafeed)
    app.add_middleware(TradingViewDoor, doors=doors)
    library = TradingViewLibrary(settings.tradingview_library)
    adopt(app, home_router(release=release(), library=library, authentication=settings.authentication))
    probes = (house.broker.health, house.health, house.replays.health)
    adopt(app, health_router(clock=house.plugs.clock, release=release(), probes=probes), prefix=API_PREFIX)
    adopt(app, versions_router(release=release()), prefix=API_PREFIX)
    marked = Marked(MarkService(house.broker, house.datafeed), doors)
    adopt(app, datafeed_router(house.datafeed, marked))
    adopt(app, depth_router(house.datafeed))
    instruments = InstrumentDesk(house.broker, house.datafeed)
    adopt(app, broker_router(house.broker, instruments), prefix=API_PREFIX)
    adopt(app, account_control_router(house.broker), prefix=API_PREFIX)
    adopt(app, terminal_router(TerminalService(house.broker, instruments, house.datafeed)), prefix=API_PREFIX)
    history = HistoryService(house.broker, house.datafeed, house.sampler)
    adopt(app, history_router(history), prefix=API_PREFIX)
    rest = house.tradingview(instruments, history)
    app.include_router(tradingview_router(rest), prefix=API_PREFIX)
    house.people.told = partial(_tell, hub.reconsider, rest.stream.reconsider)
    app.state.sign_in, app.state.endings = house.sign_in, (rest.stream.close,)
    adopt(app, chart_storage_router(house.charts), prefix=API_PREFIX)
    adopt(app, imports_router(house.imports), prefix=API_PREFIX)
    adopt(app, replays_router(house.replays), prefix=API_PREFIX)
    adopt(app, auth_router(house.sign_in, house.people, house.broker, house.tickets), prefix=API_PREFIX)
    adopt(app, users_router(house.people, house.sign_in, house.broker), prefix=API_PREFIX)
    adopt(app, keys_router(house.people, house.broker), prefix=API_PREFIX)
    mount_sockets(app, hub)
    adopt(app, explorers_router(), prefix=API_PREFIX)
    mount_static(app)
    mount_library(app, library)
    install_policies(app)
    if settings.authentication:
        declare_bearer(app)
    return app
