"""Wrong arguments raise an error of onefolio that names the right ones."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from onefolio import (
    Account,
    Alpaca,
    AsyncFolio,
    Balance,
    ConfigurationError,
    Connection,
    Folio,
    Position,
    Snapshot,
    exposure,
    totals,
)
from tests.scripted import connect

POSITION = Position(provider="p", connection="alpaca", account_id="19816")
BALANCE = Balance(provider="p", connection="alpaca", account_id="19816")


@pytest.mark.parametrize("kind", [Folio, AsyncFolio])
@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        (["alpaca"], {}, r"KIND needs connections, not .* str\. Pass Alpaca\(key_id=…, secret_key=…\), or use KIND\."),
        (["another"], {}, r"not an object of type str\. Pass a connection, or use KIND\.from_env\(\)"),
        ([None], {}, r"not an object of type NoneType\. Pass a connection"),
        ([{"key_id": "x"}], {}, r"not an object of type dict\. Pass a connection"),
        ([Alpaca], {}, r"Alpaca is a class\. Pass a connection: KIND\(Alpaca\(…\)\)"),
        (
            [[connect("alpaca")]],
            {},
            r"type list\. Pass each connection as an argument .*: KIND\(\*connections\)",
        ),
        ([], {"retry": 3}, r"KIND has no option 'retry'\. Did you mean retries=\? Options: contract, deadline,"),
        ([], {"zzz": 3}, r"KIND has no option 'zzz'\. Options: contract,"),
        ([], {"timeout": "x"}, r"timeout must be a number of seconds or a pair of them, .*, not of type str"),
        ([], {"timeout": [1, 2]}, r"a pair of them, \(connecting, reading\), not of type list"),
    ],
)
def test_a_wrong_argument_of_a_folio_is_explained(
    kind: Any, arguments: list[Any], options: dict[str, Any], message: str
) -> None:
    with pytest.raises(ConfigurationError, match=message.replace("KIND", kind.__name__)):
        kind(*(arguments or [connect("alpaca")]), **options)


def test_an_unknown_option_is_a_type_error_as_in_python() -> None:
    for make in (Folio, AsyncFolio):
        options: Any = {"retry": 3}
        with pytest.raises(TypeError):
            make(connect("alpaca"), **options)
        with pytest.raises(TypeError, match="Did you mean retries="):
            make.from_env({"CLEAR_STREET_API_KEY": "x"}, **options)


ACCOUNT_METHODS: list[Callable[[Any, Any], Any]] = [
    lambda folio, account: folio.positions(account),
    lambda folio, account: folio.balances(account),
]
NAME_METHODS: list[Callable[[Any, Any], Any]] = [
    lambda folio, name: folio.accounts(name),
    lambda folio, name: folio.snapshot(name),
    lambda folio, name: folio.supports(name, "positions"),
]
OTHER_CALLS: list[tuple[Callable[[Any], Any], str]] = [
    (
        lambda folio: folio.snapshot(capabilities="positions"),
        "capabilities must be a list, such as .*, not of type str",
    ),
    (lambda folio: folio.snapshot(capabilities=None), "capabilities must be a list, .*, not of type NoneType"),
    (
        lambda folio: folio.snapshot(capabilities=[["accounts"]]),
        r"unknown capability \['accounts'\]; available:",
    ),
    (lambda folio: folio.snapshot(on_progress=3), "on_progress must be a function, not of type int"),
]


def bind(call: Callable[[Any, Any], Any], value: Any) -> Callable[[Any], Any]:
    return lambda folio: call(folio, value)


def calls() -> list[tuple[Callable[[Any], Any], str]]:
    """Return calls of a folio with a wrong argument, and their messages."""
    found = list(OTHER_CALLS)
    for value in ("19816", 19816, None, POSITION, [Account(provider="p", connection="alpaca", id="1")]):
        message = rf"pass an Account, not an object of type {type(value).__name__}: one that accounts\(\) returned, or"
        found += [(bind(call, value), message) for call in ACCOUNT_METHODS]
    names: list[Any] = [connect("alpaca"), ["alpaca"], Account(provider="p", connection="alpaca", id="1")]
    for value in names:
        message = f"pass the name of a connection, not an object of type {type(value).__name__}; available: 'alpaca'"
        found += [(bind(call, value), message) for call in NAME_METHODS]
    return found


def test_a_wrong_argument_of_a_call_is_explained() -> None:
    async def wait_for(call: Callable[[Any], Any], folio: AsyncFolio) -> None:
        result = call(folio)
        if asyncio.iscoroutine(result):
            await result

    connection: Connection = connect("alpaca")
    with Folio(connection) as folio:
        for call, message in calls():
            with pytest.raises(ConfigurationError, match=message):
                call(folio)
            with pytest.raises(ConfigurationError, match=message):
                asyncio.run(wait_for(call, AsyncFolio(connection)))


def test_totals_and_exposure_accept_a_snapshot(snapshot: Snapshot) -> None:
    assert totals(snapshot) == totals(snapshot.balances) == totals(iter(snapshot.balances))
    assert exposure(snapshot) == exposure(snapshot.positions) == exposure(iter(snapshot.positions))


@pytest.mark.parametrize("value", [None, 3, "USD", BALANCE, [POSITION, BALANCE], [None], Folio, {"USD": 1}])
def test_other_objects_than_rows_are_explained(value: Any) -> None:
    with pytest.raises(ConfigurationError, match=r"expected balances, not .* a snapshot, its balances, or .* Balance"):
        totals(value)
    with pytest.raises(ConfigurationError, match=r"expected positions, not .* a snapshot, its positions, .* Position"):
        exposure(value)
