"""Render the page of a provider from its spec, its adapter's docstrings and the inferred mapping of its fields."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from griffe import Docstring, DocstringSectionKind
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

import onefolio
from onefolio import Connection, RateLimit
from onefolio._connections.resource import CAPABILITIES, Capability
from onefolio._core.json_paths import FieldPath
from onefolio._models.fields import field_names_of
from onefolio._reading.http_status import error_for_status
from onefolio.openapi.operations import Operation
from onefolio.openapi.specs import Spec
from onefolio.providers.field_usage import field_usage
from onefolio.providers.registry import known
from scripts.docs.field_mapping.experiment import CALL_FIELDS, MODELS, ModelMapping, Source, infer_mappings
from scripts.docs.field_mapping.relations import Relation
from scripts.docs.field_mapping.schema_fields import Field, list_fields

_COMMON = ("environment", "base_url", "name", "rate_limit")
_TYPES = {
    "decimal": "exact decimal",
    "date": "date",
    "date-time": "time",
    "uuid": "UUID",
    "string": "string",
    "integer": "integer",
    "number": "number",
    "boolean": "Boolean",
    "object": "object",
    "array": "list",
}
"""The names of formats and types on a page."""


class Row(NamedTuple):
    """A unified field and its sources."""

    unified: str
    native: str
    relation: str


class EnumTable(NamedTuple):
    """The unified values of a provider's enum."""

    native: str
    unified: str
    values: Mapping[str, str | None]


def render_overview() -> str:
    """Render the page that lists the providers, as Markdown."""
    kinds = known().values()
    return _load_template("providers.md.jinja").render(
        providers=[
            {
                "name": kind.provider,
                "title": kind.title,
                "variables": ", ".join(_code(each) for each in kind.variables.values()),
                "supports": {capability: capability in kind.capabilities for capability in CAPABILITIES},
            }
            for kind in kinds
        ],
        capabilities=CAPABILITIES,
        tables=[_describe_comparison(capability) for capability in CAPABILITIES],
    )


def render_provider_page(provider: str) -> str:
    """Render the page of a provider, as Markdown."""
    kind = known()[provider]
    spec = Spec(kind.contract.spec)
    info = spec.document["info"]
    name = kind.__name__
    is_public = getattr(onefolio, name, None) is kind
    return _load_template("provider.md.jinja").render(
        title=kind.title,
        spec_title=info["title"],
        version=info["version"],
        class_name=name,
        imports=["from onefolio import " + ", ".join(sorted((name, "Folio")))]
        if is_public
        else ["from onefolio import Folio", f"from {kind.__module__} import {name}"],
        is_public=is_public,
        arguments=", ".join(f'{key}="…"' for key in kind.variables),
        keys=list(_describe_keys(kind, spec)),
        servers=list(_describe_servers(kind, spec)),
        base_url_variable=kind.base_url_variable,
        rate_limit=_describe_rate_limit(kind),
        options=_describe_options(kind),
        capabilities=[_describe_capability(capability, provider, spec) for capability in CAPABILITIES],
        mappings=[_describe_mapping(each) for each in infer_mappings(provider)],
        operations=[_describe_operation(each, provider, spec) for each in spec.operations],
    )


def _load_template(name: str) -> Template:
    loader = FileSystemLoader(Path(__file__).parent)
    environment = Environment(  # noqa: S701  # the output is Markdown
        loader=loader, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
    )
    environment.filters["cell"] = _format_cell
    return environment.get_template(name)


def _describe_keys(kind: type[Connection], spec: Spec) -> Iterator[dict[str, str]]:
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


def _describe_servers(kind: type[Connection], spec: Spec) -> Iterator[dict[str, Any]]:
    described = {each["url"]: each.get("description", "") for each in spec.document["servers"]}
    default = _find_default(kind, "environment")
    for name, url in kind.environments.items():
        yield {"name": name, "url": url, "description": described.get(url, ""), "is_default": name == default}


def _find_default(kind: type[Connection], argument: str) -> Any:
    """Return the default of an argument; None if the connection does not have it."""
    found = inspect.signature(kind).parameters.get(argument)
    return None if found is None else found.default


