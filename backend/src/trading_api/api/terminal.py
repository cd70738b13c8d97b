"""What a Trading Terminal's adapter announces instead of hardcoding it: flags, columns, and how a symbol may be traded."""

from typing import Annotated

from fastapi import APIRouter, Path

from trading_api.api.deps import Caller
from trading_api.api.errors import RESPONSES
from trading_api.api.paging import Account
from trading_api.core.terminal_service import TerminalService
from trading_api.models.broker.manager import AccountManager
from trading_api.models.broker.terminal import BrokerConfig, PipValues, TradingOptions
from trading_api.models.common import SymbolName

SymbolPath = Annotated[SymbolName, Path(alias="symbol")]


def terminal_router(service: TerminalService) -> APIRouter:
    router = APIRouter(prefix="/broker/accounts/{accountId}", tags=["broker"], responses=RESPONSES)

    @router.get("/config", operation_id="getBrokerConfig", summary="TradingView's configFlags, durations and order types")
    async def get_config(caller: Caller, account_id: Account) -> BrokerConfig:
        return service.config(caller, account_id)

    @router.get(
        "/account-manager",
        operation_id="getAccountManager",
        summary="Summary, columns and pages of the Account Manager, and where their rows are",
        response_model_exclude_none=True,
    )
    async def get_account_manager(caller: Caller, account_id: Account) -> AccountManager:
        return service.manager(caller, account_id)

    @router.get(
        "/instruments/{symbol}/trading",
        operation_id="getTradingOptions",
        summary="Whether this account may trade a symbol, why not and what helps, and what its ticket offers",
        response_model_exclude_none=True,
    )
    async def get_trading(caller: Caller, account_id: Account, symbol: SymbolPath) -> TradingOptions:
        return await service.trading(caller, account_id, symbol)

    @router.get(
        "/instruments/{symbol}/pip-values",
        operation_id="getPipValues",
        summary="One pip in the account's currency",
        response_model_exclude_none=True,
    )
    async def get_pip_values(caller: Caller, account_id: Account, symbol: SymbolPath) -> PipValues:
        return await service.pip_values(caller, account_id, symbol)

    return router
