"""The page on which a user signs in for a client of OAuth. Plain HTML: no script, nothing from another site, in no frame."""

from html import escape
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from fastapi.responses import HTMLResponse, RedirectResponse, Response

from trading_api.models.tradingview.clients import OAuthClient

STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;margin:0;display:grid;min-height:100vh;place-items:center}"
    "main{width:min(22rem,90vw)}label{display:block;margin-top:1rem}"
    "input,button{font:inherit;width:100%;box-sizing:border-box;padding:.5rem}button{margin-top:1.5rem}"
    "[role=alert]{border-left:4px solid #b00020;padding-left:.75rem}"
)
_PAGE = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width,initial-scale=1"><title>{title}</title>'
    '<link rel="stylesheet" href="sign-in.css"></head><body><main><h1>{title}</h1>{content}</main></body></html>'
)
_FORM = (
    '<p>{name} asks to trade and read your accounts.</p>{alert}<form method="post">'
    '<input type="hidden" name="mark" value="{mark}">'
    '<label>Login<input name="login" autocomplete="username" autocapitalize="none" required autofocus value="{login}"></label>'
    '<label>Password<input name="password" type="password" autocomplete="current-password" required></label>'
    "<button>Sign in</button></form>"
)


def form_page(
    client: OAuthClient, redirect_uri: str, mark: str, *, login: str = "", alert: str = "", status: int = 200
) -> Response:
    told = f'<p role="alert">{escape(alert)}</p>' if alert else ""
    content = _FORM.format(name=escape(client.name), alert=told, mark=escape(mark), login=escape(login))
    return _page("Sign in", content, status, sent_to=f"'self' {_origin(redirect_uri)}")


def refusal_page(message: str, status: int = 400) -> Response:
    """Where nobody may be sent back."""
    return _page("This sign-in cannot go on", f'<p role="alert">{escape(message)}</p>', status, sent_to="'none'")


def back(redirect_uri: str, **told: str | None) -> Response:
    """To the client, with what it is told in the query."""
    parts = urlsplit(redirect_uri)
    query = [
        *parse_qsl(parts.query, keep_blank_values=True),
        *((name, text) for name, text in told.items() if text is not None),
    ]
    address = urlunsplit(parts._replace(query=urlencode(query)))
    return RedirectResponse(address, 303, {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"})


def _page(title: str, content: str, status: int, *, sent_to: str) -> Response:
    policy = f"default-src 'none'; style-src 'self'; form-action {sent_to}; frame-ancestors 'none'; base-uri 'none'"
    headers = {
        "Content-Security-Policy": policy,
        "Cache-Control": "no-store",
        "Referrer-Policy": "same-origin",
        "X-Frame-Options": "DENY",
        "X-Content-Type-Options": "nosniff",
    }
    return HTMLResponse(_PAGE.format(title=title, content=content), status, headers)


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
