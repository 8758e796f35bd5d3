"""Downloads have limits on size, time and redirects, and send no credentials."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from threading import Thread

import pytest

from onefolio.drift.news.fetch import download

FORBIDDEN = ("http://example.com/a.json", "file:///etc/hosts", "ftp://127.0.0.1/a", "https://", "a.json", "http://[::1")


class Handler(BaseHTTPRequestHandler):
    """Answers by path; `requested` records the paths and headers."""

    requested: list[tuple[str, dict[str, str]]]

    def do_GET(self) -> None:
        self.requested.append((self.path, dict(self.headers)))
        kind, _, argument = self.path.partition("?")[0].removeprefix("/").partition("/")
        headers = {"Last-Modified": "Fri, 20 Nov 2026 23:30:00 GMT"}
        body = b"x" * int(argument) if kind == "size" else b"content"
        if kind == "to":
            headers["Location"] = {"other": "http://example.com/a", "file": "file:///etc/hosts"}.get(
                argument, "/size/3"
            )
        if kind == "loop":
            headers["Location"] = f"/loop/{int(argument) + 1}"
        if kind == "gzip":
            headers["Content-Encoding"] = "gzip"
        if kind == "short":
            headers["Content-Length"] = "1000"
        self.send_response(302 if "Location" in headers else 404 if kind == "missing" else 200)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Print nothing."""


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    Handler.requested = []
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        thread = Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield running
        running.shutdown()
        thread.join()


def test_a_document_is_downloaded_without_credentials(
    server: ThreadingHTTPServer, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path_factory.mktemp("home")
    (home / ".netrc").write_text("machine 127.0.0.1 login user password secret\n")
    monkeypatch.setenv("HOME", str(home))
    found = download(f"http://127.0.0.1:{server.server_port}/to/size")
    assert (found.content, found.changed) == (b"xxx", "2026-11-20")
    assert [path for path, _ in Handler.requested] == ["/to/size", "/size/3"]
    assert not any({"authorization", "cookie"} & set(map(str.lower, headers)) for _, headers in Handler.requested)


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("size/101", "larger than"),
        ("missing", "HTTP 404"),
        ("to/other", "redirects to a forbidden address"),
        ("to/file", "HTTP 302"),
        ("loop/0", "HTTP 302"),
        ("gzip", "encoding 'gzip'"),
        ("short", "closed before the end"),
    ],
)
def test_a_download_that_fails_is_an_error_in_one_line(path: str, message: str, server: ThreadingHTTPServer) -> None:
    with pytest.raises(Exception, match=message) as caught:
        download(f"http://127.0.0.1:{server.server_port}/{path}?token=secret", max_bytes=100)
    assert "\n" not in str(caught.value)
    assert "secret" not in str(caught.value)
    assert len(Handler.requested) <= 7


def test_a_download_that_takes_too_long_ends(server: ThreadingHTTPServer) -> None:
    ticks = count(step=31)
    with pytest.raises(Exception, match="takes too long"):
        download(f"http://127.0.0.1:{server.server_port}/size/5", clock=lambda: next(ticks))


@pytest.mark.parametrize("address", [*FORBIDDEN, "https://user:secret@example.com/a.json"])
def test_an_address_that_is_not_allowed_is_refused_before_a_request(address: str) -> None:
    with pytest.raises(Exception, match="--fetch") as caught:
        download(address)
    assert "secret" not in str(caught.value)
