"""Turns a topic's updates into frames: asks the topic table for the key, encodes once, hands the bytes to the bus."""

import json
from functools import lru_cache

from pydantic import BaseModel

from trading_api.core.ports import Bus, Frame
from trading_api.core.routes import Update
from trading_api.models.topics import TOPIC

OPENINGS_MAX = 8192
"""Frame openings remembered; one per live topic. Beyond it they are built again, nothing is lost."""


class Publisher:
    """`publish` is the callback every topic is created with. It never waits."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    def publish(self, update: Update) -> None:
        topic = TOPIC[update.topic.partition(":")[0]]
        key = None if update.payload is None else topic.key(update.payload)
        self._bus.publish(Frame(update.topic, key, encode(update)))


def encode(update: Update) -> bytes:
    """The message as it crosses the wire."""
    fact = b"" if update.fact is None else b',"fact":%d' % update.fact
    of = (
        b""
        if update.of is None
        else b',"of":{%b}' % b",".join([b'"%b":%d' % (name.encode(), count) for name, count in update.of.items()])
    )
    payload = b"" if update.payload is None else b',"payload":' + to_wire(update.payload)
    return b"%b%d%b%b%b}}" % (_opening(update.topic, update.epoch), update.seq, fact, of, payload)


def to_wire(model: BaseModel) -> bytes:
    """JSON with the wire's names; what is unknown is left out."""
    return model.__pydantic_serializer__.to_json(model, by_alias=True, exclude_none=True)


@lru_cache(maxsize=OPENINGS_MAX)
def _opening(topic: str, epoch: str) -> bytes:
    kind = _compact(f"{topic.partition(':')[0]}.update")
    return b'{"type":%b,"payload":{"topic":%b,"epoch":%b,"seq":' % (kind, _compact(topic), _compact(epoch))


def _compact(value: str) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
