"""Replays: each is a market of its own with an account of its own, made and ended together.

The store remembers every replay and where its time stands. After a restart it is there again, paused, never before its
account's last fact: what has been traded on has been seen. One that cannot be brought back says why and keeps nobody waiting.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from decimal import Decimal
from typing import NamedTuple, Protocol

from trading_api.core.access import LOCAL
from trading_api.core.failures import sentence
from trading_api.core.money import usual_balance
from trading_api.core.ports import Market, Store
from trading_api.core.times import clock_text
from trading_api.models.broker.account import AccountRequest
from trading_api.models.errors import FixRequest, NotFound, Refused, Stopped, TryLater
from trading_api.models.health import HealthCheck
from trading_api.models.market.bars import Resolution
from trading_api.models.market.instruments import Instrument
from trading_api.models.market.replays import Replay, ReplayRequest, ReplayState, StepRequest

REPLAYS_MAX = 16
"""Each holds an account, a reader and its ticks."""
COLLECTION = "replays"
NUMBERS = "replay-numbers"
"""The last number given: a deleted replay's name, and its account's, is not used again."""

Keep = Callable[[int], Awaitable[None]]

_log = logging.getLogger(__name__)


class ReplayMarket(Market, Protocol):
    """A market with a time of its own and the controls over it, used one at a time."""

    speed: float

    @property
    def state(self) -> ReplayState: ...

    @property
    def first(self) -> int: ...

    @property
    def last(self) -> int: ...

    def play(self) -> None: ...

    async def pause(self) -> None: ...

    def set_speed(self, speed: float) -> None: ...

    async def step_ticks(self, count: int) -> None: ...

    async def step_bars(self, count: int, resolution: Resolution) -> None: ...

    async def seek(self, time: int) -> None:
        """Forward."""

    async def rewind(self, time: int) -> None:
        """Back, paused and silent until `retell`."""

    async def retell(self) -> None: ...


class ReplayMaker(Protocol):
    """Makes replay markets out of what has been imported."""

    def instrument(self, symbol: str) -> Instrument | None:
        """The imported instrument of this bare name."""

    def begins(self, symbol: str) -> int:
        """When its data begin."""

    async def make(self, name: str, symbols: Sequence[str], at: int, speed: float, keep: Keep) -> ReplayMarket: ...


class Markets(Protocol):
    """What replays need of the datafeed."""

    def add_market(self, market: Market) -> None: ...

    async def remove_market(self, name: str) -> None: ...

    async def rewind_market(self, name: str) -> None:
        """The market's time has gone back: whatever was folded from its ticks begins anew."""


class ReplayAccounts(Protocol):
    """What replays need of the broker."""

    async def open_account(self, request: AccountRequest, owner: str = LOCAL) -> None:
        """Open the account as it was left, or a new one of this user."""

    async def restart_account(self, account_id: str) -> None:
        """A new generation: no orders, no positions, the opening balance."""

    async def catch_up(self, account_id: str) -> None:
        """Returns when the account has decided and announced whatever the prices told so far bring."""

    async def remove_account(self, account_id: str) -> None: ...

    async def last_fact_time(self, account_id: str) -> int | None:
        """Market time of the account's last fact; None when there is no such account."""


class _Running(NamedTuple):
    request: ReplayRequest
    symbols: tuple[str, ...]
    start: int
    market: ReplayMarket
    control: asyncio.Lock
    """One control at a time."""


