"""A provider as a part of this repository."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from ..clients.package import write_package
from ..document import DocumentError
from ..format_code import format_code
from .field_names import Capability
from .provider_files import Provider, read_provider, refuse_existing, render_template, write_spec


def add_to_repository(
    root: Path,
    name: str,
    spec: Path,
    *,
    operations: Mapping[Capability, str | None] | None = None,
    base_url: str | None = None,
) -> list[str]:
    """Write a provider to this repository in its own layout, completely or not at all.

    Args:
        root: the folder of the repository.
        name: the name of the provider.
        spec: its published OpenAPI document.
        operations: ids of the operations to read; the others are guessed.
        base_url: the address of the server; by default those of the document.

    Returns:
        Points for the reviewer.

    Raises:
        DocumentError: the name or the document cannot be used, or a part of the provider exists.
    """
    places = {
        "spec": root / "specs" / name,
        "client": root / "generated" / "onefolio_clients" / name,
        "adapter.py": root / "facade" / "onefolio" / "providers" / f"{name}.py",
    }
    refuse_existing(places.values())
    provider = read_provider(name, spec, operations, base_url, client=f"onefolio_clients.{name}", facade="..adapter")
    edits = _edit_listings(root, name, provider)
    with tempfile.TemporaryDirectory(dir=root, prefix=".provider.") as folder:
        fresh = Path(folder)
        write_spec(provider.curated, fresh / "spec")
        write_package(fresh / "spec" / "openapi.yaml", fresh / "client")
        (fresh / "adapter.py").write_text(render_template("adapter.py", provider.context), encoding="utf-8")
        format_code(fresh)
        _move_into_place({fresh / part: place for part, place in places.items()}, edits)
    return provider.curated.notes


def _move_into_place(parts: Mapping[Path, Path], edits: Mapping[Path, str]) -> None:
    """Move new parts to their places and write edited files; undo both if one of them fails."""
    previous = {path: path.read_text(encoding="utf-8") for path in edits}
    try:
        for part, place in parts.items():
            place.parent.mkdir(parents=True, exist_ok=True)
            part.rename(place)
        for path, text in edits.items():
            path.write_text(text, encoding="utf-8")
    except OSError:
        for place in parts.values():
            shutil.rmtree(place, ignore_errors=True) if place.is_dir() else place.unlink(missing_ok=True)
        for path, text in previous.items():
            path.write_text(text, encoding="utf-8")
        raise


def _edit_listings(root: Path, name: str, provider: Provider) -> dict[Path, str]:
    """Return the new contents of the files that list all providers."""
    public, readme = root / "facade" / "onefolio" / "__init__.py", root / "README.md"
    return {
        public: _add_export(public, name, provider.context["class_name"]),
        readme: _add_table_row(readme, provider),
    }


def _add_export(path: Path, name: str, class_name: str) -> str:
    text = path.read_text(encoding="utf-8")
    imports = [*re.finditer(r"^from \.providers\.\w+ import \w+\n", text, re.MULTILINE)]
    names = re.search(r"__all__ = \[\n((?:    .*\n)*)\]", text)
    if not imports or names is None:
        raise DocumentError(f"{path}: no imports of providers or no `__all__` with a name a line. Restore them.")
    if f'"{class_name}"' in names[1]:
        raise DocumentError(f"{path}: {class_name} is already exported. Choose another provider name.")
    lines = sorted([each[0] for each in imports] + [f"from .providers.{name} import {class_name}\n"])
    exported = sorted([*names[1].splitlines(keepends=True), f'    "{class_name}",\n'])
    text = text[: names.start(1)] + "".join(exported) + text[names.end(1) :]
    return text[: imports[0].start()] + "".join(lines) + text[imports[-1].end() :]


def _add_table_row(path: Path, provider: Provider) -> str:
    text, context = path.read_text(encoding="utf-8"), provider.context
    table = re.search(r"\| provider \| variables \|.*\n\| --- .*\n(?:\|.*\n)+", text)
    if table is None:
        raise DocumentError(f"{path}: no table of providers and their variables. Restore it.")
    variables = ", ".join(f"`{each}`" for each in context["variables"].values())
    row = f"| {context['title']} | {variables} | `{context['base_url_variable']}` |\n"
    return text[: table.end()] + row + text[table.end() :]
