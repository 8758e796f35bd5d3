"""Imports of the generator, which must run when the library or generated code is broken."""

import ast
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[2] / "generator" / "onefolio_generator"
SIBLINGS = {"onefolio", "onefolio_clients", "onefolio_runtime"}


def imported_packages(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.Import(names=names):
                yield from (name.name.partition(".")[0] for name in names)
            case ast.ImportFrom(module=str(module), level=0):
                yield module.partition(".")[0]


def test_no_module_imports_a_sibling_package() -> None:
    modules = sorted(PACKAGE.rglob("*.py"))
    assert len(modules) > 30
    assert [path for path in modules if SIBLINGS.intersection(imported_packages(path))] == []


def test_only_clients_imports_openapi_python_client() -> None:
    users = {path.parent.name for path in PACKAGE.rglob("*.py") if "openapi_python_client" in imported_packages(path)}
    assert users == {"clients"}
