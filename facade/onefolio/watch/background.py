"""Check exchanges in the background: traffic never waits for a check, and checks that are too many are dropped."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from threading import Condition, Thread
from types import TracebackType
from typing import Any, Protocol, Self

import msgspec

from ..providers.registry import provider as find_provider
from .exchanges import Exchange
from .recorder import INTERVAL, Listener, Recorder

MAX_QUEUED, MAX_QUEUED_BYTES = 2_000, 64 * 2**20
"""Exchanges, and bytes of their bodies, that wait for their check. All others are dropped and counted."""

DROPPED = "dropped"
"""The reason of an exchange that was not checked because too many others waited."""

_RESTART = 5.0
"""Seconds between two starts of the process that checks."""

_CLOSING = 10.0
"""Seconds that the checks have to finish on closing."""

LENGTH_BYTES = 4
"""Bytes that state the length of a message to the process."""


class Batch(msgspec.Struct, array_like=True):
    """A message to the process that checks."""

    exchanges: list[Exchange]
    unchecked: dict[str, int]


class Target(Protocol):
    """Checks exchanges; may be slow."""

    def send(self, exchanges: list[Exchange], unchecked: Mapping[str, int]) -> None:
        """Check exchanges, and count others as not checked.

        Raises:
            OSError: the exchanges were not checked.
        """
        raise NotImplementedError

    def close(self) -> None:
        """Finish the checks."""
        raise NotImplementedError


class BackgroundQueue:
    """Passes exchanges to a target in a thread of its own.

    Args:
        open_target: makes the target, in the thread.
        max_queued: exchanges that may wait.
        max_bytes: bytes of their bodies.
    """

    def __init__(
        self,
        open_target: Callable[[], Target],
        *,
        max_queued: int = MAX_QUEUED,
        max_bytes: int = MAX_QUEUED_BYTES,
    ) -> None:
        self._open_target = open_target
        self._max_queued, self._max_bytes = max_queued, max_bytes
        self._queue: deque[Exchange] = deque()
        self._bytes = 0
        self._unchecked: Counter[str] = Counter()
        self._changed = Condition()
        self._is_closing = self._is_busy = False
        self._thread = Thread(target=self._run, name="onefolio-watch", daemon=True)
        self._thread.start()

    def put(self, exchange: Exchange) -> None:
        """Add an exchange, or count it as dropped. This returns at once."""
        with self._changed:
            size = len(exchange.body)
            if len(self._queue) >= self._max_queued or self._bytes + size > self._max_bytes or self._is_closing:
                self._unchecked[DROPPED] += 1
                return
            self._queue.append(exchange)
            self._bytes += size
            if len(self._queue) == 1:
                self._changed.notify_all()

    def count_unchecked(self, reason: str) -> None:
        """Count an exchange that cannot be checked."""
        with self._changed:
            self._unchecked[reason] += 1

    def flush(self, timeout: float = _CLOSING) -> bool:
        """Wait until all exchanges were passed on; return whether they were."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._queue and not self._is_busy, timeout)

    def close(self) -> None:
        """Check the exchanges that wait, and stop. May be called twice."""
        with self._changed:
            self._is_closing = True
            self._changed.notify_all()
        self._thread.join(_CLOSING)

    def _run(self) -> None:
        target = self._open_target()
        while True:
            with self._changed:
                self._is_busy = False
                self._changed.notify_all()
                self._changed.wait_for(lambda: self._queue or self._is_closing, INTERVAL)
                exchanges, unchecked = [*self._queue], self._unchecked
                self._queue.clear()
                self._bytes, self._unchecked, self._is_busy = 0, Counter(), True
                is_last = self._is_closing and not exchanges
            try:
                target.send(exchanges, unchecked)
            except OSError:
                with self._changed:
                    self._unchecked += unchecked
                    self._unchecked[DROPPED] += len(exchanges)
            if is_last:
                target.close()
                return


class LocalTarget:
    """Checks in this process.

    Args:
        recorder: counts the exchanges.
    """

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder

    def send(self, exchanges: list[Exchange], unchecked: Mapping[str, int]) -> None:
        """Check exchanges; see `Target`."""
        self._recorder.count_unchecked(unchecked)
        for exchange in exchanges:
            self._recorder.record(exchange)
        self._recorder.write_if_due()

    def close(self) -> None:
        """Write the rest to the ledger."""
        self._recorder.write()


