"""Programs that may send their users to our sign-in page (OAuth 2 clients)."""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from trading_api.models.base import Model

REDIRECTS_MAX = 10
"""Addresses of one client to which its users may be sent back."""
REDIRECT_TEXT_MAX = 500
LOOPBACK = ("localhost", "127.0.0.1", "::1")


def _checked(address: str) -> str:
    parts = urlsplit(address)
    safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
    if not safe or not parts.hostname or parts.fragment or not address.isascii() or not address.isprintable():
        raise PydanticCustomError("redirect", "expected an https address without a fragment (http only of this machine)")
    return address


def _one_line(name: str) -> str:
    if not name.isprintable():
        raise PydanticCustomError("client_name", "expected one line without control characters")
    return name


ClientName = Annotated[str, AfterValidator(_one_line)]
RedirectUri = Annotated[str, StringConstraints(max_length=REDIRECT_TEXT_MAX, pattern=r"^\S+$"), AfterValidator(_checked)]
OAuthClientId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]


class OAuthClientRequest(Model):
    id: OAuthClientId
    name: ClientName = Field(default="", max_length=80, description="What the sign-in page calls it")
    redirect_uris: tuple[RedirectUri, ...] = Field(min_length=1, max_length=REDIRECTS_MAX, alias="redirectUris")
    public: bool = Field(default=False, description="It cannot keep a secret: PKCE alone shows who asks")


class OAuthClient(Model):
    """As stored; of the secret only a digest."""

    id: str
    name: str
    redirect_uris: tuple[str, ...] = Field(alias="redirectUris")
    digest: str | None = None
    created: int

    @property
    def mark(self) -> str:
        """Another than that of a client added later under the same id."""
        return f"{self.id} {self.created}"
