"""Run the mock on a port: in the foreground for the command line, in a thread for tests."""

from __future__ import annotations

import json
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

from .._connections.rate_limit import RateLimit
from .._core.extras import require_extra
from .._core.listeners import listen, url_of
from ..providers.registry import known
from .asgi_app import AsgiApp, app, base_path

if TYPE_CHECKING:
    import uvicorn

_GRACE = 5
"""Seconds that requests in progress have to finish on shutdown."""


def serve(
    *,
    host: str = "127.0.0.1",
    port: int = 8400,
    accounts: int | None = None,
    positions: int = 3,
    latency_ms: float = 0,
    seed: int = 0,
    rate_limit: RateLimit | None = None,
) -> None:
    """Serve the mock until SIGTERM or Ctrl-C.

    Print the base URLs by provider to standard output, as one line of JSON, as soon as the server accepts connections.

    Args:
        host: address to listen on.
        port: port to listen on; 0 selects a free port.
        accounts: see `app`.
        positions: see `app`.
        latency_ms: see `app`.
        seed: see `app`.
        rate_limit: see `app`.

    Raises:
        PortTakenError: another program listens on the port.
        ConfigurationError: the address is not available, an argument is out of range, or uvicorn is not installed.
        KeyboardInterrupt: Ctrl-C was pressed; the server has stopped.
    """
    served = app(accounts=accounts, positions=positions, latency_ms=latency_ms, seed=seed, rate_limit=rate_limit)
    with closing(listen(host, port)) as listener:
        urls = _base_urls(listener)

        def announce() -> None:
            print(json.dumps(urls), flush=True)  # noqa: T201  # programs that start the mock read this line

        server = _make_server(served, announce)

        def stop(*_: object) -> None:
            server.should_exit = True

        # uvicorn raises a signal again after it has stopped; SIGTERM would then end the process with an error.
        before = signal.signal(signal.SIGTERM, stop)
        try:
            server.run(sockets=[listener])
        finally:
            signal.signal(signal.SIGTERM, before)


@contextmanager
def running(
    served: AsgiApp | None = None,
    *,
    accounts: int | None = None,
    positions: int = 3,
    latency_ms: float = 0,
    seed: int = 0,
    rate_limit: RateLimit | None = None,
) -> Iterator[dict[str, str]]:
    """Run the mock in a thread, on a free port of this machine.

    Args:
        served: the application to run, for example `ChosenAnswers`; by default one is created with `app`.
        accounts: see `app`.
        positions: see `app`.
        latency_ms: see `app`.
        seed: see `app`.
        rate_limit: see `app`.

    Yields:
        The base URLs by provider.
    """
    served = served or app(
        accounts=accounts, positions=positions, latency_ms=latency_ms, seed=seed, rate_limit=rate_limit
    )
    with closing(listen("127.0.0.1", 0)) as listener:
        ready = Event()
        server = _make_server(served, ready.set)
        thread = Thread(target=server.run, kwargs={"sockets": [listener]}, name="onefolio-mock", daemon=True)
        thread.start()
        try:
            while not ready.wait(0.1):
                if not thread.is_alive():
                    raise RuntimeError("the mock did not start; the error of its thread is on standard error")
            yield _base_urls(listener)
        finally:
            server.should_exit = True
            thread.join()


def _make_server(served: AsgiApp, on_ready: Callable[[], None]) -> uvicorn.Server:
    """Return a server that calls `on_ready` when it accepts connections."""
    with require_extra("mock", "the mock server"):
        import uvicorn

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            on_ready()

    application: Any = served
    return Server(
        uvicorn.Config(
            application,
            log_level="error",
            access_log=False,
            lifespan="off",
            ws="none",
            server_header=False,
            timeout_graceful_shutdown=_GRACE,
        )
    )


def _base_urls(listener: socket.socket) -> dict[str, str]:
    return {provider: url_of(listener) + base_path(provider) for provider in known()}
