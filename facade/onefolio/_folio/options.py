"""Options that Folio and AsyncFolio share."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias, TypedDict

from onefolio_runtime import Timeout

from .._models.records import Failure
from .._reading.drift_log import OnDrift
from .._reading.paginator import ContractMode
from .._requests.events import OnEvent

if TYPE_CHECKING:
    import httpx

OnFailure: TypeAlias = Callable[[Failure], None]

OnProgress: TypeAlias = Callable[[int, int], None]
"""Called with the number of listings read and of those known of so far."""


class Options(TypedDict, total=False):
    """What both folios take besides their connections; `Folio` says what each means."""

    timeout: Timeout
    deadline: float
    retries: int
    max_concurrency: int
    contract: ContractMode
    on_drift: OnDrift | None
    on_failure: OnFailure | None
    on_event: OnEvent | None
    redis: str | None
    proxy: str | None
    ssl_context: ssl.SSLContext | None
    transport: httpx.AsyncBaseTransport | None
