"""A Redis that fails in any way: calls count by themselves in bounded time."""

import asyncio
import itertools
import socket
import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest
from redis import Redis

from onefolio import RateLimit
from onefolio._requests import rate_limiter, redis_window
from onefolio._requests.rate_limiter import RateLimiter, limiter_for
from onefolio._requests.redis_window import RedisWindow
from onefolio._requests.worker import Worker
from onefolio_runtime import Secret

Respond = Callable[[socket.socket], None]

KEYS = itertools.count()


def once(reply: bytes) -> Respond:
    def respond(peer: socket.socket) -> None:
        while peer.recv(65536):
            peer.sendall(reply)

    return respond


def forever(start: bytes, more: bytes, seconds: float = 0.0) -> Respond:
    def respond(peer: socket.socket) -> None:
        peer.recv(65536)
        peer.sendall(start)
        while True:
            time.sleep(seconds)
            peer.sendall(more)

    return respond


def refuse(peer: socket.socket) -> None:
    peer.close()


def cut(peer: socket.socket) -> None:
    peer.recv(65536)
    peer.sendall(b"$100\r\nabc")
    peer.close()


def stay_silent(peer: socket.socket) -> None:
    while peer.recv(65536):
        pass


FAULTS: dict[str, Respond] = {
    "silence": stay_silent,
    "a byte at a time": forever(b"+", b"x", 0.02),
    "a line without end": forever(b"+", b"x" * 4096, 0.002),
    "a string without end": forever(b"$999999999999\r\n", b"x" * 4096, 0.002),
    "a list without end": forever(b"*999999999\r\n", b":1\r\n" * 1000, 0.002),
    "lists in lists": once(b"*1\r\n" * 20_000),
    "pushed messages without end": forever(b"", b">2\r\n+a\r\n+b\r\n" * 100, 0.002),
    "garbage": once(b"\x00\xff\x15\x03\x01 HTTP/1.1 400 Bad Request\r\n\r\n"),
    "an empty line": once(b"\r\n"),
    "a huge number": once(b":" + b"9" * 10_000 + b"\r\n"),
    "a negative length": once(b"$-9\r\n"),
    "an error": once(b"-ERR no such command\r\n"),
    "no password": once(b"-NOAUTH Authentication required.\r\n"),
    "a wrong password": once(b"-WRONGPASS invalid username-password pair for s3cr3t-password\r\n"),
    "another node": once(b"-MOVED 3999 127.0.0.1:1\r\n"),
    "a replica": once(b"-READONLY You can't write against a read only replica.\r\n"),
    "still loading": once(b"-LOADING Redis is loading the dataset in memory\r\n"),
    "a key of another type": once(b"-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"),
    "OK to everything": once(b"+OK\r\n"),
    "null to everything": once(b"$-1\r\n"),
    "closed at once": refuse,
    "closed in a reply": cut,
}


@contextmanager
def serving(respond: Respond) -> Iterator[int]:
    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with suppress(OSError):
                respond(self.request)

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


def limiter_at(url: str) -> RateLimiter:
    return limiter_for(f"redis-{next(KEYS)}", RateLimit(2, 60), Secret(url))


def workers() -> list[threading.Thread]:
    return [each for each in threading.enumerate() if each.name == "onefolio-worker"]


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["redis", "rediss"])
@pytest.mark.parametrize("fault", FAULTS)
def test_a_broken_redis_is_replaced_in_bounded_time(
    fault: str, scheme: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redis_window, "TIMEOUT", 0.3)
    with serving(FAULTS[fault]) as port:
        limiter = limiter_at(f"{scheme}://user:s3cr3t-password@127.0.0.1:{port}/0")
        started = time.monotonic()
        waits = [limiter.reserve() for _ in range(3)]
        elapsed = time.monotonic() - started
        assert elapsed < 10
        assert [round(each) for each in waits[:2]] == [0, 0]
        assert 61 - elapsed - 0.5 < waits[2] < 61.5
        assert caplog.text.count("cannot be reached") == 1
        assert "s3cr3t" not in caplog.text
        until = time.monotonic() + 10
        while workers() and time.monotonic() < until:
            time.sleep(0.01)
        assert not workers(), "the reservation has ended"


