"""Signing in with OAuth 2 at the broker that keeps every rule: one client, one user, a page with a form."""

import base64
import hashlib
from collections.abc import Callable
from urllib.parse import urlencode

from reference_wire import Asked, Reply

CLIENT, SECRET, REDIRECT = "someone", "a-secret-of-a-client", "http://127.0.0.1:9/back"
PAGE = (
    '<form><input name="q"></form><form method="post"><input type="hidden" name="mark" value="m">'
    '<input name="who"><input type="password" name="word"><button>Sign in</button></form>'
)


class OAuthServer:
    def __init__(self, give: Callable[[], str]) -> None:
        """`give` makes a token that is good."""
        self._give = give
        self._asked: dict[str, dict[str, str]] = {}
        self._refresh: set[str] = set()

    def __call__(self, asked: Asked) -> Reply:
        if asked.path == "/oauth2/authorize":
            return self._page(asked)
        return self._token(asked.form)

    def _page(self, asked: Asked) -> Reply:
        query = asked.query
        if (query.get("client_id"), query.get("redirect_uri"), query.get("response_type")) != (CLIENT, REDIRECT, "code"):
            return Reply("who is that?", 400, {"content-type": "text/html"})
        if asked.method == "GET":
            return Reply(PAGE, 200, {"content-type": "text/html", "set-cookie": "mark=m; Path=/oauth2"})
        good = {"mark": "m", "who": "demo", "word": "demo"}
        if asked.form != good or asked.headers.get("cookie") != "mark=m":
            return Reply(PAGE, 401, {"content-type": "text/html"})
        code = f"code-{len(self._asked)}"
        self._asked[code] = query
        return Reply("", 303, {"location": f"{REDIRECT}?{urlencode({'code': code, 'state': query['state']})}"})

    def _token(self, form: dict[str, str]) -> Reply:
        if form.get("client_secret") != SECRET:
            return Reply({"error": "invalid_client"}, 401)
        if form["grant_type"] == "refresh_token":
            return self._given() if form["refresh_token"] in self._refresh else Reply({"error": "invalid_grant"}, 400)
        query = self._asked.get(form["code"], {})
        digest = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).decode().rstrip("=")
        if digest != query.get("code_challenge"):
            return Reply({"error": "invalid_grant"}, 400)
        del self._asked[form["code"]]
        self._asked[f"used-{form['code']}"] = {}
        return self._given()

    def _given(self) -> Reply:
        refresh = f"refresh-{len(self._refresh)}"
        self._refresh.add(refresh)
        return Reply({"token_type": "bearer", "access_token": self._give(), "expires_in": 1200, "refresh_token": refresh})
