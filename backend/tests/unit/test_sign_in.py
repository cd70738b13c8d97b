"""Signing in, staying in and being thrown out, on a clock that is moved by hand."""

import pytest

from fakes_people import PASSWORD, Register
from trading_api.core.access import LOCAL
from trading_api.core.failed_sign_ins import ADDRESS_TRIES_MAX, LOGIN_TRIES_MAX, TRIES_MAX, TRY_SECONDS
from trading_api.core.people import KEY_PREFIX, KEYS_OF_USER_MAX
from trading_api.core.sign_in import ACCESS_MS, LASTING_MS
from trading_api.core.tickets import TICKET_SECONDS, TICKETS_OF_ONE_MAX, Tickets
from trading_api.core.visits import REFRESH_MS, VISITS_OF_USER_MAX
from trading_api.models.errors import NotFound, NotSignedIn, Refused, TooOften
from trading_api.models.people import KeyChange, KeyRequest, Tokens, UserChange, UserRequest


async def alice() -> Register:
    return await Register().with_user("alice")


def refused(register: Register, bearer: str | None) -> bool:
    try:
        register.sign_in.admit(bearer)
    except NotSignedIn:
        return True
    return False


def key_request(**given: object) -> KeyRequest:
    return KeyRequest.model_validate({"name": "bot", "scopes": {"*": "trade"}, **given})


def refresh_token(tokens: Tokens) -> str:
    assert tokens.refresh_token is not None
    return tokens.refresh_token


async def test_each_sign_in_gives_another_token_and_leaves_the_others_good() -> None:
    register = await alice()
    given = [await register.sign_in.with_password("alice", PASSWORD) for _ in range(3)]
    assert len({one.access_token for one in given}) == 3
    assert [register.sign_in.admit(one.access_token).name for one in given] == ["alice"] * 3


async def test_an_access_token_ends_with_its_time_and_the_refreshed_one_goes_on() -> None:
    register = await alice()
    first = await register.sign_in.with_password("alice", PASSWORD)
    register.clock.jump(ACCESS_MS - 1_000)
    second = await register.sign_in.refresh(refresh_token(first))
    assert not refused(register, first.access_token), "the earlier one stays good until its time"
    register.clock.jump(1_000)
    assert refused(register, first.access_token)
    assert register.sign_in.admit(second.access_token).name == "alice"


async def test_an_access_token_lives_as_long_as_the_house_wants() -> None:
    register = await Register(access_ms=3_000).with_user("alice")
    given = await register.sign_in.with_password("alice", PASSWORD)
    assert given.expires_in <= 3
    register.clock.jump(3_000)
    assert refused(register, given.access_token)


@pytest.mark.parametrize("used", ["its access token", "its refresh token"])
async def test_a_refresh_token_shown_again_after_the_next_was_used_ends_the_session(used: str) -> None:
    register = await alice()
    first = await register.sign_in.with_password("alice", PASSWORD)
    second = await register.sign_in.refresh(refresh_token(first))
    latest = second
    if used == "its access token":
        register.sign_in.admit(second.access_token)
    else:
        latest = await register.sign_in.refresh(refresh_token(second))
    with pytest.raises(NotSignedIn):
        await register.sign_in.refresh(refresh_token(first))
    assert refused(register, latest.access_token)
    with pytest.raises(NotSignedIn):
        await register.sign_in.refresh(refresh_token(latest))


@pytest.mark.parametrize("used", [True, False])
async def test_a_restart_forgets_not_that_the_next_tokens_were_used(used: bool) -> None:
    register = await alice()
    first = await register.sign_in.with_password("alice", PASSWORD)
    second = await register.sign_in.refresh(refresh_token(first))
    if used:
        register.sign_in.admit(second.access_token)
    await register.visits.write_behind()
    again = await Register(register.store).loaded()
    if used:
        with pytest.raises(NotSignedIn):
            await again.sign_in.refresh(refresh_token(first))
        assert refused(again, second.access_token)
    else:
        await again.sign_in.refresh(refresh_token(first))


