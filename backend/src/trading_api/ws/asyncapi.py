"""The AsyncAPI 3.0 document, made from the topic table: one channel per topic, all at the socket's one address.

It describes the server: it *receives* subscribe and unsubscribe and replies, and it *sends* updates.
"""

import json
from typing import Literal

from pydantic.json_schema import models_json_schema

from trading_api.core.versioning import API_PREFIX, CURRENT
from trading_api.models.base import Model
from trading_api.models.sockets import CLOSE_CODES, SocketError, Unsubscribed
from trading_api.models.topics import TOPICS, Topic
from trading_api.ws.codegen import stem_of
from trading_api.ws.examples import examples
from trading_api.ws.generated import MESSAGES
from trading_api.ws.messages import TopicMessages

Json = dict[str, object]
Mode = Literal["validation", "serialization"]

REFERENCE = "#/components/schemas/{model}"
SERVER = "127.0.0.1:8000"

DESCRIPTION = """\
One socket carries every topic. A topic is named by its type and its request, written as JSON with sorted keys and no spaces:
`quotes:{"symbol":"DEMO:EURUSD"}`. The answer to `subscribe` is acknowledgement and current state in one; every update after it
counts `seq` up by one. Where newer values may replace older ones (bars, quotes, equity) a jump in `seq` says that they did.
A message that cannot be understood is answered by an `error` frame and the connection stays.

A client that comes back names in `subscribe` the `epoch` and `seq` it saw last. Orders, executions and positions are then
resumed, also across a restart of the server: the answer says `recovered` and carries no state, and every missed update follows
at once. Where that is not possible the answer carries the state. An update of theirs without a `payload` says that a new epoch
has begun, with an empty list.

The server closes a connection with:

"""


def asyncapi_text(*, path: str = f"{API_PREFIX}/ws") -> str:
    return json.dumps(asyncapi_document(path=path), ensure_ascii=False, indent=2) + "\n"


def asyncapi_document(*, path: str = f"{API_PREFIX}/ws") -> Json:
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Trading API topics", "version": CURRENT.version, "description": _description()},
        "defaultContentType": "application/json",
        "servers": {"local": {"host": SERVER, "protocol": "ws", "description": "Where `make run` listens"}},
        "channels": {topic.name: _channel(topic, path) for topic in TOPICS},
        "operations": {name: operation for topic in TOPICS for name, operation in _operations(topic).items()},
        "components": {"messages": {"error": _error()}, "schemas": _schemas()},
    }


def _description() -> str:
    return DESCRIPTION + "".join(f"- {code}: {meaning}.\n" for code, meaning in sorted(CLOSE_CODES.items()))


def _channel(topic: Topic, path: str) -> Json:
    own = MESSAGES[topic.name]
    shown = examples(topic)
    conflated = " Newer values may replace older ones." if topic.conflated else " Every update counts."
    messages: Json = {
        kind: _message(f"{topic.name}.{kind}", payload.__name__, *shown[kind]) for kind, payload in _payloads(own).items()
    }
    return {
        "address": path,
        "title": topic.name,
        "summary": f"{topic.summary}.",
        "description": f"Owned by the {topic.owner}.{conflated}",
        "servers": [{"$ref": "#/servers/local"}],
        "messages": messages | {"error": {"$ref": "#/components/messages/error"}},
    }


def _payloads(own: TopicMessages) -> dict[str, type[Model]]:
    return {
        "subscribe": own.subscribe,
        "subscribe.response": own.subscribed,
        "unsubscribe": own.unsubscribe,
        "unsubscribe.response": Unsubscribed,
        "update": own.update,
    }


def _message(kind: str, schema: str, *examples: object) -> Json:
    return {
        "name": kind,
        "title": kind,
        "contentType": "application/json",
        "payload": _frame(kind, schema),
        "examples": [{"payload": {"type": kind, "payload": example}} for example in examples],
    }


def _frame(kind: str, schema: str) -> Json:
    return {
        "type": "object",
        "required": ["type", "payload"],
        "additionalProperties": False,
        "properties": {"type": {"type": "string", "const": kind}, "payload": {"$ref": f"#/components/schemas/{schema}"}},
    }


def _error() -> Json:
    example = {
        "code": "bad_request",
        "field": "accountId",
        "message": "Expected the field accountId, found none",
        "request": "orders.subscribe",
    }
    return _message("error", SocketError.__name__, example) | {"summary": "The answer to a message that was not understood"}


def _operations(topic: Topic) -> Json:
    stem = stem_of(topic)
    return {
        f"subscribe{stem}": _asked(topic, "subscribe", f"Listen to {topic.name}"),
        f"unsubscribe{stem}": _asked(topic, "unsubscribe", f"Stop listening to {topic.name}"),
        f"update{stem}": {
            "action": "send",
            "channel": _of_channel(topic),
            "summary": f"{topic.summary}.",
            "messages": [_of_channel(topic, "update")],
        },
    }


def _asked(topic: Topic, kind: str, summary: str) -> Json:
    return {
        "action": "receive",
        "channel": _of_channel(topic),
        "summary": summary,
        "messages": [_of_channel(topic, kind)],
        "reply": {
            "channel": _of_channel(topic),
            "messages": [_of_channel(topic, f"{kind}.response"), _of_channel(topic, "error")],
        },
    }


def _of_channel(topic: Topic, message: str | None = None) -> Json:
    return {"$ref": f"#/channels/{topic.name}" + (f"/messages/{message}" if message else "")}


def _schemas() -> Json:
    models: list[tuple[type[Model], Mode]] = [(SocketError, "serialization"), (Unsubscribed, "serialization")]
    for own in MESSAGES.values():
        models += [(own.subscribe, "validation"), (own.unsubscribe, "validation")]
        models += [(own.subscribed, "serialization"), (own.update, "serialization")]
    definitions = models_json_schema(list(dict.fromkeys(models)), ref_template=REFERENCE)[1]["$defs"]
    return {name: _untitled(schema) for name, schema in sorted(definitions.items())}


def _untitled(schema: Json) -> Json:
    """Without the titles pydantic gives to fields: generators would make a type of each."""
    fields = schema.get("properties")
    if isinstance(fields, dict):
        for field in fields.values():
            field.pop("title", None)
    return schema
