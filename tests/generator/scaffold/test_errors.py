"""Unusable specs and arguments: the error names the place and the remedy, and nothing is written."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from onefolio_generator.document import DocumentError
from onefolio_generator.scaffold import new_package

from .conftest import SPECS, onefolio, python_path

Change = Callable[[Any], object]


def quay() -> Any:
    return json.loads((SPECS / "quay.json").read_text())


def required(document: Any) -> None:
    parameter = {"name": "tenant", "in": "query", "required": True, "schema": {"type": "string"}}
    document["paths"]["/v1/wallets"]["get"]["parameters"].append(parameter)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda spec: spec.update(swagger="2.0"), "Convert it to OpenAPI 3"),
        (lambda spec: spec.pop("openapi"), "Pass an OpenAPI 3.0 or 3.1 document"),
        (lambda spec: spec.pop("paths"), "`paths` is missing"),
        (lambda spec: spec["paths"].pop("/v1/wallets"), "--accounts OPERATION_ID"),
        (lambda spec: spec["components"].pop("securitySchemes"), "securitySchemes is missing"),
        (
            lambda spec: spec["components"]["securitySchemes"].update(
                jwt={"type": "apiKey", "in": "query", "name": "k"}
            ),
            "jwt (apiKey query)",
        ),
        (lambda spec: spec.pop("servers"), "--base-url"),
        (lambda spec: spec.update(servers=[{"url": "http://plain.example"}]), "--base-url"),
        (required, "the parameter tenant is required"),
        (lambda spec: spec["components"]["schemas"].pop("Wallet"), "$ref #/components/schemas/Wallet has no target"),
        (
            lambda spec: spec["components"]["schemas"]["Wallet"]["properties"].pop("id"),
            "no object of the response has a known field of accounts",
        ),
    ],
)
def test_an_unusable_spec_is_an_error_and_nothing_is_written(change: Change, message: str, tmp_path: Path) -> None:
    document = quay()
    change(document)
    spec = tmp_path / "spec.json"
    spec.write_text(json.dumps(document))
    with pytest.raises(DocumentError) as wrong:
        new_package("quay", spec, tmp_path / "out")
    assert message in str(wrong.value)
    assert str(spec) in str(wrong.value)
    assert list(tmp_path.iterdir()) == [spec]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("Quay",), "not a valid provider name"),
        (("class",), "not a valid provider name"),
        (("alpaca",), "is already a provider of onefolio"),
        (("quay", "--accounts", "nothing"), "Available: getV1Wallets, balances"),
        (("quay", "--out", "."), "nothing is overwritten"),
    ],
)
def test_wrong_arguments_exit_with_2_and_nothing_is_written(
    arguments: tuple[str, ...], message: str, tmp_path: Path
) -> None:
    done = onefolio("provider", "new", *arguments, "--spec", SPECS / "quay.json", cwd=tmp_path)
    assert (done.returncode, message in done.stderr, "Traceback" in done.stderr) == (2, True, False), done.stderr
    assert not list(tmp_path.iterdir())


def test_a_missing_spec_is_an_error(tmp_path: Path) -> None:
    done = onefolio("provider", "new", "quay", "--spec", "nowhere.yaml", cwd=tmp_path)
    assert (done.returncode, "nowhere.yaml" in done.stderr) == (2, True)


def test_a_missing_generator_is_an_error_that_names_the_extra(tmp_path: Path) -> None:
    (tmp_path / "openapi_python_client.py").write_text("raise ImportError('gone', name='openapi_python_client')\n")
    done = onefolio(
        "provider",
        "new",
        "quay",
        "--spec",
        SPECS / "quay.json",
        cwd=tmp_path,
        environ={"PYTHONPATH": python_path(tmp_path)},
    )
    assert (done.returncode, 'pip install "onefolio[generate]"' in done.stderr) == (2, True)


def test_amounts_in_cents_have_an_unknown_unit(tmp_path: Path) -> None:
    document = quay()
    document["components"]["schemas"]["Holding"]["properties"]["available"] = {
        "type": "integer",
        "description": "in cents",
    }
    spec = tmp_path / "spec.json"
    spec.write_text(json.dumps(document))
    notes = new_package("quay", spec, tmp_path / "out")
    assert any("AS_SENT" in note for note in notes)
    assert "unit=Unit.AS_SENT" in (tmp_path / "out" / "onefolio_quay" / "adapter.py").read_text()


HOSTILE = '"""\\"); raise SystemExit("run")  # {0} {{ 1 }} %s \' \n'


def test_strings_of_a_spec_do_not_become_code(tmp_path: Path) -> None:
    document = quay()
    wallet = document["components"]["schemas"]["Wallet"]
    wallet["description"] = document["info"]["title"] = HOSTILE
    wallet["properties"]["label"]["description"] = HOSTILE
    wallet["properties"]["status"] = {"type": "string", "enum": ["active", HOSTILE], "description": HOSTILE}
    wallet["properties"][f"blocked{HOSTILE}blocked"] = {"type": "boolean"}
    wallet["properties"][HOSTILE] = {"type": "string"}
    operation = document["paths"]["/v1/wallets"]["get"]
    operation |= {"summary": HOSTILE, "description": HOSTILE, "operationId": HOSTILE}
    operation["parameters"][0]["description"] = HOSTILE
    document["servers"] = [{"url": "https://quay.example", "description": HOSTILE, "x-name": HOSTILE}]
    spec = tmp_path / "spec.json"
    spec.write_text(json.dumps(document))
    new_package("quay", spec, tmp_path / "out")
    script = "import onefolio_quay; print(onefolio_quay.Quay(token='t').accounts().request(None))"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script], cwd=tmp_path / "out", capture_output=True, text=True, check=False
    )
    assert "/v1/wallets" in done.stdout, done.stderr


def test_an_unused_example_is_noted_and_names_no_file(tmp_path: Path) -> None:
    document = quay()
    wallets = document["paths"]["/v1/wallets"]["get"]["responses"]["200"]["content"]["application/json"]
    wallets["example"] = [{"id": None}]
    document["components"]["schemas"]["Holding"]["properties"] = {"other": {"type": "string"}}
    spec = tmp_path / "spec.json"
    spec.write_text(json.dumps(document))
    notes = new_package("quay", spec, tmp_path / "out")
    assert any("published example does not match its own schema" in note for note in notes), notes
    assert any(note.startswith("balances are omitted: balances (GET /v1/balances): ") for note in notes), notes
    assert str(tmp_path) not in (tmp_path / "out" / "README.md").read_text()
