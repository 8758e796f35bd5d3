"""Keys are found in every encoding and in parts, JSON stays valid, and figures are never altered."""

import json
import pickle
import string
from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onefolio._core.redaction import MASK, Redactor
from onefolio_runtime import ContractError, decode, finish
from tests.faults.encodings import JSON, TEXT

KEYS = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=8, max_size=20).filter(
    lambda key: key == key.strip()
)
BEFORE = st.sampled_from(["", "%", "\\", "x", "&", "&#", "%2", "\\u00"])
"""Text that begins an encoding, which a key's first characters would complete."""


@given(KEYS, st.sampled_from([*JSON, *TEXT]), BEFORE)
def test_a_key_is_masked_in_every_encoding(key: str, name: str, before: str) -> None:
    encoded = {**JSON, **TEXT}[name](key)
    redactor = Redactor([key])
    for shown in (redactor.text(before + encoded), redactor.content((before + encoded).encode()).decode()):
        assert encoded not in shown
        assert key not in shown


@given(KEYS, st.sampled_from([*JSON]), st.sampled_from([*TEXT]))
def test_no_value_or_name_of_decoded_json_contains_a_key(key: str, outer: str, inner: str) -> None:
    text = TEXT[inner](key)
    written = JSON[outer](text)
    body = f'{{"value":"{written}","name: {written}":1,"amount":1.50,"escapes":"\\\\\\"\\n\\u00e9"}}'
    value = decode(Redactor([key]).content(body.encode()))
    for each in (*value, *map(str, value.values())):
        assert text not in each
        assert key not in each
    assert (value["amount"], value["escapes"]) == (Decimal("1.50"), '\\"\né')


@pytest.mark.parametrize("length", [8, 20, 200])
@pytest.mark.parametrize("name", [*JSON, *TEXT])
def test_keys_of_any_length_are_masked_with_all_of_their_characters(name: str, length: int) -> None:
    printable = "".join(map(chr, range(33, 127)))
    encode = {**JSON, **TEXT}[name]
    for start in range(0, 94, 94 if length == 200 else 31):
        key = (printable * 4)[start : start + length]
        masked = Redactor([key]).content(f"[{encode(key)}]".encode()).decode()
        assert encode(key) not in masked
        assert MASK in masked
        assert len(masked) < 40, "only quotes and backslashes are left"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le"])
def test_a_key_in_utf_16_is_masked(encoding: str) -> None:
    key = "PKTEST-k+/\\=key&"
    assert "+".encode(encoding) not in Redactor([key]).content(f"<{key}>".encode(encoding))


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"a":"\\/EYabcdefgh"}', "…"),
        (b'{"a":"C:\\\\\\/EYabcdefgh\\n"}', "C:…\n"),
        (b'{"a":"\\u002FEYabcdefgh"}', "…"),
        (b'{"a":"\\\\u002fEYabcdefgh"}', "…"),
    ],
)
def test_no_backslash_is_left_without_its_character(body: bytes, expected: str) -> None:
    assert decode(Redactor(["/EYabcdefgh"]).content(body)) == {"a": expected}


def test_a_key_that_ends_with_a_backslash_leaves_the_closing_quote() -> None:
    key = "abcdefgh\\"
    for text in (json.dumps({"a": key, "b": 1}), json.dumps({"a": json.dumps({"x": key})})):
        masked = Redactor([key]).content(text.encode())
        assert MASK in decode(masked)["a"]


def test_a_number_that_contains_a_key_becomes_invalid_and_not_another_number() -> None:
    redactor = Redactor(["12345678"])
    assert decode(redactor.content(b'{"cash":"12345678.90"}')) == {"cash": "….90"}
    with pytest.raises(ContractError):
        decode(redactor.content(b'{"cash":12345678.90}'))
    other = b'{"cash":1234567.8,"id":"1234\\/5678"}'
    assert redactor.content(other) == other


def test_a_key_within_another_leaves_nothing_of_the_longer_one() -> None:
    redactor = Redactor(["ABCDEFGH", "ABCDEFGH/ijklmnop"])
    for form in ("ABCDEFGH/ijklmnop", "ABCDEFGH\\/ijklmnop", "ABCDEFGH%2fijklmnop", "\\u0041BCDEFGH&#47;ijklmnop"):
        assert redactor.content(form.encode()).decode() == redactor.text(form) == MASK
    assert redactor.text("ABCDEFGH\\/") == "…\\/"


