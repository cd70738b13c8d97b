"""Users, their API keys and their tokens. What is secret is a SecretStr: it does not show in logs, errors or documents."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr, StrictBool, StringConstraints
from pydantic_core import PydanticCustomError

from trading_api.models.base import WHOLE, Model
from trading_api.models.common import ACCOUNT_ID, AccountId

LOGIN = r"[a-z0-9][a-z0-9_.]{0,31}"
EVERY_ACCOUNT = "*"
PASSWORD_MIN = 8
PASSWORD_MAX = 256
"""Characters. Hashing a longer one would cost memory and time, and adds nothing."""
SECRET_MAX = 4_096
"""Characters of a token."""
KEY_NAME_MAX = 60
SCOPES_MAX = 50
"""Accounts a key may name; one more scope stands for all others."""


_HIDDEN = r"\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069"
"""Control characters, line breaks, and what turns the direction of writing."""
SHOWN = rf"^[^{_HIDDEN}]*[^\s{_HIDDEN}][^{_HIDDEN}]*$"


def _shows(name: str) -> str:
    if not re.fullmatch(SHOWN, name):
        raise PydanticCustomError("shown_name", "expected a name of one line that shows, without control characters")
    return name


def _no_blanks(password: SecretStr) -> SecretStr:
    if not password.get_secret_value().strip():
        raise PydanticCustomError("blank_password", "expected more than blanks, found nothing else")
    return password


def _long(least: int, most: int) -> AfterValidator:
    """Says how long it is, and not what it is."""

    def check(secret: SecretStr) -> SecretStr:
        if not least <= len(secret) <= most:
            message = "expected {least} to {most} characters, found {found}"
            raise PydanticCustomError("secret_length", message, {"least": least, "most": most, "found": len(secret)})
        return secret

    return AfterValidator(check)


Login = Annotated[str, StringConstraints(pattern=f"^{LOGIN}$")]
KeyName = Annotated[
    str,
    StringConstraints(min_length=1, max_length=KEY_NAME_MAX),
    AfterValidator(_shows),
    Field(json_schema_extra={"pattern": SHOWN}),
]
"""Stands in a row of a list."""
GivenLogin = Annotated[str, StringConstraints(max_length=64)]
"""As somebody types it who signs in."""
KeyId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,32}$")]
Password = Annotated[
    SecretStr,
    _long(PASSWORD_MIN, PASSWORD_MAX),
    AfterValidator(_no_blanks),
    Field(json_schema_extra={"minLength": PASSWORD_MIN, "maxLength": PASSWORD_MAX, "pattern": r"\S"}),
]
GivenPassword = Annotated[SecretStr, _long(0, PASSWORD_MAX), Field(json_schema_extra={"maxLength": PASSWORD_MAX})]
Secret = Annotated[SecretStr, _long(0, SECRET_MAX), Field(json_schema_extra={"maxLength": SECRET_MAX})]
KnownBy = Literal["loopback", "session", "key", "client"]
Scope = Literal["read", "trade", "admin"]
ScopedAccount = Annotated[str, StringConstraints(pattern=rf"^(?:\*|{ACCOUNT_ID})$")]
Scopes = Annotated[
    dict[ScopedAccount, Scope],
    Field(
        min_length=1,
        max_length=SCOPES_MAX,
        description="Account to the highest right on it; * stands for every other account of the user",
        examples=[{"*": "read"}],
    ),
]


class PasswordGrant(Model):
    """Sign in."""

    login: GivenLogin
    password: GivenPassword


class RefreshGrant(Model):
    """Stay signed in."""

    refresh_token: Secret = Field(alias="refreshToken")


class Tokens(Model):
    """What a sign-in gives. Both tokens are told once; the house keeps a hash of one and none of the other."""

    access_token: str = Field(alias="accessToken")
    token_type: Literal["bearer"] = Field(default="bearer", alias="tokenType")
    expires_in: int = Field(alias="expiresIn", description="Seconds")
    expires_at: int = Field(alias="expiresAt", description="UTC milliseconds")
    refresh_token: str | None = Field(default=None, alias="refreshToken")
    login: str


class SocketTicket(Model):
    """Opens one socket, once, as `?ticket=`: a browser cannot send a header with it."""

    ticket: str
    expires_in: int = Field(alias="expiresIn", description="Seconds")


class WhoAmI(Model):
    """Who the house takes the caller for."""

    login: str
    administrator: bool = Field(description="Whether this caller administers the house")
    by: KnownBy = Field(description="What the caller is known by; `client`: a program its user signed in for (OAuth 2)")
    scopes: dict[str, Scope]
    accounts: tuple[str, ...] = Field(description="The accounts this caller sees")


class PasswordChange(Model):
    """Of one's own; ends every session, the one that asks included."""

    current: GivenPassword
    password: Password


class User(Model):
    """Somebody who can sign in."""

    login: Login
    administrator: bool = False
    disabled: bool = False
    created: int = Field(description="UTC milliseconds")


class UserRequest(Model):
    """A new user."""

    login: Login
    password: Password
    administrator: StrictBool = False


class UserChange(Model):
    """What is absent stays."""

    password: Password | None = None
    administrator: StrictBool | None = None
    disabled: StrictBool | None = None


class KeyRequest(Model):
    """A new API key."""

    name: KeyName = Field(description="For whoever reads the list")
    scopes: Scopes
    expires: Annotated[int, Field(ge=0, le=2**53), WHOLE] | None = Field(
        default=None, description="UTC milliseconds; absent: never"
    )
    login: Login | None = Field(default=None, description="Whose key; only an administrator may name another user")


class KeyChange(Model):
    """What is absent stays."""

    name: KeyName | None = None
    scopes: Scopes | None = None


class ApiKey(Model):
    """A key as it is listed: without its secret, which nobody has but whoever was shown it."""

    id: KeyId
    login: Login
    name: str
    scopes: Scopes
    created: int = Field(description="UTC milliseconds")
    expires: int | None = None
    last_used: int | None = Field(default=None, alias="lastUsed", description="UTC milliseconds, to within an hour")


class NewKey(ApiKey):
    """The one answer that holds the secret."""

    secret: str


class OwnedAccount(Model):
    """Whose account it is."""

    account_id: AccountId = Field(alias="accountId")
    login: str
