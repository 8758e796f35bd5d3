"""Generate the client packages from a folder of specs, or check that they are up to date.

Everything is written to a temporary folder first and moved into place as a whole, so a failure leaves the old files
unchanged.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from .clients.package import write_package
from .clients.published import write_published
from .document import DocumentError
from .format_code import format_code
from .output import diff_folders, find_files, replace_folder


def main() -> int:
    """Run the command and return its exit code: 0 for success, 1 for differences (`--check`), 2 for an error."""
    parser = argparse.ArgumentParser(prog="regenerate", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; print a diff and exit 1 if files differ")
    parser.add_argument("--specs", type=Path, default="specs", help="folder of PROVIDER/openapi.yaml")
    parser.add_argument(
        "--target", type=Path, default="generated/onefolio_clients", help="the package that holds the clients"
    )
    options = parser.parse_args()
    try:
        with tempfile.TemporaryDirectory() as folder:
            fresh = Path(folder) / options.target.name
            write_clients(options.specs, fresh)
            if options.check:
                return _report_differences(options.target, fresh)
            replace_folder(options.target, fresh)
    except (DocumentError, OSError) as error:
        print(f"regenerate: {error}\nNothing was written.", file=sys.stderr)
        return 2
    print(f"wrote {sum(1 for _ in find_files(options.target))} files to {options.target}")
    return 0


def write_clients(specs: Path, folder: Path) -> None:
    """Write a formatted package to a new folder, with one client for each spec in `specs`."""
    documents = sorted(specs.glob("*/openapi.yaml"))
    if not documents:
        raise DocumentError(f"{specs}: no PROVIDER/openapi.yaml in this folder. Pass another one as --specs.")
    folder.mkdir()
    (folder / "__init__.py").write_text('"""Clients generated from the curated specs, one package a provider."""\n')
    (folder / "py.typed").touch()
    for document in documents:
        write_package(document, folder / document.parent.name)
        write_published(document.parent, folder / document.parent.name)
    format_code(folder)


def _report_differences(target: Path, fresh: Path) -> int:
    differences = diff_folders(target, fresh)
    sys.stdout.writelines(differences)
    if differences:
        print(
            f"\nregenerate: {len(differences)} files differ from the output of the specs and templates. After a change "
            "to a spec, a template or a generated file, run `make regenerate`. Only the version of ruff in "
            "requirements/dev.txt gives the same bytes.",
            file=sys.stderr,
        )
    return bool(differences)


if __name__ == "__main__":
    sys.exit(main())
