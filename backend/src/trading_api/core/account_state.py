"""An account as its facts left it, and how it is read. Only the ledger's fold changes it.

A netting account holds one position per symbol, whose id is the symbol. A hedging account holds one per opening order, beside
which the net position of a symbol is only told.

It keeps what is open, a bounded window of what is over, and a bounded window of client ids. Older history is in the journal.
"""

from collections import OrderedDict, deque
from collections.abc import Collection
from decimal import Decimal

from trading_api.core.cascade import COUNTED_TOPICS
from trading_api.core.client_ids import Command
from trading_api.core.holdings import ZERO, Holding, individual, net, net_of
from trading_api.core.standing import Standing
from trading_api.models.broker.account import AccountProfile
from trading_api.models.broker.executions import Execution
from trading_api.models.broker.orders import ParentType, PlacedOrder
from trading_api.models.broker.positions import IndividualPosition, Position

ENDED_ORDERS_MAX = 1_000
EXECUTIONS_MAX = 1_000
CHILD_OF = (ParentType.POSITION, ParentType.INDIVIDUAL_POSITION)


class AccountState:
    """After `sequence` facts."""

    def __init__(self, account_id: str) -> None:
        self.account_id = account_id
        self.profile: AccountProfile | None = None
        self.hedging = False
        self.sequence = 0
        self.time = 0
        self.balance = ZERO
        self.realized = ZERO
        self.orders: dict[str, PlacedOrder] = {}
        self.ended: deque[PlacedOrder] = deque(maxlen=ENDED_ORDERS_MAX)
        self.executions: deque[Execution] = deque(maxlen=EXECUTIONS_MAX)
        self.positions: dict[str, Holding] = {}
        self.commands: OrderedDict[str, Command] = OrderedDict()
        self.orders_issued = 0
        self.executions_issued = 0
        self.counts = dict.fromkeys(COUNTED_TOPICS, 0)
        self.notices = 0
        """Facts since the beginning that make a notice: the count of that topic."""
        self.standing = Standing()
        self.changed: dict[str, int] = {}
        """Symbol to the sequence of the last fact that moved its orders or positions."""
        self._symbols: dict[str, dict[str, PlacedOrder]] = {}
        self._values: dict[str, Decimal] = {}

    @property
    def currency(self) -> str:
        assert self.profile is not None
        return self.profile.currency

    @property
    def generation(self) -> int:
        return self.profile.generation if self.profile else 0

    def orders_in(self, symbol: str) -> Collection[PlacedOrder]:
        """The symbol's open orders, in the order in which they were placed."""
        return self._symbols.get(symbol, {}).values()

    def ordered(self) -> Collection[str]:
        """Symbols with an open order."""
        return self._symbols.keys()

    def symbols(self) -> set[str]:
        """Symbols with an open order or a position."""
        held = {one.symbol for one in self.positions.values()} if self.hedging else self.positions.keys()
        return self._symbols.keys() | held

    def held_in(self, symbol: str) -> list[Holding]:
        """The symbol's positions, oldest first: at most one where positions are netted."""
        if not self.hedging:
            holding = self.positions.get(symbol)
            return [holding] if holding else []
        return [one for one in self.positions.values() if one.symbol == symbol]

    def brackets_of(self, parent: PlacedOrder | Holding) -> list[PlacedOrder]:
        """Open brackets that wait for an order or protect a position, take profit first."""
        types = (ParentType.ORDER,) if isinstance(parent, PlacedOrder) else CHILD_OF
        found = [one for one in self.orders_in(parent.symbol) if one.parent_id == parent.id and one.parent_type in types]
        return sorted(found, key=lambda one: one.bracket or 0) if len(found) > 1 else found

    def brought_by(self, order: PlacedOrder) -> list[PlacedOrder]:
        """Open brackets that came with an order, wherever they belong by now."""
        found = [one for one in self.orders_in(order.symbol) if one.origin == order.id]
        return sorted(found, key=lambda one: one.bracket or 0) if len(found) > 1 else found

    def position(self, symbol: str) -> Position:
        """The symbol's net position as it is told."""
        held = self.held_in(symbol)
        return net_of(symbol, held, self.time) if self.hedging else net(held[0], self.brackets_of(held[0]))

    def net_positions(self) -> tuple[Position, ...]:
        return tuple(map(self.position, dict.fromkeys(one.symbol for one in self.positions.values())))

    def individual(self, holding: Holding) -> IndividualPosition:
        return individual(holding, self.brackets_of(holding))
