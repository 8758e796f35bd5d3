"""The rules of the transports, on each of them."""

import asyncio
import gc
import gzip
import select
import socket
import ssl
import subprocess
import sys
import threading
import traceback
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import aiohttp
import httpx
import httpx2
import psutil
import pytest

from onefolio_runtime import Transport, TransportError, open_transport
from onefolio_runtime.transports import aiohttp as aiohttp_transport
from onefolio_runtime.transports import httpx as httpx_transport

from .servers import Received, Reply, make_certificate, serving

NAMES: tuple[Any, ...] = ("aiohttp", "httpx", "httpx2")
LIBRARIES: tuple[Any, ...] = (httpx, httpx2)
KEY = "s3cr3t-k3y"
HEADERS = {"Authorization": f"Bearer {KEY}"}


def clients(library: Any) -> dict[str, Callable[[], Any]]:
    """Return functions that make clients and transports of a library that a user may pass."""
    return {
        "client": library.AsyncClient,
        "transport": library.AsyncHTTPTransport,
        "client with cookies and headers": lambda: library.AsyncClient(
            cookies={"session": "of-another-key"}, headers={"X-Mine": "1"}, params={"mine": 1}, auth=("me", "pass")
        ),
        "client that follows redirects": lambda: library.AsyncClient(follow_redirects=True),
    }


CHOICES = [
    *(pytest.param(lambda name=name: name, id=name) for name in NAMES),
    *(
        pytest.param(make, id=f"{library.__name__} {name}")
        for library in LIBRARIES
        for name, make in clients(library).items()
    ),
]


@pytest.fixture(autouse=True)
def no_proxy_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


async def fetch(transport: Transport, url: str, headers: Any = HEADERS) -> tuple[int, dict[str, str], bytes]:
    response = await transport.request("GET", url, headers)
    try:
        body = b""
        while chunk := await response.read():
            body += chunk
        return response.status_code, {name.lower(): value for name, value in response.headers.items()}, body
    finally:
        await response.aclose()


def run(http: Any, use: Callable[[Transport], Awaitable[Any]], **options: Any) -> Any:
    """Open a transport, use it in a new event loop, and close it."""

    async def opened() -> Any:
        transport = open_transport(http, **options)
        try:
            return await use(transport)
        finally:
            await transport.aclose()
            if isinstance(http, httpx.AsyncClient | httpx2.AsyncClient):
                await http.aclose()

    return asyncio.run(opened())


def fetch_all(http: Any, *urls: str, **options: Any) -> list[Any]:
    """Return the responses to requests that are sent one after the other."""

    async def use(transport: Transport) -> list[Any]:
        return [await fetch(transport, url) for url in urls]

    found: list[Any] = run(http, use, **options)
    return found


def settle(condition: Callable[[], bool]) -> bool:
    """Return whether a condition becomes true within half a minute."""
    for _ in range(600):
        if condition():
            return True
        threading.Event().wait(0.05)
    return False


# Requests and connections


@pytest.mark.parametrize("choose", CHOICES)
def test_redirects_are_not_followed(choose: Any) -> None:
    with serving() as other, serving(lambda _: Reply(302, headers=(("Location", other.url),))) as server:
        ((status, _, _),) = fetch_all(choose(), server.url)
    assert (status, len(server.received), other.received) == (302, 1, [])


@pytest.mark.parametrize("name", NAMES)
def test_an_invalid_location_is_a_response(name: Any) -> None:
    with serving(lambda _: Reply(302, headers=(("Location", "http://host:port/"),))) as server:
        assert fetch_all(name, server.url)[0][0] == 302


@pytest.mark.parametrize("choose", CHOICES)
def test_nothing_but_the_given_headers_is_sent(choose: Any) -> None:
    with serving(lambda _: Reply(headers=(("Set-Cookie", "session=of-another-key; Path=/"),))) as server:
        url = server.url.replace("127.0.0.1", "localhost")  # cookies are not kept for addresses
        fetch_all(choose(), *[f"{url}/path?a=%2F"] * 2)
    for request in server.received:
        assert request.line == "GET /path?a=%2F HTTP/1.1"
        assert request.headers["authorization"] == HEADERS["Authorization"]
        assert request.headers["user-agent"]
        extra = request.headers.keys() - {"authorization", "user-agent", "host", "accept", "accept-encoding"}
        assert not extra


