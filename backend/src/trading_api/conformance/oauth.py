"""A client of OAuth 2, authorization code with PKCE, as TradingView is one (contract 4.3; RFC 6749, 7636)."""

import base64
import hashlib
import secrets
from collections.abc import Awaitable, Callable
from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit

from trading_api.conformance.shapes import NAME, NotApplicable, expect, fields
from trading_api.conformance.sign_in_page import sent_back
from trading_api.conformance.terms import OAuthTerms, Terms
from trading_api.conformance.wire import Answer, Wire

Person = Callable[[str, str], Awaitable[str]]
"""Signs in at the first address; returns where, at the second, it was sent back to."""


class Returned(NamedTuple):
    """What came back with the user, and what it belongs to."""

    told: dict[str, str]
    state: str
    verifier: str

    @property
    def code(self) -> str:
        expect(
            "error" not in self.told, f"expected a code, found {self.told.get('error')} {self.told.get('error_description')}"
        )
        expect(bool(self.told.get("code")), "expected a code with the user who is sent back, found none")
        return self.told["code"]


class OAuth:
    def __init__(self, wire: Wire, terms: Terms, person: Person | None = None) -> None:
        self._wire, self._terms, self._person = wire, terms, person
        self._first: tuple[Returned, Answer] | None = None

    @property
    def by_hand(self) -> bool:
        return self._person is not None

    @property
    def _client(self) -> OAuthTerms:
        if self._terms.oauth is None:
            raise NotApplicable("needs --oauth-client")
        return self._terms.oauth

    async def first(self) -> tuple[Returned, Answer]:
        """One sign-in for whatever only looks at it: a person should not have to make many."""
        if self._first is None:
            back = await self.signed_in()
            self._first = back, await self.exchanged(back)
        return self._first

    async def signed_in(self) -> Returned:
        client, verifier = self._client, secrets.token_urlsafe(48)
        state = f"{secrets.token_urlsafe(12)} &=é"
        digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
        asked = {
            "response_type": "code",
            "client_id": client.client,
            "redirect_uri": client.redirect,
            "token_uri": client.token,
            "state": state,
            "lang": "en",
            "code_challenge": digest,
            "code_challenge_method": "S256",
        }
        address = client.authorize + ("&" if urlsplit(client.authorize).query else "?") + urlencode(asked)
        told = dict(parse_qsl(urlsplit(await self._at_page(address, client.redirect)).query, keep_blank_values=True))
        self._wire.hide(told.get("code"), verifier)
        return Returned(told, state, verifier)

    async def _at_page(self, address: str, redirect: str) -> str:
        if self._person is not None:
            return await self._person(address, redirect)
        if self._terms.login is None or self._terms.password is None:
            raise NotApplicable("needs --login and a password, or --oauth-by-hand")
        return await sent_back(self._wire, address, self._terms.login, self._terms.password, redirect)

    async def exchanged(self, back: Returned, verifier: str | None = None) -> Answer:
        """The tokens for a code, asked for as TradingView's server does."""
        form = {"grant_type": "authorization_code", "code": back.code, "redirect_uri": self._client.redirect}
        return await self._tokens({**form, "client_id": self._client.client, "code_verifier": verifier or back.verifier})

    async def refreshed(self, refresh_token: str) -> Answer:
        """A client with a secret sends no name here (contract 4.3)."""
        client = {} if self._client.secret else {"client_id": self._client.client}
        return await self._tokens({"grant_type": "refresh_token", "refresh_token": refresh_token, **client})

    async def _tokens(self, form: dict[str, str]) -> Answer:
        secret = {"client_secret": self._client.secret} if self._client.secret else {}
        answer = await self._wire.ask("POST", self._client.token, form={**form, **secret}, token=None)
        if answer.status == 200:
            told = answer.json()
            if isinstance(told, dict):
                self._wire.hide(told.get("access_token"), told.get("refresh_token"))
        return answer


def access_token(answer: Answer) -> str:
    expect(answer.status == 200, f"expected status 200 with tokens, found {answer.status}")
    return str(fields(answer.json(), "the answer with tokens", {"access_token": NAME})["access_token"])
