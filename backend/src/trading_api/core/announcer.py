"""An account's topics: snapshots, the cascade as it is announced, and what was told lately.

Orders, executions, positions and notices are counted by the fold, so their (epoch, seq) means the same after a restart; and so
does what is remembered of the last facts, because it is what folding them tells, whether anyone listens or not. Equity, risk
and the connection are counted here, with an epoch per process. Marks travel only on equity. Notices come after all else that a
fact tells and are no part of its `of`.
"""

from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from trading_api.core.cascade import COUNTED_TOPICS, Cascade
from trading_api.core.ledger import Ledger
from trading_api.core.notices import notice_of
from trading_api.core.routes import Snapshot, TopicCallback, Update
from trading_api.core.standing import NOTICES_MAX
from trading_api.core.standing_told import risk_told
from trading_api.models.base import Model
from trading_api.models.broker.account import EquityData
from trading_api.models.broker.connection import BrokerConnection
from trading_api.models.broker.control import Notice
from trading_api.models.facts import FACTS_VERSION, Fact
from trading_api.models.sockets import RESUME_FACTS_MAX
from trading_api.models.topics import TOPICS, AccountSubscriptionRequest

CASCADE_TOPICS = ("executions", "orders", "equity", "positions", "individual-positions")
"""In the order of announcement."""


class Told(NamedTuple):
    """What one fact tells."""

    fact: int
    epoch: str
    before: Mapping[str, int]
    """Where the counted topics stood."""
    cause: Fact
    cascade: Cascade
    begun: str | None
    """The epoch that began with this fact."""

    @property
    def of(self) -> dict[str, int]:
        """Frames on each topic that has any, in the order of announcement."""
        executions, orders, equity, positions, individual = self.cascade
        anew = self.begun is not None
        counts = (len(executions) + anew, len(orders) + anew, int(equity), len(positions) + anew, len(individual) + anew)
        return {name: count for name, count in zip(CASCADE_TOPICS, counts, strict=True) if count}


