"""Work in slices gives the same results as work in one go."""

import copy
import gzip
import json
import sys
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from onefolio.providers.registry import known
from onefolio_runtime import Contract, ContractError, Sliced, decode, finish
from onefolio_runtime.body import decompress
from onefolio_runtime.contract.lists import is_divisible
from onefolio_runtime.large_json import decode_in_slices

LIMIT = 2**20


@pytest.fixture
def small_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    """Process bodies of a few bytes like those of many megabytes."""
    monkeypatch.setattr("onefolio_runtime.large_json.LARGE", 0)
    monkeypatch.setattr("onefolio_runtime.large_json.SLICE", 12)
    monkeypatch.setattr("onefolio_runtime.large_json._BYTES_PER_ITEM", 0)
    monkeypatch.setattr("onefolio_runtime.large_json._MAX_LEVELS", 100)
    monkeypatch.setattr("onefolio_runtime.body.SLICE", 7)
    monkeypatch.setattr("onefolio_runtime.contract.error_collection._PART_ROWS", 2)
    monkeypatch.setattr("onefolio_runtime.contract.error_collection.PART_SIZE", 40)


def slices(work: Sliced[Any]) -> int:
    """Run a computation and return its number of slices."""
    return 1 + sum(1 for _ in work)


def outcome(function: Callable[[], Any]) -> Any:
    """Return the result of a function, or `ContractError` if it raises one."""
    try:
        return function()
    except ContractError:
        return ContractError


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=8)
    | st.decimals(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=8) | st.dictionaries(st.text(max_size=4), inner, max_size=8),
    max_leaves=40,
)
BLANKS = st.sampled_from(["", " ", "\r\n\t"])


@st.composite
def texts(draw: st.DrawFn) -> str:
    """Draw a JSON text with blanks, escapes and, at times, duplicate names."""

    def text(value: Any) -> str:
        blank = draw(BLANKS)
        if isinstance(value, dict):
            fields = [f"{blank}{text(name)}{blank}:{text(item)}" for name, item in value.items()]
            if fields and draw(st.integers(0, 9)) == 0:
                fields.append(draw(st.sampled_from(fields)))
            return "{" + ",".join(fields) + blank + "}"
        if isinstance(value, list):
            return "[" + ",".join(f"{blank}{text(item)}" for item in value) + blank + "]"
        if isinstance(value, str):
            return json.dumps(value, ensure_ascii=draw(st.booleans()))
        return str(value) if not isinstance(value, bool | None) else json.dumps(value)

    return text(draw(VALUES)).replace("E+", "e")


@pytest.mark.usefixtures("small_slices")
@given(texts(), st.integers(0, 200), st.sampled_from(["", "", "", ",", "]", "}", '"', ":", "\\", "[", "{", "0"]))
def test_json_in_slices_is_the_same_value_or_refused(text: str, position: int, inserted: str) -> None:
    content = (text[:position] + inserted + text[position:]).encode("utf-8", "surrogatepass")
    whole = outcome(lambda: decode(content))
    sliced = outcome(lambda: finish(decode_in_slices(content, LIMIT)))
    if sliced is ContractError and any(":" in name for name in names(whole)):
        return  # an object is refused if a name contains a colon and another one an escape; see the next test
    assert sliced == whole


def names(value: Any) -> Iterator[str]:
    """Yield the names of all objects in a value."""
    if isinstance(value, dict):
        yield from value
    if isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from names(item)


@pytest.mark.usefixtures("small_slices")
@pytest.mark.parametrize(
    ("text", "accepted"),
    [
        ('{"a:b": [1, 2, 3, 4, 5, 6, 7, 8], "c": 1}', True),
        ('{"caf\\u00e9": [1, 2, 3, 4, 5, 6, 7, 8], "c": 1}', True),
        ('{"a": [1, 2, 3, 4, 5, 6, 7, 8], "a": 1}', False),
        ('{"a": 1, "b": [":", "::", "\\u003a", 4, 5, 6, 7, 8]}', True),
        # The escaped colon must not make up for the colon of the duplicate.
        ('{"a": 1, "a": [2, 3, 4, 5, 6, 7, 8], "b\\u003a": 1}', False),
        ('{"a": [{"b": 1, "b": 2}, 3, 4, 5, 6, 7, 8, 9]}', False),
    ],
)
def test_duplicate_names_of_a_large_object_are_refused(text: str, accepted: bool) -> None:
    if accepted:
        assert finish(decode_in_slices(text.encode(), LIMIT)) == json.loads(text)
    else:
        with pytest.raises(ContractError):
            finish(decode_in_slices(text.encode(), LIMIT))


