"""When a desk's snapshot is taken, and whether one may be used.

A snapshot is taken of what lies RESUME_FACTS_MAX facts back, so that a start, which folds on from there, also recalls what
clients that come back are told. It is used when the journal's own fingerprint at that fact is the one it was taken under; else
the whole journal is folded, which gives the same ledger.
"""

import asyncio

from trading_api.core.ledger import Ledger
from trading_api.core.ports import Journal, KeptSnapshot, Snapshots
from trading_api.core.snapshot import Undocumented, document_of, restore
from trading_api.models.sockets import RESUME_FACTS_MAX

SNAPSHOT_FACTS = 10_000
"""Facts from one snapshot to the next: what a start may have to fold, about a third of a second."""


class SnapshotKeeper:
    """Of one ledger. `begin` before the journal is read, `step` after each fact, `keep` when something is `due`."""

    def __init__(self, ledger: Ledger, journal: Journal, snapshots: Snapshots) -> None:
        self._ledger = ledger
        self._journal = journal
        self._snapshots = snapshots
        self._next = SNAPSHOT_FACTS
        self._ageing: Ledger | None = None
        self._due: Ledger | None = None

    @property
    def due(self) -> bool:
        return self._due is not None

    async def begin(self) -> int:
        """Take over the latest snapshot, if it fits the journal; returns where that ends."""
        account_id = self._ledger.account_id
        last = await self._journal.last(account_id)
        if last is None:
            return 0
        kept = await self._snapshots.latest(account_id)
        if kept is not None and await self._journal.mark(account_id, kept.sequence) == kept.mark:
            self._take_over(kept)
        self._next = max(self._ledger.sequence + SNAPSHOT_FACTS, last.sequence - RESUME_FACTS_MAX)
        return last.sequence

    def step(self) -> None:
        reached = self._ledger.sequence
        if self._ageing is None:
            if reached >= self._next:
                self._ageing = self._ledger.fork()
        elif reached >= self._ageing.sequence + RESUME_FACTS_MAX:
            self._due, self._ageing = self._ageing, None
            self._next = self._due.sequence + SNAPSHOT_FACTS

    async def keep(self) -> None:
        """Hand the snapshot that is due to the cache."""
        ready, self._due = self._due, None
        if ready is None:
            return
        try:
            mark = await self._journal.mark(ready.account_id, ready.sequence)
            assert mark is not None, f"expected fact {ready.sequence} of account {ready.account_id} in the journal, found none"
            document = await asyncio.to_thread(document_of, ready)
            await self._snapshots.keep(ready.account_id, KeptSnapshot(ready.sequence, mark, document))
        except asyncio.CancelledError:
            self._due = self._due or ready
            raise

    def _take_over(self, kept: KeptSnapshot) -> None:
        try:
            restore(self._ledger, kept.document)
        except Undocumented:
            return  # by other code, or damaged: the journal says it as well
        assert self._ledger.sequence == kept.sequence, f"expected a snapshot at {kept.sequence}, found {self._ledger.sequence}"
