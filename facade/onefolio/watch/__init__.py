"""Hold the real traffic of any client to a provider's contract, without a change to the traffic.

`onefolio watch PROVIDER` is a proxy in front of the provider's server. `WatchMiddleware`, `watch_transport` and
`trace_config` observe the same in an ASGI application, a client of httpx and a session of aiohttp. Drift and defects
are counted in a `Ledger`, which contains no values, keys or identifiers.
"""

from .asgi import WatchMiddleware
from .background import Watcher
from .hooks import trace_config, watch_transport
from .ledger import Ledger
from .report import Report, make_report

__all__ = ["Ledger", "Report", "WatchMiddleware", "Watcher", "make_report", "trace_config", "watch_transport"]
