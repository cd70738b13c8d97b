"""Signing in for the checks: on a page that is a form, with one's own browser, and where neither goes."""

import asyncio
import json
import socket
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from reference_broker import BrokerServer
from reference_oauth import CLIENT, REDIRECT, SECRET
from reference_wire import FakeClock, Reply, Server
from typer.testing import CliRunner

from trading_api.conformance import by_hand, session
from trading_api.conformance.broker import Broker
from trading_api.conformance.shapes import Broken, NotApplicable
from trading_api.conformance.sign_in_page import form_in, sent_back
from trading_api.conformance.terms import OAuthTerms, Terms
from trading_api.conformance.wire import Wire
from trading_api.models.errors import Stopped

FORM = '<form action="/in" method="POST"><input name="who"><input name="word" type="password">{}</form>'


def test_the_form_of_a_page_is_found_among_others() -> None:
    page = '<input name="stray"><form><input name="q"></form>' + FORM.format(
        '<input type="hidden" name="mark" value="a&amp;b"><button name="go" value="1">Sign in</button>'
    )
    form = form_in(page)
    assert form is not None
    assert (form.action, form.method, form.login, form.password) == ("/in", "post", "who", "word")
    assert form.fields == {"mark": "a&b", "go": "1"}


@pytest.mark.parametrize("page", ["", "<p>hello", "<form><input name=q></form>", "<form><input type=password name=w></form>"])
def test_a_page_without_such_a_form_has_none(page: str) -> None:
    assert form_in(page) is None


async def driven(*answers: httpx.Response) -> str:
    left = list(answers)
    async with httpx.AsyncClient(transport=httpx.MockTransport(lambda request: left.pop(0))) as client:
        return await sent_back(Wire(client, "http://server"), "http://server/page", "demo", "demo", "http://back/")


async def test_where_the_page_cannot_be_filled_in_a_person_is_asked_for() -> None:
    with pytest.raises(NotApplicable, match="--oauth-by-hand lets you sign in yourself"):
        await driven(httpx.Response(200, text="<script>"))
    with pytest.raises(NotApplicable, match="another page comes"):
        await driven(httpx.Response(200, text=FORM), httpx.Response(200, text="allow?"))
    with pytest.raises(NotApplicable, match="to another site"):
        await driven(httpx.Response(200, text=FORM.replace("/in", "http://elsewhere/in")))
    with pytest.raises(Broken, match="sign-in page again"):
        await driven(httpx.Response(200, text=FORM), httpx.Response(200, text=FORM))
    with pytest.raises(Broken, match="within 10 redirects"):
        await driven(*[httpx.Response(302, headers={"location": "/page"})] * 12)
    gone = httpx.Response(302, headers={"location": "http://back/?code=1"})
    assert await driven(httpx.Response(302, headers={"location": "/login"}), httpx.Response(200, text=FORM), gone) == (
        "http://back/?code=1"
    )


def free_address() -> str:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{one.getsockname()[1]}/back"


async def test_a_person_signs_in_and_the_browser_comes_back() -> None:
    redirect, visits = free_address(), set[asyncio.Task[httpx.Response]]()

    async def visit(address: str) -> httpx.Response:
        async with httpx.AsyncClient() as browser:
            assert address == "http://broker/page"
            await browser.get(redirect.replace("/back", "/favicon.ico"))
            return await browser.get(redirect, params={"code": "a b", "state": "s"})

    came = await by_hand.come_back(
        "http://broker/page", redirect, lambda address: visits.add(asyncio.create_task(visit(address)))
    )
    assert came == f"{redirect}?code=a+b&state=s" or came == f"{redirect}?code=a%20b&state=s"
    (answer,) = await asyncio.gather(*visits)
    assert answer.text == "You can close this page.\n"


async def test_a_person_who_does_not_sign_in_is_waited_for_no_longer_than_two_minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(by_hand, "SIGN_IN_SECONDS", 0.01)
    with pytest.raises(NotApplicable, match="nobody signed in within 0.01 s"):
        await by_hand.come_back("http://broker/page", free_address(), lambda address: None)


async def test_a_browser_that_connects_and_says_nothing_is_waited_for_no_longer_than_the_one_that_comes_back() -> None:
    redirect, silent = free_address(), list[tuple[asyncio.StreamReader, asyncio.StreamWriter]]()
    visits = set[asyncio.Task[None]]()

    async def visit() -> None:
        silent.append(await asyncio.open_connection(*urlsplit(redirect).netloc.split(":")))
        async with httpx.AsyncClient() as browser:
            await browser.get(redirect, params={"code": "c"})

    async with asyncio.timeout(5):
        came = await by_hand.come_back("http://broker/page", redirect, lambda _: visits.add(asyncio.create_task(visit())))
        assert came == f"{redirect}?code=c"
        await asyncio.gather(*visits)
        assert await silent[0][0].read() == b""