def _describe_rate_limit(kind: type[Connection]) -> str:
    match _find_default(kind, "rate_limit"):
        case RateLimit(requests=requests, seconds=seconds):
            return f"At most {requests} requests in {seconds:g} seconds by default; `rate_limit=` changes this."
    return "No rate limit is known; `rate_limit=` sets one."


def _describe_options(kind: type[Connection]) -> list[dict[str, str]]:
    """Return the arguments that no other provider has, with their descriptions in the docstring."""
    own = [name for name in inspect.signature(kind).parameters if name not in (*kind.variables, *_COMMON)]
    described: dict[str, str] = {}
    for section in Docstring(inspect.getdoc(kind) or "").parse("google", warnings=False):
        if section.kind is DocstringSectionKind.parameters:
            described |= {each.name: each.description for each in section.value}
    return [{"name": name, "description": _format_cell(described.get(name, ""))} for name in own]


def _describe_capability(capability: Capability, provider: str, spec: Spec) -> dict[str, str]:
    found = next((each for each in infer_mappings(provider) if each.capability == capability), None)
    if found is None:
        return {"capability": capability, "request": "", "pages": "", "anchor": ""}
    operation = next(each for each in spec.operations if (each.method, each.path) == (found.method, found.path))
    return {
        "capability": capability,
        "request": f"{operation.method} {operation.path}",
        "anchor": operation.id,
        "pages": f"pages, by `{operation.token}`" if operation.token else "one response",
    }


def _describe_mapping(mapping: ModelMapping) -> dict[str, Any]:
    model = MODELS[mapping.capability]
    rows = [
        _describe_row(name, mapping)
        for name in field_names_of(model)
        if name in mapping.sources or name in mapping.from_account or name in mapping.fixed
    ]
    enums = [
        EnumTable(".".join(source.path), f"{model.__name__}.{unified}", source.enum_values)
        for unified, sources in mapping.sources.items()
        for source in sources
        if source.enum_values
    ]
    return {
        "heading": mapping.capability.capitalize(),
        "model": model.__name__,
        "method": mapping.method,
        "path": mapping.path,
        "place": _format_place(mapping.rows),
        "rows": rows,
        "enums": enums,
        "missing": mapping.missing,
    }


def _format_place(rows: FieldPath) -> str:
    if not rows:
        return ""
    return (
        ", each item of the list"
        if rows == ("*",)
        else f", each of `{_format_path(rows)}`"
        if "*" in rows
        else f", in `{_format_path(rows)}`"
    )


def _describe_row(unified: str, mapping: ModelMapping) -> Row:
    sources = mapping.sources.get(unified, ())
    if unified in mapping.from_account:
        return Row(unified, _format_account_field(mapping, unified), "that of the account")
    if not sources:
        return Row(unified, "", f"always `{mapping.fixed[unified]}`")
    paths = dict.fromkeys(_code(_format_path(each.path)) for each in sources)
    return Row(unified, ", ".join(paths), _format_relations(sources))


def _format_account_field(mapping: ModelMapping, unified: str) -> str:
    return _code(f"Account.{mapping.from_account[unified]}")


def _format_relations(sources: tuple[Source, ...]) -> str:
    relations = dict.fromkeys(_format_relation(each) for each in sources)
    absent = dict.fromkeys(f"`{each.when_absent}` if absent or null" for each in sources if each.when_absent)
    return "; ".join([*relations, *absent])


def _format_relation(source: Source) -> str:
    match source.relation:
        case Relation.SIGN:
            return f"sign from `{_format_path(source.path)}`"
        case Relation.MAGNITUDE:
            return "magnitude as sent"
        case Relation.SCALED if source.exponent < 0:
            return f"divided by {10**-source.exponent}"
        case Relation.SCALED:
            return f"times {10**source.exponent}"
        case Relation.ENUM:
            return "mapped, see below"
        case Relation.LISTED:
            return "names of the fields that are true"
        case Relation.DERIVED:
            return "derived"
    return str(source.relation)


