"""Requests, one function an operation. Generated from the spec's paths; do not edit.

`client.send(...)` of a request gives its answer:

    with Client(Credentials(...), SERVERS[...]) as client:
        answer = client.send(get_client_accounts(...)).parsed()
"""

from __future__ import annotations

from onefolio_runtime import Answer, Operation, Request, Unset

from .models import (
    CONTRACT,
    ClientAccountPage,
    ErrorResponse,
)

GET_CLIENT_ACCOUNTS: Operation[ClientAccountPage, ErrorResponse] = Operation(
    "getClientAccounts",
    method="GET",
    path="/clients/accounts",
    contract=CONTRACT,
    answers={
        "200": Answer("ClientAccountPage", ClientAccountPage.view),
        "400": Answer("ErrorResponse", ErrorResponse.view),
        "401": Answer("ErrorResponse", ErrorResponse.view),
        "403": Answer("ErrorResponse", ErrorResponse.view),
        "429": Answer("ErrorResponse", ErrorResponse.view),
        "5XX": Answer("ErrorResponse", ErrorResponse.view),
    },
)


def get_client_accounts(
    *,
    api_version: str | Unset = "2024-12-01",
) -> Request[ClientAccountPage, ErrorResponse]:
    """Every account of the client with its balances, and the totals; there are no pages.

    Args:
        api_version: as `Api-Version`.
    """
    return GET_CLIENT_ACCOUNTS.request(
        headers={"Api-Version": api_version},
    )
