"""A provider written from its published spec: as a package of its own, or into this repository. All or nothing."""

from __future__ import annotations

import json
import keyword
import re
import shutil
import tempfile
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from ruamel.yaml import YAML

from ..clients.package import write_package
from ..document import DocumentError
from ..format_code import format_code as tidy
from ..output import diff_folders as differences
from ..output import replace_folder as replace
from .adapter import context
from .curate import Curated, curate
from .field_matching import What
from .normalize import Published
from .select_operations import LEFT_OUT

TEMPLATES = Path(__file__).with_name("templates")
_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


def new_package(
    name: str,
    spec: Path,
    out: Path,
    *,
    operations: Mapping[What, str | None] | None = None,
    base_url: str | None = None,
) -> list[str]:
    """Write a package that registers a provider, to a folder that is not there yet.

    Args:
        name: the provider's.
        spec: its published OpenAPI document.
        out: the folder.
        operations: ids of the operations to read, where they are not to be guessed.
        base_url: the server, where the document states none.

    Returns:
        What a person has to review.

    Raises:
        DocumentError: the name or the spec cannot be used, or the folder is there.
    """
    _check_name(name)
    _refuse([out])
    curated, facts = _read(name, spec, operations, base_url, client=f"onefolio_{name}.client", home="onefolio.adapter")
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}.") as folder:
        fresh = Path(folder) / out.name
        package = fresh / f"onefolio_{name}"
        package.mkdir(parents=True)
        _write_spec(curated, fresh / "spec")
        shutil.copy(spec, fresh / "spec" / f"published{spec.suffix}")
        _generated(fresh / "spec" / "openapi.yaml", package / "client")
        written = {
            "adapter.py": package / "adapter.py",
            "package.py": package / "__init__.py",
            "page.md": fresh / "README.md",
            "pyproject.toml": fresh / "pyproject.toml",
            "test.py": fresh / "tests" / f"test_{name}.py",
        }
        for template, path in written.items():
            path.parent.mkdir(exist_ok=True)
            path.write_text(_rendered(template, facts), encoding="utf-8")
        (package / "py.typed").touch()
        _tidied(fresh)
        fresh.rename(out)
    return curated.notes


def add_to_repository(
    root: Path,
    name: str,
    spec: Path,
    *,
    operations: Mapping[What, str | None] | None = None,
    base_url: str | None = None,
) -> list[str]:
    """Write a provider into this repository, in its own layout.

    Args:
        root: of the repository.
        name: as for `new_package`, and so are the rest.
        spec: …
        operations: …
        base_url: …

    Returns:
        What a person has to review.

    Raises:
        DocumentError: the name or the spec cannot be used, or something of the provider is there.
    """
    _check_name(name)
    places = {
        "spec": root / "specs" / name,
        "client": root / "generated" / "onefolio_clients" / name,
        "adapter.py": root / "facade" / "onefolio" / "providers" / f"{name}.py",
    }
    _refuse(list(places.values()))
    curated, facts = _read(name, spec, operations, base_url, client=f"onefolio_clients.{name}", home="..adapter")
    face, readme = root / "facade" / "onefolio" / "__init__.py", root / "README.md"
    edited = {
        face: _exported(face.read_text(encoding="utf-8"), name, facts["class_name"], face),
        readme: _listed(readme.read_text(encoding="utf-8"), facts, readme),
    }
    with tempfile.TemporaryDirectory(dir=root, prefix=".provider.") as folder:
        fresh = Path(folder)
        _write_spec(curated, fresh / "spec")
        _generated(fresh / "spec" / "openapi.yaml", fresh / "client")
        (fresh / "adapter.py").write_text(_rendered("adapter.py", facts), encoding="utf-8")
        _tidied(fresh)
        kept = {path: path.read_text(encoding="utf-8") for path in edited}
        try:
            for part, place in places.items():
                place.parent.mkdir(parents=True, exist_ok=True)
                (fresh / part).rename(place)
            for path, text in edited.items():
                path.write_text(text, encoding="utf-8")
        except OSError:
            for place in places.values():
                shutil.rmtree(place, ignore_errors=True) if place.is_dir() else place.unlink(missing_ok=True)
            for path, text in kept.items():
                path.write_text(text, encoding="utf-8")
            raise
    return curated.notes


