"""What the extra `store` installs is enough to read what is kept."""

import subprocess
import sys
import tomllib
from pathlib import Path

TIMES = """
import sys
sys.modules["pytz"] = None
import duckdb
duckdb.sql("SELECT now() AS taken_at").fetchall()
"""


def test_it_has_what_duckdb_needs_to_hand_over_times() -> None:
    done = subprocess.run([sys.executable, "-c", TIMES], capture_output=True, text=True, check=False)
    assert "Required module 'pytz'" in done.stderr, "DuckDB does without it now, so the extra may"
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
    assert "pytz" in project["optional-dependencies"]["store"]
