"""The four message types the generator writes for each topic."""

from typing import NamedTuple

from trading_api.models.base import Model
from trading_api.models.sockets import Subscribed, UpdateEnvelope


class TopicMessages(NamedTuple):
    subscribe: type[Model]
    subscribed: type[Subscribed]
    unsubscribe: type[Model]
    update: type[UpdateEnvelope]
