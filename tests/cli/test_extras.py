"""Errors of optional features whose packages are missing."""

from pathlib import Path

import pytest

from onefolio.providers.registry import known
from tests.cli.running import run_process

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


def block_import(module: str) -> str:
    """Return a program that runs the command line and cannot import a package."""
    return f"import sys; sys.modules[{module!r}] = None; from onefolio.cli import main; main()"


@pytest.mark.parametrize("module", CASES)
def test_the_error_names_the_command_that_installs_the_package(
    module: str, servers: dict[str, str], tmp_path: Path
) -> None:
    arguments, extra = CASES[module]
    (tmp_path / "new.yaml").write_text("openapi: 3.1.0\n")
    arguments = [str(tmp_path / each) if each == "new.yaml" else each for each in arguments]
    environ = {**servers, "ONEFOLIO_REDIS": "redis://127.0.0.1:1"} if module == "redis" else servers
    done = run_process(*arguments, environ=environ, program=block_import(module))
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    assert f'pip install "onefolio[{extra}]"' in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize("module", ["keyring", "httptools", "httpx", "pytest", "hypothesis", "opentelemetry"])
def test_commands_that_read_require_no_extra(module: str, servers: dict[str, str]) -> None:
    done = run_process("accounts", environ=servers, program=block_import(module))
    assert (done.returncode, done.stderr) == (0, "")