ROWS = 40_000
LARGE_BODIES: dict[str, tuple[bytes, str]] = {
    "items": (b"[" + b"0," * 800_000 + b"0]", "names and items"),
    "names": (b"[" + b'{"a":0},' * 150_000 + b"0," * 500_000 + b"0]", "names and items"),
    "objects": (b"[" + b"{}," * 400_000 + b"{}]", "objects and lists"),
    "lists": (b"[" + (b"[" * 100 + b"]" * 100 + b",") * 6_000 + b"0]", "objects and lists"),
    "names of one object": (b"{" + b",".join(b'"%d":"-----------"' % n for n in range(70_000)) + b"}", "names"),
    "one string": (b'["' + b"x" * 2**20 + b'"]', "strings"),
    "digits": (b"[" + b",".join([b"9" * 500] * 3_000) + b"]", "digits"),
    "levels": (b'{"a":' * 9 + b"[" + b'"aaaaaaaa",' * 120_000 + b"0]" + b"}" * 9, "levels"),
}


@pytest.mark.parametrize("name", LARGE_BODIES)
def test_a_large_body_with_too_many_values_is_refused(name: str) -> None:
    content, reason = LARGE_BODIES[name]
    assert 2**20 < len(content) < 16 * 2**20
    with pytest.raises(ContractError, match=reason):
        finish(decode_in_slices(content, 16 * 2**20))


def test_a_large_body_is_decoded_in_many_slices() -> None:
    row = json.dumps({f"field_{n}": "12.50" for n in range(20)}).encode()
    content = b'{"data":[' + b",".join([row] * 10_000) + b'],"metadata":{}}'
    assert finish(decode_in_slices(content, 16 * 2**20)) == json.loads(content)
    assert slices(decode_in_slices(content, 16 * 2**20)) > len(content) // 2**18


