"""Past changes of the three providers."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from onefolio.drift import compare
from onefolio.providers.registry import known

Schemas = dict[str, Any]


def _option_types_removed(schemas: Schemas) -> None:
    schemas["PositionType"]["anyOf"][0]["enum"] = ["LONG", "SHORT"]


def _profits_added(schemas: Schemas) -> None:
    schemas["Position"]["properties"]["weekly_unrealized_pnl"] = {"$ref": "#/components/schemas/Money"}


def _prices_nullable(schemas: Schemas) -> None:
    schemas["Position"]["properties"]["market_value"] = {"$ref": "#/components/schemas/NullableMoney"}


def _margin_types_added(schemas: Schemas) -> None:
    schemas["MarginType"]["anyOf"][0]["enum"].append("CIRO_2")


def _day_trade_fields_deprecated(schemas: Schemas) -> None:
    schemas["Balances"]["properties"]["equity"]["deprecated"] = True


def _status_added(schemas: Schemas) -> None:
    schemas["AccountStatus"]["anyOf"][0]["enum"].append("FROZEN")


def _day_trader_removed(schemas: Schemas) -> None:
    for name in ("pattern_day_trader", "daytrade_count", "daytrading_buying_power"):
        del schemas["Account"]["properties"][name]


def _quantity_a_number(schemas: Schemas) -> None:
    schemas["Quantity"] = {"type": "number"}


def _price_optional(schemas: Schemas) -> None:
    schemas["Position"]["required"].remove("current_price")


def _amount_renamed(schemas: Schemas) -> None:
    schemas["AssetAmount"]["properties"]["amountDecimal"] = schemas["AssetAmount"]["properties"].pop("amount")


HISTORY: list[tuple[str, Callable[[Schemas], None], set[tuple[str, str, bool]]]] = [
    ("clear_street", _option_types_removed, {("enum-value-removed", "risky", True)}),
    ("clear_street", _profits_added, {("property-added", "additive", False)}),
    ("clear_street", _prices_nullable, {("became-nullable", "risky", True)}),
    ("clear_street", _margin_types_added, {("enum-value-added", "risky", False)}),
    ("clear_street", _day_trade_fields_deprecated, {("deprecated", "editorial", True)}),
    ("alpaca", _status_added, {("enum-value-added", "risky", True)}),
    ("alpaca", _day_trader_removed, {("property-removed", "breaking", False)}),
    ("alpaca", _quantity_a_number, {("type-changed", "breaking", True)}),
    ("alpaca", _price_optional, {("property-became-optional", "risky", True)}),
    ("conduit", _amount_renamed, {("property-removed", "breaking", True), ("property-added", "additive", False)}),
]


@pytest.mark.parametrize(("provider", "change", "expected"), HISTORY)
def test_a_past_change_is_found(
    provider: str, change: Callable[[Schemas], None], expected: set[tuple[str, str, bool]]
) -> None:
    spec = copy.deepcopy(known()[provider].contract.spec)
    change(spec["components"]["schemas"])
    seen = {(each.rule, str(each.level), bool(each.used_by)) for each in compare(provider, spec).changes}
    assert expected <= seen
    assert {rule for rule, level, _ in seen if level != "editorial"} <= {rule for rule, _, _ in expected}
