"""A published OpenAPI document and the operations that could be read from it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from attrs import frozen

from ..document import DocumentError, read_document
from ..references import resolve
from .schemas import Schema


@frozen
class PublishedOperation:
    """A GET operation with a JSON response.

    Attributes:
        id: its `operationId`, or a name made from its path.
        path: its path template.
        node: its object in the document.
        parameters: its parameters and those of its path, with the references of each and of its schema resolved.
        schema: the published schema of the response.
        example: the published example of the response, or None.
    """

    id: str
    path: str
    node: Schema
    parameters: list[Schema]
    schema: Schema
    example: Any

    def parameters_in(self, place: str) -> list[Schema]:
        """Return the parameters of one place, such as `query`."""
        return [each for each in self.parameters if each["in"] == place]


@frozen
class PublishedSpec:
    """A document as its provider publishes it.

    Attributes:
        path: the file.
        document: its contents.
    """

    path: Path
    document: Schema

    @classmethod
    def read(cls, path: Path) -> PublishedSpec:
        """Read a file.

        Raises:
            DocumentError: it is not an OpenAPI 3.0 or 3.1 document with paths.
        """
        document = read_document(path)
        if "swagger" in document:
            raise DocumentError(
                f"{path}: this is OpenAPI 2 (swagger: {document['swagger']}). Convert it to OpenAPI 3 first, for "
                "example with `npx swagger2openapi`."
            )
        if not str(document.get("openapi", "")).startswith("3."):
            raise DocumentError(
                f"{path}: openapi is {document.get('openapi')!r}. Pass an OpenAPI 3.0 or 3.1 document, which has "
                "`openapi: 3.x.y` at the top."
            )
        if not isinstance(document.get("paths"), dict) or not document["paths"]:
            raise DocumentError(f"{path}: `paths` is missing or empty. Pass a document with operations.")
        return cls(path, document)

    def resolve(self, node: Any) -> Any:
        """Follow the local references of a node.

        Raises:
            DocumentError: a reference has no target, or refers to itself.
        """
        return resolve(self.document, node, self.path)

    def operations(self) -> Iterator[PublishedOperation]:
        """Yield every GET operation with a JSON response.

        Raises:
            DocumentError: a parameter has no name or place.
        """
        for path, stated in self.document["paths"].items():
            item = self.resolve(stated)
            node = item.get("get") if isinstance(item, dict) else None
            if not isinstance(node, dict):
                continue
            content = find_json_content(self.resolve(_find_success(node.get("responses") or {})))
            if content is None or "schema" not in content:
                continue
            parameters = self._merge_parameters(path, item, node)
            name = _choose_id(node, path)
            yield PublishedOperation(name, path, node, parameters, content["schema"], self._find_example(content))

    def _merge_parameters(self, path: str, item: Schema, node: Schema) -> list[Schema]:
        stated = [self.resolve(each) for each in [*item.get("parameters", []), *node.get("parameters", [])]]
        if not all(isinstance(each.get("name"), str) and isinstance(each.get("in"), str) for each in stated):
            raise DocumentError(f"{self.path}: GET {path}: a parameter has no `name` or no `in`. Add it.")
        # A parameter of the operation overrides that of its path.
        merged = {(each["in"], each["name"]): each for each in stated}
        return [{**each, "schema": self.resolve(each.get("schema") or {})} for each in merged.values()]

    def _find_example(self, content: Schema) -> Any:
        if "example" in content:
            return content["example"]
        examples = content.get("examples")
        if isinstance(examples, dict) and examples:
            return self.resolve(next(iter(examples.values()))).get("value")
        schema = self.resolve(content["schema"])
        return schema.get("example") if isinstance(schema, dict) else None


def find_json_content(response: Any) -> Schema | None:
    """Return the JSON content of a response under any of its media types, or None."""
    content = response.get("content") if isinstance(response, dict) else None
    for media_type, described in (content or {}).items():
        essence = media_type.partition(";")[0].strip().lower()
        if essence == "application/json" or essence.endswith("+json") or essence == "*/*":
            return described if isinstance(described, dict) else None
    return None


def _find_success(responses: Schema) -> Any:
    by_status = {str(status): response for status, response in responses.items()}
    return next((by_status[status] for status in ("200", "2XX", "2xx", "default") if status in by_status), None)


def _choose_id(node: Schema, path: str) -> str:
    identifier = re.sub(r"[^0-9A-Za-z_]+", "_", str(node.get("operationId") or "")).strip("_")
    if identifier and not identifier[0].isdigit():
        return identifier
    return "get" + "".join(part[:1].upper() + part[1:] for part in re.findall(r"[0-9A-Za-z]+", path))
