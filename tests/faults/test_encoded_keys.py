"""Keys in every encoding of the corpus, in every part of a response: none appears in anything that a program shows."""

import asyncio
import html
import json
import logging
import pickle
import re
import traceback
import urllib.request
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

import attrs
import pytest

from onefolio import AsyncFolio, ClearStreet, Folio, mock
from onefolio._models.jsonable import to_jsonable

from .canary import Server
from .corpus import response
from .encodings import JSON, TEXT
from .folios import MODES, folio_on

KEY = "41c4n4ry+k/3y=&\"q\\t<'%4a>z-0123456789-ABCDEFGH"
"""Begins like a code, and contains every character that an encoder replaces."""


def levels(text: str) -> Iterator[str]:
    """Yield a text with more and more of its encodings resolved, by the libraries that programs use for it."""
    for _ in range(4):
        yield text
        text = re.sub(r"\\+u\{?0*([0-9a-fA-F]{2})\}?", lambda match: chr(int(match[1], 16)), text)
        text = re.sub(r"\\+x([0-7][0-9a-fA-F])", lambda match: chr(int(match[1], 16)), text)
        yield text
        yield html.unescape(text)
        yield unquote_plus(text)
        text = html.unescape(re.sub(r"%(?:u00)?([2-7][0-9a-fA-F])", lambda match: chr(int(match[1], 16)), text))


def leaks(text: str) -> list[str]:
    """Return the surroundings of each part of the key of more than 12 characters, whatever its encoding."""
    parts = {KEY[at : at + 13].replace("\\", "") for at in range(len(KEY) - 12)}
    found = []
    for level in levels(text):
        plain = level.replace("\\", "").replace("\0", "")
        found += [plain[max(0, plain.find(part) - 80) : plain.find(part) + 40] for part in parts if part in plain]
    return found


def everything(value: Any) -> Iterator[str]:
    """Yield every form of a value."""
    yield from (repr(value), str(value), json.dumps(to_jsonable(value)))
    yield pickle.dumps(value).decode("latin-1")
    if attrs.has(type(value)):
        yield repr(attrs.asdict(value))
    if (raw := getattr(value, "raw", None)) is not None:
        yield from (repr(raw), repr(raw.to_dict()), raw.to_json())


def chain(error: BaseException | None) -> Iterator[str]:
    """Yield every form of an exception and of those behind it, with the variables of all frames but those of tests."""
    seen: set[int] = set()
    left = [error]
    while left:
        each = left.pop()
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        left += [each.__cause__, each.__context__]
        yield from (repr(each), str(each), repr(vars(each)), pickle.dumps(each).decode("latin-1"))
        for frame in traceback.TracebackException.from_exception(each, capture_locals=True).stack:
            if "/tests/" not in frame.filename:
                yield f"{frame.name}: {frame.locals}"


JSON_TEXTS = {
    **{name: encode(KEY) for name, encode in JSON.items()},
    **{name: json.dumps(encode(KEY))[1:-1] for name, encode in TEXT.items()},
    **{f"{name}, in PHP": JSON["PHP"](encode(KEY)) for name, encode in TEXT.items()},
    **{f"{name}, as codes": JSON["every code, upper case"](encode(KEY)) for name, encode in TEXT.items()},
    "cut": KEY[:20].replace("\\", "\\\\").replace('"', '\\"'),
    "cut, in .NET": JSON["System.Text.Json"](KEY[8:30]),
}
"""The key as the inside of a JSON string."""


def bodies(valid: str, text: str) -> Iterator[tuple[str, bytes]]:
    """Yield a status and a body for each place in which a server can repeat the key."""
    error = f'{{"error":{{"code":"{text}","message":"{text}"}},"metadata":{{"request_id":"{text}"}}}}'
    for status in ("200 OK", "401 Unauthorized", "404 Not Found", "503 Unavailable", "302 Found"):
        yield status, error.encode()
    for body in (
        valid,  # a model, and drift: see `valid_body`
        valid.replace('"data":', '"data":[],"x":', 1),
        f'{{"data":[{{"id":"{text}"}}],"metadata":{{"request_id":"r"}}}}',
        f'{{"data":[],"metadata":{{"request_id":"r","{text}":"{text}"}}}}',
        f'{{"data":[],"metadata":{{"request_id":"r","next_page_token":["{text}"]}}}}',
        f"<html>{text}",
        " " * 180 + text,
        f'{{"data":"{text}',  # cut off
    ):
        yield "200 OK", body.encode()


@pytest.fixture(scope="module")
def valid_body() -> Callable[[str], str]:
    """Return accounts with a text in a value of the unified model, in an enum value, in a new field and in its name."""
    with mock.running() as urls:
        headers = ClearStreet(api_key="demo-key").credentials.headers()
        request = urllib.request.Request(urls["clear_street"] + "/v1/accounts", headers=headers)
        with urllib.request.urlopen(request) as received:  # the mock on this machine
            body = received.read().decode()

    def fill(text: str) -> str:
        changed = re.sub(r'"full_name":\s*"[^"]*"', lambda _: f'"full_name":"{text}","{text}":"{text}"', body)
        assert changed != body
        return changed

    return fill


