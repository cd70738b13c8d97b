"""Saved charts, study templates and drawing templates, by user and by the page they were drawn on (`client`).

What is kept is known without its content, so lists and limits cost no reading. A content is written before it is listed and
unlisted before it is deleted: whatever is listed can be read.
"""

import asyncio
import json
from collections.abc import Callable, Iterator
from typing import Literal, NamedTuple

from trading_api.core.access import LOCAL, Principal
from trading_api.core.ports import Clock, Store
from trading_api.models.chart_storage import ChartForm, ChartRow, KeptItem, SavedChart, SavedTemplate
from trading_api.models.errors import FixRequest, NotFound, TooLarge

CONTENT_BYTES_MAX = 2 * 1024 * 1024
"""Of one chart or template; a layout of several charts with many drawings is about 1 MB."""
ITEMS_OF_USER_MAX = 500
BYTES_OF_USER_MAX = 64 * 1024 * 1024
ITEMS_OF_ALL_MAX = 20_000
BYTES_OF_ALL_MAX = 1024 * 1024 * 1024

ITEMS = "saved-charts"
CONTENTS = "saved-chart-contents"

Kind = Literal["chart", "study", "drawing"]


class Owner(NamedTuple):
    client: str
    user: str


class _Place(NamedTuple):
    owner: Owner
    kind: Kind
    parts: tuple[str, ...]

    @property
    def key(self) -> str:
        return json.dumps([*self.owner, self.kind, *self.parts])


def owner_of(caller: Principal, client: str, user: str) -> Owner:
    """Charts are private to who is signed in. The local user of a house without authentication may be anybody."""
    caller.require_own()
    if caller.name != user and not (caller.name == LOCAL and not caller.standing):
        raise FixRequest("foreign_user", f"Expected user to be you, found '{user}'", field="user")
    return Owner(client, user)


