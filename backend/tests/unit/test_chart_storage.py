"""Who may use chart storage, and how much it takes."""

import asyncio

import pytest

from fakes import FakeClock
from fakes_store import MemoryStore
from trading_api.core import chart_storage
from trading_api.core.access import LOCAL, READS, Principal
from trading_api.core.chart_storage import CONTENTS, ITEMS, ChartStorage, Owner, owner_of
from trading_api.models.chart_storage import ChartForm
from trading_api.models.errors import FixRequest, NotFound, TooLarge

ALICE = Owner("page", "alice")
FORM = ChartForm(name="A chart", content="content")


def a_storage() -> tuple[ChartStorage, MemoryStore]:
    store = MemoryStore()
    return ChartStorage(store, FakeClock(1_700_000_000_000)), store


def test_a_user_who_is_signed_in_has_only_charts_of_their_own() -> None:
    alice = Principal("alice", READS, standing="visit")
    assert owner_of(alice, "page", "alice") == ALICE
    with pytest.raises(FixRequest, match="Expected user to be you, found 'bob'"):
        owner_of(alice, "page", "bob")
    with pytest.raises(FixRequest):
        owner_of(Principal(LOCAL, READS, standing="a key"), "page", "bob")


def test_the_local_user_may_be_anybody() -> None:
    assert owner_of(Principal(LOCAL, READS), "page", "public_user") == Owner("page", "public_user")


async def test_a_user_has_only_so_many_and_replacing_is_always_possible(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chart_storage, "ITEMS_OF_USER_MAX", 2)
    storage, _ = a_storage()
    first = await storage.save_chart(ALICE, FORM)
    await storage.save_template(Owner("another page", "alice"), "study", "S", content="s")
    with pytest.raises(TooLarge, match="Expected at most 2 charts and templates, .* of one user"):
        await storage.save_chart(ALICE, FORM)
    await storage.save_chart(ALICE, FORM, first)
    await storage.save_chart(Owner("page", "bob"), FORM)


async def test_all_of_them_together_take_only_so_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chart_storage, "BYTES_OF_ALL_MAX", 20)
    storage, store = a_storage()
    await storage.save_chart(ALICE, ChartForm(name="x", content="é" * 8))
    with pytest.raises(TooLarge, match="of all users"):
        await storage.save_chart(Owner("page", "bob"), ChartForm(name="x", content="12345"))
    assert len(await store.all(ITEMS)) == len(await store.all(CONTENTS)) == 1


async def test_charts_saved_at_once_have_ids_of_their_own() -> None:
    storage, _ = a_storage()
    ids = await asyncio.gather(*(storage.save_chart(ALICE, FORM) for _ in range(20)))
    assert len(set(ids)) == 20


async def test_whoever_gets_a_name_again_finds_nothing_of_who_had_it_before() -> None:
    clock, store, begun = FakeClock(1_700_000_000_000), MemoryStore(), {"alice": 0}
    storage = ChartStorage(store, clock, lambda user: begun.get(user, 0))
    old = await storage.save_chart(ALICE, FORM)
    await storage.save_template(Owner("another page", "alice"), "drawing", "LineToolRay", "red", content="r")
    bobs = await storage.save_chart(Owner("page", "bob"), FORM)
    clock.jump(10)
    begun["alice"] = clock.now()
    assert storage.charts(ALICE) == ()
    for command in (storage.chart(ALICE, old), storage.delete_chart(ALICE, old), storage.save_chart(ALICE, FORM, old)):
        with pytest.raises(NotFound):
            await command
    new = await storage.save_chart(ALICE, FORM)
    assert [row.id for row in storage.charts(ALICE)] == [new] != [old]
    assert len(await store.all(ITEMS)) == len(await store.all(CONTENTS)) == 2
    assert (await storage.chart(Owner("page", "bob"), bobs)).content == "content"
