"""Write a package of clients from a folder of specs, or check that it is what the specs and templates give.

Everything is written to a temporary folder first and put in place as a whole, so a failure half-way
leaves the old files as they were.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from .document import DocumentError
from .output import differences, files, replace, tidy
from .package import write_package


def main() -> int:
    """Run the command; the exit code is 0 done, 1 different (`--check`), 2 could not generate."""
    parser = argparse.ArgumentParser(prog="regenerate", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail with a diff where files differ")
    parser.add_argument("--specs", type=Path, default="specs", help="folder of PROVIDER/openapi.yaml")
    parser.add_argument(
        "--target", type=Path, default="generated/onefolio_clients", help="the package of packages to write"
    )
    options = parser.parse_args()
    try:
        with tempfile.TemporaryDirectory() as folder:
            fresh = Path(folder) / options.target.name
            generate(options.specs, fresh)
            if options.check:
                return _compared(options.target, fresh)
            replace(options.target, fresh)
            print(f"wrote {sum(1 for _ in files(options.target))} files to {options.target}")
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
    tidy(folder)


def _compared(target: Path, fresh: Path) -> int:
    """Print how the target differs from the fresh folder; return 1 where it does."""
    different = differences(target, fresh)
    sys.stdout.writelines(different)
    if different:
        print(
            f"\nregenerate: {len(different)} files are not what the specs and templates give.\n"
            "A spec, a template or a generated file was changed without the others: run `make regenerate`.",
            file=sys.stderr,
        )
    return bool(different)


if __name__ == "__main__":
    sys.exit(main())
