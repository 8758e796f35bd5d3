"""The specs, the runtime and the generated clients agree on numbers, and patterns alone describe valid dates."""

import json
import re
from datetime import date, timedelta
from decimal import Decimal
from itertools import product

import jsonschema_rs
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from onefolio_clients.alpaca import CONTRACT
from onefolio_clients.alpaca.models import Account
from onefolio_generator.scaffold.schemas import PATTERNS
from onefolio_runtime import decode, encode
from tests.specs.test_specs import component_schemas

DIGITS = st.text("0123456789", min_size=1, max_size=90)
PADDING = "x" * 5000
"""Bodies above 4 KiB are decoded by another parser."""


@st.composite
def numbers(draw: st.DrawFn) -> str:
    """Draw a number by the grammar of JSON, with digits and an exponent around the bounds of the specs."""
    whole = draw(DIGITS).lstrip("0") or "0"
    fraction = draw(st.just("") | DIGITS.map(".{}".format))
    exponent = draw(
        st.just("")
        | st.tuples(st.sampled_from("eE"), st.sampled_from(["", "+", "-"]), st.integers(0, 130)).map(
            lambda parts: "".join(map(str, parts))
        )
    )
    return draw(st.sampled_from(["", "-"])) + whole + fraction + exponent


def has_at_most_78_and_38_digits(number: str) -> bool:
    """Return whether the shortest plain notation of a number matches the pattern of decimal strings."""
    _, digits, exponent = Decimal(number).as_tuple()
    assert isinstance(exponent, int)
    significant = "".join(map(str, digits)).rstrip("0")
    exponent += len(digits) - len(significant)
    return not significant or (exponent >= -38 and len(significant) + exponent <= 78)


@settings(max_examples=200)
@given(number=numbers())
@example("1E-7")
@example("1.5e3")
@example("1e-38")
@example("10e-39")
@example("1e-39")
@example("0.10000000000000000000000000000000000000")
@example("-1e77")
@example("1e78")
@example("9" * 78)
@example("9" * 77 + "." + "9" * 38)
def test_spec_decoder_and_client_accept_the_same_numbers_and_keep_every_digit(number: str) -> None:
    # The validator compares a fraction with a bound as doubles, and refuses one that rounds to the bound.
    assume(abs(float(number)) != 1e78 or "." not in f"{Decimal(number):f}")
    accepted = has_at_most_78_and_38_digits(number)
    for body in (number, f'["{PADDING}",{number}]'):
        value = decode(body.encode())
        value = value if body == number else value[1]
        assert value == Decimal(number)
        assert (not CONTRACT.check("LooseMoney", value).violations) is accepted
        if accepted:
            assert Account.view({"bod_dtbp": value}).bod_dtbp == Decimal(number)
            # As a string the same digits are allowed in plain notation, and an exponent is not.
            text = encode(value)
            assert decode(text.encode()) == value
            assert not CONTRACT.check("Money", re.sub(r"(\.[0-9]*?)0+$", r"\1", text).rstrip(".")).violations
    if "e" in number.lower():
        assert CONTRACT.check("Money", number).violations


@pytest.mark.parametrize("number", ["1e0", "3.0", "0.02E2", '"3"', '"003"'])
def test_an_integer_may_have_an_exponent_or_be_a_string_of_digits(number: str) -> None:
    value = decode(number.encode())
    assert not CONTRACT.check("OptionsLevel", value).violations
    assert Account.view({"options_approved_level": value}).options_approved_level == int(Decimal(json.loads(number)))


@pytest.mark.parametrize("number", ["1e-1", "0.3", '"3.0"', '"1e0"', '"-1"', '""', '" 3"', '"\\u0663"', "2147483648"])
def test_other_levels_are_violations(number: str) -> None:
    assert CONTRACT.check("OptionsLevel", decode(number.encode())).violations


def test_the_specs_have_the_patterns_of_the_generator() -> None:
    dated = [schema for _, schema in component_schemas() if schema.get("format") in ("date", "date-time")]
    assert dated
    for schema in dated:
        assert schema["pattern"] == PATTERNS[schema["format"]]


def test_the_date_pattern_matches_exactly_the_days_of_its_years() -> None:
    matches = re.compile(PATTERNS["date"]).search
    first = date(1000, 1, 1)
    days = {(first + timedelta(days)).isoformat() for days in range((date(3000, 1, 1) - first).days)}
    # The years around the bounds, of two centuries, and at the turn of each century.
    years = [*range(995, 1005), *range(1890, 2110), *range(2995, 3005), *range(1000, 3000, 100)]
    for year, month, day in product(years, range(14), range(33)):
        text = f"{year:04}-{month:02}-{day:02}"
        assert bool(matches(text)) is (text in days), text


@pytest.mark.parametrize("form", ["date", "date-time"])
def test_a_faker_that_knows_only_the_pattern_makes_valid_dates(form: str) -> None:
    pattern = PATTERNS[form]
    is_valid = jsonschema_rs.Draft202012Validator({"format": form}, validate_formats=True).is_valid

    @settings(max_examples=50)
    @given(text=st.from_regex(re.compile(pattern, re.ASCII), fullmatch=True))
    def check(text: str) -> None:
        assert is_valid(text)

    check()


@pytest.mark.parametrize(
    ("text", "is_valid"),
    [
        *[(text, True) for text in ("2016-12-31T23:59:60Z", "2016-12-31t23:59:60.5z", "2016-12-31T18:59:60-05:00")],
        *[(text, True) for text in ("2017-01-01T05:29:60+05:30", "2024-02-29T00:00:00.123456789+23:59")],
        *[(text, False) for text in ("2016-12-31T22:59:60Z", "2016-12-31T23:59:61Z", "2023-02-29T00:00:00Z")],
        *[(text, False) for text in ("2023-01-01T24:00:00Z", "2023-01-01T00:00:00", "2023-01-01 00:00:00Z")],
        *[(text, False) for text in ("2023-01-01T00:00:00Zx", "0999-01-01T00:00:00Z", "3000-01-01T00:00:00Z")],
    ],
)
def test_the_timestamp_pattern_matches_whole_timestamps(text: str, is_valid: bool) -> None:
    assert bool(re.search(PATTERNS["date-time"], text)) is is_valid


@pytest.mark.parametrize("schema", ["Date", "NullableDate", "Timestamp", "NullableTimestamp"])
def test_a_violation_names_the_format_and_not_the_pattern(schema: str) -> None:
    (violation,) = CONTRACT.check(schema, "2023-02-30").violations
    assert violation.expected == f"a string in the format {'date' if 'Date' in schema else 'date-time'}"
