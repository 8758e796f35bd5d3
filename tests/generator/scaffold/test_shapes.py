"""Generated adapters for APIs of several shapes read every row of every page."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from onefolio_generator.scaffold import new_package

from .shapes import SHAPES

READ = """
import sys
from onefolio import Folio, mock
from onefolio.providers import own, known
sys.path.insert(0, sys.argv[1])
module = __import__(f"onefolio_{sys.argv[2]}")
kind = getattr(module, module.__all__[0])
own()[sys.argv[2]] = kind
known.cache_clear()
with mock.running(accounts=23, positions=12) as urls:
    connection = kind(**kind.demo_credentials(), base_url=urls[sys.argv[2]])
    with Folio(connection) as folio:
        taken = folio.snapshot()
assert taken.complete, taken.failures[0]
last = taken.accounts[-1].id
held = [each for each in taken.positions if each.account_id == last]
assert len(set(held)) == len(held)
print(len({each.id for each in taken.accounts}), len({each.account_id for each in taken.balances}), len(held))
"""


@pytest.mark.parametrize(
    ("shape", "counts"), [("single", "1 1 2"), ("numbered", "23 23 12"), ("linked", "23 23 12"), ("after", "23 23 12")]
)
def test_every_row_of_every_page_is_read(shape: str, counts: str, tmp_path: Path) -> None:
    spec = tmp_path / "spec.json"
    spec.write_text(json.dumps(SHAPES[shape]))
    new_package(shape, spec, tmp_path / "package")
    command = [sys.executable, "-W", "error", "-c", READ, str(tmp_path / "package"), shape]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == counts, done.stderr
