"""A provider's page: its spec, its adapter's options, and what each field becomes, none of it kept by hand."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from griffe import Docstring, DocstringSectionKind
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

import onefolio
from onefolio import Connection, RateLimit
from onefolio._connections.resource import CAPABILITIES
from onefolio._core.json_paths import FieldPath as Way
from onefolio._models.fields import fields_of
from onefolio._reading.http_status import error_for_status
from onefolio.openapi.operations import Operation
from onefolio.openapi.specs import Spec
from onefolio.providers.field_usage import field_usage
from onefolio.providers.registry import known
from scripts.docs.field_mapping.experiment import ASKED, MODELS, Mapped, Source, mappings
from scripts.docs.field_mapping.relations import Relation
from scripts.docs.field_mapping.schema_fields import Field, fields

_COMMON = ("environment", "base_url", "name", "rate_limit")
_KINDS = {
    "decimal": "exact decimal",
    "date": "date",
    "date-time": "time",
    "uuid": "UUID",
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "object": "object",
    "array": "list",
}
"""What a format, or else a type, is called."""


class Row(NamedTuple):
    """A unified field and what it is made of."""

    unified: str
    native: str
    how: str


class Words(NamedTuple):
    """A native field whose words are translated."""

    native: str
    unified: str
    words: Mapping[str, str | None]


def overview() -> str:
    """Return the page that lists the providers."""
    kinds = known().values()
    return _template("providers.md.jinja").render(
        providers=[
            {
                "name": kind.provider,
                "title": kind.title,
                "variables": ", ".join(_code(each) for each in kind.variables.values()),
                "has": {what: what in kind.capabilities for what in CAPABILITIES},
            }
            for kind in kinds
        ],
        capabilities=CAPABILITIES,
        tables=[_comparison(what) for what in CAPABILITIES],
    )


def provider_page(provider: str) -> str:
    """Return the page of one provider, as Markdown."""
    kind = known()[provider]
    spec = Spec(kind.contract.spec)
    info = spec.document["info"]
    name = kind.__name__
    is_public = getattr(onefolio, name, None) is kind
    return _template("provider.md.jinja").render(
        title=kind.title,
        spec_title=info["title"],
        version=info["version"],
        class_name=name,
        imports=["from onefolio import " + ", ".join(sorted((name, "Folio")))]
        if is_public
        else ["from onefolio import Folio", f"from {kind.__module__} import {name}"],
        is_public=is_public,
        arguments=", ".join(f'{key}="…"' for key in kind.variables),
        keys=list(_keys(kind, spec)),
        servers=list(_servers(kind, spec)),
        base_url_variable=kind.base_url_variable,
        rate_limit=_rate_limit(kind),
        options=_options(kind),
        capabilities=[_capability(what, provider, spec) for what in CAPABILITIES],
        mapped=[_mapped(each) for each in mappings(provider)],
        operations=[_operation(each, provider, spec) for each in spec.operations],
    )


def _template(name: str) -> Template:
    loader = FileSystemLoader(Path(__file__).parent)
    environment = Environment(  # noqa: S701  # it makes Markdown
        loader=loader, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
    )
    environment.filters["cell"] = _cell
    return environment.get_template(name)


def _keys(kind: type[Connection], spec: Spec) -> Iterator[dict[str, str]]:
    schemes = {name: scheme for scheme in kind.credentials_type.SCHEMES for name in scheme.names}
    described = spec.document["components"]["securitySchemes"]
    for key, variable in kind.variables.items():
        scheme = schemes[key]
        yield {
            "name": key,
            "variable": variable,
            "sent": f"{scheme.header}: {scheme.prefix}…",
            "description": spec.resolve(described.get(key, {})).get("description", ""),
        }


def _servers(kind: type[Connection], spec: Spec) -> Iterator[dict[str, Any]]:
    described = {each["url"]: each.get("description", "") for each in spec.document["servers"]}
    default = _default(kind, "environment")
    for name, url in kind.environments.items():
        yield {"name": name, "url": url, "description": described.get(url, ""), "is_default": name == default}


def _default(kind: type[Connection], argument: str) -> Any:
    """Return what an argument is by default; None where the connection does not take it."""
    found = inspect.signature(kind).parameters.get(argument)
    return None if found is None else found.default


def _rate_limit(kind: type[Connection]) -> str:
    match _default(kind, "rate_limit"):
        case RateLimit(requests=requests, seconds=seconds):
            return f"At most {requests} requests in {seconds:g} seconds are sent, unless `rate_limit=` says otherwise."
    return "No limit is known, and none is kept unless `rate_limit=` states one."


def _options(kind: type[Connection]) -> list[dict[str, str]]:
    """Return the arguments that no other provider has, from the docstring."""
    own = [name for name in inspect.signature(kind).parameters if name not in (*kind.variables, *_COMMON)]
    described: dict[str, str] = {}
    for section in Docstring(inspect.getdoc(kind) or "").parse("google", warnings=False):
        if section.kind is DocstringSectionKind.parameters:
            described |= {each.name: each.description for each in section.value}
    return [{"name": name, "description": _cell(described.get(name, ""))} for name in own]


def _capability(what: Any, provider: str, spec: Spec) -> dict[str, str]:
    found = next((each for each in mappings(provider) if each.capability == what), None)
    if found is None:
        return {"capability": what, "read_with": "", "pages": "", "anchor": ""}
    operation = next(each for each in spec.operations if (each.method, each.path) == (found.method, found.path))
    return {
        "capability": what,
        "read_with": f"{operation.method} {operation.path}",
        "anchor": operation.id,
        "pages": f"pages, by `{operation.token}`" if operation.token else "one answer",
    }


def _mapped(mapped: Mapped) -> dict[str, Any]:
    model = MODELS[mapped.capability]
    rows = [_row(name, mapped) for name in fields_of(model) if name in mapped.sources or name in mapped.fixed]
    words = [
        Words(".".join(source.path), f"{model.__name__}.{unified}", source.words)
        for unified, sources in mapped.sources.items()
        for source in sources
        if source.words
    ]
    return {
        "heading": mapped.capability.capitalize(),
        "model": model.__name__,
        "method": mapped.method,
        "path": mapped.path,
        "place": _place(mapped.rows),
        "rows": rows,
        "words": words,
        "lacking": mapped.lacking,
    }


def _place(rows: Way) -> str:
    if not rows:
        return ""
    return (
        ", each item of the list"
        if rows == ("*",)
        else f", each of `{_way(rows)}`"
        if "*" in rows
        else f", in `{_way(rows)}`"
    )


def _row(unified: str, mapped: Mapped) -> Row:
    sources = mapped.sources.get(unified, ())
    if not sources:
        return Row(unified, "", f"always `{mapped.fixed[unified]}`")
    ways = dict.fromkeys(_code(_way(each.path)) for each in sources)
    return Row(unified, ", ".join(ways), _how(sources))


def _how(sources: tuple[Source, ...]) -> str:
    """Return in words what is done to the native fields of a unified one."""
    told = dict.fromkeys(_done(each) for each in sources)
    absent = dict.fromkeys(f"`{each.when_absent}` where absent or null" for each in sources if each.when_absent)
    return "; ".join([*told, *absent])


def _done(source: Source) -> str:
    match source.relation:
        case Relation.SIGN:
            return f"its sign as `{_way(source.path)}` says"
        case Relation.MAGNITUDE:
            return "the magnitude as sent"
        case Relation.SCALED if source.exponent < 0:
            return f"divided by {10**-source.exponent}"
        case Relation.SCALED:
            return f"times {10**source.exponent}"
        case Relation.WORD:
            return "word by word, below"
        case Relation.LISTED:
            return "the names of those that are true"
        case Relation.DERIVED:
            return "read from it"
    return str(source.relation)


def _operation(operation: Operation, provider: str, spec: Spec) -> dict[str, Any]:
    document = spec.document["paths"][operation.path][operation.method.lower()]
    becomes = _becomes(operation, provider)
    return {
        "id": operation.id,
        "method": operation.method,
        "path": operation.path,
        "summary": document.get("summary", operation.id),
        "description": document.get("description", ""),
        "docs": document.get("externalDocs", {}).get("url", ""),
        "parameters": [
            {
                "name": each.name,
                "where": each.where,
                "is_sent": f"{each.where} {each.name}" in _sent(operation, provider),
            }
            | {"description": _described(operation, each.name, spec), "is_required": each.required}
            for each in operation.parameters
        ],
        "fields": [_field(each, becomes) for each in fields(spec, operation.schema)],
        "statuses": [
            {"code": status, "description": answer.get("description", ""), "error": _error(status)}
            for status, answer in operation.responses.items()
        ],
    }


def _sent(operation: Operation, provider: str) -> set[str]:
    use = field_usage(provider).get((operation.method, operation.path))
    return set() if use is None else use.parameters


def _described(operation: Operation, name: str, spec: Spec) -> str:
    item = spec.document["paths"][operation.path]
    stated = [*item.get("parameters", []), *item[operation.method.lower()].get("parameters", [])]
    return next((found.get("description", "") for each in stated if (found := spec.resolve(each))["name"] == name), "")


def _becomes(operation: Operation, provider: str) -> dict[Way, list[str]]:
    """Return what each field of an operation's answer becomes, by the way to it."""
    found: dict[Way, list[str]] = {}
    for mapped in mappings(provider):
        if (mapped.method, mapped.path) != (operation.method, operation.path):
            continue
        for unified, sources in mapped.sources.items():
            for source in sources:
                told = found.setdefault((*mapped.rows, *source.path), [])
                told.append(f"`{MODELS[mapped.capability].__name__}.{unified}`")
    use = field_usage(provider).get((operation.method, operation.path))
    rows = next((each.rows for each in mappings(provider) if each.path == operation.path), ())
    for way in set() if use is None else set().union(*use.answers.values()):
        if way not in found and way[: len(rows)] != rows and way not in (rows, rows[:-1]):
            found[way] = ["pages and errors"]
    return found


