"""Options that Folio and AsyncFolio share."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from typing import TypeAlias, TypedDict, get_args

from onefolio_runtime import HttpChoice, HttpChoiceError, Timeout, check_http

from .._core.checks import check_choice, check_function, check_integer, check_seconds, check_string
from .._core.errors import ConfigurationError
from .._core.text import format_value
from .._models.records import Failure
from .._reading.drift_log import OnDrift
from .._reading.paginator import ContractMode
from .._requests.events import OnEvent

OnFailure: TypeAlias = Callable[[Failure], None]
OnProgress: TypeAlias = Callable[[int, int], None]
"""Receives the number of resources read and the number known so far."""


class Options(TypedDict, total=False):
    """The options of both folios; `Folio` documents each."""

    timeout: Timeout
    deadline: float
    retries: int
    max_concurrency: int
    contract: ContractMode
    on_drift: OnDrift | None
    on_failure: OnFailure | None
    on_event: OnEvent | None
    redis: str | None
    http: HttpChoice
    proxy: str | None
    ssl_context: ssl.SSLContext | None


class UnknownOptionError(ConfigurationError, TypeError):
    """A folio has no option of this name. Like any unknown argument in Python, it is a `TypeError`, too."""


def check_names(folio: str, names: Iterable[str]) -> None:
    """Check the names of arguments that are not options.

    Args:
        folio: the name of the class.
        names: the names; usually none.

    Raises:
        UnknownOptionError: there is one; the message suggests the option with the most similar name.
    """
    options = sorted(Options.__annotations__)
    for name in names:
        close = get_close_matches(name, options, n=1)
        meant = f" Did you mean {close[0]}=?" if close else ""
        raise UnknownOptionError(f"{folio} has no option {format_value(name)}.{meant} Options: {', '.join(options)}")


def check_options(
    *,
    timeout: object,
    deadline: object,
    retries: object,
    max_concurrency: object,
    contract: object,
    http: HttpChoice,
    redis: object,
    proxy: object,
    ssl_context: object,
    callbacks: Mapping[str, object],
) -> None:
    """Check the types and ranges of the options.

    Raises:
        ConfigurationError: an option has the wrong type or is out of range.
    """
    is_pair = isinstance(timeout, tuple) and len(timeout) == 2
    for seconds in timeout if is_pair and isinstance(timeout, tuple) else (timeout,):
        check_seconds("timeout", seconds, expected="a number of seconds or a pair of them, (connecting, reading)")
    check_seconds("deadline", deadline)
    check_integer("retries", retries, least=0)
    check_integer("max_concurrency", max_concurrency, least=1)
    check_choice("contract", contract, get_args(ContractMode))
    try:
        check_http(http)
    except HttpChoiceError as error:
        raise ConfigurationError(str(error)) from None
    for name, text in (("redis", redis), ("proxy", proxy)):
        if text is not None:
            check_string(name, text)
    _check_ssl_context(ssl_context)
    for name, function in callbacks.items():
        check_function(name, function)


def _check_ssl_context(context: object) -> None:
    """Check that a TLS context verifies the server.

    Raises:
        ConfigurationError: it does not.
    """
    if context is None:
        return
    if not isinstance(context, ssl.SSLContext):
        raise ConfigurationError(f"ssl_context must be an ssl.SSLContext, not of type {type(context).__name__}")
    if not (context.check_hostname and context.verify_mode is ssl.CERT_REQUIRED):
        raise ConfigurationError(
            "ssl_context does not verify the server, so no key is sent. Use ssl.create_default_context()."
        )
