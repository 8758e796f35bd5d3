"""The package of one client, rendered from its spec."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from openapi_python_client import Project
from openapi_python_client.config import Config, ConfigFile, MetaType
from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.errors import GeneratorError
from openapi_python_client.parser.properties.list_property import ListProperty
from openapi_python_client.parser.properties.model_property import ModelProperty

from ..document import DocumentError, read_document
from ..references import component_name, resolve
from . import parser_extensions
from .filters import FILTERS
from .python_names import to_field_name, to_identifier

TEMPLATES = Path(__file__).with_name("templates")


def write_package(path: Path, folder: Path) -> None:
    """Write the client of the spec at `path` to a new folder.

    Raises:
        DocumentError: the spec cannot be read, or has a part that the parser or the templates do not support.
    """
    document = read_document(path)
    config = Config.from_sources(ConfigFile(), MetaType.NONE, path, "utf-8", overwrite=False, output_path=folder)
    data = _parse(document, path, config)
    _rename_fields(data)
    environment = Project(openapi=data, config=config, custom_template_path=TEMPLATES).env
    environment.filters.update(FILTERS)
    schemes = find_schemes(document, path)
    environment.globals.update(
        document=document,
        models=data.models,
        row_models=find_row_models(data),
        enums=data.enums,
        endpoints=[endpoint for group in data.endpoint_collections_by_tag.values() for endpoint in group.endpoints],
        responses=lambda endpoint: find_responses(document, endpoint, path),
        wire_path=lambda endpoint: find_wire_path(document, endpoint),
        servers=[(server.get("x-name", "default"), server["url"]) for server in document["servers"]],
        schemes=schemes,
        credentials=[name for names, _, _ in schemes for name in names],
    )
    folder.mkdir()
    for name in ("__init__.py", "credentials.py", "models.py", "operations.py"):
        (folder / name).write_text(environment.get_template(f"{name}.jinja").render(), encoding="utf-8")
    (folder / "openapi.json").write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def find_row_models(data: GeneratorData) -> set[str]:
    """Return the names of the models that lists contain; these models have columns."""
    properties: list[Any] = []
    for model in data.models:
        properties += [*(model.required_properties or []), *(model.optional_properties or [])]
    for group in data.endpoint_collections_by_tag.values():
        properties += [response.prop for endpoint in group.endpoints for response in endpoint.responses]
    items = [prop.inner_property for prop in properties if isinstance(prop, ListProperty)]
    return {str(prop.class_info.name) for prop in items if isinstance(prop, ModelProperty)}


def _parse(document: dict[str, Any], path: Path, config: Config) -> GeneratorData:
    parser_extensions.install()
    data = GeneratorData.from_dict(document, config=config)
    if isinstance(data, GeneratorError):
        raise _to_document_error(path, data)
    groups = data.endpoint_collections_by_tag.values()
    # The parser leaves out a schema or an operation that it does not support; a client must not lack it.
    for error in [*data.errors, *(error for group in groups for error in group.parse_errors)]:
        raise _to_document_error(path, error)
    return data


def _to_document_error(path: Path, error: GeneratorError) -> DocumentError:
    return DocumentError(f"{path}: {error.header}\n{error.detail or ''}")


def _rename_fields(data: GeneratorData) -> None:
    """Rename the fields of models whose names are reserved."""
    for model in data.models:
        for prop in (*(model.required_properties or []), *(model.optional_properties or [])):
            name = prop.name.get_untrusted_value()
            # A name that the parser has changed to avoid a conflict is left as it is.
            if prop.python_name == to_identifier(name):
                object.__setattr__(prop, "python_name", to_field_name(name))


def find_wire_path(document: dict[str, Any], endpoint: Any) -> str:
    """Return the path of an operation as the document spells it; the parser renames its parameters."""
    parsed: str = endpoint.path.get_untrusted_value()
    if parsed in document["paths"]:
        return parsed
    for path, item in document["paths"].items():
        if endpoint.method in item and to_identifier(item[endpoint.method]["operationId"]) == endpoint.name:
            return str(path)
    raise LookupError(parsed)


def find_responses(document: dict[str, Any], endpoint: Any, source: Path) -> list[tuple[str, str, Any]]:
    """Return the status, the component schema and the parser's property of each JSON response of an operation.

    Raises:
        DocumentError: a body is not a named component schema.
    """
    path, method = find_wire_path(document, endpoint), endpoint.method
    documented = document["paths"][path][method]["responses"]
    found = []
    for response in endpoint.responses:
        status = response.status_code.pattern
        content = resolve(document, documented[status], source).get("content", {}).get("application/json")
        if content is None:
            continue
        if "$ref" not in content["schema"]:
            raise DocumentError(
                f"{source}: {method.upper()} {path}, {status}: the schema of the body is inline. Move it to "
                "components.schemas and refer to it."
            )
        found.append((status, component_name(content["schema"]["$ref"]), response.prop))
    return found


def find_schemes(document: dict[str, Any], source: Path) -> list[tuple[list[str], str, str]]:
    """Return the credentials, the header and the prefix of the header's value for each security scheme.

    Raises:
        DocumentError: a scheme is not sent in a header.
    """
    found = []
    for name, scheme in document["components"]["securitySchemes"].items():
        match scheme:
            case {"type": "apiKey", "in": "header", "name": header}:
                found.append(([name], header, ""))
            case {"type": "http", "scheme": "bearer"}:
                found.append(([name], "Authorization", "Bearer "))
            case {"type": "http", "scheme": "basic"}:
                found.append((["username", "password"], "Authorization", "Basic "))
            case _:
                raise DocumentError(
                    f"{source}: security scheme {name} is not supported. Use an API key in a header, a bearer token "
                    "or basic authentication."
                )
    return found
