"""Which field of a row is taken for which unified one, where its name alone would mislead."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from onefolio_generator.scaffold.curate import Curated, curate
from onefolio_generator.scaffold.field_matching import What
from onefolio_generator.scaffold.normalize import Published
from onefolio_generator.scaffold.select_operations import Chosen

from .shapes import NUMBER, TEXT, document, fields, items, listing, path

MONEY = fields("amount", "currency", amount=NUMBER, currency=TEXT)
OWNER = fields("id", "name", id=TEXT, name=TEXT, status=TEXT)
HOLDING = fields("symbol", "quantity", symbol=TEXT, quantity=NUMBER, averageCost=MONEY, marketValue=MONEY)


def read(tmp_path: Path, *, account: Any = None, balance: Any = None, position: Any = None) -> Curated:
    paths = {
        "/accounts": listing(items(account or fields("accountId", accountId=TEXT))),
        "/accounts/{accountId}/balances": listing(items(balance or fields("cash", cash=NUMBER)), path("accountId")),
    }
    if position is not None:
        paths["/accounts/{accountId}/positions"] = listing(items(position), path("accountId"))
    spec = tmp_path / "spec.json"
    spec.write_text(json.dumps(document(paths)))
    return curate(Published.read(spec), "t", {})


def mapped(chosen: Chosen) -> dict[str, str]:
    return {each.field: each.native.label for each in chosen.matches}


def test_what_the_owner_is_called_is_not_the_accounts(tmp_path: Path) -> None:
    row = fields("accountNumber", accountNumber=TEXT, nickname=TEXT, owner=OWNER)
    found = mapped(read(tmp_path, account=row).chosen["accounts"])
    assert found == {"id": "accountNumber", "name": "nickname", "holder_id": "owner.id"}


def test_a_customers_id_of_the_owner_is_the_holders(tmp_path: Path) -> None:
    row = fields("accountId", accountId=TEXT, owner=fields(customerId=TEXT))
    assert mapped(read(tmp_path, account=row).chosen["accounts"])["holder_id"] == "owner.customerId"


def test_the_owners_name_is_to_be_checked_where_the_account_has_none(tmp_path: Path) -> None:
    accounts = read(tmp_path, account=fields("accountId", accountId=TEXT, owner=OWNER)).chosen["accounts"]
    assert [(each.native.label, each.sure) for each in accounts.matches if each.field == "name"] == [
        ("owner.name", False)
    ]


@pytest.mark.parametrize("figure", [NUMBER, MONEY])
def test_margins_are_found_in_an_object_of_that_name(figure: Any, tmp_path: Path) -> None:
    row = fields(cash=NUMBER, currency=TEXT, margin=fields(initial=figure, maintenance=figure))
    found = mapped(read(tmp_path, balance=row).chosen["balances"])
    below = ".amount" if figure is MONEY else ""
    assert found["initial_margin"] == f"margin.initial{below}"
    assert found["maintenance_margin"] == f"margin.maintenance{below}"


@pytest.mark.parametrize(
    ("what", "rows", "told"),
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
def test_amounts_with_a_currency_of_their_own_are_to_be_reviewed(
    what: What, rows: dict[str, Any], told: list[str], tmp_path: Path
) -> None:
    notes = [each for each in read(tmp_path, **rows).notes if each.startswith(f"{what}: ")]
    assert len(notes) == 1
    assert [each for each in told if each not in notes[0]] == []


def test_amounts_of_one_currency_need_no_review(tmp_path: Path) -> None:
    row = fields(figures=fields(cash=NUMBER, equity=NUMBER, currency=TEXT))
    assert read(tmp_path, balance=row).notes == []
