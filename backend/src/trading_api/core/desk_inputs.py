"""What a desk can be told, and what one round of its task has decided."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from trading_api.models.common import CommandAnswer
from trading_api.models.errors import TradingError
from trading_api.models.facts import Command, Fact, Requested
from trading_api.models.market.quotes import Quote

Answer = asyncio.Future[CommandAnswer]


class Ask(NamedTuple):
    """A command to decide. The answer, or the refusal, goes into `answer` after the flush."""

    command: Command
    symbol: str | None
    at: int
    """Market time when it was asked: it is decided as of then, however long it waited."""
    answer: Answer


class Execute(NamedTuple):
    """Fill an order on demand."""

    order_id: str
    at: int
    answer: Answer


class Ticked(NamedTuple):
    quote: Quote


class Woken(NamedTuple):
    time: int


class Told(NamedTuple):
    """Facts from a venue outside the house."""

    facts: tuple[Fact, ...]


class Unheard(NamedTuple):
    """A while has gone by since a command that had not shown then."""

    command: Requested


class Caught(NamedTuple):
    """Somebody waits until everything before this has been flushed and announced."""

    up: asyncio.Future[None]


Input = Ask | Execute | Ticked | Woken | Told | Unheard | Caught


@dataclass(slots=True)
class Batch:
    """What one round has decided so far; one flush carries its facts."""

    facts: list[Fact] = field(default_factory=list)
    asked: dict[str, str] = field(default_factory=dict)
    """Client id to body hash, of the commands in this batch."""
    done: list[tuple[Answer, Callable[[int], CommandAnswer]]] = field(default_factory=list)
    """Answers as a function of the account's sequence before the batch."""
    refused: list[tuple[Answer, TradingError]] = field(default_factory=list)
    outgoing: list[Requested] = field(default_factory=list)
    waiting: list[asyncio.Future[None]] = field(default_factory=list)

    def accept(self, answer: Answer, *, order_id: str | None = None, position_id: str | None = None) -> None:
        """Answer with the last fact decided so far."""
        count = len(self.facts)

        def after(first: int) -> CommandAnswer:
            return CommandAnswer(order_id=order_id, position_id=position_id, fact=first + count)

        self.done.append((answer, after))

    def admit(self, answer: Answer, requested: Requested | None) -> None:
        """Answer a command; what it asks of the venue is followed after the flush."""
        if requested is None:
            self.accept(answer)
        else:
            self.outgoing.append(requested)
            self.accept(answer, order_id=requested.order_id, position_id=requested.position_id)

    def settle(self, first: int) -> None:
        """After the flush: give every answer that someone still waits for."""
        for up in self.waiting:
            if not up.done():
                up.set_result(None)
        for future, refusal in self.refused:
            if not future.done():
                future.set_exception(refusal)
        for future, answer in self.done:
            if future.done():
                continue
            try:
                future.set_result(answer(first))
            except TradingError as refusal:
                future.set_exception(refusal)
