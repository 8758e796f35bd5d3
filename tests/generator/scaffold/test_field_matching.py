"""Matching of fields whose names alone would mislead."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from onefolio_generator.scaffold.curate import CuratedSpec, curate
from onefolio_generator.scaffold.field_names import Capability
from onefolio_generator.scaffold.published_spec import PublishedSpec
from onefolio_generator.scaffold.select_operations import SelectedOperation

from .shapes import NUMBER, TEXT, document, fields, items, listing, path

MONEY = fields("amount", "currency", amount=NUMBER, currency=TEXT)
OWNER = fields("id", "name", id=TEXT, name=TEXT, status=TEXT)
HOLDING = fields("symbol", "quantity", symbol=TEXT, quantity=NUMBER, averageCost=MONEY, marketValue=MONEY)


def read(tmp_path: Path, *, account: Any = None, balance: Any = None, position: Any = None) -> CuratedSpec:
    paths = {
        "/accounts": listing(items(account or fields("accountId", accountId=TEXT))),
        "/accounts/{accountId}/balances": listing(items(balance or fields("cash", cash=NUMBER)), path("accountId")),
    }
    if position is not None:
        paths["/accounts/{accountId}/positions"] = listing(items(position), path("accountId"))
    spec = tmp_path / "spec.json"
    spec.write_text(json.dumps(document(paths)))
    return curate(PublishedSpec.read(spec), "t", {})


def mapped(selected: SelectedOperation) -> dict[str, str]:
    return {each.field: each.native.label for each in selected.matches}


def test_the_owners_name_is_not_the_accounts(tmp_path: Path) -> None:
    row = fields("accountNumber", accountNumber=TEXT, nickname=TEXT, owner=OWNER)
    found = mapped(read(tmp_path, account=row).selection["accounts"])
    assert found == {"id": "accountNumber", "name": "nickname", "holder_id": "owner.id"}


def test_a_customer_id_of_the_owner_is_that_of_the_holder(tmp_path: Path) -> None:
    row = fields("accountId", accountId=TEXT, owner=fields(customerId=TEXT))
    assert mapped(read(tmp_path, account=row).selection["accounts"])["holder_id"] == "owner.customerId"


def test_the_owners_name_is_an_uncertain_match_for_an_account_without_one(tmp_path: Path) -> None:
    accounts = read(tmp_path, account=fields("accountId", accountId=TEXT, owner=OWNER)).selection["accounts"]
    assert [(each.native.label, each.is_certain) for each in accounts.matches if each.field == "name"] == [
        ("owner.name", False)
    ]


@pytest.mark.parametrize("figure", [NUMBER, MONEY])
def test_margins_in_an_object_of_that_name_are_matched(figure: Any, tmp_path: Path) -> None:
    row = fields(cash=NUMBER, currency=TEXT, margin=fields(initial=figure, maintenance=figure))
    found = mapped(read(tmp_path, balance=row).selection["balances"])
    below = ".amount" if figure is MONEY else ""
    assert found["initial_margin"] == f"margin.initial{below}"
    assert found["maintenance_margin"] == f"margin.maintenance{below}"


@pytest.mark.parametrize(
    ("capability", "rows", "mentioned"),
    [
        ("balances", {"balance": fields("cash", cash=MONEY, equity=MONEY)}, ["`equity.currency`", "`cash.currency`"]),
        (
            "balances",
            {"balance": fields("cash", cash=NUMBER, cashCurrency=TEXT, equity=NUMBER, equityCurrency=TEXT, ccy=TEXT)},
            ["`cashCurrency`, `equityCurrency`", "`ccy`"],
        ),
        ("positions", {"position": HOLDING}, ["`averageCost.currency`", "`marketValue.currency`"]),
    ],
)
def test_amounts_with_a_currency_of_their_own_are_noted_for_review(
    capability: Capability, rows: dict[str, Any], mentioned: list[str], tmp_path: Path
) -> None:
    notes = [each for each in read(tmp_path, **rows).notes if each.startswith(f"{capability}: ")]
    assert len(notes) == 1
    assert [each for each in mentioned if each not in notes[0]] == []


def test_amounts_of_one_currency_are_not_noted(tmp_path: Path) -> None:
    row = fields(figures=fields(cash=NUMBER, equity=NUMBER, currency=TEXT))
    assert read(tmp_path, balance=row).notes == []