@pytest.mark.parametrize("mode", MODES)
def test_no_encoding_of_a_key_is_shown(
    mode: str, valid_body: Callable[[str], str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server = Server()
    connection = ClearStreet(api_key=KEY, base_url=server.url, rate_limit=None)
    shown: list[str] = []
    data: list[str] = []
    seen: list[Any] = []
    options: Any = {"retries": 0, "on_event": seen.append, "on_drift": seen.append, "on_failure": seen.append}
    kind, http = MODES[mode]

    def collect(rows: list[Any], error: BaseException | None) -> None:
        shown.extend(chain(error))
        for row in rows:
            data.extend(everything(row))
            shown.extend(chain(getattr(row, "error", None)))

    def responses() -> Iterator[bytes]:
        # One text with many encodings keeps the number of requests small; a second one has them in another order.
        texts = list(JSON_TEXTS.values())
        for text in (" ".join(texts[start::4]) for start in range(4)):
            for status, body in bodies(valid_body(text), text):
                yield response(body, status=status)
        for encode in TEXT.values():
            if (header := encode(KEY)).isprintable():
                yield response(b"{}", f"X-Request-ID: {header}", f"Retry-After: {header}", status="429 Too Many")
        yield response(f"[{KEY}]".encode("utf-16"))
        yield response(b"{}", f"Location: https://{JSON['Go'](KEY)}/", status="307 x")
        yield f"HTTP/1.1 200 {TEXT['JavaScript, hexadecimal'](KEY)}\r\nContent-Length: 2\r\n\r\n{{}}".encode()
        yield f"HTTP/1.1 {JSON['PHP'](KEY)}\r\n\r\n".encode()
        yield f"HTTP/1.1 200 OK\r\n{JSON['PHP'](KEY)}\r\n\r\n".encode()
        yield f"HTTP/1.1 200 OK\r\nContent-Length: {TEXT['encodeURIComponent'](KEY)}\r\n\r\n".encode()

    async def read_async() -> None:
        async with folio_on(http, connection, kind=AsyncFolio, **options) as folio:
            for server.response in responses():
                try:
                    collect([account async for account in folio.accounts()], None)
                except Exception as error:  # noqa: BLE001  # every one is searched
                    collect([], error)
            snapshot = await folio.snapshot()
            collect(snapshot.failures, None)
            shown.extend(text for drift in folio.drifts for text in everything(drift))

    if kind is AsyncFolio:
        asyncio.run(read_async())
    else:
        with folio_on(http, connection, kind=Folio, **options) as folio:
            for server.response in responses():
                try:
                    collect(list(folio.accounts()), None)
                except Exception as error:  # noqa: BLE001  # every one is searched
                    collect([], error)
                snapshot = folio.snapshot(capabilities=())
                collect([*snapshot.failures, *snapshot.accounts], None)
            shown.extend(text for drift in folio.drifts for text in everything(drift))
    for value in seen:
        (data if hasattr(value, "row") else shown).extend(everything(value))
    shown += [
        f"{record.getMessage()} {vars(record)}" for record in caplog.records if record.name.startswith("onefolio")
    ]
    assert "ContractViolation" in "".join(shown)
    assert "undocumented field" in "".join(shown)
    key = KEY.replace("\\", "")
    for level in levels("\n".join({*shown, *data})):
        place = level.replace("\\", "").find(key)
        assert place < 0, level.replace("\\", "")[max(0, place - 200) : place + 60]
    assert leaks("\n".join(set(shown))) == []


def test_no_report_of_a_contract_test_contains_an_encoded_key(tmp_path: Path) -> None:
    pytest.importorskip("schemathesis")
    from onefolio.contract.profiles import Profile
    from onefolio.contract.runner import execute

    server = Server()
    control = "\\u001b]0;x\\u0007\\u202e\\n  FAILED   forged"
    text = " ".join([*JSON_TEXTS.values(), control])
    body = f'{{"error":{{"code":"{text}","message":"{text}"}},"metadata":{{"request_id":"{text}"}},"{text}":"{text}"}}'
    server.response = response(body.encode(), "Content-Type: application/json", f"X-Echo: {TEXT['ESAPI'](KEY)}")
    connection = ClearStreet(api_key=KEY, base_url=server.url)
    report = execute(connection, Profile("once", 0, phases=(), followed=1, pages=1), seed=1, folder=tmp_path)
    assert report.findings
    files = {path.name: path.read_bytes().decode("utf-8") for path in tmp_path.rglob("*") if path.is_file()}
    assert {"junit.xml", "calls.har", "report.txt", "report.json"} <= files.keys()
    assert leaks("\n".join([*files.values(), report.to_text(), report.to_json(), repr(report)])) == []
    assert ElementTree.fromstring(files["junit.xml"]) is not None, "control characters do not make it invalid"
    json.loads(files["calls.har"])
    assert not [char for char in files["report.txt"] if char != "\n" and not char.isprintable()]
    assert not [line for line in files["report.txt"].splitlines() if line.startswith("  FAILED   forged")]
