"""A provider of another package, from a spec that is none of ours: everything that works for ours works for it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .conftest import BARE, Package

Write = Callable[[str], Package]


@pytest.fixture
def harbor(write: Write) -> Package:
    """Cursor and offset pages, objects of money, two keys, the account in the path."""
    return write("harbor")


@pytest.fixture
def quay(write: Write) -> Package:
    """Bare lists, page numbers, JSON numbers, a bearer token, the account in the query, no positions."""
    return write("quay")


def rows(done: Any) -> Any:
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_doctor_finds_it_and_calls_it(harbor: Package) -> None:
    with harbor.mock() as urls:
        found = {each["provider"]: each for each in rows(harbor.run("doctor", "--format", "json", **urls))}
    assert list(found) == ["alpaca", "clear_street", "conduit", "harbor"]
    assert (found["harbor"]["result"], found["harbor"]["keys"]) == ("works", "mock")
    assert found["harbor"]["variables"] == {"HARBOR_KEY": False, "HARBOR_SECRET": False, "HARBOR_BASE_URL": True}


def test_its_mock_is_read_through_pages_without_a_loss(harbor: Package) -> None:
    with harbor.mock("--accounts", "120", "--positions", "5") as urls:
        snapshot = rows(harbor.run("snapshot", "--format", "json", **urls))
    assert not snapshot["failures"]
    assert len({account["id"] for account in snapshot["accounts"]}) == 120
    account = snapshot["accounts"][0]
    assert (account["status"], account["native_status"], account["currency"]) == ("ACTIVE", "OPEN", "EUR")
    assert account["opened"] == "2024-01-15"
    held = [each for each in snapshot["positions"] if each["account_id"] == snapshot["accounts"][-1]["id"]]
    assert len(held) == 5
    example = next(each for each in snapshot["positions"] if each["account_id"] == account["id"])
    assert (example["symbol"], example["instrument_id"], example["side"]) == ("AAPL", "US0378331005", "LONG")
    assert (example["quantity"], example["market_value"], example["currency"]) == ("12.5", "2375.00", "USD")
    assert example["cost_basis"] is None, "the spec has nothing of the kind"


def test_one_kind_at_a_time(harbor: Package) -> None:
    with harbor.mock() as urls:
        for what in ("accounts", "balances", "positions"):
            assert rows(harbor.run(what, "--connection", "harbor", "--format", "json", **urls))


def test_another_shape_is_read_exactly(quay: Package) -> None:
    with quay.mock("--accounts", "7") as urls:
        accounts = rows(quay.run("accounts", "--format", "json", **urls))
        balances = rows(quay.run("balances", "--format", "json", **urls))
        refused = quay.run("positions", "--connection", "quay", **urls)
    assert len({account["id"] for account in accounts}) == 7, "four pages of two"
    assert {(each["asset"], each["unit"]) for each in balances} == {("BTC", "MAJOR")}
    assert balances[0]["available"] == "255.25"
    assert (refused.returncode, "quay has no positions" in refused.stderr) == (2, True)


def test_its_mock_keeps_to_its_spec(harbor: Package) -> None:
    done = harbor.run("contract", "harbor")
    assert done.returncode == 0, done.stdout + done.stderr


def test_its_spec_is_compared_with_a_new_one(harbor: Package, tmp_path: Path) -> None:
    spec = (harbor.folder / "spec" / "published.yaml").read_text()
    new = tmp_path / "new.yaml"
    new.write_text(spec.replace("        units: {type: string, format: decimal}\n        avg", "        avg"))
    done = harbor.run("drift", "spec/published.yaml", new)
    assert done.returncode == 1, done.stdout
    assert "units" in done.stdout
    done = harbor.run("drift", "harbor", new, "--format", "json")
    assert "harbor" in done.stdout


def test_its_own_tests_pass_with_the_plugin(quay: Package) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "error", "-k", "read"]
    environ = {**BARE, **quay.environ}
    done = subprocess.run(command, cwd=quay.folder, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "2 passed" in done.stdout


def test_there_are_strategies_of_its_models(quay: Package) -> None:
    script = (
        "from hypothesis import given, settings\n"
        "from onefolio.testing import accounts, balances\n"
        "@settings(max_examples=20, database=None)\n"
        "@given(accounts('quay'), balances('quay'))\n"
        "def hold(account, balance): assert (account.provider, balance.provider) == ('quay', 'quay')\n"
        "hold()"
    )
    environ = {**BARE, **quay.environ}
    done = subprocess.run([sys.executable, "-c", script], env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_what_is_written_is_strictly_typed(harbor: Package) -> None:
    command = [sys.executable, "-m", "mypy", "--strict", "--no-incremental", "onefolio_harbor"]
    done = subprocess.run(command, cwd=harbor.folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_its_client_is_written_anew_from_a_changed_spec(quay: Package) -> None:
    assert quay.run("provider", "regenerate", "--check").returncode == 0
    spec = quay.folder / "spec" / "openapi.yaml"
    kept = spec.read_text()
    spec.write_text(kept.replace("        label:\n", "        colour:\n          type: string\n        label:\n"))
    try:
        checked = quay.run("provider", "regenerate", "--check")
        assert (checked.returncode, "colour" in checked.stdout) == (1, True)
        assert quay.run("provider", "regenerate").returncode == 0
        assert "def colour" in (quay.folder / "onefolio_quay" / "client" / "models.py").read_text()
    finally:
        spec.write_text(kept)
        assert quay.run("provider", "regenerate").returncode == 0


def test_the_page_tells_what_is_mapped_and_what_is_not(harbor: Package) -> None:
    page = (harbor.folder / "README.md").read_text()
    assert "| `id` | `accountRef` |" in page
    assert "UNKNOWN for `MIGRATED`" in page
    assert "| `cost_basis` |  | None |" in page
    assert "`riskScore`" in page.partition("Not read")[2]
