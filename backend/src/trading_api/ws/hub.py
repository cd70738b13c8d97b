"""Who listens to what: one creation per topic, however many ask; one removal, after the last has left.

It guarantees that a subscriber's answer holds the state of the very moment at which its updates begin: snapshot, index and
answer happen in one loop turn; whoever comes back is told what it missed instead, up to that moment. A topic is *held* by
everyone who listens or waits for it; when nobody holds it, its service is told, once. A creation that raised never happened:
the service has released what it took; the next subscriber starts another.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from trading_api.core.publisher import encode
from trading_api.core.routes import Snapshot, TopicCallback, Update, WsRouteService
from trading_api.models.base import Model
from trading_api.models.errors import ErrorBody, NotAllowed, NotFound, NotSignedIn, Refused, TradingError, TryLater
from trading_api.models.sockets import SIGNED_OUT, SUBSCRIPTIONS_MAX, ResumeFrom
from trading_api.models.topics import TOPIC, Topic
from trading_api.plugins.fastws_adapter import Client, Sockets

CLIENTS_AT_ONCE = 200
"""Looked at in one turn of the loop when somebody's access has become another."""
CREATE_SECONDS_MAX = 15.0
"""How long a topic may take to begin; services have shorter limits of their own, with better sentences."""


@dataclass(eq=False, slots=True)
class Line:
    """One topic that somebody holds."""

    topic: str
    service: WsRouteService
    holders: set[Client] = field(default_factory=set)
    creation: asyncio.Task[None] | None = None
    refusal: TradingError | None = None
    begun: bool = False


