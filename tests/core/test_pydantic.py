"""Models are types for pydantic, and thereby response models of web frameworks. JSON is that of `to_jsonable`."""

import inspect
import json
import subprocess
import sys
from decimal import Decimal
from typing import Any

import attrs
import msgspec
import pydantic
import pytest

import onefolio
from onefolio import Account, Balance, Position, Snapshot, exposure, to_jsonable, totals
from onefolio._models.fields import field_names_of
from onefolio._models.pydantic_schema import PydanticSchema
from onefolio.reconciliation import Reconciliation, compare
from onefolio_runtime import Violation

IDS: dict[str, Any] = {"provider": "p", "connection": "c", "account_id": "1"}
TYPES = [each for each in vars(onefolio).values() if inspect.isclass(each) and field_names_of(each)]


def values(snapshot: Snapshot) -> list[Any]:
    """Return an object of each kind, with a decimal whose exponent is negative and an option."""
    option = onefolio.Option(
        underlying="A", expiry=snapshot.taken_at.date(), right=onefolio.OptionRight.PUT, strike=Decimal("1E-8")
    )
    position = Position(**IDS, quantity=Decimal("-1E-8"), option=option)
    account = Account(provider="p", connection="c", id="1", restrictions=frozenset("zyxab"))
    taken = attrs.evolve(snapshot, positions=[*snapshot.positions, position], accounts=[*snapshot.accounts, account])
    unread = attrs.evolve(snapshot, positions=[], failures=[])
    return [taken, position, account, *totals(taken), *exposure(taken), compare(taken, unread)]


def test_json_is_that_of_to_jsonable_and_can_be_validated(snapshot: Snapshot) -> None:
    for value in values(snapshot):
        adapter = pydantic.TypeAdapter(type(value))
        text = adapter.dump_json(value)
        assert json.loads(text) == to_jsonable(value) == adapter.dump_python(value, mode="json")
        assert adapter.validate_python(value) is value
        if not isinstance(value, (Snapshot, Reconciliation)):
            assert adapter.validate_json(text) == adapter.validate_python(adapter.dump_python(value)) == value


@pytest.mark.parametrize("kind", TYPES)
def test_every_public_model_has_a_schema_with_all_of_its_fields(kind: Any) -> None:
    if not issubclass(kind, PydanticSchema):
        assert kind in (onefolio.Frames, onefolio.RateLimit)
        return
    for mode in ("validation", "serialization"):
        schema = pydantic.TypeAdapter(list[kind]).json_schema(mode=mode)
        described = schema["$defs"][kind.__name__] if "$defs" in schema else schema["items"]
        assert tuple(described["properties"]) == field_names_of(kind)
    assert tuple(described["required"]) == field_names_of(kind), "a response has every field"


def test_money_is_described_as_a_plain_decimal_string() -> None:
    schema = pydantic.TypeAdapter(Balance).json_schema(mode="serialization")
    assert schema["properties"]["cash"]["anyOf"] == [
        {"pattern": r"^-?[0-9]+(\.[0-9]+)?$", "type": "string"},
        {"type": "null"},
    ]


@pytest.mark.parametrize(
    "change",
    [{"quantity": 1.5}, {"quantity": "1e5"}, {"quantity": "NaN"}, {"quantity": True}, {"raw": {}}, {"side": "UP"}],
)
def test_values_that_the_model_does_not_allow_are_refused(change: dict[str, Any]) -> None:
    adapter = pydantic.TypeAdapter(Position)
    row = {**IDS, **change}
    with pytest.raises(pydantic.ValidationError):
        adapter.validate_python(row)
    with pytest.raises(pydantic.ValidationError):
        adapter.validate_json(json.dumps(row))


def test_an_error_cannot_be_restored_from_json(snapshot: Snapshot) -> None:
    adapter = pydantic.TypeAdapter(onefolio.Failure)
    with pytest.raises(pydantic.ValidationError, match="an error cannot be restored from JSON"):
        adapter.validate_json(adapter.dump_json(snapshot.failures[0]))


def test_msgspec_encodes_raw_with_to_jsonable(snapshot: Snapshot) -> None:
    encoded = msgspec.json.decode(msgspec.json.encode(snapshot, enc_hook=to_jsonable))
    for rows, models in ((encoded["positions"], snapshot.positions), (encoded["accounts"], snapshot.accounts)):
        expected = [{**to_jsonable(each), "raw": to_jsonable(each.raw)} for each in models]
        assert [{**each, "restrictions": sorted(each.get("restrictions", []))} for each in rows] == [
            {**each, "restrictions": each.get("restrictions", [])} for each in expected
        ]
    assert to_jsonable(Violation("/a", "b", "c")) == {"pointer": "/a", "expected": "b", "got": "c"}
    assert json.loads(json.dumps(to_jsonable(snapshot.positions[0].raw)))["symbol"] == snapshot.positions[0].symbol


def test_the_library_does_not_import_pydantic() -> None:
    program = "import sys, onefolio; sys.exit('pydantic' in sys.modules or 'pydantic_core' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
