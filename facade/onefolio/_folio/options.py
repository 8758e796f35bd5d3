"""Options that Folio and AsyncFolio share."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from typing import TypeAlias, TypedDict

from onefolio_runtime import HttpChoice, Timeout

from .._core.errors import ConfigurationError
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


def check_numbers(*, timeout: Timeout, deadline: float, retries: int, max_concurrency: int) -> None:
    """Check the ranges of the numeric options.

    Raises:
        ConfigurationError: an option is out of range.
    """
    for option, value, least in (("retries", retries, 0), ("max_concurrency", max_concurrency, 1)):
        if value < least:
            raise ConfigurationError(f"{option} must be at least {least}, not {value!r}")
    for option, stated in (("timeout", timeout), ("deadline", deadline)):
        for seconds in stated if isinstance(stated, tuple) else (stated,):
            if not seconds > 0:
                raise ConfigurationError(f"{option} must be above 0 seconds, not {stated!r}")


def check_ssl_context(context: ssl.SSLContext | None) -> None:
    """Check that a TLS context verifies the server.

    Raises:
        ConfigurationError: it does not.
    """
    if context is None or (context.check_hostname and context.verify_mode is ssl.CERT_REQUIRED):
        return
    raise ConfigurationError(
        "ssl_context does not verify the server, so no key is sent. Use ssl.create_default_context()."
    )
