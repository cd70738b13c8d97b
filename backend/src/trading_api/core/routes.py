"""What a topic's owner offers the sockets. A service never sees a socket or the bus."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, Protocol

from trading_api.core.access import Principal
from trading_api.models.base import Model


class Update(NamedTuple):
    """One message of a topic before it is encoded. `fact` and `of` only where a fact of an account caused it.

    Without a payload it says that a new epoch has begun, with an empty list.
    """

    topic: str
    epoch: str
    seq: int
    payload: Model | None
    fact: int | None = None
    of: Mapping[str, int] | None = None


class Snapshot(NamedTuple):
    """A topic's state at (epoch, seq): the next update has seq + 1."""

    epoch: str
    seq: int
    state: Model | tuple[Model, ...] | None


TopicCallback = Callable[[Update], None]


class WsRouteService(Protocol):
    """Owner of topics. `create_topic` comes before the first listener, `remove_topic` after the last one."""

    def admit(self, topic: str, principal: Principal) -> None:
        """Raise unless this caller may listen and the topic names something that exists."""

    async def create_topic(self, topic: str, callback: TopicCallback) -> None:
        """Begin to publish the topic through `callback`; when this returns, `snapshot` can be asked."""

    def snapshot(self, topic: str) -> Snapshot:
        """The state now. No update happens between this and whatever the caller does before it next awaits."""

    def since(self, topic: str, epoch: str, seq: int) -> Sequence[Update] | None:
        """Every update after that one, oldest first, up to `snapshot`; None where they are not remembered."""

    def remove_topic(self, topic: str) -> None: ...