def regenerate(folder: Path, *, check: bool = False) -> list[str]:
    """Write the client of a provider's package anew from its spec.

    Args:
        folder: of the package, with its `pyproject.toml`.
        check: write nothing.

    Returns:
        A diff of each file that was, or with `check` is, another one than the spec gives.

    Raises:
        DocumentError: it is no such package, or the spec cannot be used; the old client is still there.
    """
    project = folder / "pyproject.toml"
    try:
        stated = tomllib.loads(project.read_text(encoding="utf-8")).get("tool", {}).get("onefolio", {})
    except (OSError, ValueError) as error:
        raise DocumentError(f"{project}: {error}") from None
    if not all(isinstance(stated.get(key), str) for key in ("spec", "client")):
        raise DocumentError(
            f'{project}: [tool.onefolio] has to say where things are: spec = "spec/openapi.yaml" and '
            'client = "PACKAGE/client"'
        )
    target = folder / stated["client"]
    with tempfile.TemporaryDirectory() as place:
        fresh = Path(place) / "client"
        _generated(folder / stated["spec"], fresh)
        _tidied(fresh)
        found = differences(target, fresh)
        if found and not check:
            replace(target, fresh)
    return found


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name) or keyword.iskeyword(name):
        raise DocumentError(
            f"{name!r} is no name of a provider: lower-case letters, digits and single underscores, such as my_bank"
        )


def _refuse(places: list[Path]) -> None:
    there = [str(place) for place in places if place.exists()]
    if there:
        raise DocumentError(
            f"{', '.join(there)} is there already; nothing is overwritten. Choose another place or name"
        )


def _read(
    name: str, spec: Path, operations: Mapping[What, str | None] | None, base_url: str | None, **imports: str
) -> tuple[Curated, dict[str, Any]]:
    published = Published.read(spec)
    try:
        curated = curate(published, name, operations or {}, base_url)
        return curated, context(published, curated, name) | imports
    except (AttributeError, LookupError, TypeError, ValueError, RecursionError) as error:
        raise DocumentError(
            f"{spec}: no valid OpenAPI document ({type(error).__name__}: {error}); check it with a linter first, such "
            "as `npx @redocly/cli lint`"
        ) from error


def _write_spec(curated: Curated, folder: Path) -> None:
    """Write a curated document and its examples, a file each."""
    (folder / "examples").mkdir(parents=True)
    yaml = YAML()
    yaml.width = 110
    yaml.indent(mapping=2, sequence=4, offset=2)
    with (folder / "openapi.yaml").open("w", encoding="utf-8") as file:
        yaml.dump(json.loads(json.dumps(curated.document)), file)
    stated = set(re.findall(r"examples/([\w-]+)\.json", json.dumps(curated.document)))
    for name, value in curated.examples.items():
        if name in stated:
            example = {"summary": name.replace("-", " ").capitalize(), "value": value}
            text = json.dumps(example, indent=2, ensure_ascii=False)
            (folder / "examples" / f"{name}.json").write_text(text + "\n", encoding="utf-8")


def _generated(spec: Path, folder: Path) -> None:
    write_package(spec, folder)


def _tidied(folder: Path) -> None:
    try:
        tidy(folder)
    except ImportError as error:
        raise DocumentError(f"what was generated is no Python, which is a fault of onefolio: {error.stderr}") from None


def _rendered(template: str, facts: Mapping[str, Any]) -> str:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701  # Python, Markdown and TOML are written, no HTML
    )
    text = environment.get_template(f"{template}.jinja").render(facts)
    return re.sub(r"\n{3,}(?=[#|\n-])", "\n\n", text) if template.endswith(".md") else text


def _exported(text: str, name: str, class_name: str, path: Path) -> str:
    """Return the public face with one class more."""
    imports = [*re.finditer(r"^from \.providers\.\w+ import \w+\n", text, re.MULTILINE)]
    names = re.search(r"__all__ = \[\n((?:    .*\n)*)\]", text)
    if not imports or names is None or f'"{class_name}"' in names[1]:
        raise DocumentError(
            f"{path}: the import of providers and `__all__` are not as expected, or {class_name} is there"
        )
    lines = sorted([each[0] for each in imports] + [f"from .providers.{name} import {class_name}\n"])
    exported = "".join(sorted([*names[1].splitlines(keepends=True), f'    "{class_name}",\n']))
    text = text[: names.start(1)] + exported + text[names.end(1) :]
    return text[: imports[0].start()] + "".join(lines) + text[imports[-1].end() :]


def _listed(text: str, facts: Mapping[str, Any], path: Path) -> str:
    """Return the README with one row more in the table of variables."""
    table = re.search(r"\| provider \| variables \|.*\n\| --- .*\n(?:\|.*\n)+", text)
    if table is None:
        raise DocumentError(f"{path}: no table of providers and their variables")
    variables = ", ".join(f"`{each}`" for each in facts["variables"].values())
    return (
        text[: table.end()]
        + f"| {facts['title']} | {variables} | `{facts['base_url_variable']}` |\n"
        + text[table.end() :]
    )


__all__ = ["LEFT_OUT", "add_to_repository", "new_package", "regenerate"]
