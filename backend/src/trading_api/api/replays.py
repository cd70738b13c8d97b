"""Replays over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Path

from trading_api.api.deps import Caller
from trading_api.api.errors import RESPONSES
from trading_api.core.replay_service import ReplayService
from trading_api.models.market.replays import Replay, ReplayRequest, SeekRequest, SpeedRequest, StepRequest

ID_MAX = 40

ReplayId = Annotated[str, Path(alias="replayId", max_length=ID_MAX)]


def replays_router(replays: ReplayService) -> APIRouter:
    router = APIRouter(prefix="/replays", tags=["replays"], responses=RESPONSES)

    @router.post(
        "",
        operation_id="createReplay",
        summary="Make a market and an account to trade the past in",
        status_code=201,
        response_model_exclude_none=True,
    )
    async def create_replay(caller: Caller, request: ReplayRequest) -> Replay:
        caller.require_opening()
        return await replays.create(request, caller.name)

    @router.get("", operation_id="listReplays", summary="Every replay", response_model_exclude_none=True)
    async def list_replays(caller: Caller) -> list[Replay]:
        return [one for one in replays.all() if caller.sees(one.account_id)]

    @router.get("/{replayId}", operation_id="getReplay", summary="One replay", response_model_exclude_none=True)
    async def get_replay(caller: Caller, replay_id: ReplayId) -> Replay:
        caller.require(replay_id, "read")
        return replays.get(replay_id)

    @router.delete(
        "/{replayId}", operation_id="deleteReplay", summary="End a replay, its market and its account", status_code=204
    )
    async def delete_replay(caller: Caller, replay_id: ReplayId) -> None:
        caller.require(replay_id, "admin")
        await replays.delete(replay_id)

    _controls(router, replays)
    return router


def _controls(router: APIRouter, replays: ReplayService) -> None:
    @router.post("/{replayId}/play", operation_id="playReplay", summary="Let time run", response_model_exclude_none=True)
    async def play(caller: Caller, replay_id: ReplayId) -> Replay:
        caller.require(replay_id, "trade")
        return await replays.play(replay_id)

    @router.post("/{replayId}/pause", operation_id="pauseReplay", summary="Stop time", response_model_exclude_none=True)
    async def pause(caller: Caller, replay_id: ReplayId) -> Replay:
        caller.require(replay_id, "trade")
        return await replays.pause(replay_id)

    @router.post(
        "/{replayId}/step",
        operation_id="stepReplay",
        summary="Go on by ticks or bars, and answer when they have taken effect",
        response_model_exclude_none=True,
    )
    async def step(caller: Caller, replay_id: ReplayId, request: StepRequest) -> Replay:
        caller.require(replay_id, "trade")
        return await replays.step(replay_id, request)

    @router.post(
        "/{replayId}/seek",
        operation_id="seekReplay",
        summary="Go to a moment: forward skips, back restarts the account",
        response_model_exclude_none=True,
    )
    async def seek(caller: Caller, replay_id: ReplayId, request: SeekRequest) -> Replay:
        caller.require(replay_id, "trade")
        return await replays.seek(replay_id, request.time)

    @router.put(
        "/{replayId}/speed",
        operation_id="setReplaySpeed",
        summary="Market time over wall time",
        response_model_exclude_none=True,
    )
    async def set_speed(caller: Caller, replay_id: ReplayId, request: SpeedRequest) -> Replay:
        caller.require(replay_id, "trade")
        return await replays.set_speed(replay_id, request.speed)
