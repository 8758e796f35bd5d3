"""A provider in a package of its own: everything that works for those of this repository works for it."""

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


def test_the_doctor_finds_and_calls_it(harbor: Package) -> None:
    with harbor.mock() as urls:
        found = {each["provider"]: each for each in rows(harbor.run("doctor", "--format", "json", **urls))}
    assert list(found) == ["alpaca", "clear_street", "conduit", "harbor"]
    assert (found["harbor"]["result"], found["harbor"]["keys"]) == ("works", "mock")
    assert found["harbor"]["variables"] == {"HARBOR_KEY": False, "HARBOR_SECRET": False, "HARBOR_BASE_URL": True}


def test_a_snapshot_of_its_mock_has_the_rows_of_all_pages(harbor: Package) -> None:
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
    assert example["cost_basis"] is None, "the spec has no such field"


def test_each_capability_is_read_alone(harbor: Package) -> None:
    with harbor.mock() as urls:
        for capability in ("accounts", "balances", "positions"):
            assert rows(harbor.run(capability, "--connection", "harbor", "--format", "json", **urls))


def test_json_numbers_and_numbered_pages_are_read_exactly(quay: Package) -> None:
    with quay.mock("--accounts", "7") as urls:
        accounts = rows(quay.run("accounts", "--format", "json", **urls))
        balances = rows(quay.run("balances", "--format", "json", **urls))
        rejected = quay.run("positions", "--connection", "quay", **urls)
    assert len({account["id"] for account in accounts}) == 7, "four pages of two"
    assert {(each["asset"], each["unit"]) for each in balances} == {("BTC", "MAJOR")}
    assert balances[0]["available"] == "255.25"
    assert (rejected.returncode, "quay has no positions" in rejected.stderr) == (2, True)


def test_its_mock_conforms_to_its_spec(harbor: Package) -> None:
    done = harbor.run("contract", "harbor")
    assert done.returncode == 0, done.stdout + done.stderr


def test_drift_compares_its_spec_with_a_new_one(harbor: Package, tmp_path: Path) -> None:
    spec = (harbor.folder / "spec" / "published.yaml").read_text()
    new = tmp_path / "new.yaml"
    new.write_text(spec.replace("        units: {type: string, format: decimal}\n        avg", "        avg"))
    done = harbor.run("drift", "spec/published.yaml", new)
    assert done.returncode == 1, done.stdout
    assert "units" in done.stdout
    done = harbor.run("drift", "harbor", new, "--format", "json")
    assert "harbor" in done.stdout
    accept = ("--specs", tmp_path / "specs", "--accept")
    assert harbor.run("drift", "harbor", "spec/published.yaml", *accept).returncode == 0
    done = harbor.run("drift", "harbor", new, "--specs", tmp_path / "specs")
    assert done.returncode == 1
    assert "property removed" in done.stdout
    assert "units" in done.stdout


def test_its_own_tests_pass_with_the_plugin(quay: Package) -> None:
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-W",
        "error",
        "-k",
        "parsed or complete",
    ]
    environ = {**BARE, **quay.environ}
    done = subprocess.run(command, cwd=quay.folder, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "2 passed" in done.stdout


def test_its_models_have_strategies(quay: Package) -> None:
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


def test_the_package_is_strictly_typed(harbor: Package) -> None:
    command = [sys.executable, "-m", "mypy", "--strict", "--no-incremental", "onefolio_harbor"]
    done = subprocess.run(command, cwd=harbor.folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_its_client_is_regenerated_from_a_changed_spec(quay: Package) -> None:
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


def test_the_page_lists_mapped_and_unread_fields(harbor: Package) -> None:
    page = (harbor.folder / "README.md").read_text()
    assert "| `id` | `accountRef` |" in page
    assert "UNKNOWN for `MIGRATED`" in page
    assert "| `cost_basis` |  | None |" in page
    assert "`riskScore`" in page.partition("Not read")[2]


def test_only_changes_beyond_layout_fail_the_check(quay: Package) -> None:
    models = quay.folder / "onefolio_quay" / "client" / "models.py"
    kept = models.read_text()
    try:
        # Another version of ruff may lay the code out differently.
        command = [sys.executable, "-m", "ruff", "format", "--quiet", "--isolated", "--line-length", "60", str(models)]
        subprocess.run(command, check=True)
        assert models.read_text() != kept
        done = quay.run("provider", "regenerate", "--check")
        assert (done.returncode, done.stdout) == (0, "")
        models.write_text(f"{kept}# mine\n")
        done = quay.run("provider", "regenerate", "--check")
        assert (done.returncode, "-# mine" in done.stdout) == (1, True)
        models.write_text("def\n")
        assert quay.run("provider", "regenerate", "--check").returncode == 1
        models.unlink()
        assert quay.run("provider", "regenerate", "--check").returncode == 1
    finally:
        models.write_text(kept)
