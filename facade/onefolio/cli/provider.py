"""`onefolio provider`: a provider of your own, written from its published OpenAPI document."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from .._core.errors import ConfigurationError
from ..providers.registry import own

app = typer.Typer(
    no_args_is_help=True, rich_markup_mode="rich", help="Write a provider of your own from its OpenAPI document."
)


@app.command()
def new(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="Such as my_bank: lower-case letters, digits, underscores.")
    ],
    spec: Annotated[
        Path, typer.Option(metavar="FILE", help="The provider's OpenAPI document, 3.0 or 3.1, YAML or JSON.")
    ],
    accounts: Annotated[
        str | None,
        typer.Option(metavar="OPERATION", help="The operationId that lists accounts; by default by its path."),
    ] = None,
    balances: Annotated[str | None, typer.Option(metavar="OPERATION", help="The same of balances, or none.")] = None,
    positions: Annotated[str | None, typer.Option(metavar="OPERATION", help="The same of positions, or none.")] = None,
    base_url: Annotated[
        str | None, typer.Option(metavar="URL", help="The server, where the document has none.")
    ] = None,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Where to; by default onefolio-NAME.")] = None,
) -> None:
    """Write a package that adds a provider: spec, client, adapter, mock data, tests and a page on what is mapped.

    For example: onefolio provider new my_bank --spec my_bank.yaml && pip install -e ./onefolio-my-bank
    """
    if name in own():
        raise ConfigurationError(f"{name} is a provider already, one of onefolio's own; choose another name")
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
        print(f"review: {note}")
    print(
        f"next: pip install -e {folder}   then: onefolio contract {name}   "
        f"Review {folder}/README.md and {folder}/onefolio_{name}/adapter.py"
    )


@app.command()
def regenerate(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The package's folder.")] = Path(),
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit 1 with a diff where files differ.")
    ] = False,
) -> None:
    """Write the client of such a package anew from its spec/openapi.yaml, after a change to that."""
    with _translate_errors():
        from onefolio_generator.scaffold import regenerate as renew

        different = renew(folder, check=check)
    if check:
        sys.stdout.writelines(different)
        raise typer.Exit(1 if different else 0)
    print(f"wrote {len(different)} files" if different else "nothing to write: the client is what the spec gives")


@contextmanager
def _translate_errors() -> Iterator[None]:
    """Turn what the generator says into errors of the command line."""
    try:
        for needed in ("openapi_python_client", "ruff"):
            import_module(needed)
        from onefolio_generator.document import DocumentError
    except ImportError as error:
        missing = f"the generator of clients ({error.name} is missing)"
        raise ConfigurationError(f'{missing} has to be installed: pip install "onefolio[generate]"') from None
    try:
        yield
    except DocumentError as error:
        raise ConfigurationError(f"{error}\nNothing was written.") from None
    except OSError as error:
        raise ConfigurationError(f"{error.filename}: {error.strerror}; nothing was written") from None
