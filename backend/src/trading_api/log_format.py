"""How lines of the log look: without secrets, whoever writes them. At the level debug, libraries write down whole headers."""

import logging
import re

FORMAT = "%(asctime)s %(levelname)-7s %(message)s"
TIME = "%H:%M:%S"
HIDDEN = "(not shown)"

# Every pattern looks through a long line once: what has been looked through is not tried again from further on.
_HEADER = re.compile(r"([<>] (?=[\w-]*?(?:auth|cookie|key|token|secret|protocol))[\w-]++: ).+", re.IGNORECASE)
"""As the sockets' library writes each of a handshake's headers on a line."""
_QUERY = re.compile(r"([<>] [A-Z]+ \S*?\?)\S+")
"""Of a handshake."""
_CUT = re.compile(r"^((?>.*?[<>] (?:TEXT|CONT|BINARY) )(?>.*?\.\.\.)).+", re.MULTILINE)
"""A message in the middle of which something has been left out: what comes next may be a secret without its name."""
_AUTHORIZATION = re.compile(r"(authorization(?:\\*['\"]\s*[:,]|\s*[:=])\s*(?:b?\\*['\"])?)[^\r\n'\"]+", re.IGNORECASE)
_BEARER = re.compile(r"((?:bearer|basic)\s+)[^\s'\",)]+", re.IGNORECASE)
_OURS = re.compile(r"\b(?:tapi|trt|tws)_[\w.-]+")
_JWT = re.compile(r"(?<![\w-])((?>[\w-]*?\beyJ))[\w-]{8,}+\.[\w-]+\.[\w-]+")
_FIELD = re.compile(
    r"((?:password|secret|token|ticket|code_verifier|[?&]code)\\*['\"]?\s*[=:]\s*)"
    r"(?:(?P<open>\\*['\"])(?:(?!(?<!\\)(?P=open)).)*+(?P=open)?|[^\s&'\",)]+)",
    re.IGNORECASE,
)
"""A quote in a text that is itself quoted, once or oftener, has backslashes before it: one with more of them is inside."""


class SecretsHidden(logging.Formatter):
    """Tracebacks included."""

    def __init__(self) -> None:
        super().__init__(FORMAT, TIME)

    def format(self, record: logging.LogRecord) -> str:
        return hidden(super().format(record))


def hidden(text: str) -> str:
    """The text without what looks like a token, a key or a password."""
    for pattern in (_HEADER, _QUERY, _CUT, _FIELD, _AUTHORIZATION, _BEARER, _JWT):
        text = pattern.sub(rf"\1{HIDDEN}", text)
    return _OURS.sub(HIDDEN, text)