@pytest.mark.parametrize("encode", [lambda text: text, TEXT["every character in percent"], JSON["PHP"], JSON["Go"]])
def test_parts_of_more_than_12_characters_are_masked_where_text_is_shown(encode: object) -> None:
    assert callable(encode)
    key = "K3y+/=&<abcdefghij>QRSTUVWXYZ0123456789"
    redactor = Redactor([key])
    for start in range(len(key) - 12):
        for size in (13, 14, 20):
            part = key[start : start + size]
            assert redactor.text(f"id {encode(part)}, cut") == f"id {MASK}, cut"
    assert redactor.text(key[:12]) == key[:12]


def test_a_short_secret_is_not_masked() -> None:
    assert Redactor(["short"]).text("a short text") == "a short text"


def test_a_redactor_shows_and_pickles_no_key() -> None:
    redactor = Redactor(["a-secret-of-mine"])
    redactor.text("a-secret\\u002dof-mine")
    assert "mine" not in repr(redactor) + repr([getattr(redactor, name) for name in redactor.__slots__])
    with pytest.raises((TypeError, AttributeError, pickle.PicklingError)):
        pickle.dumps(redactor)


HOSTILE = ["\\", "\\u0041", "\\u004b", "\\/", "%41", "%25", "%5c", "&#65;", "&amp;", "&#0000", "=5c", "\0", "K", "K\\"]


@pytest.mark.parametrize("unit", HOSTILE)
@pytest.mark.parametrize("key", ["K" * 40, "KEY+/with=all&of\\\\them%25", "\\\\\\\\KEYabcde"])
def test_the_time_for_a_hostile_body_is_linear(key: str, unit: str) -> None:
    """A quadratic search of these bodies would take hours."""
    body = unit.encode() * (2**18 // len(unit))
    Redactor([key]).content(body + b"\\u004b%4b&#75;")


@given(st.sampled_from([*JSON.values(), *TEXT.values()]), st.data())
def test_redaction_in_slices_is_the_same(encode: Callable[[str], str], data: st.DataObject) -> None:
    """Bodies are cut where no secret is cut in two."""
    secret = "abcd/EFG+12&%=\"h'i"
    words = st.sampled_from([encode(secret) + "-" * 40, encode(secret)[:-1], '"', '\\"', "\\", ",", '{"a":', "x" * 20])
    content = "".join(data.draw(st.lists(words, max_size=12))).encode()
    redactor = Redactor([secret])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("onefolio._core.redaction.SMALL", 0)
        patch.setattr("onefolio._core.redaction._PIECE", 100)
        assert finish(redactor.content_in_slices(content)) == redactor.content(content)


@pytest.mark.parametrize("gap", ["", "-", "\\", '"}, {"a": "'])
def test_a_large_body_of_escapes_is_redacted_in_many_slices(gap: str) -> None:
    secret = "abcd/EFG+12345678"
    body = (gap.join([secret.replace("/", "\\/"), r"\u0061" * 10]) + gap).encode() * 6000
    redactor = Redactor([secret])
    assert b"EFG" not in finish(redactor.content_in_slices(body))
    assert len(list(redactor.content_in_slices(body))) > len(body) // 2**17


def test_secrets_without_a_gap_are_masked_across_slices() -> None:
    secret = "abcd/EFG+12345678" + string.ascii_uppercase * 2 + string.digits
    body = rb"\u0061" * 3000 + secret.encode() * 3000 + b"end"
    shown = finish(Redactor([secret]).content_in_slices(body))
    assert shown == rb"\u0061" * 3000 + MASK.encode() * 3000 + b"end"


@given(st.lists(st.text(max_size=8) | st.sampled_from(["abcd/EFG+12345678", "\x1e", "x abcd/EFG+1234 y"])))
def test_many_texts_are_masked_like_each(texts: list[str]) -> None:
    redactor = Redactor(["abcd/EFG+12345678"])
    assert redactor.texts(texts) == list(map(redactor.text, texts))
