"""JSON with exact numbers, and scalars that lose no digits."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal, localcontext
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onefolio_runtime import ContractError, decimal_text, decode, encode, to_datetime, wire

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.decimals(allow_nan=False, allow_infinity=False, places=9),
    lambda below: st.lists(below, max_size=4) | st.dictionaries(st.text(), below, max_size=4),
    max_leaves=20,
)


# Large bodies, and those whose strings contain colons and brackets, are decoded by another parser.
AMONG = {
    "alone": b"%s",
    "in a large body": b'["%s",%%s]' % (b"x" * 5000),
    "among colons and brackets": b'["%s",%%s]' % (b":[{" * 2000),
}


def within(content: bytes, among: str) -> bytes:
    """Return a body that contains a JSON value."""
    return AMONG[among].replace(b"%s", content)


@pytest.mark.parametrize("among", AMONG)
@given(value=JSON)
def test_a_value_survives_encoding_and_decoding(among: str, value: object) -> None:
    again = decode(within(encode(value).encode(), among))
    again = again if among == "alone" else again[1]
    assert again == value
    assert encode(again) == encode(value)


@pytest.mark.parametrize("depth", [199, 201])
@pytest.mark.parametrize("shape", [(b"[", b"]"), (b'{"a":', b"}")])
@pytest.mark.parametrize("among", AMONG)
def test_nesting_is_limited_to_200_levels(among: str, shape: tuple[bytes, bytes], depth: int) -> None:
    inner = depth - (among != "alone")
    body = within(shape[0] * inner + b"1" + shape[1] * inner, among)
    if depth < 200:
        decode(body)
        return
    with pytest.raises(ContractError):
        decode(body)


def test_numbers_keep_their_digits_and_are_never_floats() -> None:
    found = decode(b"[1.10, 122011.09751111286868, 1e2, 9007199254740993, 0.1, -0.0]")
    assert [type(each) for each in found] == [Decimal, Decimal, Decimal, int, Decimal, Decimal]
    assert [str(each) for each in found[:2]] == ["1.10", "122011.09751111286868"]
    assert found[3] == 2**53 + 1


@pytest.mark.parametrize(
    "content",
    [
        *(
            b"",
            b" ",
            b"{",
            b"[1,]",
            b"{'a':1}",
            b"<html>",
            b"nul",
            b"1 2",
            b"[01]",
            b"[+1]",
            b"[.5]",
            b"[1.]",
            b"[0x1]",
        ),
        *(b"[NaN]", b"[Infinity]", b"[-Infinity]", b'{"a":1,"a":2}', b'[{"b":{"a":1,"a":1}}]', b'{"a":1,"\\u0061":2}'),
        *(b"\xef\xbb\xbf{}", '{"a":1}'.encode("utf-16"), '{"a":1}'.encode("utf-16-le"), b'["\xff"]', b'["\x01"]'),
        *(b"[" * 100_000, b'{"a":' * 100_000, b"[" + b"9" * 5000 + b"]"),
    ],
    ids=lambda content: repr(content[:16]),
)
@pytest.mark.parametrize("among", AMONG)
def test_invalid_or_inexact_json_is_refused(content: bytes, among: str) -> None:
    with pytest.raises(ContractError) as refused:
        decode(within(content, among))
    assert [each.pointer for each in refused.value.violations] == [""]


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=Decimal("-1e60"), max_value=Decimal("1e60")))
def test_a_decimal_is_formatted_without_exponent_in_any_context(value: Decimal) -> None:
    with localcontext(prec=1):
        text = decimal_text(value)
        assert "E" not in text.upper()
        assert Decimal(text).compare_total(value) == 0 or Decimal(text) == value


@pytest.mark.parametrize(
    ("value", "text"),
    [("1E+3", "1000"), ("1E-8", "0.00000001"), ("-0.0", "-0.0"), ("1.10", "1.10"), ("9" * 78 + "." + "1" * 38,) * 2],
)
def test_an_exponent_is_expanded(value: str, text: str) -> None:
    assert decimal_text(Decimal(value)) == text
    assert wire({"a": [Decimal(value)]}) == {"a": [text]}


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2023-01-01T18:20:20.272275Z", datetime(2023, 1, 1, 18, 20, 20, 272275, tzinfo=UTC)),
        ("2023-01-01t18:20:20z", datetime(2023, 1, 1, 18, 20, 20, tzinfo=UTC)),
        ("2023-01-01T23:59:59.999999999Z", datetime(2023, 1, 1, 23, 59, 59, 999999, tzinfo=UTC)),
        ("2023-01-01T01:30:00.5+05:30", datetime(2022, 12, 31, 20, 0, 0, 500000, tzinfo=UTC)),
        ("2023-01-01T00:00:00-00:00", datetime(2023, 1, 1, tzinfo=UTC)),
    ],
)
def test_a_timestamp_is_an_aware_datetime(text: str, moment: datetime) -> None:
    found = to_datetime(text)
    assert found == moment
    assert found.utcoffset() is not None


@pytest.mark.parametrize("text", ["2016-12-31T23:59:60Z", "2017-01-01T05:29:60+05:30"])
def test_a_leap_second_stays_on_its_day(text: str) -> None:
    assert to_datetime(text) == datetime(2016, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)


def test_typed_values_survive_serialization() -> None:
    moment = datetime(2023, 1, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=-5)))
    assert to_datetime(wire(moment)) == moment
    assert wire([date(2024, 2, 29), UUID(int=1)]) == ["2024-02-29", "00000000-0000-0000-0000-000000000001"]


@pytest.mark.parametrize("value", [{1, 2}, b"ab", object(), [Decimal(1), {1, 2}], {"a": {"b": b"ab"}}])
def test_a_value_without_a_json_form_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        encode(value)