def raw_deflate(content: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(content) + packer.flush()


@pytest.mark.usefixtures("small_slices")
@given(st.lists(st.binary(max_size=60) | st.integers(50, 70).map(bytes), min_size=1, max_size=3))
@example([b"0" * 190])
def test_a_body_is_decompressed_in_slices(members: list[bytes]) -> None:
    whole = b"".join(members)
    packed = b"".join(map(gzip.compress, members))
    assert finish(decompress(packed, "gzip", 400)) == whole
    assert finish(decompress(gzip.compress(packed), "gzip, gzip", 2_000)) == whole
    assert finish(decompress(zlib.compress(whole), "deflate", 400)) == whole
    assert finish(decompress(raw_deflate(whole), "deflate", 400)) == whole
    assert slices(decompress(packed, "gzip", 400)) >= len(whole) // 7
    with pytest.raises(ContractError, match="incomplete"):
        finish(decompress(packed[:-1], "gzip", 400))
    if whole:
        with pytest.raises(ContractError, match="longer"):
            finish(decompress(packed, "gzip", len(whole) - 1))


def test_deflate_after_deflate_is_refused_and_not_shortened() -> None:
    """The second part has no zlib header, with which the first would have been lost."""
    with pytest.raises(ContractError):
        finish(decompress(zlib.compress(b"first") + raw_deflate(b"second"), "deflate", 100))


PAGES = [
    (provider, path["get"]["responses"]["200"]["content"]["application/json"])
    for provider, kind in known().items()
    for path in kind.contract.spec["paths"].values()
]


@pytest.mark.usefixtures("small_slices")
@given(st.data())
def test_validation_in_slices_finds_the_same(data: st.DataObject) -> None:
    provider, documented = data.draw(st.sampled_from(PAGES))
    body = copy.deepcopy(data.draw(st.sampled_from(list(documented["examples"].values())))["value"])
    rows = body if isinstance(body, list) else body.get("data", body)
    if isinstance(rows, list) and rows:
        rows[:] = copy.deepcopy(data.draw(st.lists(st.sampled_from(rows), max_size=12)))
    for row in rows if isinstance(rows, list) else [rows]:
        for name in data.draw(st.lists(st.sampled_from(list(row)), max_size=2)):
            row[name] = data.draw(st.sampled_from([None, 1, "NEW", {}, [], "1.50", row[name]]))
        if data.draw(st.booleans()):
            row["undocumented"] = [{"a": 1}]
    if isinstance(body, dict) and data.draw(st.booleans()):
        body["undocumented"] = list(range(9))
    contract, schema = known()[provider].contract, documented["schema"]["$ref"].rpartition("/")[2]
    closed, opened = (contract._validator(schema, closed=each).is_valid(body) for each in (True, False))
    for verdict in (contract.check(schema, body), finish(contract.check_in_slices(schema, body, is_large=True))):
        assert bool(verdict.violations) is not opened
        if opened:
            assert bool(verdict.drifts) is not closed
        undocumented = {each.pointer for each in verdict.drifts if each.kind == "undocumented field"}
        assert undocumented >= {f"/{name}" for name in ("undocumented",) if isinstance(body, dict) and name in body}
    whole, sliced = contract.check(schema, body), finish(contract.check_in_slices(schema, body, is_large=True))
    assert set(whole.violations) == set(sliced.violations)
    assert set(whole.drifts) == set(sliced.drifts)


@pytest.mark.parametrize(
    ("provider", "schema", "is_list"),
    [
        ("alpaca", "PositionList", True),
        ("alpaca", "Account", False),
        ("alpaca", "Error", False),
        ("clear_street", "AccountPage", True),
        ("clear_street", "PositionPage", True),
        ("clear_street", "BalancesResponse", False),
        ("conduit", "ClientAccountPage", True),
    ],
)
def test_a_body_that_is_no_list_has_a_lower_limit(provider: str, schema: str, is_list: bool) -> None:
    assert known()[provider].contract.has_list(schema) is is_list


LISTS: dict[str, tuple[dict[str, Any], list[Any]]] = {
    "a number of items": ({"type": "array", "items": {"type": "integer"}, "maxItems": 3}, [1, 2, 3, 4]),
    "distinct items": ({"type": "array", "uniqueItems": True}, [1, 2, 3, 1]),
    "items of one kind": (
        {"oneOf": [{"type": "array", "items": {"type": each}} for each in ("integer", "string")]},
        [1, 2, "3", "4"],
    ),
    "a fixed list": ({"enum": [[1, 2], [3, 4], [1, 2, 5]]}, [1, 2, 3, 4]),
    "not a list": ({"not": {"type": "array", "items": {"type": "integer"}, "minItems": 3}}, [1, 2, 3, 4]),
    "a reference": (
        {"anyOf": [{"$ref": "#/components/schemas/Integers"}, {"type": "array", "items": {"type": "string"}}]},
        [1, 2, "3", "4"],
    ),
}


def contract_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, schema: dict[str, Any]) -> Contract:
    (tmp_path / "made_client").mkdir()
    (tmp_path / "made_client" / "__init__.py").touch()
    integers = {"type": "array", "items": {"type": "integer"}}
    spec = {"components": {"schemas": {"A": schema, "Integers": integers}}}
    (tmp_path / "made_client" / "openapi.json").write_text(json.dumps(spec))
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "made_client", raising=False)
    return Contract("made_client")


@pytest.mark.usefixtures("small_slices")
@pytest.mark.parametrize("name", LISTS)
def test_a_list_is_validated_as_a_whole_if_its_parts_could_be_valid(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    schema, value = LISTS[name]
    contract = contract_of(tmp_path, monkeypatch, schema)
    assert contract.check("A", value).violations
    assert finish(contract.check_in_slices("A", value, is_large=True)).violations
    # A schema that is_divisible() does not know is still validated as a whole, unless the body is large.
    monkeypatch.setitem(vars(contract), "_is_divisible", True)
    assert contract.check("A", value).violations


@pytest.mark.parametrize("provider", known())
def test_lists_of_the_providers_are_validated_in_parts(provider: str) -> None:
    contract = known()[provider].contract
    assert is_divisible(contract.spec["components"]["schemas"], contract._resolve)
