"""An account's topics: snapshots, and the cascade as it is announced.

Orders, executions and positions are counted by the fold, so their (epoch, seq) means the same after a restart. Equity and the
connection are counted here, with an epoch per process. Marks travel only on equity.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from trading_api.core.ledger import COUNTED_TOPICS, Cascade, Ledger
from trading_api.core.routes import Snapshot, TopicCallback, Update
from trading_api.models.base import Model
from trading_api.models.broker.account import EquityData
from trading_api.models.broker.connection import BrokerConnection
from trading_api.models.facts import FACTS_VERSION, Fact
from trading_api.models.topics import TOPIC, AccountSubscriptionRequest


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

    @property
    def epoch(self) -> str:
        """Of the topics counted by the fold: another one after a reset."""
        return f"{self._journal_id}.{self._ledger.generation}.{FACTS_VERSION}"

    def listen(self, name: str, callback: TopicCallback) -> None:
        self._callbacks[name] = callback
        if name == "equity":
            self._last_equity = self._equity()

    def silence(self, name: str) -> None:
        self._callbacks.pop(name, None)

    def snapshot(self, name: str) -> Snapshot:
        if name in COUNTED_TOPICS:
            return Snapshot(self.epoch, self._ledger.counts[name], self._open(name))
        state: Model = self._equity() if name == "equity" else self._connection()
        return Snapshot(self._process_epoch, self._seqs[name], state)

    def _open(self, name: str) -> tuple[Model, ...]:
        match name:
            case "orders":
                return tuple(self._ledger.orders.values())
            case "positions":
                return tuple(map(self._ledger.position, self._ledger.positions.values()))
            case _:
                return tuple(self._ledger.executions)

    def apply(self, fact: Fact) -> None:
        """Fold one fact and announce its cascade. No await happens in here."""
        epoch, counts = self.epoch, dict(self._ledger.counts)
        cascade = self._ledger.apply(fact)
        if not self._callbacks:
            return
        frames = self._frames(cascade)
        of = {name: len(payloads) for name, payloads in frames.items() if payloads}
        for name, payloads in frames.items():
            for number, payload in enumerate(payloads, start=1):
                counted = (epoch, counts[name] + number) if name in COUNTED_TOPICS else self._next(name)
                self._publish(name, *counted, payload, self._ledger.sequence, of)

    def _frames(self, cascade: Cascade) -> Mapping[str, Sequence[Model]]:
        equity: Sequence[EquityData] = (self._equity(),) if cascade.equity else ()
        if equity:
            self._last_equity = equity[0]
        return {
            "executions": cascade.executions,
            "orders": cascade.orders,
            "equity": equity,
            "positions": cascade.positions,
        }

    def mark(self) -> None:
        """Announce what the account is worth now, when that has changed and someone listens."""
        if "equity" not in self._callbacks:
            return
        equity, last = self._equity(), self._last_equity
        if last is None or equity.model_copy(update={"time": last.time}) != last:
            self._last_equity = equity
            self._publish("equity", *self._next("equity"), equity)

    def tell_connection(self) -> None:
        self._publish("broker-connection", *self._next("broker-connection"), self._connection())

    def _next(self, name: str) -> tuple[str, int]:
        self._seqs[name] += 1
        return self._process_epoch, self._seqs[name]

    def _publish(
        self,
        name: str,
        epoch: str,
        seq: int,
        payload: Model,
        fact: int | None = None,
        of: Mapping[str, int] | None = None,
    ) -> None:
        callback = self._callbacks.get(name)
        if callback:
            address = TOPIC[name].address(AccountSubscriptionRequest(account_id=self._ledger.account_id))
            callback(Update(address, epoch, seq, payload, fact, of))
