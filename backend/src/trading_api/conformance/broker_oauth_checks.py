"""The published expectations of signing in with OAuth 2 (contract 5.2, 4.3)."""

from trading_api.conformance.broker import Broker
from trading_api.conformance.broker_data_checks import LOGINS
from trading_api.conformance.catalogue import BROKER, check
from trading_api.conformance.oauth import access_token
from trading_api.conformance.shapes import COUNT, NAME, Doubtful, Kind, NotApplicable, expect, fields, needed, one_of, shown

LONGEST_LIFE = 2_147_483
"""Seconds a token may live: a browser's timers count no further in milliseconds."""
LOGINS_BY_HAND = 2
"""Instead of ten, where a person signs in."""
_BEARER = Kind("bearer", lambda value: isinstance(value, str) and value.lower() == "bearer")


async def _opens(broker: Broker, token: str, what: str) -> None:
    answer = await broker.wire.get("/accounts", {"locale": "en"}, token=token)
    expect(answer.status == 200, f"expected {what} to open /accounts, found status {answer.status}")


@check(
    BROKER,
    section="5.2",
    rule="For a code: 200, JSON, token_type bearer, an access_token that opens /accounts, expires_in in whole seconds to come",
)
async def auth_o_auth2_fields_format(broker: Broker) -> None:
    _, answer = await broker.oauth.first()
    expect(answer.status == 200, f"expected status 200, found {answer.status}")
    expect("json" in answer.headers.get("content-type", ""), f"expected JSON, found {answer.headers.get('content-type')}")
    kinds = {"expires_in": COUNT, "expiration": COUNT, "refresh_token": NAME, "s": one_of(("ok",))}
    told = fields(answer.json(), "the answer with tokens", {"token_type": _BEARER, "access_token": NAME}, kinds)
    await _opens(broker, told["access_token"], "the token")
    lasts = told.get("expires_in")
    if lasts is None:
        raise Doubtful("expected expires_in: without it the token is never refreshed")
    expect(lasts <= LONGEST_LIFE, f"expected expires_in of at most {LONGEST_LIFE} s, found {lasts}")


@check(BROKER, section="5.2", rule="10 sign-ins in a row give 10 different tokens, and the first is still good")
async def auth_o_auth2_new_token_per_request(broker: Broker) -> None:
    with needed("a first sign-in"):
        tokens = [access_token((await broker.oauth.first())[1])]
        for _ in range(1, LOGINS_BY_HAND if broker.oauth.by_hand else LOGINS):
            tokens.append(access_token(await broker.oauth.exchanged(await broker.oauth.signed_in())))
    expect(len(set(tokens)) == len(tokens), f"expected {len(tokens)} different tokens, found {len(set(tokens))}")
    await _opens(broker, tokens[0], "the first token, after the others were given,")
    if len(tokens) < LOGINS:
        raise Doubtful(f"held of {len(tokens)} sign-ins by hand; the text makes {LOGINS}")


@check(BROKER, section="4.3", rule="The user is sent back to redirect_uri with a code, and with the state as it was sent")
async def auth_o_auth2_state(broker: Broker) -> None:
    with needed("a sign-in"):
        back, _ = await broker.oauth.first()
    found = back.told.get("state")
    expect(found == back.state, f"expected the state {shown(back.state)}, found {shown(found)}")


@check(BROKER, section="4.3", rule="A refresh token gives a new token; the old one is good until the new one is used")
async def auth_o_auth2_refresh(broker: Broker) -> None:
    with needed("a sign-in with tokens"):
        _, answer = await broker.oauth.first()
        told = fields(answer.json(), "the answer with tokens", {"access_token": NAME}, {"refresh_token": NAME})
    if told.get("refresh_token") is None:
        raise NotApplicable("no refresh_token was given")
    newer = access_token(await broker.oauth.refreshed(told["refresh_token"]))
    expect(newer != told["access_token"], "expected another token, found the same")
    await _opens(broker, told["access_token"], "the old token, before the new one is used,")
    await _opens(broker, newer, "the new token")


@check(BROKER, section="4.3", rule="A code is good once: shown a second time it gives no tokens, and an error of OAuth")
async def auth_o_auth2_code_once(broker: Broker) -> None:
    with needed("a sign-in with tokens"):
        back = await broker.oauth.signed_in()
        access_token(await broker.oauth.exchanged(back))
    again = await broker.oauth.exchanged(back)
    expect(again.status in (400, 401), f"expected status 400 for a code that was used, found {again.status}")
    fields(again.json(), "the refusal", {"error": NAME})


@check(BROKER, section="4.3", rule="With PKCE: another code_verifier than the one of the code_challenge gives no tokens")
async def auth_o_auth2_proof_key(broker: Broker) -> None:
    with needed("a sign-in"):
        back = await broker.oauth.signed_in()
    answer = await broker.oauth.exchanged(back, verifier=back.verifier[::-1])
    if answer.status == 200:
        raise Doubtful("expected a wrong code_verifier to be refused, found tokens: whoever copies a code can use it")
