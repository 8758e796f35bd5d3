"""The extra `store` contains the packages that DuckDB needs."""

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


def test_the_extra_contains_pytz_which_duckdb_needs_for_times() -> None:
    done = subprocess.run([sys.executable, "-c", TIMES], capture_output=True, text=True, check=False)
    assert "Required module 'pytz'" in done.stderr, "DuckDB no longer needs pytz; remove it from the extra"
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
    assert "pytz" in project["optional-dependencies"]["store"]
