"""One request and its answer, as a report may show it: without passwords, codes and tokens."""

import json
import re
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import quote, quote_plus

import httpx

KEPT_CHARACTERS_MAX = 4000
"""Of a body, for the report."""
BEGUN_CHARACTERS = 24
"""Of a longer secret its beginning is hidden too."""
_SECRETS = re.compile(r'("(?:access_token|refresh_token|password)"\s*:\s*)"[^"]*"')
_CODES = re.compile(r"([?&]code=)[^&\s\"]+")
_SECRET_FIELDS = frozenset({"password", "login", "code", "code_verifier", "client_secret", "refresh_token"})
_SECRET_HEADERS = frozenset({"authorization", "cookie", "set-cookie"})
_TOLD_OF_REQUESTS = frozenset({"origin", "authorization", "access-control-request-method", "access-control-request-headers"})
_TOLD_OF_ANSWERS = frozenset({"content-type", "transfer-encoding", "vary", "location", "allow", "www-authenticate"})
_CORS = "access-control-"
Words = Mapping[str, object]


class Exchange(NamedTuple):
    method: str
    url: str
    asked: dict[str, str]
    """The request's headers."""
    sent: str
    status: int
    headers: dict[str, str]
    received: str

    def told(self) -> tuple[dict[str, str], dict[str, str]]:
        """Of the headers that were sent and received, those that rules are about."""
        asked = {name: value for name, value in self.asked.items() if name in _TOLD_OF_REQUESTS}
        answered = {name: value for name, value in self.headers.items() if name.startswith(_CORS) or name in _TOLD_OF_ANSWERS}
        return asked, answered


def exchange_of(response: httpx.Response, form: Words | None, text: str) -> Exchange:
    kept = _SECRETS.sub(r'\1"…"', text)
    shortened = kept if len(kept) <= KEPT_CHARACTERS_MAX else kept[:KEPT_CHARACTERS_MAX] + "…"
    return _of(response.request, form)._replace(
        status=response.status_code, headers=_headers(response.headers), received=shortened
    )


def without_answer(request: httpx.Request, form: Words | None, why: str) -> Exchange:
    return _of(request, form)._replace(received=why)


def _of(request: httpx.Request, form: Words | None) -> Exchange:
    sent = "&".join(f"{name}={'…' if name in _SECRET_FIELDS else value}" for name, value in (form or {}).items())
    return Exchange(request.method, str(request.url), _headers(request.headers), sent, 0, {}, "")


def _headers(headers: httpx.Headers) -> dict[str, str]:
    return {name.lower(): "…" if name.lower() in _SECRET_HEADERS else value for name, value in headers.items()}


def forms_of(secret: str) -> tuple[str, ...]:
    """As it is, and as URLs, forms and JSON write it; the longer ones first, which may hold others."""
    written = {secret, quote(secret, safe=""), quote(secret), quote_plus(secret)}
    written |= {json.dumps(secret, ensure_ascii=escaped)[1:-1] for escaped in (True, False)}
    return tuple(sorted(filter(None, written), key=len, reverse=True))


def without(secret: str, text: str) -> str:
    """Without it, and where a sentence shows only its beginning without that."""
    text = text.replace(secret, "…")
    begun = re.escape(secret[:BEGUN_CHARACTERS]) + r"[\w.~+/=-]*" if len(secret) > BEGUN_CHARACTERS else None
    return re.sub(begun, "…", text) if begun else text


def without_codes(text: str) -> str:
    """Whoever has a code of OAuth may fetch the tokens it stands for."""
    return _CODES.sub(r"\1…", text)
