"""Requests, one function an operation. Generated from the spec's paths; do not edit.

`client.send(...)` of a request gives its answer:

    with Client(Credentials(...), SERVERS[...]) as client:
        answer = client.send(get_accounts(...)).parsed()
"""

from __future__ import annotations

from onefolio_runtime import UNSET, Answer, Operation, Request, Unset

from .models import (
    CONTRACT,
    AccountPage,
    BalancesResponse,
    ErrorResponse,
    PositionPage,
)

GET_ACCOUNTS: Operation[AccountPage, ErrorResponse] = Operation(
    "getAccounts",
    method="GET",
    path="/v1/accounts",
    contract=CONTRACT,
    answers={
        "200": Answer("AccountPage", AccountPage.view),
        "400": Answer("ErrorResponse", ErrorResponse.view),
        "401": Answer("ErrorResponse", ErrorResponse.view),
        "403": Answer("ErrorResponse", ErrorResponse.view),
        "429": Answer("ErrorResponse", ErrorResponse.view),
        "5XX": Answer("ErrorResponse", ErrorResponse.view),
    },
)

GET_ACCOUNT_BALANCES: Operation[BalancesResponse, ErrorResponse] = Operation(
    "getAccountBalances",
    method="GET",
    path="/v1/accounts/{account_id}/balances",
    contract=CONTRACT,
    answers={
        "200": Answer("BalancesResponse", BalancesResponse.view),
        "400": Answer("ErrorResponse", ErrorResponse.view),
        "401": Answer("ErrorResponse", ErrorResponse.view),
        "403": Answer("ErrorResponse", ErrorResponse.view),
        "404": Answer("ErrorResponse", ErrorResponse.view),
        "429": Answer("ErrorResponse", ErrorResponse.view),
        "5XX": Answer("ErrorResponse", ErrorResponse.view),
    },
)

GET_ACCOUNT_POSITIONS: Operation[PositionPage, ErrorResponse] = Operation(
    "getAccountPositions",
    method="GET",
    path="/v1/accounts/{account_id}/positions",
    contract=CONTRACT,
    answers={
        "200": Answer("PositionPage", PositionPage.view),
        "400": Answer("ErrorResponse", ErrorResponse.view),
        "401": Answer("ErrorResponse", ErrorResponse.view),
        "403": Answer("ErrorResponse", ErrorResponse.view),
        "404": Answer("ErrorResponse", ErrorResponse.view),
        "429": Answer("ErrorResponse", ErrorResponse.view),
        "5XX": Answer("ErrorResponse", ErrorResponse.view),
    },
)


def get_accounts(
    *,
    page_size: int | Unset = UNSET,
    page_token: str | Unset = UNSET,
    account_id: str | Unset = UNSET,
    account_name: str | Unset = UNSET,
) -> Request[AccountPage, ErrorResponse]:
    """The accounts that the key can see, page by page.

    Args:
        page_size: as `page_size`.
        page_token: as `page_token`.
        account_id: as `account_id`.
        account_name: as `account_name`.
    """
    return GET_ACCOUNTS.request(
        query={
            "page_size": page_size,
            "page_token": page_token,
            "account_id": account_id,
            "account_name": account_name,
        },
    )


def get_account_balances(
    account_id: int,
) -> Request[BalancesResponse, ErrorResponse]:
    """The money of one account, now and at the start of the day.

    Args:
        account_id: as `account_id`.
    """
    return GET_ACCOUNT_BALANCES.request(
        path={"account_id": account_id},
    )


def get_account_positions(
    account_id: int,
    *,
    page_size: int | Unset = UNSET,
    page_token: str | Unset = UNSET,
) -> Request[PositionPage, ErrorResponse]:
    """What one account holds, page by page.

    Args:
        account_id: as `account_id`.
        page_size: as `page_size`.
        page_token: as `page_token`.
    """
    return GET_ACCOUNT_POSITIONS.request(
        path={"account_id": account_id},
        query={"page_size": page_size, "page_token": page_token},
    )
