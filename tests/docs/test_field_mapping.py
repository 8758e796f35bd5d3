"""The inferred mapping of provider fields agrees with the design."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from onefolio import Side
from onefolio._connections.resource import Capability
from onefolio._models.fields import fields_of
from onefolio.openapi.specs import Spec
from onefolio.providers.field_usage import field_usage
from onefolio.providers.registry import known
from scripts.docs.field_mapping.experiment import MODELS, ModelMapping, infer_mappings
from scripts.docs.field_mapping.relations import InferredRelation, Relation, infer_relation
from scripts.docs.field_mapping.schema_fields import list_fields


def mapped(provider: str, capability: Capability) -> ModelMapping:
    return next(each for each in infer_mappings(provider) if each.capability == capability)


def sources(provider: str, capability: Capability, field: str) -> dict[str, Relation]:
    return {".".join(each.path): each.relation for each in mapped(provider, capability).sources[field]}


@pytest.mark.parametrize(
    ("provider", "capability", "field", "expected"),
    [
        ("alpaca", "accounts", "opened", {"created_at": Relation.DAY}),
        ("alpaca", "balances", "short_market_value", {"short_market_value": Relation.NEGATED}),
        ("alpaca", "positions", "quantity", {"qty": Relation.MAGNITUDE, "side": Relation.SIGN}),
        ("alpaca", "positions", "option", {"symbol": Relation.DERIVED}),
        ("clear_street", "accounts", "holder_id", {"account_holder_entity_id": Relation.AS_SENT}),
        ("clear_street", "balances", "cash", {"trade_cash": Relation.AS_SENT}),
        (
            *("clear_street", "balances", "initial_margin"),
            {"margin_details.initial_margin_requirement": Relation.AS_SENT},
        ),
        ("clear_street", "positions", "unrealized_pnl_ratio", {"unrealized_pnl_pct": Relation.SCALED}),
        ("conduit", "accounts", "id", {"accountId": Relation.AS_SENT}),
        ("conduit", "balances", "available", {"balances.available.*.amount": Relation.AS_SENT}),
    ],
)
def test_a_unified_field_is_traced_to_its_sources(
    provider: str, capability: Capability, field: str, expected: dict[str, Relation]
) -> None:
    assert sources(provider, capability, field) == expected


def test_enum_values_flags_factors_and_missing_fields_are_found() -> None:
    status = mapped("alpaca", "accounts").sources["status"][0]
    assert status.enum_values["ACCOUNT_CLOSED_PENDING"] == "CLOSED"
    assert status.enum_values["ONBOARDING"] == "PENDING"
    flags = sources("alpaca", "accounts", "restrictions")
    assert set(flags) == {"account_blocked", "trading_blocked", "transfers_blocked", "trade_suspended_by_user"}
    assert set(flags.values()) == {Relation.LISTED}
    assert mapped("clear_street", "positions").sources["unrealized_pnl_ratio"][0].exponent == -2
    assert mapped("clear_street", "balances").sources["short_market_value"][0].when_absent == "0"
    assert mapped("alpaca", "balances").sources["short_market_value"][0].when_absent is None
    assert mapped("conduit", "balances").fixed == {"unit": "AS_SENT"}
    assert {"status", "restrictions", "opened"} <= set(mapped("conduit", "accounts").missing)
    assert mapped("clear_street", "positions").missing == ("currency",)
    assert mapped("alpaca", "positions").from_account == {"currency": "currency"}
    assert mapped("clear_street", "positions").from_account == {}


@pytest.mark.parametrize("provider", known())
def test_every_unified_field_is_mapped_fixed_known_or_missing(provider: str) -> None:
    assert {each.capability for each in infer_mappings(provider)} == known()[provider].capabilities
    for each in infer_mappings(provider):
        names = set(fields_of(MODELS[each.capability]))
        listed = [*each.sources, *each.from_account, *each.fixed, *each.missing]
        assert len(listed) == len(set(listed))
        assert names - set(listed) <= {"provider", "connection", "account_id"}


@pytest.mark.parametrize("provider", known())
def test_adapters_read_every_mapped_field(provider: str) -> None:
    for each in infer_mappings(provider):
        looked_up = field_usage(provider)[each.method, each.path].fields["200"]
        found = {(*each.rows, *source.path) for field in each.sources.values() for source in field}
        assert found <= looked_up


@pytest.mark.parametrize("provider", known())
def test_fields_agree_with_the_spec(provider: str) -> None:
    spec = Spec(known()[provider].contract.spec)
    for operation in spec.operations:
        found = {each.path: each for each in list_fields(spec, operation.schema)}
        assert len(found) > 5
        for path, field in found.items():
            assert bool([other for other in found if other[: len(path)] == path != other]) is not field.is_leaf
            if field.format or field.enum_values or "boolean" in field.types:
                assert field.valid_values(None), f"no value for {path}"


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        ([("1.50", Decimal("1.50")), ("-2", Decimal(-2))], InferredRelation(Relation.AS_SENT)),
        ([(7, "7"), (8, "8")], InferredRelation(Relation.AS_SENT)),
        ([("2024-02-29", date(2024, 2, 29))], InferredRelation(Relation.AS_SENT)),
        ([(["b", "a"], frozenset("ab"))], InferredRelation(Relation.AS_SENT)),
        ([("1", Decimal(-1)), ("-2", Decimal(-2))], InferredRelation(Relation.NEGATED)),
        ([("1", Decimal(-1)), ("2", Decimal(2))], InferredRelation(Relation.MAGNITUDE)),
        ([("1", Decimal(1000)), ("2.5", Decimal(2500))], InferredRelation(Relation.SCALED, exponent=3)),
        ([("1", Decimal(1)), ("2.5", Decimal(3))], InferredRelation(Relation.DERIVED)),
        ([("2024-02-29T23:30:00-05:00", date(2024, 3, 1))], InferredRelation(Relation.DAY)),
        ([(True, frozenset(("flag", "other"))), (False, frozenset(("other",)))], InferredRelation(Relation.LISTED)),
        (
            [("B", Side.LONG), ("S", Side.SHORT), ("?", None)],
            InferredRelation(Relation.ENUM, {"B": "LONG", "S": "SHORT", "?": None}),
        ),
        ([("1", Side.LONG), (2, Side.SHORT)], InferredRelation(Relation.DERIVED)),
        ([("abc", "ABC")], InferredRelation(Relation.DERIVED)),
    ],
)
def test_a_relation_is_inferred_from_pairs(pairs: list[tuple[Any, Any]], expected: InferredRelation) -> None:
    assert infer_relation("flag", [pairs]) == expected


def test_a_field_that_negates_a_figure_is_its_sign() -> None:
    series = [[("B", Decimal(5)), ("S", Decimal(-5))], [("B", Decimal(7)), ("S", Decimal(-7))]]
    assert infer_relation("flag", series) == InferredRelation(Relation.SIGN)
    assert infer_relation("flag", [[("B", Decimal(5)), ("S", Decimal(-6))]]) == InferredRelation(Relation.DERIVED)