async def test_a_refresh_whose_answer_was_lost_may_be_asked_again() -> None:
    register = await alice()
    first = await register.sign_in.with_password("alice", PASSWORD)
    lost = await register.sign_in.refresh(refresh_token(first))
    heard = await register.sign_in.refresh(refresh_token(first))
    assert register.sign_in.admit(heard.access_token).name == "alice"
    with pytest.raises(NotSignedIn):
        await register.sign_in.refresh(refresh_token(lost))


async def test_a_refresh_token_is_forgotten_after_two_weeks_without_use() -> None:
    register = await alice()
    first = await register.sign_in.with_password("alice", PASSWORD)
    register.clock.jump(REFRESH_MS)
    with pytest.raises(NotSignedIn):
        await register.sign_in.refresh(refresh_token(first))


async def test_a_token_that_cannot_be_refreshed_lasts_a_day() -> None:
    register = await alice()
    tokens = await register.sign_in.with_password("alice", PASSWORD, lasting=True)
    assert tokens.refresh_token is None and tokens.expires_in == LASTING_MS // 1000
    register.clock.jump(LASTING_MS - 1_000)
    assert register.sign_in.admit(tokens.access_token).name == "alice"
    register.clock.jump(1_000)
    assert refused(register, tokens.access_token)


@pytest.mark.parametrize("token", [None, "", "nonsense", f"{KEY_PREFIX}nonsense", "other|{}"])
async def test_what_is_no_token_of_ours_lets_nobody_in(token: str | None) -> None:
    register = await alice()
    assert refused(register, token)


async def test_signing_out_ends_the_session_and_no_other() -> None:
    register = await alice()
    one, other = [await register.sign_in.with_password("alice", PASSWORD) for _ in range(2)]
    await register.sign_in.revoke(one.access_token)
    await register.sign_in.revoke("trt_invented.nonsense")
    assert refused(register, one.access_token) and not refused(register, other.access_token)
    await register.sign_in.revoke(refresh_token(other))
    assert refused(register, other.access_token)


@pytest.mark.parametrize("what", ["password", "disabled", "removed"])
async def test_a_user_who_changes_loses_the_sessions_also_after_a_restart(what: str) -> None:
    register = await alice()
    tokens = await register.sign_in.with_password("alice", PASSWORD)
    if what == "removed":
        await register.people.remove_user("alice")
        await register.people.add_user(UserRequest.model_validate({"login": "alice", "password": PASSWORD}))
    else:
        change = {"password": "another password"} if what == "password" else {"disabled": True}
        await register.people.change_user("alice", UserChange.model_validate(change))
    assert refused(register, tokens.access_token)
    if what == "disabled":
        await register.people.change_user("alice", UserChange(disabled=False))
        assert refused(register, tokens.access_token), "whoever is let in again signs in again"
    again = await Register(register.store).loaded()
    again.clock.jump(register.clock.now() - again.clock.now())
    assert refused(again, tokens.access_token)


async def test_a_session_and_a_key_outlive_a_restart() -> None:
    register = await alice()
    tokens = await register.sign_in.with_password("alice", PASSWORD)
    key = await register.people.add_key("alice", key_request())
    again = await Register(register.store).loaded()
    assert again.sign_in.admit(tokens.access_token).name == again.sign_in.admit(key.secret).name == "alice"


async def test_another_secret_that_signs_ends_every_session() -> None:
    register = await alice()
    tokens = await register.sign_in.with_password("alice", PASSWORD)
    register.signer.id = "second"
    assert refused(register, tokens.access_token)
    with pytest.raises(NotSignedIn):
        await register.sign_in.refresh(refresh_token(tokens))


async def test_the_session_used_least_recently_makes_room() -> None:
    register = await alice()
    first = await register.sign_in.with_password("alice", PASSWORD)
    for _ in range(VISITS_OF_USER_MAX):
        register.clock.jump(1)
        last = await register.sign_in.with_password("alice", PASSWORD)
    assert refused(register, first.access_token) and not refused(register, last.access_token)


# Passwords


async def test_whether_a_login_exists_is_told_neither_by_words_nor_by_work() -> None:
    register = await alice()
    told = []
    for login in ("alice", "nobody", LOCAL, "demo"):
        with pytest.raises(NotSignedIn) as refusal:
            await register.sign_in.with_password(login, "a wrong one")
        told.append(refusal.value.body)
    assert told == [told[0]] * 4
    assert register.passwords.checked == 4