@pytest.mark.parametrize("choose", CHOICES)
def test_a_connection_is_used_again(choose: Any) -> None:
    with serving() as server:
        fetch_all(choose(), *[server.url] * 3)
    assert [each.connection for each in server.received] == [1, 1, 1]


@pytest.mark.parametrize("name", NAMES)
def test_an_idle_connection_is_closed(name: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aiohttp_transport, "KEEP_ALIVE", 0.05)
    monkeypatch.setattr(httpx_transport, "KEEP_ALIVE", 0.05)

    async def use(transport: Transport) -> None:
        await fetch(transport, server.url)
        await asyncio.sleep(0.3)
        await fetch(transport, server.url)

    with serving() as server:
        run(name, use)
    assert [each.connection for each in server.received] == [1, 2]


@pytest.mark.parametrize("choose", CHOICES)
def test_no_request_is_sent_twice(choose: Any) -> None:
    """aiohttp repeats requests on connections that the server closes, unless a private attribute is set."""
    with serving(lambda request: Reply(close=len(server.received) == 2)) as server:

        async def use(transport: Transport) -> None:
            await fetch(transport, server.url)
            with pytest.raises(TransportError, match="the server closed the connection"):
                await fetch(transport, server.url)
            assert len(server.received) == 2
            await fetch(transport, server.url)

        run(choose(), use)
    assert [each.connection for each in server.received] == [1, 1, 2]


@pytest.mark.parametrize("choose", CHOICES)
def test_bytes_after_a_response_are_not_the_next_response(choose: Any) -> None:
    rest = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwrong"
    with serving(lambda _: Reply(body=b"right", rest=rest)) as server:

        async def use(transport: Transport) -> list[bytes]:
            bodies = []
            for _ in range(5):
                try:
                    bodies.append((await fetch(transport, server.url))[2])
                except TransportError as error:
                    assert str(error) == "the server sent a response before the request"  # noqa: PT017
            return bodies

        bodies = run(choose(), use)
    assert set(bodies) == {b"right"}
    assert len(bodies) >= 3


@pytest.mark.parametrize("name", NAMES)
def test_the_number_of_connections_is_not_limited(name: Any) -> None:
    together = threading.Barrier(150)

    def reply(_: Received) -> Reply:
        together.wait(60)
        return Reply()

    async def use(transport: Transport) -> list[Any]:
        return await asyncio.gather(*(fetch(transport, server.url) for _ in range(150)))

    with serving(reply) as server:
        assert {status for status, _, _ in run(name, use)} == {200}


@pytest.mark.parametrize("choose", CHOICES)
def test_bodies_are_not_decompressed(choose: Any) -> None:
    packed = gzip.compress(b"{}" * 100_000, mtime=0)
    with serving(lambda _: Reply(body=packed, headers=(("Content-Encoding", "gzip"),))) as server:
        ((_, headers, body),) = fetch_all(choose(), server.url)
    assert (headers["content-encoding"], body) == ("gzip", packed)


# Proxies and TLS


@contextmanager
def proxy() -> Iterator[Any]:
    with serving(lambda _: Reply(403, body=b"", headers=(("Connection", "close"),))) as server:
        yield server


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("source", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "proxy="])
def test_a_proxy_receives_no_credentials(name: Any, source: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with proxy() as server:
        options = {"proxy": server.url} if source == "proxy=" else {}
        if not options:
            monkeypatch.setenv(source, server.url)
        with pytest.raises(TransportError, match="the proxy returned HTTP 403"):
            fetch_all(name, "https://provider.invalid", **options)
    assert [each.line for each in server.received] == ["CONNECT provider.invalid:443 HTTP/1.1"]
    assert KEY not in str(server.received)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("source", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "proxy="])