class Hub:
    def __init__(self, sockets: Sockets, publish: TopicCallback) -> None:
        self.sockets = sockets
        self.lines: dict[str, Line] = {}
        self._held: dict[Client, set[Line]] = {}
        self._publish = publish
        self._looking: asyncio.Task[None] | None = None
        self._again = False
        sockets.lost = self.release

    async def subscribe(self, service: WsRouteService, name: str, asked: ResumeFrom, client: Client) -> dict[str, object]:
        """The fields of the answer. The caller must answer without awaiting anything more."""
        kind = TOPIC[name]
        topic = address(kind, asked)
        try:
            self._admit(service, topic, client)
            await self._hold(service, topic, client)
            snapshot = service.snapshot(topic)
            missed = _missed(service, kind, topic, asked)
        except TradingError as refusal:
            if topic not in client.topics and topic in self.lines:
                self._drop(self.lines[topic], client)
            return _refused(topic, refusal.body)
        self.sockets.fanout.join(topic, client)
        if missed is None:
            return _subscribed(topic, snapshot, recovered=False)
        client.owe(map(encode, missed))
        return _subscribed(topic, Snapshot(snapshot.epoch, snapshot.seq - len(missed), None), recovered=True)

    def unsubscribe(self, name: str, asked: Model, client: Client) -> dict[str, object]:
        topic = address(TOPIC[name], asked)
        line = self.lines.get(topic)
        if line is None or client not in line.holders:
            found = f"Expected a topic you are subscribed to, found {topic}"
            return _refused(topic, ErrorBody(code="not_subscribed", message=found))
        self._drop(line, client)
        return {"status": "ok", "message": "unsubscribed", "topic": topic}

    def release(self, client: Client) -> None:
        """The connection is gone: let go of whatever it held, also what it was waiting for."""
        for line in tuple(self._held.get(client, ())):
            self._drop(line, client)

    def reconsider(self) -> None:
        """Somebody's access may have become another: soon, what it no longer covers ends."""
        if self._looking is None or self._looking.done():
            self._looking = asyncio.get_running_loop().create_task(self._reconsider())
        else:
            self._again = True

    async def _reconsider(self) -> None:
        while True:
            self._again = False
            for place, client in enumerate(tuple(self.sockets.connections.values())):
                assert isinstance(client, Client)
                self._hold_to(client)
                if place % CLIENTS_AT_ONCE == 0:
                    await asyncio.sleep(0)
            if not self._again:
                return

    def _hold_to(self, client: Client) -> None:
        """Close the connection of whoever is nobody any more; of others end the topics they may not hear any more."""
        if client.gone.done():
            return
        try:
            client.principal = self.sockets.renew(client.principal)
        except NotSignedIn as refusal:
            client.refuse(ErrorBody(code="access_ended", message=refusal.body.message))
            return client.link.let_go(SIGNED_OUT, "access ended")
        for line in tuple(self._held.get(client, ())):
            try:
                line.service.admit(line.topic, client.principal)
            except (NotFound, NotAllowed):
                self._drop(line, client)
                client.refuse(ErrorBody(code="access_ended", message=f"Expected the right to hear {line.topic}, found it gone"))

    def _admit(self, service: WsRouteService, topic: str, client: Client) -> None:
        service.admit(topic, client.principal)
        if topic not in client.topics and len(client.topics) >= SUBSCRIPTIONS_MAX:
            raise Refused("too_many_topics", f"Expected at most {SUBSCRIPTIONS_MAX} topics on a connection, found one more")

    async def _hold(self, service: WsRouteService, topic: str, client: Client) -> None:
        line = self.lines.get(topic) or self._open(service, topic)
        line.holders.add(client)
        self._held.setdefault(client, set()).add(line)
        if not line.begun:
            try:
                await self._begun(line, client)
            except BaseException:
                self._drop(line, client)
                raise

    async def _begun(self, line: Line, client: Client) -> None:
        assert line.creation is not None
        await asyncio.wait({line.creation, client.gone}, return_when=asyncio.FIRST_COMPLETED)
        if client.gone.done():
            raise TryLater("gone", "Expected somebody to listen, found the connection closed")
        line.creation.result()
        if line.refusal is not None:
            raise line.refusal

    def _open(self, service: WsRouteService, topic: str) -> Line:
        line = self.lines[topic] = Line(topic, service)
        line.creation = asyncio.create_task(self._create(line))
        return line

    async def _create(self, line: Line) -> None:
        try:
            async with asyncio.timeout(CREATE_SECONDS_MAX):
                await line.service.create_topic(line.topic, self._publish)
        except TradingError as refusal:
            line.refusal = refusal
        except TimeoutError:
            line.refusal = TryLater(
                "slow_topic", f"Expected {line.topic} to begin within {CREATE_SECONDS_MAX:g} s, found no answer"
            )
        else:
            line.begun = True
        finally:
            if not line.begun:
                del self.lines[line.topic]
        if line.begun and not line.holders:
            self._close(line)

    def _drop(self, line: Line, client: Client) -> None:
        if client not in line.holders:
            return
        line.holders.discard(client)
        held = self._held[client]
        held.discard(line)
        if not held:
            del self._held[client]
        self.sockets.fanout.leave(line.topic, client)
        if line.begun and not line.holders:
            self._close(line)

    def _close(self, line: Line) -> None:
        del self.lines[line.topic]
        line.service.remove_topic(line.topic)


def address(kind: Topic, asked: Model) -> str:
    """The topic a request names, whatever else it carries."""
    return kind.address(kind.request(**{name: getattr(asked, name) for name in kind.request.model_fields}))


def _missed(service: WsRouteService, kind: Topic, topic: str, asked: ResumeFrom) -> Sequence[Update] | None:
    """What a client that comes back has not been told yet; None when it must be given the state."""
    # Only lists are counted through restarts and pauses; a single value may have changed while nobody counted.
    if kind.state != "list" or asked.epoch is None or asked.seq is None:
        return None
    return service.since(topic, asked.epoch, asked.seq)


def _subscribed(topic: str, snapshot: Snapshot, *, recovered: bool) -> dict[str, object]:
    return {
        "status": "ok",
        "message": "subscribed",
        "topic": topic,
        "epoch": snapshot.epoch,
        "seq": snapshot.seq,
        "recovered": recovered,
        "state": snapshot.state,
    }


def _refused(topic: str, error: ErrorBody) -> dict[str, object]:
    return {"status": "error", "message": error.message, "topic": topic, "code": error.code, "field": error.field}
