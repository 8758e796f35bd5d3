"""The process that checks the exchanges of a proxy: `python -m onefolio.watch.worker`.

It reads its options and then exchanges from standard input, each message after its length, until the proxy closes it.
"""

from __future__ import annotations

import logging
import selectors
import signal
import sys
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from .background import LENGTH_BYTES, Batch
from .notices import make_listeners
from .recorder import INTERVAL, Recorder


class Options(msgspec.Struct):
    """The arguments of the process; see `Recorder` and `make_listeners`."""

    provider: str
    ledger: str
    connection: str
    webhook: str | None = None
    metrics: bool = False


def main() -> None:
    """Check until the end of standard input."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C ends the proxy, which then closes standard input
    logging.basicConfig(format="onefolio: %(message)s", level=logging.WARNING)
    buffer: Any = sys.stdin.buffer
    stream: BinaryIO = buffer.raw  # without a buffer, so that select() knows of all bytes
    first = _read(stream)
    if first is None:
        return
    options = msgspec.msgpack.decode(first, type=Options)
    listeners = make_listeners(webhook=options.webhook, metrics=options.metrics)
    recorder = Recorder(options.provider, Path(options.ledger), connection=options.connection, listeners=[*listeners])
    decoder = msgspec.msgpack.Decoder(Batch)
    with selectors.DefaultSelector() as selector:
        selector.register(stream, selectors.EVENT_READ)
        while True:
            if not selector.select(INTERVAL):
                recorder.write()
                continue
            message = _read(stream)
            if message is None:
                break
            batch = decoder.decode(message)
            recorder.count_unchecked(batch.unchecked)
            for exchange in batch.exchanges:
                recorder.record(exchange)
            recorder.write_if_due()
    recorder.write()
    for listener in listeners:
        listener.close()


def _read(stream: BinaryIO) -> bytes | None:
    """Return the next message, or None at the end."""
    length = _read_exactly(stream, LENGTH_BYTES)
    return None if length is None else _read_exactly(stream, int.from_bytes(length, "big"))


def _read_exactly(stream: BinaryIO, count: int) -> bytes | None:
    content = bytearray()
    while len(content) < count:
        chunk = stream.read(count - len(content))
        if not chunk:
            return None
        content += chunk
    return bytes(content)


if __name__ == "__main__":
    main()
