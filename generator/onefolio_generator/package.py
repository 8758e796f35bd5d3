"""One provider's package, rendered from its document with our templates."""

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

from . import properties
from .document import DocumentError, read_document, resolve
from .filters import FILTERS
from .python_names import field_name, identifier

TEMPLATES = Path(__file__).parent / "templates"


def write_package(path: Path, folder: Path) -> None:
    """Write the package of the spec at `path` to a new folder.

    Raises:
        DocumentError: the spec cannot be read, or holds something that the generator leaves out.
    """
    document = read_document(path)
    properties.install()
    config = Config.from_sources(ConfigFile(), MetaType.NONE, path, "utf-8", overwrite=False, output_path=folder)
    data = GeneratorData.from_dict(document, config=config)
    if isinstance(data, GeneratorError):
        raise DocumentError(f"{path}: {data.header}\n{data.detail or ''}")
    collections = data.endpoint_collections_by_tag.values()
    for error in [*data.errors, *(error for collection in collections for error in collection.parse_errors)]:
        raise DocumentError(f"{path}: {error.header}\n{error.detail or ''}")

    for model in data.models:
        for prop in (*(model.required_properties or []), *(model.optional_properties or [])):
            name = prop.name.get_untrusted_value()
            if prop.python_name != field_name(name) and prop.python_name == identifier(name):
                object.__setattr__(prop, "python_name", field_name(name))

    environment = Project(openapi=data, config=config, custom_template_path=TEMPLATES).env
    environment.filters.update(FILTERS)
    environment.globals.update(
        document=document,
        models=data.models,
        row_models=row_models(data.models, collections),
        enums=data.enums,
        endpoints=[endpoint for collection in collections for endpoint in collection.endpoints],
        answers=lambda endpoint: answers(document, endpoint),
        wire_path=lambda endpoint: wire_path(document, endpoint),
        servers=[(server.get("x-name", "default"), server["url"]) for server in document["servers"]],
        schemes=schemes(document),
        credentials=[name for names, _, _ in schemes(document) for name in names],
    )
    folder.mkdir()
    for name in ("__init__.py", "credentials.py", "models.py", "operations.py"):
        (folder / name).write_text(environment.get_template(f"{name}.jinja").render(), encoding="utf-8")
    (folder / "openapi.json").write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def row_models(models: Any, collections: Any) -> set[str]:
    """Return the names of the models that lists contain; these have columns."""
    lists = [prop for model in models for prop in (*(model.required_properties or []), *(model.optional_properties or []))]
    lists += [response.prop for each in collections for endpoint in each.endpoints for response in endpoint.responses]
    inner = [prop.inner_property for prop in lists if isinstance(prop, ListProperty)]
    return {str(prop.class_info.name) for prop in inner if isinstance(prop, ModelProperty)}


def wire_path(document: dict[str, Any], endpoint: Any) -> str:
    """Return an operation's path as the document has it; the parser's has the parameters' names in Python."""
    plain: str = endpoint.path.get_untrusted_value()
    alike = (
        path
        for path, item in document["paths"].items()
        if endpoint.method in item and identifier(item[endpoint.method]["operationId"]) == endpoint.name
    )
    return plain if plain in document["paths"] else next(alike)


def answers(document: dict[str, Any], endpoint: Any) -> list[tuple[str, str, Any]]:
    """Return the documented JSON answers of an operation: status, component schema, generator's property.

    Raises:
        DocumentError: a body is not a named component schema.
    """
    path, method = wire_path(document, endpoint), endpoint.method
    documented = document["paths"][path][method]["responses"]
    found = []
    for response in endpoint.responses:
        status = response.status_code.pattern
        content = resolve(document, documented[status]).get("content", {}).get("application/json")
        if content is None:
            continue
        if "$ref" not in content["schema"]:
            raise DocumentError(f"{method.upper()} {path}, {status}: the body has to be a named component schema")
        found.append((status, content["schema"]["$ref"].rsplit("/", 1)[1], response.prop))
    return found


def schemes(document: dict[str, Any]) -> list[tuple[list[str], str, str]]:
    """Return the security schemes that go in a header: credentials, header, what stands before the secret.

    Raises:
        DocumentError: a scheme of another kind.
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
                raise DocumentError(f"security scheme {name}: only header API keys, bearer tokens and basic are known")
    return found
