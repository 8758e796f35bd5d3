"""The mock behind a port: in the foreground for people, in a thread for tests."""

from __future__ import annotations

import errno
import json
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

from .._connections.rate_limit import RateLimit
from .._core.errors import ConfigurationError
from .._core.extras import require_extra
from ..providers.registry import known
from .asgi_app import AsgiApp, app, base_path

if TYPE_CHECKING:
    import uvicorn

_GRACE = 5
"""Seconds that requests under way have to end."""


class PortTakenError(ConfigurationError):
    """Another program listens on the port."""


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
    """Serve the mock until SIGTERM, or Ctrl-C.

    Once it accepts connections, the base URLs by provider are printed on standard output, as one line of JSON.

    Args:
        host: address to listen on.
        port: port to listen on; 0 takes a free one.
        accounts: as for `app`, and so are the rest.
        positions: …
        latency_ms: …
        seed: …
        rate_limit: …

    Raises:
        PortTakenError: another program listens on the port.
        ConfigurationError: the address cannot be listened on, an argument is out of range, or uvicorn is missing.
        KeyboardInterrupt: Ctrl-C; the server has stopped by then.
    """
    served = app(accounts=accounts, positions=positions, latency_ms=latency_ms, seed=seed, rate_limit=rate_limit)
    with closing(_listening(host, port)) as listener:
        urls = _urls(listener)

        def announce() -> None:
            print(json.dumps(urls), flush=True)  # noqa: T201  # what a program that started this one waits for

        server = _server(served, announce)

        def stop(*_: object) -> None:
            server.should_exit = True

        # uvicorn raises the signals that it has stopped for once more, which would end the process by SIGTERM.
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
        served: an `app` of yours, or something around one; by default one is made from the rest.
        accounts: as for `app`, and so are the rest.
        positions: …
        latency_ms: …
        seed: …
        rate_limit: …

    Yields:
        The base URLs by provider.
    """
    served = served or app(
        accounts=accounts, positions=positions, latency_ms=latency_ms, seed=seed, rate_limit=rate_limit
    )
    with closing(_listening("127.0.0.1", 0)) as listener:
        ready = Event()
        server = _server(served, ready.set)
        thread = Thread(target=server.run, kwargs={"sockets": [listener]}, name="onefolio-mock", daemon=True)
        thread.start()
        try:
            while not ready.wait(0.1):
                if not thread.is_alive():
                    raise RuntimeError("the mock did not start; its thread has said why")
            yield _urls(listener)
        finally:
            server.should_exit = True
            thread.join()


def _server(served: AsgiApp, ready: Callable[[], None]) -> uvicorn.Server:
    """Return a server that calls `ready` once it accepts connections."""
    with require_extra("mock", "the mock server"):
        import uvicorn

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            ready()

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


def _listening(host: str, port: int) -> socket.socket:
    """Return a socket bound to an address.

    Raises:
        PortTakenError: another program listens there.
        ConfigurationError: it cannot be listened on.
    """
    if not 0 <= port <= 65535:  # getaddrinfo would take the rest of it by 65536
        raise ConfigurationError(f"a port is from 0 to 65535, not {port}")
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
    except OSError as error:
        raise ConfigurationError(f"cannot listen on {host}, port {port}: {error}") from None
    try:
        if sys.platform != "win32":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        # Bound is not yet taken where addresses may be reused: only of two that listen the second fails.
        listener.listen(2048)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise PortTakenError(f"port {port} is taken; choose another one, or 0 for a free one") from None
        raise ConfigurationError(f"cannot listen on {host}, port {port}: {error}") from None
    return listener


def _urls(listener: socket.socket) -> dict[str, str]:
    host, port = listener.getsockname()[:2]
    host = f"[{host}]" if ":" in host else host
    return {provider: f"http://{host}:{port}{base_path(provider)}" for provider in known()}
