"""What an optional feature says where its packages are missing."""

from pathlib import Path

import pytest

from onefolio.providers.registry import known
from tests.cli.running import run

ANY = next(iter(known()))
CASES = {
    "uvicorn": (["mock", "--port", "0"], "mock"),
    "schemathesis": (["contract", ANY], "contract"),
    "yaml": (["drift", ANY, "new.yaml"], "drift"),
    "jinja2": (["drift", ANY, ANY, "--format", "html"], "report"),
    "filelock": (["snapshot", "--out", "x"], "store"),
    "duckdb": (["diff", "a.duckdb", "b.duckdb"], "store"),
    "redis": (["accounts"], "redis"),
}


def without(module: str) -> str:
    """A program that cannot import a package."""
    return f"import sys; sys.modules[{module!r}] = None; from onefolio.cli import main; main()"


@pytest.mark.parametrize("module", CASES)
def test_a_missing_package_is_named_with_the_line_that_installs_it(
    module: str, servers: dict[str, str], tmp_path: Path
) -> None:
    arguments, extra = CASES[module]
    (tmp_path / "new.yaml").write_text("openapi: 3.1.0\n")
    arguments = [str(tmp_path / each) if each == "new.yaml" else each for each in arguments]
    environ = {**servers, "ONEFOLIO_REDIS": "redis://127.0.0.1:1"} if module == "redis" else servers
    done = run(*arguments, environ=environ, program=without(module))
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    assert f'pip install "onefolio[{extra}]"' in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize("module", ["keyring", "httptools", "httpx", "pytest", "hypothesis", "opentelemetry"])
def test_reading_needs_no_extra(module: str, servers: dict[str, str]) -> None:
    done = run("accounts", environ=servers, program=without(module))
    assert (done.returncode, done.stderr) == (0, "")
