"""Run the proxy on a port: in the foreground for the command line, in a thread for tests."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from threading import Event, Thread

from .._connections.urls import check_base_url
from .._core.errors import ConfigurationError
from .._core.listeners import listen, url_of
from ..providers.registry import provider as find_provider
from .background import BackgroundQueue, LocalTarget, ProcessTarget, credential_names
from .fingerprints import open_fingerprints
from .ledger import Ledger
from .notices import make_listeners
from .proxy import Connections, Sink, Upstream, connection_factory, make_upstream
from .recorder import Listener, Recorder


def serve(
    provider: str,
    *,
    host: str = "127.0.0.1",
    port: int = 8500,
    base_url: str | None = None,
    environment: str | None = None,
    name: str | None = None,
    ledger: Path = Path("onefolio-watch.sqlite"),
    webhook: str | None = None,
    metrics: bool = False,
) -> None:
    """Pass requests on to a provider until SIGTERM or Ctrl-C, and check the responses in another process.

    Print the proxy's URL by connection to standard output, as one line of JSON, as soon as it accepts connections.

    Args:
        provider: the provider's name.
        host: address to listen on.
        port: port to listen on; 0 selects a free port.
        base_url: the provider's server.
        environment: the name of the provider's server, if `base_url` is None; by default its first.
        name: the connection's name in the ledger; by default the provider's.
        ledger: the file of the ledger.
        webhook: URL that receives the first of each kind.
        metrics: whether to count with OpenTelemetry.

    Raises:
        PortTakenError: another program listens on the port.
        ConfigurationError: an argument is wrong, or the ledger cannot be written.
        KeyboardInterrupt: Ctrl-C was pressed; the proxy has stopped.
    """
    upstream = find_upstream(provider, base_url=base_url, environment=environment)
    connection = name or provider
    # Errors of the options appear here, and not in the process that checks.
    Ledger(ledger).register(connection, provider)
    open_fingerprints(ledger)
    for listener in make_listeners(webhook=webhook, metrics=metrics):
        listener.close()
    options = {
        "provider": provider,
        "ledger": str(ledger),
        "connection": connection,
        "webhook": webhook,
        "metrics": metrics,
    }
    with closing(listen(host, port)) as listener_socket:
        queue = BackgroundQueue(lambda: ProcessTarget(options))
        try:
            announce = json.dumps({connection: url_of(listener_socket)})
            asyncio.run(_serve(upstream, queue, listener_socket, lambda: print(announce, flush=True)))  # noqa: T201  # programs that start the proxy read this line
        finally:
            queue.close()


def find_upstream(provider: str, *, base_url: str | None = None, environment: str | None = None) -> Upstream:
    """Return the server of a provider; see `serve`.

    Raises:
        ConfigurationError: the provider or the environment is unknown, or the URL is malformed.
    """
    kind = find_provider(provider)
    if environment is not None and environment not in kind.environments:
        available = ", ".join(kind.environments)
        raise ConfigurationError(f"{kind.title}: unknown environment {environment!r}; available: {available}")
    default = kind.environments[environment or next(iter(kind.environments))]
    url = check_base_url(base_url or default, kind.base_url_variable)
    return make_upstream(url, credential_names(provider))


@contextmanager
def running(
    provider: str,
    base_url: str,
    *,
    ledger: Path,
    name: str | None = None,
    listeners: tuple[Listener, ...] = (),
    make_sink: Callable[[], BackgroundQueue] | None = None,
) -> Iterator[str]:
    """Run the proxy in a thread, on a free port of this machine. The ledger is complete at the end.

    Args:
        provider: the provider's name.
        base_url: the provider's server.
        ledger: the file of the ledger.
        name: the connection's name in the ledger; by default the provider's.
        listeners: receive results.
        make_sink: makes the queue that receives the exchanges; by default they are checked in this process.

    Yields:
        The proxy's URL.
    """
    upstream = find_upstream(provider, base_url=base_url)
    if make_sink is None:
        recorder = Recorder(provider, ledger, connection=name, listeners=listeners)
        queue = BackgroundQueue(lambda: LocalTarget(recorder))
    else:
        queue = make_sink()
    with closing(listen("127.0.0.1", 0)) as listener_socket:
        ready, loop = Event(), asyncio.new_event_loop()
        task: asyncio.Future[None] = asyncio.ensure_future(
            _serve(upstream, queue, listener_socket, ready.set), loop=loop
        )

        def run() -> None:
            with suppress(asyncio.CancelledError):
                loop.run_until_complete(task)
            loop.close()

        thread = Thread(target=run, name="onefolio-watch-proxy", daemon=True)
        thread.start()
        try:
            while not ready.wait(0.1):
                if not thread.is_alive():
                    raise RuntimeError("the proxy did not start; the error of its thread is on standard error")
            yield url_of(listener_socket)
        finally:
            loop.call_soon_threadsafe(task.cancel)
            thread.join()
            queue.close()


async def _serve(upstream: Upstream, sink: Sink, listener: socket.socket, on_ready: Callable[[], object]) -> None:
    """Accept connections until the task is cancelled or SIGTERM is received."""
    loop, stopped = asyncio.get_running_loop(), asyncio.Event()
    with suppress(NotImplementedError, RuntimeError, ValueError):  # in another thread, or on Windows
        loop.add_signal_handler(signal.SIGTERM, stopped.set)
    connections: Connections = set()
    server = await loop.create_server(connection_factory(upstream, sink, connections), sock=listener, backlog=2048)
    try:
        on_ready()
        await stopped.wait()
    finally:
        server.close()
        for connection in [*connections]:
            connection.close()
        while connections:
            await asyncio.sleep(0)
