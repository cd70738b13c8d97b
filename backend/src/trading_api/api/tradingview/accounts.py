"""Reading the broker's configuration, accounts and what they hold."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import BeforeValidator, Field

from trading_api.api.paging import PAGE_MAX, PAGE_USUAL
from trading_api.api.tradingview.deps import Account, Locale, SignedIn
from trading_api.api.tradingview.errors import answer
from trading_api.core.broker_rest.accounts import RestAccounts
from trading_api.core.broker_rest.configuration import CONFIG
from trading_api.core.broker_rest.prices import RestPrices
from trading_api.models.base import WHOLE
from trading_api.models.common import SymbolName
from trading_api.models.tradingview.account import AccountState, WireAccount, WireBalance
from trading_api.models.tradingview.config import Config
from trading_api.models.tradingview.envelope import Answer, Failure
from trading_api.models.tradingview.instruments import WireInstrument
from trading_api.models.tradingview.orders import WireOrder
from trading_api.models.tradingview.positions import WireExecution, WirePosition

ACCOUNT = "/accounts/{accountId}"
MaxCount = Annotated[
    int,
    Field(ge=1),
    WHOLE,
    BeforeValidator(lambda text: text or PAGE_USUAL),
    Query(alias="maxCount", description=f"At most so many, the latest; {PAGE_MAX} at most"),
]


def add_accounts(router: APIRouter, accounts: RestAccounts, prices: RestPrices) -> None:
    @router.get(
        "/config",
        operation_id="getRestConfig",
        response_model=Answer[Config] | Failure,
        dependencies=[Locale],
        summary="Durations, columns of the account manager, how often to ask",
    )
    async def config(caller: SignedIn) -> Response:
        return answer(Answer(d=CONFIG))

    @router.get(
        "/accounts",
        operation_id="listRestAccounts",
        response_model=Answer[tuple[WireAccount, ...]] | Failure,
        dependencies=[Locale],
        summary="The caller's accounts, and what each can do",
    )
    async def list_accounts(caller: SignedIn) -> Response:
        return answer(Answer(d=accounts.all(caller)))

    @router.get(
        ACCOUNT + "/instruments",
        operation_id="listRestInstruments",
        response_model=Answer[tuple[WireInstrument, ...]] | Failure,
        dependencies=[Locale],
        summary="What this account may trade",
    )
    async def instruments(caller: SignedIn, account_id: Account) -> Response:
        return answer(Answer(d=await prices.instruments(caller, account_id)))

    @router.get(
        ACCOUNT + "/state",
        operation_id="getRestState",
        response_model=Answer[AccountState] | Failure,
        dependencies=[Locale],
        summary="Balance, profit, and the rows of the account manager",
    )
    async def state(caller: SignedIn, account_id: Account) -> Response:
        return answer(Answer(d=accounts.state(caller, account_id)))

    @router.get(
        ACCOUNT + "/balances",
        operation_id="listRestBalances",
        response_model=Answer[tuple[WireBalance, ...]] | Failure,
        dependencies=[Locale],
        summary="The account's money",
    )
    async def balances(caller: SignedIn, account_id: Account) -> Response:
        return answer(Answer(d=accounts.balances(caller, account_id)))

    _add_rows(router, accounts)


def _add_rows(router: APIRouter, accounts: RestAccounts) -> None:
    @router.get(
        ACCOUNT + "/orders",
        operation_id="listRestOrders",
        response_model=Answer[tuple[WireOrder, ...]] | Failure,
        dependencies=[Locale],
        summary="Orders of this session, and open ones of earlier sessions",
    )
    async def orders(caller: SignedIn, account_id: Account) -> Response:
        return answer(Answer(d=accounts.orders(caller, account_id)))

    @router.get(
        ACCOUNT + "/ordersHistory",
        operation_id="listRestOrdersHistory",
        response_model=Answer[tuple[WireOrder, ...]] | Failure,
        dependencies=[Locale],
        summary="Ended orders, the latest first",
    )
    async def orders_history(caller: SignedIn, account_id: Account, most: MaxCount = PAGE_USUAL) -> Response:
        return answer(Answer(d=await accounts.orders_history(caller, account_id, min(most, PAGE_MAX))))

    @router.get(
        ACCOUNT + "/positions",
        operation_id="listRestPositions",
        response_model=Answer[tuple[WirePosition, ...]] | Failure,
        dependencies=[Locale],
        summary="Open positions, and with quantity 0 those closed in this session",
    )
    async def positions(caller: SignedIn, account_id: Account) -> Response:
        return answer(Answer(d=await accounts.positions(caller, account_id)))

    @router.get(
        ACCOUNT + "/executions",
        operation_id="listRestExecutions",
        response_model=Answer[tuple[WireExecution, ...]] | Failure,
        dependencies=[Locale],
        summary="Fills, of one instrument if named, the oldest first",
    )
    async def executions(
        caller: SignedIn,
        account_id: Account,
        instrument: Annotated[SymbolName | Literal[""], Query(description="Empty is none")] = "",
        most: MaxCount = PAGE_USUAL,
    ) -> Response:
        return answer(Answer(d=await accounts.executions(caller, account_id, instrument or None, min(most, PAGE_MAX))))
