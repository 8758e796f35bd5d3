"""The tables of faults name tests that exist."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NAMED = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", (ROOT / "docs/faults.md").read_text())


@pytest.mark.parametrize(("file", "name"), sorted(set(NAMED)))
def test_a_named_test_exists(file: str, name: str) -> None:
    assert f"def {name}(" in (ROOT / file).read_text()


def test_every_row_names_a_test() -> None:
    lines = [line for line in (ROOT / "docs/faults.md").read_text().splitlines() if line.startswith("| ")]
    rows = [line for line in lines if not line.startswith(("| fault ", "| --- "))]
    assert len(rows) == len(NAMED) > 30