class Announcer:
    """Publishes one ledger's changes to whoever listens, and nothing to nobody."""

    def __init__(
        self,
        ledger: Ledger,
        *,
        journal_id: str,
        process_epoch: str,
        equity: Callable[[], EquityData],
        connection: Callable[[], BrokerConnection],
    ) -> None:
        self._ledger = ledger
        self._journal_id = journal_id
        self._process_epoch = process_epoch
        self._equity = equity
        self._connection = connection
        self._callbacks: dict[str, TopicCallback] = {}
        self._seqs: Counter[str] = Counter()
        self._last_equity: EquityData | None = None
        self._last_standing = ledger.standing
        self._past: deque[Told] = deque(maxlen=RESUME_FACTS_MAX)
        self._generation: int | None = None
        self._epoch = ""
        account = AccountSubscriptionRequest(account_id=ledger.account_id)
        self._addresses = {
            topic.name: topic.address(account) for topic in TOPICS if topic.request is AccountSubscriptionRequest
        }

    @property
    def epoch(self) -> str:
        """Of the topics counted by the fold: another one after a reset."""
        generation = self._ledger.generation
        if generation != self._generation:
            self._generation, self._epoch = generation, f"{self._journal_id}.{generation}.{FACTS_VERSION}"
        return self._epoch

    def listen(self, name: str, callback: TopicCallback) -> None:
        self._callbacks[name] = callback
        if name == "equity":
            self._last_equity = self._equity()
        if name == "risk":
            self._last_standing = self._ledger.standing

    def silence(self, name: str) -> None:
        self._callbacks.pop(name, None)

    def snapshot(self, name: str) -> Snapshot:
        if name in COUNTED_TOPICS:
            return Snapshot(self.epoch, self._ledger.counts[name], self._open(name))
        if name == "notices":
            return Snapshot(self.epoch, self._ledger.notices, self.recent_notices())
        return Snapshot(self._process_epoch, self._seqs[name], self._value(name))

    def _value(self, name: str) -> Model:
        if name == "equity":
            return self._equity()
        return risk_told(self._ledger) if name == "risk" else self._connection()

    def _open(self, name: str) -> tuple[Model, ...]:
        match name:
            case "orders":
                return tuple(self._ledger.orders.values())
            case "positions":
                return self._ledger.net_positions()
            case "individual-positions":
                return tuple(map(self._ledger.individual, self._ledger.positions.values())) if self._ledger.hedging else ()
            case _:
                return tuple(self._ledger.executions)

    def since(self, name: str, epoch: str, seq: int) -> Sequence[Update] | None:
        """The updates of a counted topic after that one, as they were told; None where they are not remembered."""
        reached = self._counts()[name]
        if epoch != self.epoch or seq > reached:
            return None
        missed: list[Told] = []
        for told in reversed(self._past):
            if reached <= seq:
                break
            missed.append(told)
            reached = told.before[name]
        if reached > seq:
            return None
        return [update for told in reversed(missed) for update in self._updates(name, told) if update.seq > seq]

    def recall(self, fact: Fact) -> None:
        """Fold a fact the journal already has: nobody is told now, and whoever comes back can be."""
        self._fold(fact)

    def apply(self, fact: Fact) -> None:
        """Fold one fact and announce its cascade. No await happens in here."""
        told = self._fold(fact)
        if not self._callbacks:
            return
        of = told.of
        for name, callback in [(name, self._callbacks[name]) for name in of if name in self._callbacks]:
            if name == "equity":
                self._last_equity = self._equity()
                self._tell(name, self._last_equity, fact=told.fact, of=of)
            else:
                for update in self._counted(name, told, of):
                    callback(update)
        if tell := self._callbacks.get("notices"):
            for update in self._noticed(told):
                tell(update)

    def _fold(self, fact: Fact) -> Told:
        epoch, before = self.epoch, self._counts()
        cascade = self._ledger.apply(fact)
        begun = None if self.epoch == epoch else self.epoch
        told = Told(self._ledger.sequence, epoch, before, fact, cascade, begun)
        if begun is None:
            self._past.append(told)
        else:
            self._past.clear()
        return told

    def _counts(self) -> dict[str, int]:
        return {**self._ledger.counts, "notices": self._ledger.notices}

    def _updates(self, name: str, told: Told) -> Iterator[Update]:
        return self._noticed(told) if name == "notices" else self._counted(name, told, told.of)

    def _notice(self, told: Told) -> Notice | None:
        return notice_of(told.cause, told.fact, told.cascade.orders, self._ledger.currency)

    def recent_notices(self) -> tuple[Notice, ...]:
        """Of the facts remembered, the oldest first."""
        found: deque[Notice] = deque(maxlen=NOTICES_MAX)
        for told in reversed(self._past):
            if (notice := self._notice(told)) is not None:
                found.appendleft(notice)
            if len(found) == NOTICES_MAX:
                break
        return tuple(found)

    def _noticed(self, told: Told) -> Iterator[Update]:
        address = self._addresses["notices"]
        if (notice := self._notice(told)) is not None:
            yield Update(address, told.epoch, told.before["notices"] + 1, notice, told.fact)
        if told.begun is not None:
            yield Update(address, told.begun, 0, None, told.fact)

    def _counted(self, name: str, told: Told, of: Mapping[str, int]) -> Iterator[Update]:
        """What a fact tells on a counted topic: its part of the cascade, and at once that counting begins anew."""
        address = self._addresses[name]
        payloads: Sequence[Model] = getattr(told.cascade, COUNTED_TOPICS[name])
        for seq, payload in enumerate(payloads, start=told.before[name] + 1):
            yield Update(address, told.epoch, seq, payload, told.fact, of)
        if told.begun is not None:
            yield Update(address, told.begun, 0, None, told.fact, of)

    def mark(self) -> None:
        """Announce what the account is worth now and how it stands, when that has changed and someone listens."""
        if "risk" in self._callbacks and self._ledger.standing is not self._last_standing:
            self._last_standing = self._ledger.standing
            self._tell("risk", risk_told(self._ledger))
        if "equity" not in self._callbacks:
            return
        equity, last = self._equity(), self._last_equity
        if last is None or equity.replaced({"time": last.time}) != last:
            self._last_equity = equity
            self._tell("equity", equity)

    def tell_connection(self) -> None:
        self._tell("broker-connection", self._connection())

    def _tell(self, name: str, payload: Model, *, fact: int | None = None, of: Mapping[str, int] | None = None) -> None:
        """The next update of a topic counted here."""
        self._seqs[name] += 1
        callback = self._callbacks.get(name)
        if callback:
            callback(Update(self._addresses[name], self._process_epoch, self._seqs[name], payload, fact, of))
