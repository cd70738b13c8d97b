"""OAuth 2, authorization code: a user signs in on our page, the client gets a code, and for the code tokens (RFC 6749, 7636).

A code is good once, for a minute, for the client, address and proof key it was asked with. Shown a second time it has been
copied on the way, and what it gave ends.
"""

import base64
import hashlib
import re
from collections import OrderedDict
from dataclasses import dataclass
from hmac import compare_digest
from typing import Literal, NamedTuple

from trading_api.core.broker_rest.oauth_clients import OAuthClients
from trading_api.core.people import Draw, digest_of
from trading_api.core.ports import Clock
from trading_api.core.sign_in import SignIn
from trading_api.core.visits import REFRESH_PREFIX
from trading_api.models.errors import NotSignedIn
from trading_api.models.people import Tokens
from trading_api.models.tradingview.clients import OAuthClient

CODE_MS = 60_000
"""Between signing in and asking for the tokens."""
CODES_MAX = 1_000
"""Codes that can still be used, or shown a second time; the oldest falls first."""
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")

OAuthCode = Literal["invalid_request", "invalid_client", "invalid_grant", "unsupported_grant_type", "unsupported_response_type"]


class OAuthRefusal(Exception):
    """In the words of RFC 6749."""

    def __init__(self, code: OAuthCode, message: str) -> None:
        super().__init__(message)
        self.code = code


class Asked(NamedTuple):
    """What a client asked for when it sent its user."""

    client: OAuthClient
    redirect_uri: str
    state: str | None
    challenge: str | None


@dataclass
class _Code:
    asked: Asked
    login: str
    expires: int
    gave: str | None = None
    """The visit it was exchanged for; empty while that begins."""
    copied: bool = False
    """It has been shown a second time."""


class OAuth:
    def __init__(self, clients: OAuthClients, sign_in: SignIn, clock: Clock, draw: Draw) -> None:
        self.clients = clients
        self._sign_in, self._clock, self._draw = sign_in, clock, draw
        self._codes: OrderedDict[str, _Code] = OrderedDict()

    # The user's way

    async def client(self, client_id: str, redirect_uri: str) -> OAuthClient:
        """Raises OAuthRefusal where nobody must be sent back: to an unknown client, or to an address it did not register."""
        found = await self.clients.find(client_id)
        if found is None:
            raise OAuthRefusal("invalid_client", "Expected a registered client, found one that nobody knows")
        if redirect_uri not in found.redirect_uris:
            raise OAuthRefusal(
                "invalid_request", "Expected one of the client's registered addresses to go back to, found another"
            )
        return found

    @staticmethod
    def asked(
        client: OAuthClient,
        *,
        redirect_uri: str,
        state: str | None,
        response_type: str,
        challenge: str | None,
        method: str | None,
    ) -> Asked:
        """Raises OAuthRefusal that the client is told."""
        if response_type != "code":
            raise OAuthRefusal("unsupported_response_type", "Expected response_type code")
        if challenge is None and client.digest is None:
            raise OAuthRefusal("invalid_request", "Expected a code_challenge: this client has no secret")
        if challenge is not None and (method != "S256" or not _CHALLENGE.fullmatch(challenge)):
            raise OAuthRefusal("invalid_request", "Expected a code_challenge of 43 characters with the method S256")
        return Asked(client, redirect_uri, state, challenge)

    async def signed_in(self, asked: Asked, login: str, password: str, *, address: str) -> str:
        """A code. Raises NotSignedIn, and TooOften after too many failures."""
        user = await self._sign_in.check_password(login, password, address=address)
        code = self._draw()
        self._codes[digest_of(code)] = _Code(asked, user, self._clock.now() + CODE_MS)
        if len(self._codes) > CODES_MAX:
            self._codes.popitem(last=False)
        return code

    # The client's way

    async def exchange(self, *, client: OAuthClient, code: str, redirect_uri: str | None, verifier: str | None) -> Tokens:
        kept = self._codes.get(digest_of(code))
        if kept is None or kept.asked.client.mark != client.mark:
            raise OAuthRefusal("invalid_grant", "Expected a code that is good, found none")
        if kept.gave is not None:
            kept.copied = True
            await self._sign_in.end(kept.gave)
            raise _used()
        if self._clock.now() >= kept.expires:
            raise OAuthRefusal("invalid_grant", f"Expected a code at most {CODE_MS // 1000} s old")
        if redirect_uri != kept.asked.redirect_uri:
            raise OAuthRefusal("invalid_grant", "Expected the redirect_uri the code was asked with")
        if not _proves(kept.asked.challenge, verifier):
            raise OAuthRefusal("invalid_grant", "Expected the code_verifier of the code_challenge, and none without one")
        kept.gave = ""
        tokens = await self._begin(kept.login, client)
        kept.gave = _visit_of(tokens.refresh_token or "")
        if await self.clients.find(client.id) != client:  # removed meanwhile, when there was nothing to end yet
            await self._sign_in.end(kept.gave)
            raise OAuthRefusal("invalid_client", "Expected a registered client, found one that has been removed")
        if kept.copied:  # meanwhile, likewise
            await self._sign_in.end(kept.gave)
            raise _used()
        return tokens

    async def _begin(self, login: str, client: OAuthClient) -> Tokens:
        try:
            return await self._sign_in.begin(login, client=client.mark)
        except NotSignedIn as error:
            raise OAuthRefusal("invalid_grant", str(error)) from None

    async def refresh(self, *, client: OAuthClient, refresh_token: str) -> Tokens:
        """A refresh token is good for the client it was given to."""
        try:
            return await self._sign_in.refresh(refresh_token, client=client.mark)
        except NotSignedIn as error:
            raise OAuthRefusal("invalid_grant", str(error)) from None


def _used() -> OAuthRefusal:
    return OAuthRefusal("invalid_grant", "Expected a code that has not been used; what it gave has ended")


def _visit_of(refresh_token: str) -> str:
    return refresh_token.removeprefix(REFRESH_PREFIX).partition(".")[0]


def _proves(challenge: str | None, verifier: str | None) -> bool:
    """A verifier where none was announced: the challenge has been taken away on the way (RFC 9700, section 4.8.2)."""
    if challenge is None:
        return verifier is None
    if verifier is None or not _VERIFIER.fullmatch(verifier):
        return False
    digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    return compare_digest(digest, challenge)
