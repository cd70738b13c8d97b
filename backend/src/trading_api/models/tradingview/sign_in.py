"""Signing in with a password, and the forms and answers of OAuth 2 (contract 4.3)."""

from typing import Annotated, Literal

from pydantic import Field, SecretStr

from trading_api.models.base import Model
from trading_api.models.people import GivenLogin, GivenPassword, Secret
from trading_api.models.tradingview.orders import Form

PARAMETER_MAX = 1_000
"""Characters of a parameter of OAuth."""
Parameter = Annotated[str, Field(max_length=PARAMETER_MAX)]


class SignInForm(Form):
    login: GivenLogin
    password: GivenPassword
    locale: Parameter = "en"


class AccessToken(Model):
    access_token: str
    expiration: int = Field(description="UTC seconds")


class PageForm(Form):
    """What our sign-in page sends to itself."""

    login: GivenLogin = ""
    password: GivenPassword = SecretStr("")
    mark: Parameter = Field(default="", description="The same as in the page's cookie")


class TokenForm(Form):
    grant_type: Parameter
    code: Secret | None = None
    redirect_uri: Parameter | None = None
    code_verifier: Secret | None = None
    refresh_token: Secret | None = None
    client_id: Parameter | None = None
    client_secret: Secret | None = None


class OAuthTokens(Model):
    """RFC 6749, section 5.1."""

    token_type: Literal["bearer"] = "bearer"
    access_token: str
    expires_in: int = Field(description="Seconds")
    refresh_token: str | None = None


class OAuthError(Model):
    """RFC 6749, section 5.2."""

    error: str
    error_description: str
