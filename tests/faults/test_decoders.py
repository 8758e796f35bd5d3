"""The decoders with arbitrary bytes: they return the same values as Python's own, or raise their own error."""

import contextlib
import gzip
import json
import zlib
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onefolio import Connection, ProviderError
from onefolio._reading.drift_log import DriftLog
from onefolio._reading.paginator import Paginator
from onefolio.providers.registry import known
from onefolio_runtime import ContractError, Response, decode, finish
from onefolio_runtime.body import decompress

LIMIT = 10_000


def connection(name: str) -> Connection:
    kind: Any = known()[name]
    made: Connection = kind(**kind.demo_credentials())
    return made


def examples() -> list[tuple[str, Any, bytes]]:
    """Return every resource of every provider with each example of its response, as bytes."""
    found = []
    for name, kind in known().items():
        made = connection(name)
        account: Any = next(iter(_read(made, made.accounts(), _bodies(kind, made.accounts())[0])))
        readings: list[Any] = [made.accounts()]
        readings += [] if made.balances_with_accounts else [made.balances(account)]
        readings += [made.positions(account)] if "positions" in made.capabilities else []
        found += [(name, reading, body) for reading in readings for body in _bodies(kind, reading)]
    return found


def _bodies(kind: Any, reading: Any) -> list[bytes]:
    documented = kind.contract.spec["paths"][reading.request(None).operation.path]["get"]["responses"]["200"]
    return [
        json.dumps(each["value"]).encode() for each in documented["content"]["application/json"]["examples"].values()
    ]


def _read(made: Connection, reading: Any, body: bytes) -> list[Any]:
    listing = Paginator[Any](made, reading, DriftLog(), "strict", "1")
    return finish(listing.feed(Response(reading.request(None), status_code=200, headers={}, content=body)))


EXAMPLES = examples()
PIECES = [
    b'"',
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b"\\",
    b"null",
    b"1e999999999",
    b"-0",
    b"NaN",
    b"\xff",
    b"\\u0000",
    b"0",
]
PIECES += [b"1" * 40, b'"":', b"\xef\xbb\xbf", b"\x00", b"true", b".5", b'"id":1,']


@st.composite
def damaged(draw: st.DrawFn, body: bytes) -> bytes:
    """Draw a body with a few bytes lost, repeated or inserted."""
    for _ in range(draw(st.integers(1, 4))):
        at, to = sorted((draw(st.integers(0, len(body))), draw(st.integers(0, len(body)))))
        to = min(to, at + 12)
        piece = draw(st.one_of(st.just(b""), st.just(body[at:to] * 2), st.sampled_from(PIECES), st.binary(max_size=3)))
        body = body[:at] + piece + body[to:]
    return body


def strict(text: bytes) -> Any:
    """Decode with Python's parser, with exact numbers; refuse repeated names."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        value = dict(pairs)
        if len(value) < len(pairs):
            raise ValueError("a repeated name")
        return value

    def refuse(constant: str) -> None:
        raise ValueError(constant)

    return json.loads(text.decode("utf-8"), parse_float=Decimal, parse_constant=refuse, object_pairs_hook=once)


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
@given(data=st.data())
def test_a_damaged_body_is_parsed_exactly_or_refused(number: int, data: st.DataObject) -> None:
    name, reading, body = EXAMPLES[number]
    content = data.draw(damaged(body))
    try:
        value = decode(content)
    except ContractError:
        pass
    else:
        assert value == strict(content)
        assert str(value) == str(strict(content)), "with every digit"
    with contextlib.suppress(ProviderError):
        rows = _read(connection(name), reading, content)
        assert all(row.raw.to_dict() in _places(strict(content)) for row in rows)


def _places(value: Any) -> list[Any]:
    """Return every object in a JSON value."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    return [value, *(each for item in inner for each in _places(item))]


@given(
    content=st.binary(max_size=200),
    codings=st.sampled_from(["", "gzip", "deflate", "gzip, deflate", "br", "GZIP,,x-gzip"]),
)
def test_arbitrary_bytes_are_decompressed_or_refused(content: bytes, codings: str) -> None:
    with contextlib.suppress(ContractError):
        assert len(finish(decompress(content, codings, LIMIT))) <= LIMIT


@given(body=st.binary(max_size=500), times=st.integers(1, 60), data=st.data())
def test_a_compressed_body_is_restored_or_refused_for_its_length(body: bytes, times: int, data: st.DataObject) -> None:
    body *= times
    packed, codings = body, []
    for coding in data.draw(st.lists(st.sampled_from(["gzip", "deflate"]), min_size=1, max_size=3)):
        packed = gzip.compress(packed) if coding == "gzip" else zlib.compress(packed)
        codings.append(coding)
    if len(body) <= LIMIT:
        assert finish(decompress(packed, ", ".join(codings), max(LIMIT, len(packed) * 2))) == body
    else:
        with pytest.raises(ContractError, match="at most"):
            finish(decompress(packed, ", ".join(codings), LIMIT))
    cut = packed[: data.draw(st.integers(0, len(packed) - 1))]
    with pytest.raises(ContractError):
        finish(decompress(cut, ", ".join(codings), LIMIT * 10))
