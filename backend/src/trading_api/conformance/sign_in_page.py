"""Signing in on a stranger's page as its user would, where that page is a plain form of a login and a password."""

from html.parser import HTMLParser
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

from trading_api.conformance.shapes import Broken, NotApplicable, expect
from trading_api.conformance.wire import Answer, Wire

REDIRECTS_MAX = 10
"""Pages a browser is sent through on its way to the form, or from it back to the client."""
BY_HAND = "--oauth-by-hand lets you sign in yourself"
_TYPED = ("", "text", "email", "tel")
_MOVED = (301, 302, 303, 307, 308)


class SignInForm(NamedTuple):
    action: str
    method: str
    fields: dict[str, str]
    """What the page fills in itself."""
    login: str
    password: str


def form_in(page: str) -> SignInForm | None:
    """The first form that asks for a login and a password."""
    forms = _Forms()
    forms.feed(page)
    return next(filter(None, map(_asking, forms.found)), None)


class _Forms(HTMLParser):
    """Every form, as the attributes of its own tag and of its fields."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[list[dict[str, str]]] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append([told])
            self._inside = True
        elif self._inside and tag in ("input", "button"):
            usual = {"type": "submit"} if tag == "button" else {}
            self.found[-1].append(usual | told)

    def handle_endtag(self, tag: str) -> None:
        self._inside = self._inside and tag != "form"


def _asking(tags: list[dict[str, str]]) -> SignInForm | None:
    form, *inputs = tags
    kinds = [one.get("type", "").lower() for one in inputs]
    if "password" not in kinds:
        return None
    at = kinds.index("password")
    typed = [one.get("name", "") for one, kind in zip(inputs[:at], kinds[:at], strict=True) if kind in _TYPED]
    buttons = [one for one, kind in zip(inputs, kinds, strict=True) if kind == "submit" and one.get("name")]
    filled = [one for one, kind in zip(inputs, kinds, strict=True) if kind == "hidden" and one.get("name")]
    if not typed or not typed[-1] or not inputs[at].get("name"):
        return None
    fields = {one["name"]: one.get("value", "") for one in (*filled, *buttons[:1])}
    return SignInForm(form.get("action", ""), form.get("method", "get").lower(), fields, typed[-1], inputs[at]["name"])


async def sent_back(wire: Wire, address: str, login: str, password: str, redirect: str) -> str:
    """Where the user is sent back to. Each time in a browser that has not been there before."""
    wire.client.cookies.clear()
    answer, at = await _followed(wire, await wire.get(address, token=None), address, redirect)
    if at.startswith(redirect):
        return at
    expect(answer.status < 400, f"expected a sign-in page, found status {answer.status}")
    form = form_in(answer.text)
    if form is None or form.method != "post":
        raise NotApplicable(f"needs a sign-in page with a plain form of a login and a password; {BY_HAND}")
    target = urljoin(at, form.action)
    if urlsplit(target)[:2] != urlsplit(at)[:2]:
        raise NotApplicable(f"the sign-in page sends the password to another site; {BY_HAND}")
    filled = {**form.fields, form.login: login, form.password: password}
    sent = await wire.ask("POST", target, form=filled, token=None)
    answer, at = await _followed(wire, sent, target, redirect)
    if at.startswith(redirect):
        return at
    if form_in(answer.text) is not None or answer.status >= 400:
        raise Broken(f"expected to be sent back to the client, found the sign-in page again, or status {answer.status}")
    raise NotApplicable(f"after the sign-in another page comes; {BY_HAND}")


async def _followed(wire: Wire, answer: Answer, at: str, redirect: str) -> tuple[Answer, str]:
    """The page at the end of the way; the client's own address is not visited."""
    for _ in range(REDIRECTS_MAX):
        if answer.status not in _MOVED or "location" not in answer.headers:
            return answer, at
        at = urljoin(at, answer.headers["location"])
        if at.startswith(redirect):
            return answer, at
        answer = await wire.get(at, token=None)
    raise Broken(f"expected a page within {REDIRECTS_MAX} redirects, found another")
