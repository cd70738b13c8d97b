"""OAuth 2 at TradingView's broker REST API: a user signs in on our page, the client gets a code, and tokens for it."""

import asyncio
import base64
import hashlib
import re
import secrets
from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
import pytest_asyncio
from rest_house import DEMO, RestHouse, ok, rest_house, rest_of_whole_house

from trading_api.api.tradingview.oauth import PAGES_MAX
from trading_api.core.broker_rest.oauth import CODE_MS
from trading_api.models.people import Tokens
from trading_api.models.tradingview.clients import OAuthClientRequest

BACK = "https://www.tradingview.com/trading/oauth-redirect/?x=1"
APP = "http://127.0.0.1:9000/back"
VERIFIER = secrets.token_urlsafe(48)
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
PKCE = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}


class Door:
    """The house, and the two clients it knows."""

    def __init__(self, house: RestHouse, secret: str) -> None:
        self.house, self.secret = house, secret
        self.client = house.client
        del self.client.headers["Authorization"]

    def asked(self, **changes: str | None) -> dict[str, str]:
        usual = {"response_type": "code", "client_id": "tradingview", "redirect_uri": BACK, "state": "a b&c=é", "lang": "en"}
        return {name: text for name, text in (usual | changes).items() if text is not None}

    async def page(self, **changes: str | None) -> httpx.Response:
        return await self.client.get("/oauth2/authorize", params=self.asked(**changes))

    async def sign_in(self, form: dict[str, str] = DEMO, **changes: str | None) -> httpx.Response:
        mark = mark_in(await self.page(**changes))
        return await self.client.post("/oauth2/authorize", params=self.asked(**changes), data={**form, "mark": mark})

    async def code(self, **changes: str | None) -> str:
        return told_back(await self.sign_in(**changes))["code"]

    async def token(self, **form: str | None) -> httpx.Response:
        usual = {
            "grant_type": "authorization_code",
            "client_id": "tradingview",
            "client_secret": self.secret,
            "redirect_uri": BACK,
        }
        return await self.client.post("/oauth2/token", data={n: v for n, v in (usual | form).items() if v is not None})


@pytest_asyncio.fixture
async def door(tmp_path: Path) -> AsyncIterator[Door]:
    async with rest_house(tmp_path / "state") as house:
        register = house.rest.doors.oauth.clients
        secret = await register.add(
            OAuthClientRequest(id="tradingview", name="<TradingView>", redirect_uris=(BACK, "https://other.example/"))
        )
        await register.add(OAuthClientRequest(id="app", redirect_uris=(APP,), public=True))
        assert secret is not None
        yield Door(house, secret)


def mark_in(page: httpx.Response) -> str:
    found = re.search(r'name="mark" value="([^"]+)"', page.text)
    assert found, page.text
    return unescape(found[1])


def told_back(answer: httpx.Response) -> dict[str, str]:
    """What a redirect tells the client."""
    assert answer.status_code == 303, answer.text
    return dict(parse_qsl(urlsplit(answer.headers["location"]).query))


