"""`make provider` on a copy of this repository: all parts are written, or none."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from onefolio_generator.document import DocumentError
from onefolio_generator.output import find_files
from onefolio_generator.scaffold import add_to_repository

from .conftest import SPECS

ROOT = Path(__file__).resolve().parents[3]
SOURCES = ("facade", "generated", "generator", "runtime")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the folders that `make provider` writes to."""
    for part in (*SOURCES, "specs", "docs"):
        shutil.copytree(ROOT / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__"))
    for part in ("README.md", "pyproject.toml"):
        shutil.copy(ROOT / part, tmp_path / part)
    return tmp_path


def state(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in find_files(root)}


def test_the_provider_becomes_part_of_the_repository(copy: Path) -> None:
    before = state(copy)
    add_to_repository(copy, "harbor", SPECS / "harbor.yaml")
    after = state(copy)
    assert {name for name in before if after[name] != before[name]} == {"README.md", "facade/onefolio/__init__.py"}
    environ = {**os.environ, "PYTHONPATH": ":".join(str(copy / part) for part in SOURCES)}

    def run(*command: str) -> str:
        done = subprocess.run(
            [sys.executable, *command], cwd=copy, env=environ, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    script = (
        "import onefolio; from onefolio.providers import known; from onefolio.testing import read_examples\n"
        "assert known()['harbor'] is onefolio.Harbor and 'Harbor' in onefolio.__all__\n"
        "print(onefolio.__file__, len(read_examples('harbor')))"
    )
    assert str(copy) in run("-c", script)
    run("-m", "onefolio_generator", "--check")
    run("-m", "ruff", "check", "--no-cache", "facade", "generated")
    run("-m", "ruff", "format", "--check", "--no-cache", "facade", "generated")
    assert "| Harbor | `HARBOR_KEY`, `HARBOR_SECRET` | `HARBOR_BASE_URL` |" in (copy / "README.md").read_text()


def test_an_existing_provider_is_not_overwritten(copy: Path) -> None:
    add_to_repository(copy, "quay", SPECS / "quay.json")
    before = state(copy)
    with pytest.raises(DocumentError, match="already exists"):
        add_to_repository(copy, "quay", SPECS / "quay.json")
    assert state(copy) == before


def test_a_failure_changes_no_file(copy: Path) -> None:
    (copy / "README.md").write_text("no table\n")
    before = state(copy)
    with pytest.raises(DocumentError, match="no table"):
        add_to_repository(copy, "quay", SPECS / "quay.json")
    assert state(copy) == before
