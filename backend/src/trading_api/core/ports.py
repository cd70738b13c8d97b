"""Ports: everything the core needs from outside, as promises. Plugs keep them; one contract suite per port judges every plug.

Times are UTC milliseconds. *Wall* time runs the house (Clock); *market* time runs the trade (Market.now).
"""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple, Protocol

from trading_api.core.access import Credentials, Principal
from trading_api.core.ledger import Ledger
from trading_api.core.standing import UNGUARDED, MarginLevels
from trading_api.models.facts import Command, Fact
from trading_api.models.market.bars import Bar, Bars, Resolution
from trading_api.models.market.depth import Depth
from trading_api.models.market.instruments import Instrument
from trading_api.models.market.quotes import Quote


class Clock(Protocol):
    """Wall time."""

    def now(self) -> int:
        """UTC milliseconds."""

    def monotonic(self) -> float:
        """Seconds that never go back; for time limits and back-off."""

    async def sleep(self, seconds: float) -> None: ...


class Random(Protocol):
    """Chance, seeded at the roof (`random.Random` fits)."""

    def uniform(self, a: float, b: float, /) -> float: ...


class Ids(Protocol):
    """Names for new things of one account; never the same one twice, also across restarts."""

    def order(self) -> str: ...

    def execution(self) -> str: ...


class Market(Protocol):
    """Where instruments, bars and ticks come from. Nobody sees a price later than `now`."""

    @property
    def name(self) -> str:
        """The prefix of its symbols' ids: DEMO, IMPORT, R1."""

    def now(self) -> int:
        """Market time: wall time for a live market, the replayed moment in a replay."""

    async def until(self, time: int) -> None:
        """Return once market time has reached `time`; in a paused replay that may be never."""

    def find(self, name: str) -> Instrument | None:
        """The instrument with this bare name, case-sensitive."""

    def search(self) -> Sequence[Instrument]:
        """All instruments, in a stable order."""

    async def bars(self, name: str, resolution: Resolution, *, before: int, count: int, since: int | None = None) -> Bars:
        """The last `count` bars whose time is below `before`, ascending; with `since`, only those from it on.

        The bar that contains now is folded from the prices shown so far, on every resolution. `before` may lie in the future.
        """

    async def quote(self, name: str) -> Quote | None:
        """The last price shown, None when there is none yet. For a watched symbol: never later than the last tick told."""

    def depth(self, quote: Quote) -> Depth | None:
        """The book shown with a price it has told, the same each time; None where it has best prices only."""

    def watch(self, name: str) -> None:
        """Start telling ticks of this symbol (counted); the current quote is told at once as the first."""

    def unwatch(self, name: str) -> None:
        """Undo one `watch`; after the last, no work is done for the symbol."""

    def ticks(self) -> AsyncIterator[Quote]:
        """One stream of the watched symbols' ticks, ascending in time per symbol, none left out. One consumer."""

    async def close(self) -> None:
        """Release everything; `ticks` ends."""


class Recorded(NamedTuple):
    """A fact with its place in the account's history (from 1, without gaps)."""

    sequence: int
    fact: Fact


class Journal(Protocol):
    """What has happened, in order, durable."""

    @property
    def id(self) -> str:
        """A name for this journal, made when it was created; part of the account topics' epoch."""

    async def append(self, account_id: str, after: int, facts: Sequence[Fact]) -> None:
        """Write all of them or none, following fact number `after`, and return only when they would survive a power cut.

        Raises `Stopped` when the disk refuses or `after` is not the account's last fact: there is another writer.
        """

    def read(self, account_id: str, after: int = 0) -> AsyncIterator[Recorded]:
        """The account's facts following number `after`, oldest first. Raises `Stopped` naming the row if one is damaged."""

    async def last(self, account_id: str) -> Recorded | None:
        """The account's latest fact. With it and `read`, history can be read from its end backwards, a window at a time."""

    async def mark(self, account_id: str, sequence: int) -> str | None:
        """A fingerprint of the account's facts up to this one; None when there is no such fact."""

    async def accounts(self) -> Sequence[str]:
        """Accounts that have facts, sorted."""

    async def close(self) -> None: ...


class KeptSnapshot(NamedTuple):
    """A ledger as it was after a fact, as core/snapshot.py writes it."""

    sequence: int
    mark: str
    """The journal's fingerprint at that fact."""
    document: dict[str, Any]  # Any: as JSON has it


class Snapshots(Protocol):
    """A cache of ledgers: what is kept here may be gone at any time, and nothing is lost with it. Nothing is raised."""

    async def latest(self, account_id: str) -> KeptSnapshot | None: ...

    async def keep(self, account_id: str, snapshot: KeptSnapshot) -> None:
        """In the place of an earlier one."""

    async def close(self) -> None: ...


class NoSnapshots:
    """Keeps nothing: every start folds everything."""

    async def latest(self, account_id: str) -> KeptSnapshot | None:
        return None

    async def keep(self, account_id: str, snapshot: KeptSnapshot) -> None: ...

    async def close(self) -> None: ...


class Store(Protocol):
    """Small documents by collection and key: accounts, replays, settings. Durable when a write returns."""

    async def put(self, collection: str, key: str, document: dict[str, object]) -> None: ...

    async def get(self, collection: str, key: str) -> dict[str, object] | None: ...

    async def all(self, collection: str) -> dict[str, dict[str, object]]:
        """Key to document, sorted by key."""

    async def delete(self, collection: str, key: str) -> None: ...

    async def close(self) -> None: ...