def tokens(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    body: dict[str, Any] = answer.json()
    assert body.keys() == {"token_type", "access_token", "expires_in", "refresh_token"}
    assert body["token_type"] == "bearer" and 0 < body["expires_in"] <= 30 * 60
    return body


def refusal(answer: httpx.Response, status: int = 400) -> str:
    assert answer.status_code == status, answer.text
    assert answer.headers["cache-control"] == "no-store"
    return str(answer.json()["error"])


async def test_a_user_signs_in_and_the_client_trades(door: Door) -> None:
    page = await door.page()
    assert page.status_code == 200 and "<script" not in page.text
    assert "&lt;TradingView&gt;" in page.text, "a client's name is text"
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
    assert "form-action 'self' https://www.tradingview.com;" in policy
    assert page.headers["referrer-policy"] == "same-origin", "no-referrer would make browsers send Origin: null"

    answer = await door.sign_in()
    assert answer.headers["location"].startswith(BACK + "&")
    told = told_back(answer)
    assert told.keys() == {"x", "code", "state"} and told["state"] == "a b&c=é"
    given = tokens(await door.token(code=told["code"]))
    headers = {"Authorization": f"Bearer {given['access_token']}"}
    assert ok(await door.client.get("/accounts", headers=headers))[0]["id"] == "alice"


async def test_refreshing_leaves_the_old_token_good_until_the_new_one_is_used(door: Door) -> None:
    first = tokens(await door.token(code=await door.code()))
    form = {"client_id": None, "redirect_uri": None, "grant_type": "refresh_token"}
    second = tokens(await door.token(**form, refresh_token=first["refresh_token"]))
    for one in (first, second):
        ok(await door.client.get("/accounts", headers={"Authorization": f"Bearer {one['access_token']}"}))
    assert refusal(await door.token(**form, refresh_token=first["refresh_token"])) == "invalid_grant", "it has been used"


async def test_a_code_shown_again_while_its_tokens_are_made_gives_none(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    sign_in, code = door.house.rest.doors.sign_in, await door.code()
    begin, making, shown_again = sign_in.begin, asyncio.Event(), asyncio.Event()

    async def slow(*given: Any, **more: Any) -> Tokens:
        making.set()
        await shown_again.wait()
        return await begin(*given, **more)

    monkeypatch.setattr(sign_in, "begin", slow)
    async with asyncio.timeout(10):
        first = asyncio.create_task(door.token(code=code))
        await making.wait()
        assert refusal(await door.token(code=code)) == "invalid_grant"
        shown_again.set()
        assert refusal(await first) == "invalid_grant"


async def test_a_client_without_a_secret_proves_itself_by_its_key(door: Door) -> None:
    app = {"client_id": "app", "redirect_uri": APP}
    assert told_back(await door.page(**app))["error"] == "invalid_request"
    assert (
        told_back(await door.page(**app, code_challenge=CHALLENGE, code_challenge_method="plain"))["error"] == "invalid_request"
    )
    code = await door.code(**app, **PKCE)
    exchange = {**app, "client_secret": None, "code": code}
    assert refusal(await door.token(**exchange)) == "invalid_grant"
    assert refusal(await door.token(**exchange, code_verifier=VERIFIER[::-1])) == "invalid_grant"
    given = tokens(await door.token(**exchange, code_verifier=VERIFIER))
    assert refusal(await door.token(grant_type="refresh_token", refresh_token=given["refresh_token"])) == "invalid_grant", (
        "not its own"
    )
    tokens(
        await door.token(grant_type="refresh_token", refresh_token=given["refresh_token"], client_id="app", client_secret=None)
    )


async def test_a_client_with_a_secret_may_prove_its_key_as_well(door: Door) -> None:
    code = await door.code(**PKCE)
    assert refusal(await door.token(code=code)) == "invalid_grant"
    tokens(await door.token(code=code, code_verifier=VERIFIER))


async def test_a_code_shown_twice_ends_what_it_gave(door: Door) -> None:
    code = await door.code()
    given = tokens(await door.token(code=code))
    assert refusal(await door.token(code=code)) == "invalid_grant"
    headers = {"Authorization": f"Bearer {given['access_token']}"}
    assert (await door.client.get("/accounts", headers=headers)).status_code == 401
    assert refusal(await door.token(grant_type="refresh_token", refresh_token=given["refresh_token"])) == "invalid_grant"


async def test_a_code_shown_twice_ends_what_it_gave_however_often_that_was_refreshed(door: Door) -> None:
    code = await door.code()
    given = [tokens(await door.token(code=code))]
    form = {"client_id": None, "redirect_uri": None, "grant_type": "refresh_token"}
    for _ in range(2):
        given.append(tokens(await door.token(**form, refresh_token=given[-1]["refresh_token"])))
        ok(await door.client.get("/accounts", headers={"Authorization": f"Bearer {given[-1]['access_token']}"}))
    assert refusal(await door.token(code=code)) == "invalid_grant"
    for one in given:
        headers = {"Authorization": f"Bearer {one['access_token']}"}
        assert (await door.client.get("/accounts", headers=headers)).status_code == 401


async def test_a_code_is_good_for_a_minute(door: Door) -> None:
    code = await door.code()
    door.house.stage.clock.jump(CODE_MS)
    assert refusal(await door.token(code=code)) == "invalid_grant"


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        ({"code": "invented"}, 400, "invalid_grant"),
        ({"code": None}, 400, "invalid_grant"),
        ({"redirect_uri": "https://other.example/"}, 400, "invalid_grant"),
        ({"redirect_uri": None}, 400, "invalid_grant"),
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_secret": None}, 401, "invalid_client"),
        ({"client_id": "nobody"}, 401, "invalid_client"),
        ({"client_id": "app", "client_secret": None}, 400, "invalid_grant"),
        ({"client_id": "app"}, 401, "invalid_client"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"grant_type": None}, 400, "invalid_request"),
        ({"grant_type": "refresh_token", "refresh_token": "trt_x.y"}, 400, "invalid_grant"),
        ({"grant_type": "refresh_token"}, 400, "invalid_grant"),
    ],
)
async def test_nothing_else_gets_tokens(door: Door, form: dict[str, str | None], status: int, error: str) -> None:
    code = await door.code()
    assert refusal(await door.token(**({"code": code} | form)), status) == error
    if form.keys() != {"code"}:
        tokens(await door.token(code=code))