async def test_wrong_passwords_are_bounded_for_an_address_and_login_and_the_right_one_waits_too() -> None:
    register = await alice()
    for _ in range(TRIES_MAX):
        with pytest.raises(NotSignedIn):
            await register.sign_in.with_password("alice", "wrong", address="10.0.0.1")
    with pytest.raises(TooOften) as refusal:
        await register.sign_in.with_password("alice", PASSWORD, address="10.0.0.1")
    assert 0 < refusal.value.wait_s <= TRY_SECONDS
    await register.sign_in.with_password("alice", PASSWORD, address="10.0.0.2")
    register.clock.jump(int(TRY_SECONDS * 1000))
    await register.sign_in.with_password("alice", PASSWORD, address="10.0.0.1")


async def test_one_address_cannot_try_many_logins_nor_many_addresses_one() -> None:
    register = await alice()
    for number in range(ADDRESS_TRIES_MAX):
        with pytest.raises(NotSignedIn):
            await register.sign_in.with_password(f"user{number}", "wrong", address="10.0.0.1")
    with pytest.raises(TooOften):
        await register.sign_in.with_password("alice", "wrong", address="10.0.0.1")
    for number in range(LOGIN_TRIES_MAX):
        with pytest.raises(NotSignedIn):
            await register.sign_in.with_password("alice", "wrong", address=f"10.0.1.{number}")
    with pytest.raises(TooOften):
        await register.sign_in.with_password("alice", "wrong", address="10.0.2.1")


async def test_right_passwords_are_not_counted() -> None:
    register = await alice()
    for _ in range(3 * LOGIN_TRIES_MAX):
        await register.sign_in.with_password("alice", PASSWORD, address="10.0.0.1")


async def test_without_authentication_demo_is_the_local_user_and_nobody_is_with_it() -> None:
    opened = await Register(open_house=True).loaded()
    tokens = await opened.sign_in.with_password("demo", "demo")
    caller = opened.sign_in.admit(tokens.access_token)
    assert (caller.name, caller.administers, caller.sees("ANY")) == (LOCAL, True, True)
    closed = await Register(opened.store).loaded()
    assert refused(closed, tokens.access_token)
    with pytest.raises(NotSignedIn):
        await closed.sign_in.with_password("demo", "demo")


# Keys


async def test_a_key_may_do_what_its_scopes_say_on_its_users_accounts_alone() -> None:
    register = await alice()
    for account, owner in (("alice-1", "alice"), ("alice-2", "alice"), ("bob-1", "bob")):
        await register.owners.give(account, owner)
    key = await register.people.add_key("alice", key_request(scopes={"alice-1": "read", "*": "trade", "bob-1": "admin"}))
    caller = register.sign_in.admit(key.secret)
    rights = {one: sorted(caller.rights_on(one)) for one in ("alice-1", "alice-2", "bob-1", "DEMO-ACCOUNT")}
    assert rights == {"alice-1": ["read"], "alice-2": ["read", "trade"], "bob-1": [], "DEMO-ACCOUNT": []}
    assert not caller.administers


async def test_an_administrators_key_administers_only_with_all_rights() -> None:
    register = await Register().with_user("root", administrator=True)
    narrow = await register.people.add_key("root", key_request(scopes={"*": "trade"}))
    wide = await register.people.add_key("root", key_request(scopes={"*": "admin"}))
    callers = [register.sign_in.admit(one.secret) for one in (narrow, wide)]
    assert [one.administers for one in callers] == [False, True]
    assert [sorted(one.rights_on("bob-1")) for one in callers] == [["read", "trade"], ["admin", "read", "trade"]]


async def test_a_key_ends_when_it_is_revoked_expires_or_its_user_is_disabled() -> None:
    register = await alice()
    revoked, kept = [await register.people.add_key("alice", key_request()) for _ in range(2)]
    expiring = await register.people.add_key("alice", key_request(expires=register.clock.now() + 1_000))
    await register.people.revoke_key(revoked.id)
    assert [refused(register, one.secret) for one in (revoked, kept, expiring)] == [True, False, False]
    register.clock.jump(1_000)
    assert refused(register, expiring.secret)
    await register.people.change_user("alice", UserChange(disabled=True))
    assert refused(register, kept.secret)