class ProcessTarget:
    """Checks in a process of its own, so that checks take no time from the event loop of a proxy.

    Args:
        options: the options of the process; see `onefolio.watch.worker.Options`.
        clock: returns seconds for the interval of restarts.
    """

    def __init__(self, options: Mapping[str, Any], *, clock: Callable[[], float] = time.monotonic) -> None:
        self._options = msgspec.msgpack.encode(options)
        self._clock = clock
        self._started = float("-inf")
        self._process: subprocess.Popen[bytes] | None = None

    def send(self, exchanges: list[Exchange], unchecked: Mapping[str, int]) -> None:
        """Pass exchanges to the process; see `Target`."""
        if not exchanges and not unchecked:
            return
        # The process may read slowly. This thread then waits, and new exchanges wait in the queue.
        for start in range(0, max(len(exchanges), 1), 50):
            self._write(Batch(exchanges[start : start + 50], dict(unchecked) if not start else {}))

    def close(self) -> None:
        """Let the process finish, and end it if it does not."""
        if self._process is None:
            return
        try:
            if self._process.stdin is not None:
                self._process.stdin.close()
            self._process.wait(_CLOSING)
        except (OSError, subprocess.TimeoutExpired):
            self._process.kill()
            self._process.wait()

    def _write(self, batch: Batch) -> None:
        self._pass(self._running(), msgspec.msgpack.encode(batch))

    def _pass(self, process: subprocess.Popen[bytes], message: bytes) -> None:
        if process.stdin is None:
            raise BrokenPipeError
        process.stdin.write(len(message).to_bytes(LENGTH_BYTES, "big") + message)
        process.stdin.flush()

    def _running(self) -> subprocess.Popen[bytes]:
        """Return the process, started again if it has ended.

        Raises:
            OSError: it has ended, and was started only just now.
        """
        if self._process is not None and self._process.poll() is None:
            return self._process
        if self._clock() - self._started < _RESTART:
            raise BrokenPipeError("the process that checks has ended")
        self._started = self._clock()
        if self._process is not None and self._process.stdin is not None:
            with suppress(OSError):
                self._process.stdin.close()
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(each for each in sys.path if each)}
        command = [sys.executable, "-m", "onefolio.watch.worker"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, env=environment)  # noqa: S603  # this module
        # As a message, because other users can read the arguments of a process, and a webhook's URL is a secret.
        self._pass(self._process, self._options)
        return self._process


class Watcher:
    """Checks the traffic of a program in the background, for `WatchMiddleware`, `watch_transport` and `trace_config`.

    Close it at the end of the program, so that the last counts are written.

    Args:
        provider: the provider's name.
        ledger: the file, which several programs may share.
        connection: the connection's name in the ledger; by default the provider's.
        listeners: receive results; see `onefolio.watch.recorder.Listener`.

    Raises:
        ConfigurationError: the provider is unknown, or the ledger cannot be written.
    """

    def __init__(
        self,
        provider: str,
        ledger: str | os.PathLike[str] = "onefolio-watch.sqlite",
        *,
        connection: str | None = None,
        listeners: Iterable[Listener] = (),
    ) -> None:
        self.credential_names = credential_names(provider)
        self._recorder = Recorder(provider, Path(ledger), connection=connection, listeners=listeners)
        self._queue = BackgroundQueue(lambda: LocalTarget(self._recorder))

    def put(self, exchange: Exchange) -> None:
        """Check an exchange later. This returns at once; see `BackgroundQueue`."""
        self._queue.put(exchange)

    def count_unchecked(self, reason: str) -> None:
        """Count an exchange that cannot be checked."""
        self._queue.count_unchecked(reason)

    def close(self) -> None:
        """Check the exchanges that wait, and write the ledger. May be called twice."""
        self._queue.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def credential_names(provider: str) -> dict[str, str]:
    """Return the fields that carry a provider's credentials, in lower case, with the text before each credential.

    Raises:
        ConfigurationError: the provider is unknown.
    """
    schemes = find_provider(provider).credentials_type.SCHEMES
    return {scheme.header.lower(): scheme.prefix for scheme in schemes}