async def test_a_client_may_show_its_secret_in_the_header(door: Door) -> None:
    pair = base64.b64encode(f"tradingview:{door.secret}".encode()).decode()
    form = {"grant_type": "authorization_code", "code": await door.code(), "redirect_uri": BACK}
    tokens(await door.client.post("/oauth2/token", data=form, headers={"Authorization": f"Basic {pair}"}))
    for header in ("Basic !!!", "Basic " + base64.b64encode(b"tradingview:no").decode()):
        assert (
            refusal(await door.client.post("/oauth2/token", data=form, headers={"Authorization": header}), 401)
            == "invalid_client"
        )


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "nobody"},
        {"client_id": None},
        {"redirect_uri": "https://www.tradingview.com/trading/oauth-redirect/"},
        {"redirect_uri": BACK + "2"},
        {"redirect_uri": APP},
        {"redirect_uri": None},
    ],
)
async def test_nobody_is_sent_back_to_an_address_that_is_not_registered(door: Door, changes: dict[str, str | None]) -> None:
    for answer in (
        await door.page(**changes),
        await door.client.post("/oauth2/authorize", params=door.asked(**changes), data={**DEMO, "mark": "x"}),
    ):
        assert answer.status_code == 400 and "location" not in answer.headers
        assert "form-action 'none'" in answer.headers["content-security-policy"]


async def test_the_client_is_told_what_it_asked_wrongly(door: Door) -> None:
    told = told_back(await door.page(response_type="token"))
    assert (told["error"], told["state"]) == ("unsupported_response_type", "a b&c=é")


async def test_a_wrong_password_shows_the_page_again_without_it(door: Door) -> None:
    answer = await door.sign_in({"login": '"><b>', "password": "secret-typo"})
    assert answer.status_code == 401 and "location" not in answer.headers
    assert "&quot;&gt;&lt;b&gt;" in answer.text and "secret-typo" not in answer.text
    assert 'role="alert"' in answer.text


async def test_a_page_that_was_not_shown_here_cannot_be_sent(door: Door) -> None:
    page = await door.page()
    for mark, cookies in ((mark_in(page), False), ("", True), ("x" * 43, True)):
        headers = {} if cookies else {"Cookie": ""}
        answer = await door.client.post("/oauth2/authorize", params=door.asked(), data={**DEMO, "mark": mark}, headers=headers)
        assert answer.status_code == 400 and "location" not in answer.headers
        if not cookies:
            door.client.cookies.clear()
            await door.page()
    cookie = page.headers["set-cookie"].lower()
    assert (
        "httponly" in cookie and "samesite=strict" in cookie and "max-age" in cookie and "path=/api/v1/tradingview/" in cookie
    )


async def test_a_foreign_page_cannot_send_the_form_not_even_tradingview_s(tmp_path: Path) -> None:
    async with rest_of_whole_house(tmp_path / "state", allowed_origins="https://pages.example") as client:
        for origin in ("https://evil.example", "https://www.tradingview.com", "https://pages.example", "null"):
            answer = await client.post("/oauth2/authorize", data=DEMO, headers={"Origin": origin})
            assert answer.status_code == 403
        place = str(client.base_url).split("/api/")[0]
        assert (await client.post("/oauth2/authorize", data=DEMO, headers={"Origin": place})).status_code == 400
        style = await client.get("/oauth2/sign-in.css")
        assert style.headers["content-type"].startswith("text/css")
        token = await client.post("/oauth2/token", headers={"Origin": "https://www.tradingview.com"})
        assert (token.status_code, token.json()["error"]) == (400, "invalid_request")


async def test_nothing_that_is_secret_is_kept_or_told(door: Door) -> None:
    code = await door.code()
    given = tokens(await door.token(code=code))
    store = door.house.rest.doors.oauth.clients._store
    kept = repr([await store.all(one) for one in ("oauth-clients", "visits")])
    for secret in (door.secret, code, given["refresh_token"], given["access_token"]):
        assert secret not in kept


async def test_a_proof_that_was_not_announced_is_refused(door: Door) -> None:
    code = await door.code()
    assert refusal(await door.token(code=code, code_verifier=VERIFIER)) == "invalid_grant", "the challenge was taken away"
    tokens(await door.token(code=code))


async def test_each_of_several_pages_can_be_sent_in_whatever_order(door: Door) -> None:
    pages = [mark_in(await door.page(state=str(number))) for number in range(3)]
    for number in (1, 2, 0):
        form, asked = {**DEMO, "mark": pages[number]}, door.asked(state=str(number))
        wrong = await door.client.post("/oauth2/authorize", params=asked, data={**form, "password": "no"})
        assert wrong.status_code == 401 and mark_in(wrong) == pages[number], "it can be sent again"
        told = told_back(await door.client.post("/oauth2/authorize", params=asked, data=form))
        assert told["state"] == str(number)
        tokens(await door.token(code=told["code"]))
        again = await door.client.post("/oauth2/authorize", params=asked, data=form)
        assert again.status_code == 400, "once it has been answered it is over"


async def test_a_browser_keeps_the_latest_pages(door: Door) -> None:
    pages = [mark_in(await door.page()) for _ in range(PAGES_MAX + 2)]
    assert len(door.client.cookies) == PAGES_MAX
    sent = [
        await door.client.post("/oauth2/authorize", params=door.asked(), data={**DEMO, "mark": one}) for one in pages[2:0:-1]
    ]
    assert [one.status_code for one in sent] == [303, 400]
