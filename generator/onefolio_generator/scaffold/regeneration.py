"""Regeneration of the client in a provider's own package."""

from __future__ import annotations

import shutil
import tempfile
import tomllib
from contextlib import suppress
from pathlib import Path

from ..clients.package import write_package
from ..document import DocumentError
from ..format_code import format_code
from ..output import diff_folders, replace_folder


def regenerate(folder: Path, *, check: bool = False) -> list[str]:
    """Write the client of a provider's package from its spec, if it differs by more than layout.

    Args:
        folder: the folder of the package, with its `pyproject.toml`.
        check: compare only and write nothing.

    Returns:
        A diff for each file that differs from the spec.

    Raises:
        DocumentError: the package or its spec cannot be used; the client is unchanged.
    """
    spec, client = _find_parts(folder)
    with tempfile.TemporaryDirectory() as place:
        fresh = Path(place) / "fresh"
        write_package(spec, fresh)
        differences = diff_folders(
            _copy_canonical(client, Path(place) / "current"), _copy_canonical(fresh, Path(place) / "generated")
        )
        if differences and not check:
            format_code(fresh)
            replace_folder(client, fresh)
    return differences


def _find_parts(folder: Path) -> tuple[Path, Path]:
    """Return the paths of the spec and the client that a package states."""
    project = folder / "pyproject.toml"
    try:
        stated = tomllib.loads(project.read_text(encoding="utf-8")).get("tool", {}).get("onefolio", {})
    except (OSError, ValueError) as error:
        raise DocumentError(f"{project}: {error}") from None
    spec, client = stated.get("spec"), stated.get("client")
    if not isinstance(spec, str) or not isinstance(client, str):
        raise DocumentError(
            f"{project}: [tool.onefolio] lacks the paths of the spec and the client. Add spec = "
            '"spec/openapi.yaml" and client = "PACKAGE/client".'
        )
    return folder / spec, folder / client


def _copy_canonical(client: Path, copy: Path) -> Path:
    """Copy a client and remove the differences of layout between versions of ruff from the copy."""
    if client.exists():
        shutil.copytree(client, copy, ignore=shutil.ignore_patterns("__pycache__"))
        # A file that is not valid Python stays as it is and differs from the generated one anyway.
        with suppress(DocumentError):
            format_code(copy, canonical=True)
    return copy
