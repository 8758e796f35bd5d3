"""Unexpected exceptions keep their traceback, and no local variable of a library frame contains a key."""

import traceback
from pathlib import Path
from typing import Any

import httpx
import pytest

from onefolio import Alpaca, Folio
from onefolio.adapter import hide_arguments
from tests.scripted import Script, example

KEYS = {"key_id": "K3Y-of-the-user", "secret_key": "S3CRET-of-the-user"}


def frames_of(error: BaseException) -> list[traceback.FrameSummary]:
    return list(traceback.TracebackException.from_exception(error, capture_locals=True).stack)


def frames_with_keys(frames: list[traceback.FrameSummary]) -> list[traceback.FrameSummary]:
    library_frames = [frame for frame in frames if Path(frame.filename).resolve() != Path(__file__).resolve()]
    return [frame for frame in library_frames if any(key in str(frame.locals) for key in KEYS.values())]


def read(**options: Any) -> None:
    with Folio(Alpaca(**KEYS), **options) as folio:  # type: ignore[arg-type]  # mypy rejects the dict
        list(folio.accounts())


def test_error_in_a_callback_keeps_its_traceback_without_keys() -> None:
    def broken_callback(_: object) -> None:
        raise TypeError("a bug in the callback")

    script = Script(lambda _: httpx.Response(200, json=example("alpaca", "/v2/account")))
    with pytest.raises(TypeError, match="a bug in the callback") as caught:
        read(http=script.transport, on_event=broken_callback)
    frames = frames_of(caught.value)
    assert frames[-1].name == "broken_callback"
    assert "next_page" in [frame.name for frame in frames]
    assert not frames_with_keys(frames)


def test_error_in_a_transport_keeps_its_traceback_without_keys() -> None:
    def broken_transport(_: httpx.Request) -> httpx.Response:
        raise TypeError("a bug in the transport")

    with pytest.raises(TypeError, match="a bug in the transport") as caught:
        read(http=httpx.MockTransport(broken_transport))
    frames = frames_of(caught.value)
    assert frames[-1].name == "broken_transport"
    assert not frames_with_keys(frames)


def test_error_in_an_adapter_keeps_its_traceback_without_keys() -> None:
    class BrokenAdapter(Alpaca):
        @hide_arguments
        def __init__(self, key_id: str, secret_key: str) -> None:
            super().__init__(key_id=key_id, secret_key=secret_key)
            raise TypeError("a bug in the adapter")

    with pytest.raises(TypeError, match="a bug in the adapter") as caught:
        BrokenAdapter(**KEYS)
    frames = frames_of(caught.value)
    assert frames[-1].name == "__init__"
    hidden = [frame for frame in frames if frame.name in ("call", "__init__")]
    assert hidden
    assert not [frame for frame in hidden if any(key in str(frame.locals) for key in KEYS.values())]
