"""Fails when an endpoint does not say what it answers: every success needs a schema, or a status that has no body."""

import asyncio
import json
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from trading_api.offline import openapi_text

NO_BODY = ("204", "205")


def undeclared(document: Mapping[str, Any]) -> Iterator[str]:  # Any: a document of somebody else's shape
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            for status, response in operation["responses"].items():
                schemas = [content.get("schema") for content in response.get("content", {}).values()]
                if status.startswith("2") and status not in NO_BODY and not (schemas and all(schemas)):
                    yield f"{method.upper()} {path}"


def main() -> int:
    found = sorted(undeclared(json.loads(asyncio.run(openapi_text()))))
    for endpoint in found:
        sys.stderr.write(f"{endpoint}: expected a response model, found none\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
