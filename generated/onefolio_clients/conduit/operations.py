"""Requests, one function per operation. Generated from the spec's paths; do not edit.

`client.send(...)` sends a request and returns its response:

    with Client(Credentials(...), SERVERS[...]) as client:
        body = client.send(get_client_accounts(...)).parsed()
"""

from __future__ import annotations

from onefolio_runtime import DocumentedResponse, Operation, Request, Unset

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
    responses={
        "200": DocumentedResponse("ClientAccountPage", ClientAccountPage.view),
        "400": DocumentedResponse("ErrorResponse", ErrorResponse.view),
        "401": DocumentedResponse("ErrorResponse", ErrorResponse.view),
        "403": DocumentedResponse("ErrorResponse", ErrorResponse.view),
        "429": DocumentedResponse("ErrorResponse", ErrorResponse.view),
        "5XX": DocumentedResponse("ErrorResponse", ErrorResponse.view),
    },
)


def get_client_accounts(
    *,
    api_version: str | Unset = "2024-12-01",
) -> Request[ClientAccountPage, ErrorResponse]:
    """Every account of the client with its balances, and the totals, without pages.

    Args:
        api_version: the parameter `Api-Version`.
    """
    return GET_CLIENT_ACCOUNTS.request(
        headers={"Api-Version": api_version},
    )