async def test_no_document_holds_a_secret() -> None:
    register = await alice()
    key = await register.people.add_key("alice", key_request())
    tokens = await register.sign_in.with_password("alice", PASSWORD)
    written = str([await register.store.all(one) for one in ("users", "keys", "key-uses", "visits", "owners", "people")])
    assert "alice" in written
    for secret in (PASSWORD, key.secret, key.secret.removeprefix(KEY_PREFIX), tokens.access_token, refresh_token(tokens)):
        assert secret not in written
    assert refresh_token(tokens).partition(".")[2] not in written


async def test_a_caller_is_renewed_as_things_are_now() -> None:
    register = await alice()
    await register.owners.give("alice-1", "alice")
    key = await register.people.add_key("alice", key_request())
    caller = register.sign_in.admit(key.secret)
    await register.people.change_key(key.id, KeyChange.model_validate({"scopes": {"other": "read"}}))
    assert not register.sign_in.renew(caller).sees("alice-1")
    await register.people.revoke_key(key.id)
    with pytest.raises(NotSignedIn):
        register.sign_in.renew(caller)


async def test_keys_of_a_user_are_bounded() -> None:
    register = await alice()
    for _ in range(KEYS_OF_USER_MAX):
        await register.people.add_key("alice", key_request())
    with pytest.raises(Refused, match="revoke one"):
        await register.people.add_key("alice", key_request())


async def test_the_last_administrator_stays() -> None:
    register = await (await Register().with_user("root", administrator=True)).with_user("alice")
    for change in ({"disabled": True}, {"administrator": False}):
        with pytest.raises(Refused, match="another administrator"):
            await register.people.change_user("root", UserChange.model_validate(change))
    with pytest.raises(Refused, match="another administrator"):
        await register.people.remove_user("root")
    await register.people.change_user("alice", UserChange(administrator=True))
    await register.people.remove_user("root")
    with pytest.raises(NotFound):
        register.people.user("root")


async def test_what_another_process_changed_is_seen_at_the_next_look() -> None:
    register = await alice()
    key = await register.people.add_key("alice", key_request())
    other = await Register(register.store).loaded()
    await register.people.load()
    read = register.people.readings
    await register.people.load()
    assert register.people.readings == read, "nothing has changed"
    await other.people.revoke_key(key.id)
    assert not refused(register, key.secret)
    await register.people.load()
    assert register.people.readings == read + 1
    assert refused(register, key.secret)


async def test_another_processes_change_is_seen_also_under_one_of_our_own() -> None:
    register = await alice()
    key = await register.people.add_key("alice", key_request())
    await register.people.load()
    other = await Register(register.store).loaded()
    await other.people.revoke_key(key.id)
    await register.people.add_key("alice", key_request())
    await register.people.load()
    assert refused(register, key.secret)


async def test_a_keys_last_use_is_written_once_an_hour() -> None:
    register = await alice()
    key = await register.people.add_key("alice", key_request())
    for _ in range(3):
        register.sign_in.admit(key.secret)
        await register.people.write_uses()
        register.clock.jump(60_000)
    first = register.clock.now() - 180_000
    assert await register.store.all("key-uses") == {key.id: {"at": first}}
    assert register.people.key(key.id).last_used == first + 120_000


# Tickets


async def test_a_ticket_is_good_once_and_soon() -> None:
    register = await alice()
    tickets = Tickets(register.clock, iter(map(str, range(1_000))).__next__)
    caller = register.sign_in.admit((await register.sign_in.with_password("alice", PASSWORD)).access_token)
    ticket, late = tickets.give(caller), tickets.give(caller)
    assert tickets.take(ticket) == caller
    assert tickets.take(ticket) is None
    register.clock.jump(int(TICKET_SECONDS * 1000))
    assert tickets.take(late) is None


async def test_more_tickets_than_one_caller_may_have_replace_the_oldest() -> None:
    register = await alice()
    tickets = Tickets(register.clock, iter(map(str, range(1_000))).__next__)
    caller = register.sign_in.admit((await register.sign_in.with_password("alice", PASSWORD)).access_token)
    given = [tickets.give(caller) for _ in range(TICKETS_OF_ONE_MAX + 1)]
    assert tickets.take(given[0]) is None
    assert all(tickets.take(one) for one in given[1:])
