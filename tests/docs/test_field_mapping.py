"""What a provider's fields become is found by experiment, and agrees with what the design says."""

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
from scripts.docs.field_mapping.experiment import MODELS, Mapped, mappings
from scripts.docs.field_mapping.relations import InferredRelation, Relation, infer_relation
from scripts.docs.field_mapping.schema_fields import fields


def mapped(provider: str, capability: Capability) -> Mapped:
    return next(each for each in mappings(provider) if each.capability == capability)


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
def test_a_unified_field_is_traced_to_what_the_design_says(
    provider: str, capability: Capability, field: str, expected: dict[str, Relation]
) -> None:
    assert sources(provider, capability, field) == expected


def test_words_flags_factors_and_gaps_are_found() -> None:
    status = mapped("alpaca", "accounts").sources["status"][0]
    assert status.words["ACCOUNT_CLOSED_PENDING"] == "CLOSED"
    assert status.words["ONBOARDING"] == "PENDING"
    flags = sources("alpaca", "accounts", "restrictions")
    assert set(flags) == {"account_blocked", "trading_blocked", "transfers_blocked", "trade_suspended_by_user"}
    assert set(flags.values()) == {Relation.LISTED}
    assert mapped("clear_street", "positions").sources["unrealized_pnl_ratio"][0].exponent == -2
    assert mapped("clear_street", "balances").sources["short_market_value"][0].when_absent == "0"
    assert mapped("alpaca", "balances").sources["short_market_value"][0].when_absent is None
    assert mapped("conduit", "balances").fixed == {"unit": "AS_SENT"}
    assert {"status", "restrictions", "opened"} <= set(mapped("conduit", "accounts").lacking)
    assert mapped("clear_street", "positions").lacking == ("currency",)


@pytest.mark.parametrize("provider", known())
def test_every_unified_field_is_mapped_fixed_asked_or_lacking(provider: str) -> None:
    assert {each.capability for each in mappings(provider)} == known()[provider].capabilities
    for each in mappings(provider):
        names = set(fields_of(MODELS[each.capability]))
        told = [*each.sources, *each.fixed, *each.lacking]
        assert len(told) == len(set(told))
        assert names - set(told) <= {"provider", "connection", "account_id"}


@pytest.mark.parametrize("provider", known())
def test_what_is_mapped_was_seen_to_be_looked_up(provider: str) -> None:
    for each in mappings(provider):
        looked_up = field_usage(provider)[each.method, each.path].answers["200"]
        found = {(*each.rows, *source.path) for field in each.sources.values() for source in field}
        assert found <= looked_up


@pytest.mark.parametrize("provider", known())
def test_fields_are_those_of_the_spec(provider: str) -> None:
    spec = Spec(known()[provider].contract.spec)
    for operation in spec.operations:
        found = {each.path: each for each in fields(spec, operation.schema)}
        assert len(found) > 5
        for path, field in found.items():
            assert bool([other for other in found if other[: len(path)] == path != other]) is not field.is_leaf
            if field.format or field.words or "boolean" in field.types:
                assert field.values(None), f"no value is known for {path}"


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
            InferredRelation(Relation.WORD, {"B": "LONG", "S": "SHORT", "?": None}),
        ),
        ([("1", Side.LONG), (2, Side.SHORT)], InferredRelation(Relation.DERIVED)),
        ([("abc", "ABC")], InferredRelation(Relation.DERIVED)),
    ],
)
def test_a_relation_is_told_from_pairs(pairs: list[tuple[Any, Any]], expected: InferredRelation) -> None:
    assert infer_relation("flag", [pairs]) == expected


def test_a_field_that_turns_a_figure_round_gives_the_sign() -> None:
    series = [[("B", Decimal(5)), ("S", Decimal(-5))], [("B", Decimal(7)), ("S", Decimal(-7))]]
    assert infer_relation("flag", series) == InferredRelation(Relation.SIGN)
    assert infer_relation("flag", [[("B", Decimal(5)), ("S", Decimal(-6))]]) == InferredRelation(Relation.DERIVED)