class ArchivedBar(NamedTuple):
    """A base bar of an imported series: bid prices, and the ask's where the file had them (else None)."""

    bid: Bar
    ask: Bar | None


class Series(NamedTuple):
    """What is archived about one symbol."""

    name: str
    kind: str  # "bars" | "ticks"
    step_ms: int  # width of a base bar; 0 for ticks
    first: int
    last: int
    rows: int


class Archive(Protocol):
    """Imported bars and ticks. Written in batches, read by window; a series becomes visible whole or not at all."""

    async def write_bars(self, name: str, step_ms: int, bars: Iterable[ArchivedBar]) -> Series:
        """Replace the series of this name."""

    async def write_ticks(self, name: str, ticks: Iterable[Quote]) -> Series: ...

    async def series(self) -> Sequence[Series]: ...

    async def bars(
        self, name: str, *, since: int, before: int, last: int | None = None, coarse: bool = False
    ) -> Sequence[ArchivedBar]:
        """Base bars with since <= time < before, ascending; with `last`, only that many from the end.

        A tick series has minutes. `coarse`: quarter hours made of them; none where base bars are not finer than that.
        """

    async def ticks(self, name: str, *, since: int, before: int, last: int | None = None) -> Sequence[Quote]: ...

    async def delete(self, name: str) -> None: ...

    async def close(self) -> None: ...


class EquitySample(NamedTuple):
    """What an account was worth at a moment of market time."""

    account: str
    generation: int
    """Of the account: after a reset, market time may begin again."""
    time: int
    balance: Decimal
    equity: Decimal


class Samples(Protocol):
    """The archive's samples of equity. An account's are bounded: of too many, the older half is thinned out."""

    async def write_samples(self, samples: Sequence[EquitySample]) -> None:
        """A later one for the same moment replaces the earlier. Raises TryLater when they cannot be written now."""

    async def samples(self, account: str, generation: int, *, since: int, before: int) -> Sequence[EquitySample]:
        """Those with since <= time < before, ascending."""


class Frame(NamedTuple):
    """One encoded topic message, ready for the wire."""

    topic: str
    key: str | None
    """Conflation key: a newer frame of the same topic and key replaces an older one. None: every frame counts."""
    body: bytes


class Bus(Protocol):
    """Carries frames from publishers to listeners, in order per publisher, without waiting for anyone."""

    def publish(self, frame: Frame) -> None: ...

    def listen(self, deliver: Callable[[Frame], None]) -> None: ...


class Doorman(Protocol):
    """Says who is calling."""

    async def admit(self, credentials: Credentials) -> Principal:
        """Raises NotSignedIn for whoever is nobody."""

    def renew(self, principal: Principal) -> Principal:
        """The same caller as things are now. Raises NotSignedIn when what it stood on is gone."""


class Passwords(Protocol):
    """Hashes passwords, slowly and on purpose; never on the loop."""

    async def hash(self, password: str) -> str: ...

    async def verify(self, kept: str | None, password: str) -> bool:
        """None, for a user nobody knows, takes as long as any other and is false."""


class Signer(Protocol):
    """Signs claims so that only this house could have."""

    @property
    def id(self) -> str:
        """Of the secret; another one after it was replaced, and all that was signed before counts no more."""

    def sign(self, claims: Mapping[str, object]) -> str: ...

    def read(self, token: str) -> Mapping[str, object] | None:
        """The claims of a token of ours, whatever its time; None for any other."""


class Capabilities(NamedTuple):
    """What a venue can do, for those who must treat venues differently."""

    immediate: bool
    """Facts of a command are known when `submit` returns; nothing leaves the house, so one flush carries all."""
    margin_levels: MarginLevels = UNGUARDED
    """Where it calls for margin and closes positions, as far as it says."""
    live: bool = True
    """Orders spend real money. A venue that only pretends says so."""


class Due(NamedTuple):
    """A moment of market time at which a venue wants to be woken."""

    symbol: str
    time: int


class Venue(Protocol):
    """Where an account's orders go and its facts come from. What it tells is not journaled yet: the desk does that."""

    @property
    def capabilities(self) -> Capabilities: ...

    def facts(self, known: Ledger, ids: Ids) -> AsyncIterator[tuple[Fact, ...]]:
        """First one batch that restates: what differs from `known` (the simulated venue adopts it). Then whatever happens."""

    def check(self, command: Command, at: int) -> None:
        """Raise the refusal this command would meet, as far as the venue can know it; nothing changes."""

    async def submit(self, command: Command, at: int) -> tuple[Fact, ...]:
        """Send the command; returns when sent, with the facts that came at once."""

    def tick(self, quote: Quote) -> tuple[Fact, ...]:
        """A price was shown; a venue that simulates answers with what it did."""

    def execute(self, order_id: str, at: int) -> tuple[Fact, ...]:
        """Fill an order on demand; only a simulated venue can."""

    def wake(self, at: int) -> tuple[Fact, ...]:
        """Market time reached a moment named by `due`."""

    def due(self) -> Sequence[Due]:
        """The next moment per symbol at which something happens even without a tick."""
