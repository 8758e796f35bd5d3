"""Files of a provider that its own package and this repository have in common."""

from __future__ import annotations

import json
import keyword
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from attrs import frozen
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from ruamel.yaml import YAML

from ..document import DocumentError
from .adapter_code import make_context
from .curate import CuratedSpec, curate
from .field_names import Capability
from .published_spec import PublishedSpec

TEMPLATES = Path(__file__).with_name("templates")
_PROVIDER_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


@frozen
class Provider:
    """A provider that can be written.

    Attributes:
        curated: its curated spec.
        context: the variables of its templates.
    """

    curated: CuratedSpec
    context: Mapping[str, Any]


def read_provider(
    name: str,
    spec: Path,
    operations: Mapping[Capability, str | None] | None,
    base_url: str | None,
    *,
    client: str,
    facade: str,
) -> Provider:
    """Read the published document of a provider.

    Args:
        name: the name of the provider.
        spec: the document.
        operations: ids of the operations to read; the others are guessed.
        base_url: the address of the server; by default those of the document.
        client: the module of the generated client, as the adapter imports it.
        facade: the module with the base classes, as the adapter imports it.

    Raises:
        DocumentError: the name is invalid, or the document cannot be used.
    """
    if not _PROVIDER_NAME.fullmatch(name) or keyword.iskeyword(name):
        raise DocumentError(
            f"{name!r} is not a valid provider name. Use lower-case letters, digits and single underscores, such as "
            "my_bank."
        )
    published = PublishedSpec.read(spec)
    try:
        curated = curate(published, name, operations or {}, base_url)
        return Provider(curated, {**make_context(curated, name), "client": client, "facade": facade})
    except (AttributeError, LookupError, TypeError, ValueError, RecursionError) as error:
        # Documents are not validated against the OpenAPI schema first, so an invalid one can fail anywhere.
        raise DocumentError(
            f"{spec}: not a valid OpenAPI document ({type(error).__name__}: {error}). Check it with a linter, such as "
            "`npx @redocly/cli lint`."
        ) from error


def refuse_existing(places: Iterable[Path]) -> None:
    """Raise a DocumentError if one of the places exists."""
    existing = [str(place) for place in places if place.exists()]
    if existing:
        raise DocumentError(
            f"{', '.join(existing)} already exists, and nothing is overwritten. Choose another place or name."
        )


def write_spec(curated: CuratedSpec, folder: Path) -> None:
    """Write a curated document and its examples, one file for each, to a new folder."""
    (folder / "examples").mkdir(parents=True)
    yaml = YAML()
    yaml.width = 110
    yaml.indent(mapping=2, sequence=4, offset=2)
    text = json.dumps(curated.document)
    with (folder / "openapi.yaml").open("w", encoding="utf-8") as file:
        # The copy has no shared objects, which YAML would write as aliases.
        yaml.dump(json.loads(text), file)
    used = set(re.findall(r"examples/([\w-]+)\.json", text))
    for name, value in curated.examples.items():
        if name in used:
            example = {"summary": name.replace("-", " ").capitalize(), "value": value}
            content = json.dumps(example, indent=2, ensure_ascii=False)
            (folder / "examples" / f"{name}.json").write_text(content + "\n", encoding="utf-8")


def render_template(template: str, context: Mapping[str, Any]) -> str:
    """Return the text of a template of this package."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701  # the output is Python, Markdown and TOML, not HTML
    )
    text = environment.get_template(f"{template}.jinja").render(context)
    return re.sub(r"\n{3,}(?=[#|\n-])", "\n\n", text) if template.endswith(".md") else text
