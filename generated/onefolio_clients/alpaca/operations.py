"""Requests, one function per operation. Generated from the spec's paths; do not edit.

`client.send(...)` sends a request and returns its response:

    with Client(Credentials(...), SERVERS[...]) as client:
        body = client.send(get_account(...)).parsed()
"""

from __future__ import annotations

from onefolio_runtime import DocumentedResponse, Operation, Request

from .models import (
    CONTRACT,
    Account,
    Error,
    Position,
)

GET_ACCOUNT: Operation[Account, Error] = Operation(
    "getAccount",
    method="GET",
    path="/v2/account",
    contract=CONTRACT,
    responses={
        "200": DocumentedResponse("Account", Account.view),
        "401": DocumentedResponse("Error", Error.view),
        "403": DocumentedResponse("Error", Error.view),
        "429": DocumentedResponse("Error", Error.view),
        "5XX": DocumentedResponse("Error", Error.view),
    },
)

GET_POSITIONS: Operation[list[Position], Error] = Operation(
    "getPositions",
    method="GET",
    path="/v2/positions",
    contract=CONTRACT,
    responses={
        "200": DocumentedResponse("PositionList", lambda value: [Position.view(item) for item in value]),
        "401": DocumentedResponse("Error", Error.view),
        "403": DocumentedResponse("Error", Error.view),
        "429": DocumentedResponse("Error", Error.view),
        "5XX": DocumentedResponse("Error", Error.view),
    },
)


def get_account() -> Request[Account, Error]:
    """The only account of the key, with its flags and figures."""
    return GET_ACCOUNT.request()


def get_positions() -> Request[list[Position], Error]:
    """Every open position of the account in one response, without pages."""
    return GET_POSITIONS.request()
