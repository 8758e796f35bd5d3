"""`onefolio provider`: create a provider from its OpenAPI document."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from onefolio_runtime import escape_controls

from .._core.errors import ConfigurationError
from ..providers.registry import own
from .program import format_examples

app = typer.Typer(no_args_is_help=True, rich_markup_mode="rich", help="Create a provider from its OpenAPI document.")


@app.command(epilog=format_examples("provider new my_bank --spec my_bank.yaml"))
def new(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME",
            help="Lower-case letters, digits and underscores, for example my_bank.",
        ),
    ],
    spec: Annotated[
        Path, typer.Option(metavar="FILE", help="The provider's OpenAPI 3.0 or 3.1 document, in YAML or JSON.")
    ],
    accounts: Annotated[
        str | None,
        typer.Option(
            metavar="OPERATION", help="operationId of the operation that lists accounts (default: found by its path)."
        ),
    ] = None,
    balances: Annotated[
        str | None, typer.Option(metavar="OPERATION", help="operationId for balances, or none.")
    ] = None,
    positions: Annotated[
        str | None, typer.Option(metavar="OPERATION", help="operationId for positions, or none.")
    ] = None,
    base_url: Annotated[
        str | None, typer.Option(metavar="URL", help="Server, if the document does not state one.")
    ] = None,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Output directory (default: onefolio-NAME).")] = None,
) -> None:
    """Create a package that adds a provider.

    The package contains a curated spec, a client, an adapter, mock data,
    tests, and a README with the mapping of each field.
    """
    if name in own():
        raise ConfigurationError(f"{name} is already a provider of onefolio. Choose another name.")
    folder = out or Path(f"onefolio-{name.replace('_', '-')}")
    with _translate_errors():
        from onefolio_generator.scaffold import new_package

        notes = new_package(
            name,
            spec,
            folder,
            operations={"accounts": accounts, "balances": balances, "positions": positions},
            base_url=base_url,
        )
    print(f"wrote {folder}")
    for note in notes:
        print(f"review: {escape_controls(note)}")
    print(f"next: review {folder}/README.md and {folder}/onefolio_{name}/adapter.py, then run")
    print(f"  pip install -e {folder}")
    print(f"  onefolio contract {name}")


@app.command(epilog=format_examples("provider regenerate onefolio-my-bank", "provider regenerate --check"))
def regenerate(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Folder of the package.", show_default="current directory")
    ] = Path(),
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; print a diff and exit with 1 if files differ.")
    ] = False,
) -> None:
    """Regenerate the client of a package from its spec/openapi.yaml."""
    with _translate_errors():
        from onefolio_generator.scaffold import regenerate as regenerate_client

        different = regenerate_client(folder, check=check)
    if check:
        sys.stdout.writelines(different)
        raise typer.Exit(1 if different else 0)
    print(f"wrote {len(different)} files" if different else "nothing to write: the client is up to date")


@contextmanager
def _translate_errors() -> Iterator[None]:
    """Raise errors of the generator, and missing packages, as a ConfigurationError."""
    try:
        for package in ("openapi_python_client", "ruff"):
            import_module(package)
        from onefolio_generator.document import DocumentError
    except ImportError as error:
        raise ConfigurationError(
            f'{error.name} is not installed. Install the generator with pip install "onefolio[generate]"'
        ) from None
    try:
        yield
    except DocumentError as error:
        problems = "; ".join(str(error).splitlines()).rstrip(".")
        raise ConfigurationError(f"{problems}. Nothing was written.") from None
    except OSError as error:
        raise ConfigurationError(f"{error.filename}: {error.strerror}. Nothing was written") from None
