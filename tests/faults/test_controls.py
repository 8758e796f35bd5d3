"""Strings of a hostile provider or document control no terminal, forge no line, and reorder or hide nothing."""

import json
import logging
import subprocess
import sys
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onefolio import ClearStreet, ConfigurationError, Folio, NotFoundError
from onefolio_runtime import escape_controls

from .canary import Server
from .corpus import response

SEQUENCES = {
    "colour": "\x1b[31mred",
    "clear the screen": "\x1b[2J\x1b[H",
    "title": "\x1b]0;title\x07",
    "CSI in 8 bits": "\x9b31m",
    "OSC in 8 bits": "\x9d0;title\x9c",
    "link": "\x1b]8;;https://evil.example\x1b\\text\x1b]8;;\x1b\\",
    "clipboard": "\x1b]52;c;ZXZpbA==\x07",
    "device control": "\x1bP$q\x1b\\",
    "status report": "\x1b[6n",
    "back": "12\b\b34",
    "carriage return": "fine\rfake",
    "line": "fine\nfake line",
    "bell": "\x07",
    "delete": "\x7f",
    "next line": "a\x85b",
    "override": "a\u202eb",
    "isolate": "\u2066a\u2069",
    "marks": "\u200e\u200f\u061c",
    "zero width": "a\u200b\u200c\u200db",
    "line separator": "a\u2028b\u2029c",
    "byte order mark": "\ufeffa",
    "tags": "\U000e0041\U000e007f",
    "soft hyphen": "a\u00adb",
    "vertical tab": "a\x0bb\x0cc\x1cd\x1ee",
}

ALL = " ".join(SEQUENCES.values())

UNSAFE = {char for char in ALL if unicodedata.category(char) in ("Cc", "Cf", "Zl", "Zp")}


def unsafe(text: str) -> set[str]:
    """Return the characters of a text of several lines that have an effect on a terminal."""
    return UNSAFE & set(text) - {"\n"}


@given(st.text())
def test_an_escaped_string_is_one_line_without_an_effect(text: str) -> None:
    escaped = escape_controls(text)
    assert not [char for char in escaped if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp")]
    assert len(escaped.splitlines()) <= 1
    escaped.encode()
    assert escape_controls(escaped) == escaped


def test_letters_of_every_language_are_unchanged() -> None:
    text = "Müller & Söhne 日本　株式会社 Ελλάδα \\x1b é 👍🏽 नमस्ते"
    assert escape_controls(text) == text


def test_a_message_of_an_error_is_one_line() -> None:
    assert str(ConfigurationError(f"a{ALL}")) == escape_controls(f"a{ALL}")
    error = NotFoundError("no\nsuch account", provider="p", connection="c", operation="o", code="x\x1b[31m")
    assert str(error) == "c, o: no\\nsuch account (code x\\x1b[31m)"
    assert (error.message, error.code) == ("no\nsuch account", "x\x1b[31m"), "attributes are data"


def test_a_provider_forges_no_log_line_and_no_message(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    server = Server()
    name = json.dumps(ALL)
    bodies = [
        f'{{"data":[],"error":null,"metadata":{{"request_id":"r",{name}:{name}}}}}',
        f'{{"data":[{{{name}:{name},"id":{name}}}],"metadata":{{"request_id":"r"}}}}',
        f'{{"error":{{"code":{name},"message":{name}}},"metadata":{{"request_id":{name}}}}}',
        f'{{"error":{{"code":404,"message":{name}}},"metadata":{{"request_id":{name}}}}}',
        ALL,
    ]
    messages: list[str] = []
    with Folio(ClearStreet(api_key="demo-key", base_url=server.url, rate_limit=None), retries=0) as folio:
        for body in bodies:
            server.response = response(body.encode(), "X-Request-Id: a\x9b31m\xffb")
            snapshot = folio.snapshot()
            messages += [str(each.error) for each in snapshot.failures]
            messages += [f"{each.error.request_id}" for each in snapshot.failures]
    assert len(messages) > 6
    texts = messages + [record.getMessage() for record in caplog.records if record.name.startswith("onefolio")]
    texts += [str(vars(record).get("pointer")) for record in caplog.records]
    assert not [text for text in texts if unsafe(text) or "\n" in text]
    for text in texts:
        text.encode()


def document(text: str, other: str = "") -> dict[str, Any]:
    """Return an OpenAPI document with a text in every place that a comparison reports."""
    schema = {"type": "object", "properties": {f"p{other}{text}": {"type": "string", "enum": [f"e{other}{text}"]}}}
    answer = {"description": text, "content": {"application/json": {"schema": schema}}}
    parameter = {"name": f"q{text}", "in": "query", "required": bool(other), "schema": {"type": "string"}}
    operation = {"parameters": [parameter], "responses": {"200": answer}}
    paths = {f"/a{text}": {"get": operation}, f"/b{other}{text}": {"get": operation}}
    return {"openapi": "3.0.3", "info": {"title": f"T{text}", "version": f"1{text}"}, "paths": paths}


@pytest.mark.parametrize("format", ["text", "json", "html"])
@pytest.mark.parametrize("text", [ALL, "\ud800 lone surrogate"])
def test_a_hostile_document_controls_no_terminal(format: str, text: str, tmp_path: Path) -> None:
    old, new = tmp_path / "old.json", tmp_path / "new.json"
    old.write_text(json.dumps(document(text)))
    new.write_text(json.dumps(document(text, "x")))
    command = [sys.executable, "-m", "onefolio", "drift", str(old), str(new), "--format", format]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1, done.stderr
    assert not unsafe(done.stdout)
    assert not [line for line in done.stdout.splitlines() if line.startswith("fake")]
    if format == "json":
        assert text in json.loads(done.stdout)["old"]


@pytest.mark.parametrize(
    "broken", ['{"openapi":"3.0.3","a\\u001b[31m\\u202e":1,"a\\u001b[31m\\u202e":2}', '{"x": \x9b\u202e}']
)
def test_a_message_about_a_document_controls_no_terminal(broken: str, tmp_path: Path) -> None:
    path = tmp_path / "broken.json"
    path.write_text(broken)
    command = [sys.executable, "-m", "onefolio", "drift", str(path), str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert not unsafe(done.stderr)
    assert len(done.stderr.splitlines()) == 1


def test_a_value_with_a_line_end_adds_no_row_to_a_table() -> None:
    from onefolio.cli.tables import TableSpec, format_cell, render_table

    account = next(iter_accounts("A\nalpaca   fake"))
    text = render_table(TableSpec("T", ("name",), [[format_cell(account, "name")]]), 100).plain
    assert text.splitlines()[3:] == ["A\ufffdalpaca   fake"]


def iter_accounts(name: str) -> Any:
    from onefolio import Account

    yield Account(provider="p", connection="c", id="1", name=name)
