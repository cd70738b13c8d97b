"""Turns a topic's updates into frames: asks the topic table for the key, encodes once, hands the bytes to the bus."""

import json
from decimal import Decimal
from functools import lru_cache

from pydantic import BaseModel

from trading_api.core.json_text import Dialect
from trading_api.core.ports import Bus, Frame
from trading_api.core.routes import Update
from trading_api.models.topics import TOPIC, Topic

OPENINGS_MAX = 8192
"""Frame openings remembered; one per live topic. Beyond it they are built again, nothing is lost."""
GROUPS_MAX = 512
"""Texts of `of` remembered: how many frames facts have had on each topic. Beyond it likewise."""

WIRE = Dialect(amount=Decimal.__str__)
"""An amount is a JSON number with the digits it has."""


class Publisher:
    """`publish` is the callback every topic is created with. It never waits."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    def publish(self, update: Update) -> None:
        topic = _kind(update.topic)
        key = topic.key(update.payload) if topic.conflated and update.payload is not None else None
        self._bus.publish(Frame(update.topic, key, encode(update)))


def encode(update: Update) -> bytes:
    """The message as it crosses the wire."""
    topic, epoch, seq, payload, fact, of = update
    text = f"{_opening(topic, epoch)}{seq}"
    if fact is not None:
        text = f'{text},"fact":{fact}'
    if of is not None:
        text = f"{text}{_group(tuple(of.items()))}"
    if payload is not None:
        text = f'{text},"payload":{WIRE.text(payload)}'
    return f"{text}}}}}".encode()


def to_wire(model: BaseModel) -> bytes:
    """JSON with the wire's names; what is unknown is left out."""
    return model.__pydantic_serializer__.to_json(model, by_alias=True, exclude_none=True)


@lru_cache(maxsize=OPENINGS_MAX)
def _kind(topic: str) -> Topic:
    return TOPIC[topic.partition(":")[0]]


@lru_cache(maxsize=OPENINGS_MAX)
def _opening(topic: str, epoch: str) -> str:
    kind = _compact(f"{topic.partition(':')[0]}.update")
    return f'{{"type":{kind},"payload":{{"topic":{_compact(topic)},"epoch":{_compact(epoch)},"seq":'


@lru_cache(maxsize=GROUPS_MAX)
def _group(of: tuple[tuple[str, int], ...]) -> str:
    return f',"of":{_compact(dict(of))}'


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
