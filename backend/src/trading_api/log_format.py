"""How lines of the log look: without secrets, whoever writes them. At the level debug, libraries write down whole headers."""

import logging
import re

FORMAT = "%(asctime)s %(levelname)-7s %(message)s"
TIME = "%H:%M:%S"
HIDDEN = "(not shown)"

_AUTHORIZATION = re.compile(r"(authorization\W{1,6}(?:bearer|basic)?\s*)[^\s'\",)]+", re.IGNORECASE)
_BEARER = re.compile(r"(bearer\s+)[^\s'\",)]+", re.IGNORECASE)
_OURS = re.compile(r"\b(?:tapi|trt|tws)_[\w.-]+")
_JWT = re.compile(r"\beyJ[\w-]{8,}\.[\w-]+\.[\w-]+")
_FIELD = re.compile(r"((?:password|secret|token|ticket|code_verifier)['\"]?\s*[=:]\s*['\"]?)[^\s&'\",)]+", re.IGNORECASE)


class SecretsHidden(logging.Formatter):
    """Tracebacks included."""

    def __init__(self) -> None:
        super().__init__(FORMAT, TIME)

    def format(self, record: logging.LogRecord) -> str:
        return hidden(super().format(record))


def hidden(text: str) -> str:
    """The text without what looks like a token, a key or a password."""
    for pattern in (_AUTHORIZATION, _BEARER, _FIELD):
        text = pattern.sub(rf"\1{HIDDEN}", text)
    return _JWT.sub(HIDDEN, _OURS.sub(HIDDEN, text))