def _field(field: Field, becomes: Mapping[Way, list[str]]) -> dict[str, str]:
    kind = _KINDS.get(field.format or "") or " or ".join(dict.fromkeys(_KINDS.get(each, each) for each in field.types))
    words = ", ".join(_code(str(word)) for word in field.words)
    other = ", or another" if words and field.is_open else ""
    return {
        "path": _code(_way(field.path)),
        "type": kind
        + " or null" * field.is_nullable
        + ", optional" * (not field.is_required)
        + ", deprecated" * field.is_deprecated,
        "becomes": ", ".join(dict.fromkeys(becomes.get(field.path, []))),
        "description": _cell(field.description) + (f" {words}{other}." if words else ""),
    }


def _comparison(what: Any) -> dict[str, Any]:
    """Return for each unified field what each provider makes it of."""
    found = {provider: each for provider in known() for each in mappings(provider) if each.capability == what}
    names = [name for name in fields_of(MODELS[what]) if name not in ASKED]
    return {
        "heading": what.capitalize(),
        "model": MODELS[what].__name__,
        "titles": [known()[provider].title for provider in found],
        "rows": [(name, [_cell_of(each, name) for each in found.values()]) for name in names],
    }


def _cell_of(mapped: Mapped, name: str) -> str:
    if name in mapped.fixed:
        return f"always `{mapped.fixed[name]}`"
    sources = [each for each in mapped.sources.get(name, ()) if each.relation is not Relation.SIGN]
    return ", ".join(dict.fromkeys(_code(_way(each.path)) for each in sources)) or "–"


def _error(status: str) -> str:
    if status.startswith("2"):
        return ""
    name = error_for_status(int(status.replace("XX", "00"))).__name__
    return f"[`{name}`](../reference/index.md#onefolio.{name})"


def _way(path: Way) -> str:
    return ".".join(path).replace(".*", "[]").replace("*", "[]")


def _code(text: str) -> str:
    return f"`{text}`"


def _cell(text: str) -> str:
    """Return a text for a cell of a table."""
    return " ".join(text.split()).replace("|", "\\|")
