"""Who may see and do what. A foreign account looks exactly like an absent one.

A right includes the lesser ones: who may administer an account may trade it, and who may trade it may read it.
"""

from enum import StrEnum
from typing import Literal, NamedTuple, Protocol, assert_never

from trading_api.models.errors import NotAllowed, NotFound, NotSignedIn

Right = Literal["read", "trade", "admin"]
Rights = frozenset[Right]

NOTHING: Rights = frozenset()
READS: Rights = frozenset({"read"})
TRADES: Rights = frozenset({"read", "trade"})
ADMINISTERS: Rights = frozenset({"read", "trade", "admin"})
LADDER: dict[Right, Rights] = {"read": READS, "trade": TRADES, "admin": ADMINISTERS}

LOCAL = "local"
"""The one user of a house without authentication, whose accounts all are that were opened there."""

BY_CLIENT = "client:"
"""How the standing of an OAuth client begins."""


class Credentials(NamedTuple):
    """What a caller showed at the door."""

    bearer: str | None = None
    ticket: str | None = None


class Reach(Protocol):
    """What somebody may do on which account, as things are at the moment of asking."""

    opens: bool
    """Whether new accounts may be opened; they are that user's own."""

    def rights_on(self, account_id: str) -> Rights:
        """Nothing: the account is not there for this caller."""


class Principal(NamedTuple):
    """A caller who has been let in."""

    name: str
    """The user's login."""
    rights: Rights
    """On the house itself, and on every account it sees where `reach` does not say more exactly."""
    accounts: frozenset[str] | None = None
    """None: every account."""
    reach: Reach | None = None
    standing: str = ""
    """What it stands on: a key's or a session's id; nothing for the local user."""

    def rights_on(self, account_id: str) -> Rights:
        if self.reach is not None:
            return self.reach.rights_on(account_id)
        return self.rights if self.accounts is None or account_id in self.accounts else NOTHING

    def sees(self, account_id: str) -> bool:
        if self.reach is not None:
            return bool(self.reach.rights_on(account_id))
        return self.accounts is None or account_id in self.accounts

    def require(self, account_id: str, right: Right) -> None:
        if not self.sees(account_id):
            raise no_account(account_id)
        if right not in self.rights_on(account_id):
            raise NotAllowed("not_allowed", f"Expected the right to {right} on account {account_id}, found none")

    def require_house(self) -> None:
        if not self.administers:
            raise NotAllowed("not_allowed", "Expected the right to administer the house, found none")

    def require_opening(self) -> None:
        if not self.administers and not (self.reach is not None and self.reach.opens):
            raise NotAllowed("not_allowed", "Expected the right to open accounts and make keys, found none")

    def require_own(self) -> None:
        """What belongs to a user and to no account is not what a client was signed in for."""
        if self.standing.startswith(BY_CLIENT):
            raise NotAllowed("not_allowed", "Expected the user or a key of the user, found a client")

    @property
    def hears_prices(self) -> bool:
        """Prices are nobody's: whatever somebody may do, it includes them."""
        return "read" in self.rights or self.reach is not None

    @property
    def administers(self) -> bool:
        """The house, not only accounts."""
        return "admin" in self.rights


class Policy(StrEnum):
    """Who may use a route or a topic."""

    OPEN = "everyone"
    SIGNED_IN = "whoever is signed in"
    OWN = "whoever is signed in, but no client"
    READ = "who may read the account"
    TRADE = "who may trade the account"
    ADMIN = "who may administer the account"
    OPENS = "who may open accounts and make keys"
    HOUSE = "who administers the house"


def hold(policy: Policy, caller: Principal, account_id: str | None) -> None:
    """Raise what this caller is told who may not. Absent accounts are refused like foreign ones, by whoever looks for them."""
    match policy:
        case Policy.OPEN | Policy.SIGNED_IN:
            pass
        case Policy.OWN:
            caller.require_own()
        case Policy.READ | Policy.TRADE | Policy.ADMIN:
            assert account_id is not None, "a policy about an account is of a route that names one"
            caller.require(account_id, _RIGHT[policy])
        case Policy.OPENS:
            caller.require_opening()
        case Policy.HOUSE:
            caller.require_house()
        case _:
            assert_never(policy)


_RIGHT: dict[Policy, Right] = {Policy.READ: "read", Policy.TRADE: "trade", Policy.ADMIN: "admin"}


def no_account(account_id: str) -> NotFound:
    return NotFound("unknown_account", f"Expected one of your accounts, found '{account_id}'", field="accountId")


def not_signed_in(expected: str = "a token or an API key that is good") -> NotSignedIn:
    """One sentence for whatever was wrong with it: an expired token, a revoked key and an invented one look alike."""
    return NotSignedIn("not_signed_in", f"Expected {expected}, found none: sign in")
