"""Requests, one function per operation. Generated from the spec's paths; do not edit.

`client.send(...)` sends a request and returns its response:

    with Client(Credentials(...), SERVERS[...]) as client:
        body = client.send(get_accounts(...)).parsed()
"""

from __future__ import annotations

from onefolio_runtime import UNSET, DocumentedResponse, Operation, Request, Unset

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
    responses={
        "200": DocumentedResponse("AccountPage", AccountPage.view),
        "400": DocumentedResponse("ErrorResponse", ErrorResponse.view),
        "401": DocumentedResponse("ErrorResponse", ErrorResponse.view),
        "403": DocumentedResponse("ErrorResponse", ErrorResponse.view),
        "429": DocumentedResponse("ErrorResponse", ErrorResponse.view),
        "5XX": DocumentedResponse("ErrorResponse", ErrorResponse.view),
    },
)

GET_ACCOUNT_BALANCES: Operation[BalancesResponse, ErrorResponse] = Operation(
    "getAccountBalances",
    method="GET",
    path="/v1/accounts/{account_id}/balances",
    contract=CONTRACT,
    responses={
        "200": DocumentedResponse("BalancesResponse", BalancesResponse.view),
        "400": DocumentedResponse("ErrorResponse", ErrorResponse.view),
        "401": DocumentedResponse("ErrorResponse", ErrorResponse.view),
        "403": DocumentedResponse("ErrorResponse", ErrorResponse.view),
        "404": DocumentedResponse("ErrorResponse", ErrorResponse.view),
        "429": DocumentedResponse("ErrorResponse", ErrorResponse.view),
        "5XX": DocumentedResponse("ErrorResponse", ErrorResponse.view),
    },
)

GET_ACCOUNT_POSITIONS: Operation[PositionPage, ErrorResponse] = Operation(
    "getAccountPositions",
    method="GET",
    path="/v1/accounts/{account_id}/positions",
    contract=CONTRACT,
    responses={
        "200": DocumentedResponse("PositionPage", PositionPage.view),
        "400": DocumentedResponse("ErrorResponse", ErrorResponse.view),
        "401": DocumentedResponse("ErrorResponse", ErrorResponse.view),
        "403": DocumentedResponse("ErrorResponse", ErrorResponse.view),
        "404": DocumentedResponse("ErrorResponse", ErrorResponse.view),
        "429": DocumentedResponse("ErrorResponse", ErrorResponse.view),
        "5XX": DocumentedResponse("ErrorResponse", ErrorResponse.view),
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
        page_size: the parameter `page_size`.
        page_token: the parameter `page_token`.
        account_id: the parameter `account_id`.
        account_name: the parameter `account_name`.
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
        account_id: the parameter `account_id`.
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
    """The positions of one account, page by page.

    Args:
        account_id: the parameter `account_id`.
        page_size: the parameter `page_size`.
        page_token: the parameter `page_token`.
    """
    return GET_ACCOUNT_POSITIONS.request(
        path={"account_id": account_id},
        query={"page_size": page_size, "page_token": page_token},
    )
