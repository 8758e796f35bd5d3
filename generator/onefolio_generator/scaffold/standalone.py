"""A provider as a package of its own."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from ..clients.package import write_package
from ..format_code import format_code
from .field_names import Capability
from .provider_files import read_provider, refuse_existing, render_template, write_spec


def new_package(
    name: str,
    spec: Path,
    out: Path,
    *,
    operations: Mapping[Capability, str | None] | None = None,
    base_url: str | None = None,
) -> list[str]:
    """Write a package that registers a provider to a new folder, completely or not at all.

    Args:
        name: the name of the provider.
        spec: its published OpenAPI document.
        out: the folder, which must not exist.
        operations: ids of the operations to read; the others are guessed.
        base_url: the address of the server; by default those of the document.

    Returns:
        Points for the reviewer.

    Raises:
        DocumentError: the name or the document cannot be used, or the folder exists.
    """
    refuse_existing([out])
    package_name = f"onefolio_{name}"
    provider = read_provider(
        name, spec, operations, base_url, client=f"{package_name}.client", facade="onefolio.adapter"
    )
    out.parent.mkdir(parents=True, exist_ok=True)
    # Beside the target, so that the final rename stays within one file system.
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}.") as folder:
        fresh = Path(folder) / out.name
        package = fresh / package_name
        package.mkdir(parents=True)
        write_spec(provider.curated, fresh / "spec")
        shutil.copy(spec, fresh / "spec" / f"published{spec.suffix}")
        write_package(fresh / "spec" / "openapi.yaml", package / "client")
        rendered = {
            "adapter.py": package / "adapter.py",
            "package.py": package / "__init__.py",
            "page.md": fresh / "README.md",
            "pyproject.toml": fresh / "pyproject.toml",
            "test.py": fresh / "tests" / f"test_{name}.py",
        }
        for template, path in rendered.items():
            path.parent.mkdir(exist_ok=True)
            path.write_text(render_template(template, provider.context), encoding="utf-8")
        (package / "py.typed").touch()
        format_code(fresh)
        fresh.rename(out)
    return provider.curated.notes