def _describe_operation(operation: Operation, provider: str, spec: Spec) -> dict[str, Any]:
    document = spec.document["paths"][operation.path][operation.method.lower()]
    sent = _list_sent_parameters(operation, provider)
    targets = _map_fields(operation, provider)
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
                "is_sent": f"{each.where} {each.name}" in sent,
                "description": _find_description(operation, each.name, spec),
            }
            for each in operation.parameters
        ],
        "fields": [_describe_field(each, targets) for each in list_fields(spec, operation.schema)],
        "statuses": [
            {"code": status, "description": response.get("description", ""), "error": _format_error(status)}
            for status, response in operation.responses.items()
        ],
    }


def _list_sent_parameters(operation: Operation, provider: str) -> set[str]:
    use = field_usage(provider).get((operation.method, operation.path))
    return set() if use is None else use.parameters


def _find_description(operation: Operation, name: str, spec: Spec) -> str:
    item = spec.document["paths"][operation.path]
    parameters = [*item.get("parameters", []), *item[operation.method.lower()].get("parameters", [])]
    resolved = (spec.resolve(each) for each in parameters)
    return next((each.get("description", "") for each in resolved if each["name"] == name), "")


def _map_fields(operation: Operation, provider: str) -> dict[FieldPath, list[str]]:
    """Return the purposes of each field of an operation's response, by its path."""
    found: dict[FieldPath, list[str]] = {}
    rows: FieldPath = ()
    for mapping in infer_mappings(provider):
        if (mapping.method, mapping.path) != (operation.method, operation.path):
            continue
        rows = rows or mapping.rows
        for unified, sources in mapping.sources.items():
            for source in sources:
                targets = found.setdefault((*mapping.rows, *source.path), [])
                targets.append(f"`{MODELS[mapping.capability].__name__}.{unified}`")
    use = field_usage(provider).get((operation.method, operation.path))
    for path in set() if use is None else set().union(*use.fields.values()):
        if path not in found and path[: len(rows)] != rows and path not in (rows, rows[:-1]):
            found[path] = ["pages and errors"]
    return found


def _describe_field(field: Field, targets: Mapping[FieldPath, list[str]]) -> dict[str, str]:
    kind = _TYPES.get(field.format or "") or " or ".join(dict.fromkeys(_TYPES.get(each, each) for each in field.types))
    values = ", ".join(_code(str(value)) for value in field.enum_values)
    other = ", or another" if values and field.is_open else ""
    return {
        "path": _code(_format_path(field.path)),
        "type": kind
        + " or null" * field.is_nullable
        + ", optional" * (not field.is_required)
        + ", deprecated" * field.is_deprecated,
        "targets": ", ".join(dict.fromkeys(targets.get(field.path, []))),
        "description": _format_cell(field.description) + (f" {values}{other}." if values else ""),
    }


def _describe_comparison(capability: Capability) -> dict[str, Any]:
    """Return the sources of each unified field for all providers."""
    mappings = {
        provider: each for provider in known() for each in infer_mappings(provider) if each.capability == capability
    }
    names = [name for name in field_names_of(MODELS[capability]) if name not in CALL_FIELDS]
    return {
        "heading": capability.capitalize(),
        "model": MODELS[capability].__name__,
        "titles": [known()[provider].title for provider in mappings],
        "rows": [(name, [_format_sources(each, name) for each in mappings.values()]) for name in names],
    }


def _format_sources(mapping: ModelMapping, name: str) -> str:
    if name in mapping.from_account:
        return _format_account_field(mapping, name)
    if name in mapping.fixed:
        return f"always `{mapping.fixed[name]}`"
    sources = [each for each in mapping.sources.get(name, ()) if each.relation is not Relation.SIGN]
    return ", ".join(dict.fromkeys(_code(_format_path(each.path)) for each in sources)) or "–"


def _format_error(status: str) -> str:
    if status.startswith("2"):
        return ""
    name = error_for_status(int(status.replace("XX", "00"))).__name__
    return f"[`{name}`](../reference/index.md#onefolio.{name})"


def _format_path(path: FieldPath) -> str:
    return ".".join(path).replace(".*", "[]").replace("*", "[]")


def _code(text: str) -> str:
    return f"`{text}`"


def _format_cell(text: str) -> str:
    """Return a string as the cell of a table."""
    return " ".join(text.split()).replace("|", "\\|")
