"""Providers from entry points: an unusable one is reported with its package and does not affect the others."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from .conftest import install, onefolio, python_path

USED = """
from onefolio import Conduit


class Mine(Conduit):
    provider = "mine"
    title = "Mine"


class Other(Conduit):
    provider = "other"


class Unnamed(Conduit):
    provider = "conduit"
"""


def test_a_usable_provider_is_registered(tmp_path: Path) -> None:
    (tmp_path / "used.py").write_text(USED)
    install(tmp_path, "its-package", "mine = used:Mine")
    script = "import warnings; warnings.simplefilter('error'); from onefolio.providers import known; print(*known())"
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={"PYTHONPATH": python_path(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.split() == ["alpaca", "clear_street", "conduit", "mine"], done.stderr


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("mine = nowhere:Mine", "cannot be loaded: ModuleNotFoundError"),
        ("mine = used:Nothing", "cannot be loaded: AttributeError"),
        ("mine = broken:Mine", "cannot be loaded: ZeroDivisionError"),
        ("mine = used:__name__", "not a subclass of onefolio.Connection"),
        ("mine = used:Other", "provider = 'other'"),
        ("conduit = used:Unnamed", "onefolio has a provider of this name"),
        ("Mine = used:Mine", "lower-case"),
        ("mine = used:Mine\n[onefolio.providers]\nmine = used:Other", "registered twice"),
    ],
)
def test_an_unusable_provider_is_reported_and_omitted(entry: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "used.py").write_text(USED)
    (tmp_path / "broken.py").write_text("1 / 0\n")
    first, _, second = entry.partition("\n[onefolio.providers]\n")
    install(tmp_path, "its-package", first)
    if second:
        install(tmp_path, "another-package", second)
    environ = {"PYTHONPATH": python_path(tmp_path), "ONEFOLIO_CONFIG": ""}
    done: Any = onefolio("doctor", "--format", "json", environ=environ, cwd=tmp_path)
    name = first.partition(" ")[0]
    found = {each["provider"]: each["result"] for each in json.loads(done.stdout)}
    assert {"alpaca", "clear_street", "conduit"} <= found.keys()
    assert "its-package 0.1.0" in done.stderr
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert done.returncode == 2
    if name != "conduit":
        assert message in found[name]
        wrong: Any = onefolio("contract", name, environ=environ, cwd=tmp_path)
        assert (wrong.returncode, message in wrong.stderr) == (2, True)