def test_plain_http_is_sent_through_no_proxy(name: Any, source: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with proxy() as other, serving() as server:
        options = {"proxy": other.url} if source == "proxy=" else {}
        if not options:
            monkeypatch.setenv(source, other.url)
        fetch_all(name, server.url, **options)
    assert (len(server.received), other.received) == (1, [])


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("source", ["HTTP_PROXY", "ALL_PROXY", "proxy="])
def test_a_client_that_sends_plain_http_through_a_proxy_is_refused(
    library: Any, source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with proxy() as other, serving() as server:
        options = {"proxy": other.url} if source == "proxy=" else {}
        if not options:
            monkeypatch.setenv(source, other.url)
        with pytest.raises(TransportError, match="http:// through a proxy"):
            fetch_all(library.AsyncClient(**options), server.url)
    assert (server.received, other.received) == ([], [])


@pytest.mark.parametrize("name", NAMES)
def test_no_proxy_lists_hosts_for_direct_connections(name: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with proxy() as server:
        monkeypatch.setenv("HTTPS_PROXY", server.url)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        with pytest.raises(TransportError):
            fetch_all(name, "https://127.0.0.1:1")
        assert server.received == []
        with pytest.raises(TransportError, match="403"):
            fetch_all(name, "https://127.0.0.1:1", proxy=server.url)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("url", ["socks5://127.0.0.1:1", "http://", "http://127.0.0.1:0"])
def test_a_proxy_that_is_not_an_http_proxy_is_refused(name: Any, url: str) -> None:
    with pytest.raises(ValueError, match="proxy"):
        open_transport(name, proxy=url)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_certificate(tmp_path_factory.mktemp("tls"))


@pytest.mark.parametrize("name", NAMES)
def test_the_certificate_of_the_server_is_verified(name: Any, certificate: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    trusting = ssl.create_default_context(cafile=str(certificate))
    with serving(context=context) as server:
        with pytest.raises(TransportError, match="CERTIFICATE_VERIFY_FAILED"):
            fetch_all(name, server.url)
        with pytest.raises(TransportError):
            fetch_all(name, server.url.replace("127.0.0.1", "localhost"), ssl_context=trusting)
        assert server.received == []
        assert fetch_all(name, server.url, ssl_context=trusting)[0][0] == 200


# Time


@contextmanager
def silent() -> Iterator[tuple[str, list[socket.socket]]]:
    """Run a server that accepts connections and never sends a byte; yield its URL and the connections."""
    listener, accepted = socket.create_server(("127.0.0.1", 0)), []

    def accept() -> None:
        while True:
            try:
                accepted.append(listener.accept()[0])
            except OSError:
                return

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}", accepted
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join()
    for each in accepted:
        each.close()


@pytest.mark.parametrize("name", NAMES)
def test_a_silent_server_ends_at_the_timeout_or_the_deadline(name: Any) -> None:
    async def request(transport: Transport, seconds: float, step: float) -> None:
        with transport.deadlines.within(seconds) as deadline:
            deadline.step(step)
            await transport.request("GET", url, HEADERS)

    async def use(transport: Transport) -> None:
        with pytest.raises(TimeoutError, match="waiting for bytes"):
            await request(transport, 60, 0.1)
        with pytest.raises(TimeoutError, match="the deadline is over"):
            await request(transport, 0.1, 60)
        for connection in accepted:  # closed by the client: recv() ends
            connection.settimeout(30)
            await asyncio.to_thread(read_to_the_end, connection)

    with silent() as (url, accepted):
        run(name, use)
        assert len(accepted) == 2


def read_to_the_end(connection: socket.socket) -> None:
    try:
        while connection.recv(65536):
            pass
    except ConnectionError:
        return


@pytest.mark.parametrize("library", LIBRARIES)
def test_the_timeouts_of_httpx_have_the_same_messages(library: Any) -> None:
    for error, message in (
        (library.ConnectTimeout(KEY), "connecting"),
        (library.PoolTimeout(KEY), "connecting"),
        (library.ReadTimeout(KEY), "waiting for bytes"),
        (library.WriteTimeout(KEY), "waiting for bytes"),
    ):

        def fail(_: Any, error: Exception = error) -> Any:
            raise error

        with pytest.raises(TimeoutError, match=f"^{message}$"):
            fetch_all(library.MockTransport(fail), "http://localhost")


@pytest.mark.parametrize("library", LIBRARIES)
def test_the_timeouts_are_those_of_the_transport(library: Any) -> None:
    seen: list[Any] = []

    def reply(request: Any) -> Any:
        seen.append(request.extensions["timeout"])
        return library.Response(200)

    fetch_all(library.MockTransport(reply), "http://localhost", timeout=(1.0, 2.0))
    client = library.AsyncClient(transport=library.MockTransport(reply), timeout=99)
    fetch_all(client, "http://localhost", timeout=(1.0, 2.0))
    assert seen == [{"connect": 1.0, "read": 2.0, "write": 2.0, "pool": 1.0}] * 2


@pytest.mark.parametrize("name", NAMES)
def test_cancelled_requests_leave_no_connection(name: Any) -> None:
    async def use(transport: Transport) -> None:
        tasks = [asyncio.create_task(transport.request("GET", url, HEADERS)) for _ in range(20)]
        # A connection that is readable has received its request, so that no task is still connecting.
        while len(accepted) < 20 or len(select.select(accepted, [], [], 0)[0]) < 20:
            await asyncio.sleep(0.01)
        for task in tasks:
            task.cancel()
        assert all(
            isinstance(each, asyncio.CancelledError) for each in await asyncio.gather(*tasks, return_exceptions=True)
        )
        for connection in accepted:
            connection.settimeout(30)
            await asyncio.to_thread(read_to_the_end, connection)

    with silent() as (url, accepted):
        run(name, use)


@pytest.mark.parametrize("choose", CHOICES)
def test_a_response_that_is_not_read_closes_its_connection(choose: Any) -> None:
    async def use(transport: Transport) -> None:
        for _ in range(3):
            response = await transport.request("GET", server.url, HEADERS)
            assert await response.read()
            await response.aclose()

    with serving(lambda _: Reply(body=b"x" * 5_000_000)) as server:
        run(choose(), use)
        assert [each.connection for each in server.received] == [1, 2, 3]
        assert settle(lambda: not server.open_connections)


# Errors


@pytest.mark.parametrize("choose", CHOICES)
def test_a_network_error_holds_no_key(choose: Any) -> None:
    with pytest.raises(TransportError) as caught:
        fetch_all(choose(), "http://127.0.0.1:1")
    assert (caught.value.__cause__, caught.value.__context__) == (None, None)
    assert not shows_key(caught.value)


def shows_key(error: BaseException) -> list[str]:
    """Return the frames of the library and of what it calls that show the key among their variables."""
    found = traceback.TracebackException.from_exception(error, capture_locals=True)
    return [f"{each.filename}:{each.lineno} {each.locals}" for each in found.stack if KEY in str(each.locals)
            and Path(each.filename) != Path(__file__)]  # fmt: skip


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("kind", [TypeError, KeyboardInterrupt, LookupError])
def test_an_unexpected_error_in_httpx_passes_unchanged(library: Any, kind: type[BaseException]) -> None:
    raised = kind("a bug")

    class Faulty(library.AsyncBaseTransport):  # type: ignore[misc]
        async def handle_async_request(self, request: Any) -> Any:
            headers = dict(request.headers)
            fail(headers)

    def fail(headers: Any) -> None:
        key = headers["authorization"]
        try:
            int(key)
        except ValueError:
            raise raised  # noqa: B904  # the context is part of the test

    check_unexpected(Faulty(), raised, "fail")


def test_an_unexpected_error_in_aiohttp_passes_unchanged(monkeypatch: pytest.MonkeyPatch) -> None:
    raised = TypeError("a bug")

    async def connect(self: Any, request: Any, *_: Any, **options: Any) -> Any:
        headers = dict(request.headers)
        assert KEY in str(headers)
        raise raised

    monkeypatch.setattr(aiohttp.TCPConnector, "connect", connect)
    check_unexpected("aiohttp", raised, "connect")


def check_unexpected(http: Any, raised: BaseException, function: str) -> None:
    async def use(transport: Transport) -> BaseException:
        try:
            await fetch(transport, "http://127.0.0.1:1")
        except BaseException as error:  # noqa: BLE001  # KeyboardInterrupt is among them
            return error
        raise AssertionError

    caught = run(http, use)
    assert caught is raised
    frames = traceback.extract_tb(caught.__traceback__)
    assert function in [each.name for each in frames], "the traceback leads to the bug"
    found = traceback.TracebackException.from_exception(caught, capture_locals=True)
    while found is not None:
        for frame in found.stack:
            if frame.name != "fetch":  # the frame of the test holds the headers
                assert KEY not in str(frame.locals), frame
        found = found.__context__  # type: ignore[assignment]


@pytest.mark.parametrize("choose", CHOICES)
@pytest.mark.parametrize(
    "raw",
    [
        b"HTTP/1.1 200 %s\r\nX\x00: %s\r\n\r\n",
        b"%s %s\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n%s\x01%s\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: %s%s\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%s%s\r\n",
    ],
)
def test_a_malformed_response_is_not_quoted(choose: Any, raw: bytes) -> None:
    content = raw.replace(b"%s", KEY.encode())
    listener = socket.create_server(("127.0.0.1", 0))

    def talk() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(content)

    thread = threading.Thread(target=talk, daemon=True)
    thread.start()
    with listener, pytest.raises(TransportError) as caught:
        fetch_all(choose(), f"http://127.0.0.1:{listener.getsockname()[1]}")
    assert KEY not in repr(caught.value)
    thread.join()


# Choice and ownership


@pytest.mark.parametrize(
    ("program", "imported"),
    [
        ("import onefolio_runtime", "[]"),
        ("import onefolio_runtime as runtime; runtime.open_transport()", "['aiohttp', 'urllib.request']"),
        ("import onefolio_runtime as runtime; runtime.open_transport('httpx')", "['httpx', 'urllib.request']"),
        ("import onefolio_runtime as runtime; runtime.open_transport('httpx2')", "['httpx2', 'urllib.request']"),
    ],
)
def test_a_library_is_imported_when_it_is_chosen(program: str, imported: str) -> None:
    show = "import sys; print(sorted({'aiohttp', 'httpx', 'httpx2', 'urllib.request'} & {*sys.modules}))"
    done = subprocess.run(
        [sys.executable, "-c", f"{program}; {show}"], capture_output=True, text=True, check=True, timeout=100
    )
    assert done.stdout.strip() == imported


@pytest.mark.parametrize("name", ["requests", "", "HTTPX"])
def test_an_unknown_name_is_refused_with_the_known_ones(name: Any) -> None:
    with pytest.raises(ValueError, match='"aiohttp", "httpx", "httpx2"'):
        open_transport(name)


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_synchronous_client_is_refused(library: Any) -> None:
    for given in (library.Client(), library.HTTPTransport()):
        with given, pytest.raises(TypeError, match="AsyncClient"):
            open_transport(given)


@pytest.mark.parametrize("given", [5, object(), b"httpx", httpx.AsyncClient])
def test_another_type_is_refused(given: Any) -> None:
    with pytest.raises(TypeError, match="AsyncClient"):
        open_transport(given)


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_package_names_the_extra(name: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ModuleNotFoundError, match=rf'pip install "onefolio\[{name}\]"') as caught:
        open_transport(name)
    assert caught.value.name == name


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("option", [{"proxy": "http://127.0.0.1:1"}, {"ssl_context": ssl.create_default_context()}])
def test_options_of_the_network_do_not_go_with_a_given_client(library: Any, option: Any) -> None:
    for given in (library.AsyncClient(), library.MockTransport(lambda _: library.Response(200))):
        with pytest.raises(ValueError, match="given client or transport"):
            open_transport(given, **option)


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_given_client_stays_open_and_a_given_transport_is_closed(library: Any) -> None:
    closed: list[Any] = []

    class Counted(library.MockTransport):  # type: ignore[misc]
        async def aclose(self) -> None:
            closed.append(self)

    async def scenario() -> None:
        given = Counted(lambda _: library.Response(200))
        async with library.AsyncClient(transport=Counted(lambda _: library.Response(200))) as client:
            for http, times in ((client, 0), (given, 1)):
                transport = open_transport(http)
                await fetch(transport, "http://localhost")
                assert not transport.is_closed
                await transport.aclose()
                await transport.aclose()
                assert transport.is_closed
                assert len(closed) == times
                with pytest.raises(RuntimeError, match="closed"):
                    await fetch(transport, "http://localhost")
            assert (await client.get("http://localhost")).status_code == 200

    asyncio.run(scenario())


@pytest.mark.parametrize("name", NAMES)
def test_a_closed_transport_has_no_connections_and_sends_nothing(name: Any) -> None:
    async def scenario() -> None:
        transport = open_transport(name)
        await fetch(transport, server.url)
        await transport.aclose()
        await transport.aclose()
        assert transport.is_closed
        with pytest.raises(RuntimeError, match="closed"):
            await fetch(transport, server.url)

    with serving() as server:
        asyncio.run(scenario())
        assert len(server.received) == 1
        assert settle(lambda: not server.open_connections)


@pytest.mark.parametrize("name", NAMES)
def test_a_transport_that_is_dropped_leaves_no_connection(name: Any) -> None:
    async def scenario() -> None:
        transport = open_transport(name)
        await fetch(transport, server.url)
        port = int(server.url.rpartition(":")[2])
        del transport
        gc.collect()
        while [each for each in psutil.Process().net_connections("tcp") if each.raddr and each.raddr.port == port]:
            await asyncio.sleep(0.01)

    with serving() as server:
        asyncio.run(asyncio.wait_for(scenario(), 60))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("end", ["", "del transport; import gc; gc.collect()"])
def test_a_program_that_closes_nothing_prints_nothing(name: Any, end: str) -> None:
    program = f"""
import asyncio, onefolio_runtime
transport = onefolio_runtime.open_transport({name!r})
async def fetch():
    response = await transport.request("GET", URL, {{}})
    while await response.read(): pass
    await response.aclose()
async def main():
    await fetch()
    await fetch()
asyncio.run(main())
{end}
"""
    with serving() as server:
        done = subprocess.run(
            [sys.executable, "-c", program.replace("URL", repr(server.url))],
            capture_output=True, text=True, check=True, timeout=100,
        )  # fmt: skip
    assert (done.stdout, done.stderr) == ("", "")


# Event hooks and test doubles


@pytest.mark.parametrize("library", LIBRARIES)
def test_an_event_hook_may_read_the_body(library: Any) -> None:
    async def read(response: Any) -> None:
        await response.aread()

    packed = gzip.compress(b'{"a":1}')
    with serving(lambda _: Reply(body=packed, headers=(("Content-Encoding", "gzip"), ("X-Other", "1")))) as server:
        client = library.AsyncClient(event_hooks={"response": [read]})
        ((status, headers, body),) = fetch_all(client, server.url)
    assert (status, body, headers["x-other"]) == (200, b'{"a":1}', "1")
    assert "content-encoding" not in headers


@pytest.mark.parametrize("library", LIBRARIES)
def test_mounts_of_a_given_client_are_used(library: Any) -> None:
    mock = library.MockTransport(lambda request: library.Response(200, content=str(request.url).encode()))
    client = library.AsyncClient(mounts={"https://mocked.example": mock})
    assert fetch_all(client, "https://mocked.example/a")[0][2] == b"https://mocked.example/a"
