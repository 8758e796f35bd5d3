"""The table of field names, and the errors in it that a person can make."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from onefolio import Account, Balance, Position
from onefolio._models.fields import fields_of
from onefolio_generator.document import DocumentError
from onefolio_generator.scaffold.field_names import (
    TABLE_FILE,
    Capability,
    FieldNames,
    field_names,
    fold_name,
    load_field_names,
)

VALID = TABLE_FILE.read_text()
Edit = Callable[[str], str]


def replaced(old: str, new: str) -> Edit:
    def edit(text: str) -> str:
        assert old in text
        return text.replace(old, new, 1)

    return edit


@pytest.mark.parametrize(
    ("capability", "model"), [("accounts", Account), ("balances", Balance), ("positions", Position)]
)
def test_every_field_of_the_table_is_one_of_the_model(capability: Capability, model: Any) -> None:
    assert field_names()[capability].keys() <= set(fields_of(model))


def test_a_new_name_is_loaded(tmp_path: Path) -> None:
    path = tmp_path / "names.toml"
    path.write_text(VALID.replace('names = ["status", ', 'names = ["status", "lifecycle", ', 1))
    status = load_field_names(path)["accounts"]["status"]
    assert status == FieldNames("status", ("status", "lifecycle", "accountstatus", "state", "accountstate"))


@pytest.mark.parametrize(("name", "folded"), [("accountId", "accountid"), ("account_id", "accountid"), ("É-1 a", "1a")])
def test_names_are_folded(name: str, folded: str) -> None:
    assert fold_name(name) == folded


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda text: text + "[accounts", "names.toml: "),
        (lambda text: text.partition("[balances")[0], "[balances.FIELD] is missing"),
        (lambda text: text + "[orders.id]\n", "[orders] is unknown. Use one of accounts, balances, positions."),
        (lambda text: "orders = 1\n" + text, "[orders] is unknown"),
        (lambda text: text + "[accounts.x]\nnames = ['x']\n", "[accounts.x]: kind is None. Use one of string, number"),
        (lambda text: text + "[accounts.x]\nkind = 'text'\nnames = ['x']\n", "[accounts.x]: kind is 'text'"),
        (lambda text: text + "[accounts.x]\nkind = 'date'\n", "[accounts.x]: names is missing or empty"),
        (lambda text: text + "[accounts.x]\nkind = 'date'\nnames = 'x'\n", "[accounts.x]: names is 'x'. Write a list"),
        (
            replaced('"accountuuid"', '"accountUuid"'),
            "[accounts.id]: names contains 'accountUuid'. Write it in lower case",
        ),
        (replaced('"accountuuid"', "1"), "[accounts.id]: names contains 1."),
        (replaced('"iban"', '"shortname"'), "[accounts.number]: ambiguous contains 'shortname' a second time"),
        (replaced("ambiguous = ", "unsure = "), "[accounts.name]: unsure is unknown. Use kind, names and ambiguous."),
    ],
)
def test_an_error_in_the_table_names_its_place(edit: Edit, message: str, tmp_path: Path) -> None:
    path = tmp_path / "names.toml"
    path.write_text(edit(VALID))
    with pytest.raises(DocumentError) as wrong:
        load_field_names(path)
    assert message in str(wrong.value)
    assert str(path) in str(wrong.value)


def test_all_errors_are_reported_at_once(tmp_path: Path) -> None:
    path = tmp_path / "names.toml"
    path.write_text(VALID.replace('"accountuuid"', '"accountUuid"').replace('kind = "status"', 'kind = "state"'))
    with pytest.raises(DocumentError) as wrong:
        load_field_names(path)
    assert len(str(wrong.value).splitlines()) == 2
