"""The register of OAuth clients, in the store; the command line changes it beside a running server."""

from hmac import compare_digest

from trading_api.core.people import Draw, digest_of, leave_revision
from trading_api.core.ports import Clock, Store
from trading_api.models.errors import Conflict, NotFound, Refused
from trading_api.models.tradingview.clients import OAuthClient, OAuthClientRequest

CLIENTS = "oauth-clients"
CLIENTS_MAX = 100
"""OAuth clients of one house; each of TradingView's environments needs its own."""


class OAuthClients:
    def __init__(self, store: Store, clock: Clock, draw: Draw) -> None:
        self._store, self._clock, self._draw = store, clock, draw

    async def add(self, request: OAuthClientRequest) -> str | None:
        """The secret, told this once; None of a public client."""
        known = await self.all()
        if any(one.id == request.id for one in known):
            raise Conflict("client_exists", f"Expected a new client id, found '{request.id}' taken", field="id")
        if len(known) >= CLIENTS_MAX:
            raise Refused("too_many_clients", f"Expected at most {CLIENTS_MAX} clients, found as many")
        secret = None if request.public else self._draw()
        kept = OAuthClient(
            id=request.id,
            name=request.name or request.id,
            redirect_uris=request.redirect_uris,
            digest=None if secret is None else digest_of(secret),
            created=self._clock.now(),
        )
        await self._store.put(CLIENTS, kept.id, kept.model_dump(mode="json"))
        return secret

    async def all(self) -> list[OAuthClient]:
        return [OAuthClient.model_validate(one) for one in (await self._store.all(CLIENTS)).values()]

    async def remove(self, client_id: str) -> None:
        """A running server ends what the client was given when it looks next."""
        if await self.find(client_id) is None:
            raise NotFound("unknown_client", f"Expected one of the clients, found '{client_id}'", field="id")
        await self._store.delete(CLIENTS, client_id)
        await leave_revision(self._store, self._draw)

    async def find(self, client_id: str) -> OAuthClient | None:
        document = await self._store.get(CLIENTS, client_id)
        return None if document is None else OAuthClient.model_validate(document)

    async def recognized(self, client_id: str | None, secret: str | None) -> OAuthClient | None:
        """Who shows this. By the secret alone too: TradingView's refreshing names no client."""
        digest = None if secret is None else digest_of(secret)
        if client_id is not None:
            found = await self.find(client_id)
            return found if found is not None and _shows(found, digest) else None
        if digest is None:
            return None
        return next((one for one in await self.all() if one.digest is not None and compare_digest(one.digest, digest)), None)


def _shows(client: OAuthClient, digest: str | None) -> bool:
    """Of a public client nothing is asked."""
    if client.digest is None:
        return digest is None
    return digest is not None and compare_digest(client.digest, digest)
