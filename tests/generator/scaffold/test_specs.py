"""Specs that cannot be used: the error says what and where and what to do, and nothing is written."""

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
    ("change", "told"),
    [
        (lambda spec: spec.update(swagger="2.0"), "convert it to OpenAPI 3"),
        (lambda spec: spec.pop("openapi"), "only OpenAPI 3.0 and 3.1"),
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
        (lambda spec: spec["components"]["schemas"].pop("Wallet"), "nothing is at #/components/schemas/Wallet"),
        (lambda spec: spec["components"]["schemas"]["Wallet"]["properties"].pop("id"), "no object with a field"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_is_written(change: Change, told: str, tmp_path: Path) -> None:
    document = quay()
    change(document)
    spec = tmp_path / "spec.json"
    spec.write_text(json.dumps(document))
    with pytest.raises(DocumentError) as wrong:
        new_package("quay", spec, tmp_path / "out")
    assert told in str(wrong.value)
    assert str(spec) in str(wrong.value)
    assert list(tmp_path.iterdir()) == [spec]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("Quay",), "no name of a provider"),
        (("class",), "no name of a provider"),
        (("alpaca",), "a provider already"),
        (("quay", "--accounts", "nothing"), "there is getV1Wallets, balances"),
        (("quay", "--out", "."), "nothing is overwritten"),
    ],
)
def test_wrong_use_exits_with_2_and_writes_nothing(arguments: tuple[str, ...], told: str, tmp_path: Path) -> None:
    done = onefolio("provider", "new", *arguments, "--spec", SPECS / "quay.json", cwd=tmp_path)
    assert (done.returncode, told in done.stderr, "Traceback" in done.stderr) == (2, True, False), done.stderr
    assert not list(tmp_path.iterdir())


def test_a_spec_that_is_not_there(tmp_path: Path) -> None:
    done = onefolio("provider", "new", "quay", "--spec", "nowhere.yaml", cwd=tmp_path)
    assert (done.returncode, "nowhere.yaml" in done.stderr) == (2, True)


def test_without_the_generator_the_extra_is_named(tmp_path: Path) -> None:
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


def test_figures_in_cents_are_not_taken_for_dollars(tmp_path: Path) -> None:
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


def test_words_of_a_spec_do_not_become_code(tmp_path: Path) -> None:
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