class ChartStorage:
    """`since` says since when a user of this name is the same person: what is older was somebody else's."""

    def __init__(self, store: Store, clock: Clock, since: Callable[[str], int] = lambda _: 0) -> None:
        self._store = store
        self._clock = clock
        self._since = since
        self._items: dict[_Place, KeptItem] = {}
        self._writing = asyncio.Lock()

    async def load(self) -> None:
        for document in (await self._store.all(ITEMS)).values():
            item = KeptItem.model_validate(document)
            self._items[_Place(Owner(item.client, item.user), item.kind, item.parts)] = item

    # Charts

    def charts(self, owner: Owner) -> tuple[ChartRow, ...]:
        """The one saved last comes first."""
        mine = sorted(self._of(owner, "chart"), key=lambda each: -each[1].time)
        return tuple(
            ChartRow(id=place.parts[0], name=one.name, timestamp=one.time // 1000, symbol=one.symbol, resolution=one.resolution)
            for place, one in mine
        )

    async def chart(self, owner: Owner, chart_id: str) -> SavedChart:
        place = self._known(owner, "chart", (chart_id,))
        one = self._items[place]
        return SavedChart(id=chart_id, name=one.name, timestamp=one.time // 1000, content=await self._content(place))

    async def save_chart(self, owner: Owner, form: ChartForm, chart_id: str | None = None) -> str:
        """A chart's id never means another chart later."""
        async with self._writing:
            if chart_id is not None:
                self._known(owner, "chart", (chart_id,))
            else:
                chart_id = str(max([self._clock.now(), *(int(place.parts[0]) + 1 for place in self._every("chart"))]))
            place = _Place(owner, "chart", (chart_id,))
            await self._save(place, form.content, name=form.name, symbol=form.symbol, resolution=form.resolution)
            return chart_id

    async def delete_chart(self, owner: Owner, chart_id: str) -> None:
        await self._delete(owner, "chart", (chart_id,))

    # Templates

    def study_templates(self, owner: Owner) -> tuple[str, ...]:
        return tuple(sorted(place.parts[0] for place, _ in self._of(owner, "study")))

    def drawing_templates(self, owner: Owner, tool: str) -> tuple[str, ...]:
        return tuple(sorted(place.parts[1] for place, _ in self._of(owner, "drawing") if place.parts[0] == tool))

    async def template(self, owner: Owner, kind: Kind, *parts: str) -> SavedTemplate:
        place = self._known(owner, kind, parts)
        return SavedTemplate(name=parts[-1], content=await self._content(place))

    async def save_template(self, owner: Owner, kind: Kind, *parts: str, content: str) -> None:
        """In the place of an earlier one of that name."""
        async with self._writing:
            await self._save(_Place(owner, kind, parts), content, name=parts[-1])

    async def delete_template(self, owner: Owner, kind: Kind, *parts: str) -> None:
        await self._delete(owner, kind, parts)

    # What is kept

    def _of(self, owner: Owner, kind: Kind) -> Iterator[tuple[_Place, KeptItem]]:
        since = self._since(owner.user)
        mine = ((place, one) for place, one in self._items.items() if (place.owner, place.kind) == (owner, kind))
        return ((place, one) for place, one in mine if one.time >= since)

    def _every(self, kind: Kind) -> Iterator[_Place]:
        return (place for place in self._items if place.kind == kind)

    def _known(self, owner: Owner, kind: Kind, parts: tuple[str, ...]) -> _Place:
        place = _Place(owner, kind, parts)
        found = self._items.get(place)
        if found is None or found.time < self._since(owner.user):
            named = " ".join(f"'{part}'" for part in parts)
            raise NotFound("unknown_chart", f"Expected one of your {_NAMES[kind]}, found {named}", field=_FIELDS[kind])
        return place

    async def _content(self, place: _Place) -> str:
        kept = await self._store.get(CONTENTS, place.key)
        content = kept and kept["content"]
        if not isinstance(content, str):  # deleted since
            self._known(*place)
            raise AssertionError("whatever is listed can be read")
        return content

    async def _save(self, place: _Place, content: str, *, name: str, symbol: str = "", resolution: str = "") -> None:
        size = len(content.encode())
        await self._forget_others(place.owner.user)
        self._expect_room(place, size)
        item = KeptItem(
            client=place.owner.client,
            user=place.owner.user,
            kind=place.kind,
            parts=place.parts,
            name=name,
            symbol=symbol,
            resolution=resolution,
            time=self._clock.now(),
            size=size,
        )
        await self._store.put(CONTENTS, place.key, {"content": content})
        await self._store.put(ITEMS, place.key, item.model_dump(mode="json"))
        self._items[place] = item

    async def _delete(self, owner: Owner, kind: Kind, parts: tuple[str, ...]) -> None:
        async with self._writing:
            await self._drop(self._known(owner, kind, parts))

    async def _drop(self, place: _Place) -> None:
        await self._store.delete(ITEMS, place.key)
        del self._items[place]
        await self._store.delete(CONTENTS, place.key)

    async def _forget_others(self, user: str) -> None:
        """Whoever had this name before."""
        since = self._since(user)
        for place in [one for one, kept in self._items.items() if one.owner.user == user and kept.time < since]:
            await self._drop(place)

    def _expect_room(self, place: _Place, size: int) -> None:
        if size > CONTENT_BYTES_MAX:
            raise TooLarge("too_large", f"Expected content of at most {CONTENT_BYTES_MAX} bytes, found {size}", field="content")
        others = [(one, kept.size) for one, kept in self._items.items() if one != place]
        mine = [kept for one, kept in others if one.owner.user == place.owner.user]
        for sizes, items_max, bytes_max, whose in (
            (mine, ITEMS_OF_USER_MAX, BYTES_OF_USER_MAX, "one user"),
            ([kept for _, kept in others], ITEMS_OF_ALL_MAX, BYTES_OF_ALL_MAX, "all users"),
        ):
            if len(sizes) >= items_max or sum(sizes) + size > bytes_max:
                room = f"{items_max} charts and templates, of {bytes_max} bytes together, of {whose}"
                raise TooLarge("storage_full", f"Expected at most {room}, found more: delete some first", field="content")


_NAMES = {"chart": "charts", "study": "study templates", "drawing": "drawing templates"}
_FIELDS = {"chart": "chart", "study": "template", "drawing": "name"}
