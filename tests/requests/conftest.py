"""A Redis for the tests of shared rate limits."""

import threading
from collections.abc import Iterator

import pytest
from fakeredis import TcpFakeServer

from onefolio._requests import redis_window


@pytest.fixture
def redis(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Return the port of a Redis that is given as much time as it needs, because the machine may be busy."""
    monkeypatch.setattr(redis_window, "TIMEOUT", 60.0)
    server = TcpFakeServer(("127.0.0.1", 0))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()
    thread.join(5)