async def test_a_connection_that_says_nothing_is_ended_while_a_person_signs_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(by_hand, "LINE_SECONDS", 0.01)
    redirect = free_address()
    async with asyncio.timeout(5):
        shown = asyncio.Event()
        waiting = asyncio.create_task(by_hand.come_back("http://broker/page", redirect, lambda _: shown.set()))
        await shown.wait()
        reader, writer = await asyncio.open_connection(*urlsplit(redirect).netloc.split(":"))
        assert await reader.read() == b""
        assert not waiting.done()
    writer.close()
    waiting.cancel()


async def test_a_broker_without_passwords_is_signed_in_to_with_oauth() -> None:
    clock = FakeClock()

    def without_passwords(asked, reply: Reply) -> None:  # type: ignore[no-untyped-def]  # as Server calls it
        if asked.path == "/authorize":
            reply.status, reply.body = 404, {"s": "error", "errmsg": "no such path"}

    terms = OAuthTerms(CLIENT, SECRET, "http://server/oauth2/authorize", "http://server/oauth2/token", REDIRECT)
    async with httpx.AsyncClient(transport=Server(BrokerServer(clock), clock, [without_passwords])) as client:
        broker = Broker(Wire(client, "http://server"), Terms(login="demo", password="demo", oauth=terms), clock)
        await broker.sign_in()
        assert (await broker.wire.get("/accounts")).status == 200


def test_no_report_holds_a_code_a_token_or_a_secret(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from trading_api.cli import commands

    clock, given, client = FakeClock(), list[str](), httpx.AsyncClient

    def seen(asked, reply: Reply) -> None:  # type: ignore[no-untyped-def]  # as Server calls it
        if "location" in reply.headers:
            given.extend(parse_qs(urlsplit(reply.headers["location"]).query)["code"])
        if asked.path == "/oauth2/token":
            given.extend(str(reply.body.get(name)) for name in ("access_token", "refresh_token") if name in reply.body)
            reply.body |= {"token_type": "odd"}

    monkeypatch.setattr(session, "SystemClock", lambda: clock)
    monkeypatch.setattr(
        session.httpx, "AsyncClient", lambda **terms: client(transport=Server(BrokerServer(clock), clock, [seen]))
    )
    told = tmp_path / "found.json"
    options = ("--login", "demo", "--oauth-client", CLIENT, "--oauth-redirect", REDIRECT, "--json", str(told))
    only = ("--only", "authOAuth2FieldsFormat", "--only", "authOAuth2NewTokenPerRequest")
    environment = {"CONFORMANCE_PASSWORD": "demo", "CONFORMANCE_CLIENT_SECRET": SECRET, "COLUMNS": "200"}
    result = CliRunner().invoke(commands, ["conformance", "http://server", *options, *only], env=environment)
    assert result.exit_code == 1 and len(given) >= 20
    rows = {row["name"]: row for row in json.loads(told.read_text())["checks"]}
    assert rows["authOAuth2FieldsFormat"]["exchanges"], result.output
    for secret in (*given, SECRET):
        assert f'"{secret}"' not in told.read_text() and f"={secret}" not in told.read_text() + result.output


def test_a_person_can_come_back_to_this_machine_only() -> None:
    from trading_api.cli import commands

    options = ("--oauth-client", "x", "--oauth-by-hand", "--oauth-redirect", "https://elsewhere/")
    result = CliRunner().invoke(commands, ["conformance", "http://server", "--protocol", "broker", *options])
    assert isinstance(result.exception, Stopped) and "to a port of this machine" in str(result.exception)


@pytest.mark.parametrize(
    "options",
    [
        ("--oauth-authorize", "http://server/page"),
        ("--oauth-token", "http://server/token"),
        ("--oauth-redirect", "http://127.0.0.1:8911/back"),
        ("--oauth-by-hand",),
    ],
)
def test_an_option_of_oauth_without_a_client_is_not_ignored(options: tuple[str, ...]) -> None:
    from trading_api.cli import commands

    result = CliRunner().invoke(commands, ["conformance", "http://server", "--protocol", "broker", *options])
    assert isinstance(result.exception, Stopped)
    assert str(result.exception) == f"{options[0]}: expected --oauth-client beside it, found none"
