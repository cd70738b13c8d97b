"""The doorman of a house with authentication: whoever shows a good token, key or ticket is let in as its user."""

from trading_api.core.access import Credentials, Principal, not_signed_in
from trading_api.core.sign_in import SignIn
from trading_api.core.tickets import Tickets


class PeopleDoorman:
    def __init__(self, sign_in: SignIn, tickets: Tickets) -> None:
        self._sign_in, self._tickets = sign_in, tickets

    async def admit(self, credentials: Credentials) -> Principal:
        if credentials.ticket is None or credentials.bearer is not None:
            return self._sign_in.admit(credentials.bearer)
        principal = self._tickets.take(credentials.ticket)
        if principal is None:
            raise not_signed_in("a ticket that has not been used, less than 30 seconds old")
        return self._sign_in.renew(principal)

    def renew(self, principal: Principal) -> Principal:
        return self._sign_in.renew(principal)