class ReplayService:
    def __init__(self, maker: ReplayMaker, markets: Markets, accounts: ReplayAccounts, store: Store) -> None:
        self._maker, self._markets, self._accounts, self._store = maker, markets, accounts, store
        self._running: dict[str, _Running] = {}
        self._lost: dict[str, str] = {}
        """Replays that could not be brought back, and why."""
        self._making = asyncio.Lock()

    async def restore(self) -> None:
        """Bring back every replay, paused; after the imported market and the accounts are there."""
        for name, document in (await self._store.all(COLLECTION)).items():
            try:
                await self._restore(name, document)
            except Stopped:
                raise
            except Exception as error:
                self._lost[name] = sentence(error)
                _log.critical("Replay %s cannot be brought back: %s", name, self._lost[name], exc_info=error)

    async def _restore(self, name: str, document: dict[str, object]) -> None:
        request = ReplayRequest.model_validate(document["request"])
        known = await self._accounts.last_fact_time(name)
        now = max(int(str(document["now"])), known or 0)
        await self._start(name, request, start=int(str(document["start"])), now=now)
        await self._open_account(name, request)

    async def _open_account(self, name: str, request: ReplayRequest, owner: str = LOCAL) -> None:
        try:
            await self._accounts.open_account(self._account(name, request), owner)
        except BaseException:
            del self._running[name]
            await self._markets.remove_market(name)
            raise

    def health(self) -> list[HealthCheck]:
        """A check of each replay that could not be brought back; the others go on."""
        return [HealthCheck(name=f"replay {name}", account_id=name, trouble=why) for name, why in self._lost.items()]

    async def create(self, request: ReplayRequest, owner: str = LOCAL) -> Replay:
        symbols = self._symbols(request)
        start = self._maker.begins(symbols[0]) if request.start is None else request.start
        async with self._making:
            count = len(self._running) + len(self._lost)
            if count >= REPLAYS_MAX:
                raise TryLater("too_many_replays", f"Expected fewer than {REPLAYS_MAX} replays, found {count}")
            name = await self._new_name()
            running = await self._start(name, request, start=start, now=start)
            await self._keep(name, running, start)
            try:
                await self._open_account(name, request, owner)
            except BaseException:
                await self._store.delete(COLLECTION, name)
                raise
        return self._told(name)

    def all(self) -> list[Replay]:
        return [self._told(name) for name in self._running]

    def get(self, replay_id: str) -> Replay:
        self._find(replay_id)
        return self._told(replay_id)

    async def play(self, replay_id: str) -> Replay:
        running = self._find(replay_id)
        async with running.control:
            self._expect_prices_left(replay_id, running)
            running.market.play()
        return self._told(replay_id)

    async def pause(self, replay_id: str) -> Replay:
        running = self._find(replay_id)
        async with running.control:
            await running.market.pause()
            await self._accounts.catch_up(replay_id)
        return self._told(replay_id)

    async def set_speed(self, replay_id: str, speed: Decimal) -> Replay:
        running = self._find(replay_id)
        async with running.control:
            running.market.set_speed(float(speed))
            await self._keep(replay_id, running, running.market.now())
        return self._told(replay_id)

    async def step(self, replay_id: str, step: StepRequest) -> Replay:
        """Returns when the desks have seen the ticks. One tick when the request names neither ticks nor bars."""
        running = self._find(replay_id)
        async with running.control:
            self._expect_prices_left(replay_id, running)
            if step.bars is not None:
                await running.market.step_bars(step.bars, step.resolution)
            else:
                await running.market.step_ticks(step.ticks or 1)
            await self._accounts.catch_up(replay_id)
        return self._told(replay_id)

    async def seek(self, replay_id: str, time: int) -> Replay:
        """Forward skips what lies between; back restarts the account there."""
        running = self._find(replay_id)
        async with running.control:
            self._expect_inside(running.market, time, "time")
            if time >= running.market.now():
                await running.market.seek(time)
            else:
                await self._back(replay_id, running, time)
            await self._accounts.catch_up(replay_id)
        return self._told(replay_id)

    async def delete(self, replay_id: str) -> None:
        if replay_id in self._lost:
            await self._accounts.remove_account(replay_id)
            await self._store.delete(COLLECTION, replay_id)
            self._lost.pop(replay_id, None)
            return
        running = self._find(replay_id)
        async with running.control:
            if replay_id not in self._running:
                return
            await running.market.pause()
            await self._accounts.remove_account(replay_id)
            await self._markets.remove_market(replay_id)
            del self._running[replay_id]
            # The document goes last: a crash before this brings the replay back, and it can be deleted again.
            await self._store.delete(COLLECTION, replay_id)

    async def _back(self, name: str, running: _Running, time: int) -> None:
        await running.market.rewind(time)
        await self._accounts.restart_account(name)
        await self._markets.rewind_market(name)
        await running.market.retell()

    async def _start(self, name: str, request: ReplayRequest, *, start: int, now: int) -> _Running:
        symbols = self._symbols(request)
        running: _Running

        async def keep(reached: int) -> None:
            await self._keep(name, running, reached)

        market = await self._maker.make(name, symbols, now, float(request.speed), keep)
        try:
            self._expect_inside(market, now, "start")
        except FixRequest:
            await market.close()
            raise
        running = self._running[name] = _Running(request, symbols, start, market, asyncio.Lock())
        self._markets.add_market(market)
        return running

    async def _keep(self, name: str, running: _Running, now: int) -> None:
        request = running.request.model_copy(update={"speed": Decimal(repr(running.market.speed))})
        document: dict[str, object] = {"request": request.model_dump(mode="json"), "start": running.start, "now": now}
        await self._store.put(COLLECTION, name, document)

    async def _new_name(self) -> str:
        document = await self._store.get(NUMBERS, "last")
        number = int(str(document["number"])) + 1 if document else 1
        await self._store.put(NUMBERS, "last", {"number": number})
        return f"R{number}"

    def _symbols(self, request: ReplayRequest) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self._bare(symbol) for symbol in request.symbols))

    def _bare(self, symbol: str) -> str:
        name = symbol.removeprefix("IMPORT:")
        if self._maker.instrument(name) is None:
            raise NotFound("unknown_symbol", f"Expected an imported symbol, found '{symbol}'", field="symbols")
        return name

    def _account(self, name: str, request: ReplayRequest) -> AccountRequest:
        first = self._maker.instrument(self._symbols(request)[0])
        assert first is not None, "its name was resolved"
        return AccountRequest(
            id=name,
            name=f"Replay {name}",
            currency=first.currency,
            balance=usual_balance(first.currency) if request.balance is None else request.balance,
            leverage=request.leverage,
            markets=(name,),
            position_mode=request.position_mode,
            fifo=request.fifo,
        )

    def _find(self, replay_id: str) -> _Running:
        running = self._running.get(replay_id)
        if replay_id in self._lost:
            message = f"Expected replay {replay_id} to have come back, it has not: {self._lost[replay_id]}. It can be deleted"
            raise TryLater("replay_lost", message)
        if running is None:
            raise NotFound("unknown_replay", f"Expected one of your replays, found '{replay_id}'", field="id")
        return running

    @staticmethod
    def _expect_prices_left(name: str, running: _Running) -> None:
        if running.market.state is ReplayState.ENDED:
            raise Refused("replay_ended", f"Expected {name} to have prices left, found the end of its data: seek back")

    @staticmethod
    def _expect_inside(market: ReplayMarket, time: int, field: str) -> None:
        first, last = market.first, market.last
        if not first <= time <= last:
            nearest = Decimal(min(max(time, first), last))
            span = f"{clock_text(first)} to {clock_text(last)}"
            message = f"Expected a time from {span}, where there are prices, found {clock_text(time)}"
            raise FixRequest("outside_data", message, field=field, nearest=nearest)

    def _told(self, name: str) -> Replay:
        running = self._find(name)
        market = running.market
        ended = market.state is ReplayState.ENDED
        return Replay(
            id=name,
            account_id=name,
            symbols=tuple(instrument.id for instrument in market.search()),
            state=market.state,
            speed=Decimal(repr(market.speed)),
            now=market.now(),
            start=running.start,
            first=market.first,
            last=market.last,
            message="The data end here" if ended else None,
        )