def test_tasks_and_threads_wait_for_a_silent_redis_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_window, "TIMEOUT", 0.3)
    most = 0

    async def reserve(limiter: RateLimiter) -> float:
        nonlocal most
        seconds = await limiter.reserve_remote()
        most = max(most, len(workers()))
        return seconds

    async def run(limiter: RateLimiter) -> list[float]:
        other = asyncio.create_task(asyncio.sleep(0.01))
        waits = await asyncio.gather(*(reserve(limiter) for _ in range(200)))
        assert other.done(), "other tasks of the loop run meanwhile"
        assert not asyncio.get_running_loop()._default_executor, "threads for DNS are not taken"  # type: ignore[attr-defined]  # private
        return waits

    with serving(stay_silent) as port:
        started = time.monotonic()
        waits = asyncio.run(run(limiter_at(f"redis://127.0.0.1:{port}/0")))
        elapsed = time.monotonic() - started
    assert elapsed < 10, "not 200 times the time limit"
    # A slot that is reserved later is as much sooner.
    for wait, expected in zip(sorted(waits), [0, 0, 61, 61, 121], strict=False):
        assert expected - elapsed - 0.5 < wait < expected + 0.5
    assert most <= 1


def test_a_worker_whose_function_never_ends_keeps_one_thread_and_no_caller() -> None:
    now, calls, release = 0.0, [], threading.Event()

    def block() -> int:
        calls.append(threading.current_thread())
        release.wait(30)
        return 1

    aborted: list[None] = []
    worker = Worker(block, 2.0, lambda: aborted.append(None), clock=lambda: now)
    futures = [worker.submit() for _ in range(50)]
    futures[7].cancel()
    assert worker.expire() == pytest.approx(2.0)
    now = 1.5
    assert worker.expire() == pytest.approx(0.5)
    now = 2.1
    worker.expire()
    assert len(aborted) == 1
    assert all(each.cancelled() or isinstance(each.exception(0), TimeoutError) for each in futures)
    with pytest.raises(TimeoutError):
        worker.submit()
    assert len(calls) == 1
    release.set()
    calls[0].join(10)
    assert worker.submit().result(10) == 1, "it works again once the run has ended"


def test_a_redis_that_lost_its_script_is_used_again(redis: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_limiter, "_REDIS_RETRY", 0.0)
    limiter = limiter_at(f"redis://127.0.0.1:{redis}/0")
    client = Redis(port=redis)
    assert limiter.reserve() == 0
    client.script_flush()
    assert limiter.reserve() == 0, "counted in this process"
    limiter.reserve()
    (key,) = client.keys()
    assert client.zcard(key) == 2, "the first and the third request are counted in Redis"


def test_slots_of_a_clock_that_is_years_ahead_are_ignored(redis: int) -> None:
    window = RedisWindow(RateLimit(2, 60), Secret(f"redis://127.0.0.1:{redis}/0"), "ahead")
    assert [window.reserve() for _ in range(2)] == [0, 0]
    in_ten_years = (time.time() + 10 * 365 * 86400) * 1000
    Redis(port=redis).zadd("ahead", {"a": in_ten_years, "b": in_ten_years})
    with pytest.raises(TimeoutError):
        window.reserve()


def test_a_window_that_never_has_a_slot_is_left(redis: int, monkeypatch: pytest.MonkeyPatch) -> None:
    from pyrate_limiter import RedisBucket

    monkeypatch.setattr(redis_window, "TIMEOUT", 0.05)
    monkeypatch.setattr(RedisBucket, "put", lambda *_: False)
    with pytest.raises(TimeoutError):
        RedisWindow(RateLimit(2, 60), Secret(f"redis://127.0.0.1:{redis}/0"), "full").reserve()
