"""Write `generated/onefolio_clients` from `specs/`, or check that it is what the specs and templates give.

Everything is written to a temporary folder first and put in place as a whole, so a failure half-way
leaves the old files as they were.
"""

from __future__ import annotations

import argparse
import difflib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from .document import DocumentError
from .package import write_package

ROOT = Path(__file__).resolve().parents[2]
TARGET = ROOT / "generated" / "onefolio_clients"


def main() -> int:
    """Run the command; the exit code is 0 done, 1 different (`--check`), 2 could not generate."""
    parser = argparse.ArgumentParser(prog="regenerate", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail with a diff where files differ")
    parser.add_argument("--specs", type=Path, default=ROOT / "specs", help="folder of PROVIDER/openapi.yaml")
    parser.add_argument("--target", type=Path, default=TARGET, help="the package of packages to write")
    options = parser.parse_args()
    try:
        with tempfile.TemporaryDirectory() as folder:
            fresh = Path(folder) / options.target.name
            generate(options.specs, fresh)
            if options.check:
                return compare(options.target, fresh)
            replace(options.target, fresh)
    except (DocumentError, OSError, subprocess.CalledProcessError) as error:
        detail = error.stderr if isinstance(error, subprocess.CalledProcessError) else error
        print(f"regenerate: {detail}\nNothing was written.", file=sys.stderr)
        return 2
    return 0


def generate(specs: Path, folder: Path) -> None:
    """Write a package for every spec in `specs` to a new folder, formatted."""
    documents = sorted(specs.glob("*/openapi.yaml"))
    if not documents:
        raise DocumentError(f"{specs}: no PROVIDER/openapi.yaml here")
    folder.mkdir()
    (folder / "__init__.py").write_text('"""Clients generated from the curated specs, one package a provider."""\n')
    (folder / "py.typed").touch()
    for document in documents:
        write_package(document, folder / document.parent.name)
    for verb in (["check", "--fix-only", "--quiet"], ["format", "--quiet"]):
        subprocess.run(
            [sys.executable, "-m", "ruff", *verb, "--no-cache", "--config", str(ROOT / "pyproject.toml"), str(folder)],
            check=True,
            capture_output=True,
            text=True,
        )


def replace(target: Path, fresh: Path) -> None:
    """Put the fresh folder in the target's place; an interruption leaves one of the two whole."""
    target.parent.mkdir(exist_ok=True)
    incoming, outgoing = (target.with_name(f".{target.name}.{word}") for word in ("new", "old"))
    for leftover in (incoming, outgoing):
        shutil.rmtree(leftover, ignore_errors=True)
    shutil.copytree(fresh, incoming)
    if target.exists():
        target.rename(outgoing)
    incoming.rename(target)
    shutil.rmtree(outgoing, ignore_errors=True)
    print(f"wrote {sum(1 for _ in _files(target))} files to {target}")


def compare(target: Path, fresh: Path) -> int:
    """Print how the target differs from the fresh folder; return 1 where it does."""
    names = sorted({path.relative_to(folder) for folder in (target, fresh) for path in _files(folder)})
    different = [name for name in names if _bytes(target / name) != _bytes(fresh / name)]
    for name in different:
        there, wanted = (_bytes(folder / name).decode().splitlines(keepends=True) for folder in (target, fresh))
        sys.stdout.writelines(difflib.unified_diff(there, wanted, f"committed/{name}", f"generated/{name}"))
    if different:
        print(
            f"\nregenerate: {len(different)} of {len(names)} files are not what the specs and templates give.\n"
            "A spec, a template or a generated file was changed without the others: run `make regenerate`.",
            file=sys.stderr,
        )
    return bool(different)


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)


def _bytes(path: Path) -> bytes:
    return path.read_bytes() if path.exists() else b""


if __name__ == "__main__":
    sys.exit(main())
